"""A real city's streets: the extract through the command, a thousand homes, a study by the worker, walks of a resident."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import shapely
from django.core.management import call_command

from tests.domain import smalltown
from tests.shared_data import find_data
from tests.world import pack
from tongxin.kernel import caches
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.territory import api as territory

pytestmark = [pytest.mark.realdata, pytest.mark.django_db]
NOW = smalltown.NOW


def test_a_city_on_its_own_streets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with find_data("r5r_poa", "poa_hexgrid.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    spots = [(float(row["lon"]), float(row["lat"])) for row in rows]
    caches.clear_all()
    packs.forget_districts()
    version = packs.publish_pack(pack(), actor_label="测试", now=NOW)
    packs.open_district(key="city", title="城", version=version, hosts=["city.test"], now=NOW)
    county = territory.NewArea("城", "341022", shapely.MultiPoint(spots).convex_hull.buffer(0.003))
    territory.add_area(
        district=smalltown.seen("city"), level="county", parent_id=None, area=county, actor_label="测试", now=NOW
    )
    homes, clinics = tmp_path / "homes.csv", tmp_path / "clinics.csv"
    for path, head, kept in (
        (homes, "名称,户数,经度,纬度", rows),
        (clinics, "名称,床位,经度,纬度", [r for r in rows if float(r["healthcare"] or 0) > 0]),
    ):
        lines_out = [f"{r['id']},{int(float(r['population'] or 0))},{r['lon']},{r['lat']}" for r in kept]
        path.write_text("\n".join([head, *lines_out]))
    call_command("places", "network", "city", str(find_data("r5r_poa", "poa_osm.pbf")))
    call_command("places", "homes", "city", str(homes))
    call_command("places", "import", "city", str(clinics), "--kind", "clinic")
    call_command("places", "circle", "city")
    said = capsys.readouterr().out
    assert "37,556 个路口和转折点" in said
    assert "社区卫生服务站：" in said
    district = smalltown.seen("city")
    study = places.newest_study(district.id)
    assert study is not None
    clinic = study.result["kinds"]["clinic"]
    # the figures of the bare core on the same data (benchmarks/places_circle): 14.8 %, 60.2 %, 85.8 %
    shares = [clinic["within"][str(m)] / study.result["households"] for m in (5, 10, 15)]
    assert shares == pytest.approx([0.148, 0.602, 0.858], abs=0.002)
    assert clinic["site"]["households"] > 0
    near = places.list_nearby(district, *spots[len(spots) // 2])
    assert all(one.minutes <= 15 for one in near.near)
