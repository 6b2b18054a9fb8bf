"""What the packs seed: the four places of a community's circle, and an elder-care network of one and six with its beds."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.domain import smalltown
from tests.world import pack
from tongxin.kernel import caches
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.web import opening
from tongxin.web.demo import seeding

LOCALITIES = Path(settings.BASE_DIR) / "localities"


def opened(key: str) -> packs.DistrictView:
    """A locality with its places and facilities, without its people."""
    caches.clear_all()
    packs.forget_districts()
    its = pack(key)
    version = packs.publish_pack(its, actor_label="测试", now=smalltown.NOW)
    packs.open_district(key=key, title=its.settings.title, version=version, hosts=[f"{key}.test"], now=smalltown.NOW)
    seeding.set_up_places(key, LOCALITIES / key / "map.geojson", its, now=smalltown.NOW)
    opening.set_up_facilities(key, since=smalltown.TODAY, now=smalltown.NOW)
    return smalltown.seen(key)


@pytest.mark.row("ZS-30")
@pytest.mark.django_db
def test_one_and_six_elder_care_places_with_611_beds() -> None:
    district = opened("zhongshan")
    found = places.list_facilities(district, kind="elder_care")
    network = [one for one in found if one.beds]
    assert len(network) == 1 + 6
    assert sum(one.beds or 0 for one in network) == 611
    assert all(one.schematic for one in found)
    towns = {one.areas[1] for one in network}
    assert len(towns) == 6  # each street has one, the seventh is the district's
    study = places.newest_study(district.id)
    assert study is not None
    elder = study.result["kinds"]["elder_care"]
    assert elder["facilities"] == len(found)
    assert 0 < elder["within"]["10"] < study.result["households"]
    assert (
        opening.set_up_facilities("zhongshan", since=smalltown.TODAY, now=smalltown.NOW) is None
    )  # once more adds none
    assert len(places.list_facilities(district, kind="elder_care")) == len(found)


@pytest.mark.row("XG-21")
@pytest.mark.django_db
def test_four_places_within_fifteen_minutes() -> None:
    district = opened("xigu")
    found = places.list_facilities(district)
    assert {one.name for one in found} == {"居务大厅", "党群服务中心", "老年人日间照料站", "社区卫生服务站"}
    kinds = district.pack.facilities.kinds
    assert {kinds[one.kind].minutes for one in found} == {15}
    study = places.newest_study(district.id)
    assert study is not None
    assert study.result["households"] == 5_400
    assert study.result["kinds"]["elder_care"]["within"]["15"] == 5_400
