"""The topology report on its page: faults with marks, repairs with their preview, one of them done, and who may not."""

from __future__ import annotations

import json
import re

import pytest
import shapely
from django.test import Client

from tests.domain import smalltown
from tests.domain.smalltown import square
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.pages.test_admin_areas import a_file, upload
from tests.pages.test_admin_areas import square as feature
from tests.statements import at_most
from tests.world import World
from tongxin.packs import api as packs
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory
from tongxin.territory.models import Area, PlaceName

C1 = "341000001001"


@pytest.fixture
def faulty(world: World) -> World:
    """第1网格 of 横江社区 reaches 200 m into 第2网格; 第3网格 leaves 300 m open in the west; 第4网格 sticks out in the north."""
    for code, outline in (("001", square(0, 0, 1.2)), ("003", square(0.3, 1, 0.7)), ("004", square(1, 1, 1, 1.1))):
        Area.objects.filter(code=C1 + code).update(outline=shapely.to_wkb(outline))
    packs.bump_territory(world.district.id)
    packs.forget_districts()
    return world


def links(client: Client, kind: str) -> list[str]:
    page = client.get("/admin/areas/check?level=grid").content.decode()
    rows = re.findall(r"<tr id=\"fault-\d+\".*?</tr>", page, re.S)
    return [m[1] for row in rows if kind in row and (m := re.search(r"href=\"(/admin/areas/check/[^\"]+)\"", row))]


def test_every_fault_is_listed_and_drawn(faulty: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    page = said(client.get("/admin/areas/check?level=grid"))
    assert "重叠 1 处" in page
    assert "缝隙 1 处" in page
    assert "超出上级 1 处" in page
    drawn = json.loads(client.get("/admin/areas/check/grid/faults.geojson").content)["features"]
    rows = client.get("/admin/areas/check?level=grid").content.decode()
    for one in drawn:
        assert f'data-fault="{one["properties"]["n"]}"' in rows
        assert shapely.geometry.shape(one["geometry"]).area > 0
    assert len(drawn) == rows.count("data-fault=")
    with at_most(4):
        client.get("/admin/areas/check?level=grid")


@pytest.mark.row("G-05")
def test_an_overlap_goes_to_the_place_that_a_person_picks(faulty: World, signed_in: SignedIn) -> None:
    lon, lat = smalltown.centre(0.6, 0)  # in the overlap
    names = [territory.NewPlaceName("缝里小区", "estate", (), Area.objects.get(code=C1 + "001").pk, lon, lat, 90)]
    territory.add_place_names(district=faulty.district, names=names, actor_label="测试", now=faulty.now)
    faulty.report(lon=lon, lat=lat)
    client = signed_in("administrator")
    (link,) = links(client, "重叠")
    page = client.get(link)
    words = said(page)
    assert "重叠的部分归“横江社区第1网格”" in words
    assert "1 处住处 ，" in words
    assert "90 户" in words
    assert "其中在办 1 件" in words
    assert "这处问题会消失" in words
    assert page.content.decode().count('<svg class="change"') == 4
    second = Area.objects.get(code=C1 + "002")
    sent = client.post(link, {"choice": f"give-{second.pk}"})
    assert sent.status_code == 302
    first = Area.objects.get(code=C1 + "001")
    assert shapely.from_wkb(bytes(first.outline)).equals(square(0, 0))
    assert "边界检查后修正" in first.source
    assert PlaceName.objects.get(name="缝里小区").area_id == second.pk  # it follows its point
    actions = list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:2])
    assert actions == ["territory.repair_outline", "territory.redraw_area"]
    assert links(client, "重叠") == []
    assert client.get(link).status_code == 404


def test_a_gap_is_filled_and_a_part_outside_clipped(faulty: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    (gap,) = links(client, "缝隙")
    page = said(client.get(gap))
    assert "划给“横江社区第3网格”（共有边界 1,108 米）" in page
    assert page.index("第3网格”（共有") < page.index("第1网格”（共有")  # the longest border first
    third = Area.objects.get(code=C1 + "003")
    assert client.post(gap, {"choice": f"fill-{third.pk}"}).status_code == 302
    third.refresh_from_db()
    assert shapely.from_wkb(bytes(third.outline)).equals(square(0, 1))
    (outside,) = links(client, "超出上级")
    assert "裁到上级的边界以内" in said(client.get(outside))
    assert client.post(outside, {"choice": "clip-0"}).status_code == 302
    assert shapely.from_wkb(bytes(Area.objects.get(code=C1 + "004").outline)).equals(square(1, 1))
    assert "超出上级" not in said(client.get("/admin/areas/check?level=grid"))


def test_the_preview_tells_what_would_go_wrong(world: World, signed_in: SignedIn) -> None:
    """Two communities overlap by a grid of one of them: whoever loses the piece has a grid that sticks out."""
    Area.objects.filter(code=C1).update(outline=shapely.to_wkb(square(0, 0, 3, 2)))
    packs.bump_territory(world.district.id)
    client = signed_in("administrator")
    page = client.get("/admin/areas/check?level=community").content.decode()
    found = re.search(r"href=\"(/admin/areas/check/community/[^\"]+)\"", page)
    assert found
    words = said(client.get(found[1]))
    assert "下级会超出" in words
    assert "玉宁社区第1网格" in words


@pytest.mark.parametrize(("choice", "status"), [("give-999999", 409), ("", 409), ("burn", 409)])
def test_a_choice_that_is_not_there_changes_nothing(
    faulty: World, signed_in: SignedIn, choice: str, status: int
) -> None:
    client = signed_in("administrator")
    (link,) = links(client, "重叠")
    before = list(Area.objects.order_by("pk").values_list("outline", flat=True))
    assert refused(client, link, {"choice": choice}).status_code == status
    assert [bytes(o) for o in Area.objects.order_by("pk").values_list("outline", flat=True)] == [
        bytes(o) for o in before
    ]


def test_who_may_not_manage_places_repairs_none(faulty: World, signed_in: SignedIn) -> None:
    (link,) = links(signed_in("administrator"), "重叠")
    second = Area.objects.get(code=C1 + "002")
    client = signed_in("receptionist")
    assert client.get(link).status_code == 403
    assert client.post(link, {"choice": f"give-{second.pk}"}).status_code == 403
    assert not AuditEntry.objects.filter(action="territory.repair_outline").exists()


def test_words_of_standing_places_are_examined(world: World, signed_in: SignedIn) -> None:
    Area.objects.filter(code=C1 + "002").update(name="第1网格")
    Area.objects.filter(code=C1 + "003").update(code="341000001002903")
    packs.bump_territory(world.district.id)
    page = said(signed_in("administrator").get("/admin/areas/check?level=grid"))
    assert "里有 2 个“第1网格”" in page
    assert "应以上级代码" in page


def test_the_report_of_a_file_is_drawn_before_it_is_taken(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    bow = feature("第2网格", 1, 0)
    x, y = smalltown.centre(1, 0)
    bow["geometry"]["coordinates"] = [[[x, y], [x + 0.004, y + 0.004], [x + 0.004, y], [x, y + 0.004], [x, y]]]
    led = upload(client, a_file([feature("第1网格", 0.2, 0), bow]))
    page = client.get(led["Location"])
    assert "按规则修正自相交等错误，再看一遍" in said(page)
    base = led["Location"].split("?")[0]
    spots = json.loads(client.get(f"{base}/spots.geojson").content)["features"]
    assert {one["properties"]["tone"] for one in spots} == {"late", "soon"}
    assert len(json.loads(client.get(f"{base}/outlines.geojson").content)["features"]) == 2
    assert client.get(f"{base}/name.geojson").status_code == 404
    again = re.search(r'href="(\?[^"]*repair=yes[^"]*)"', page.content.decode())
    assert again
    mended = said(client.get(base + again[1].replace("&amp;", "&")))
    assert "已按要求修正" in mended


def test_all_slivers_are_mended_at_once_and_nothing_is_located_anew(world: World, signed_in: SignedIn) -> None:
    """A metre doubled between 第1 and 第2网格, a metre open between 第3 and 第4网格."""
    metre = 1 / 972
    for code, outline in (("001", square(0, 0, 1 + metre)), ("004", square(1 + metre, 1, 1 - metre))):
        Area.objects.filter(code=C1 + code).update(outline=shapely.to_wkb(outline))
    packs.bump_territory(world.district.id)
    packs.forget_districts()
    client = signed_in("administrator")
    assert "细缝 2 处" in said(client.get("/admin/areas/check?level=grid"))
    page = said(client.get("/admin/areas/slivers/grid"))
    assert "可以一起修正 2 处" in page
    spots = [smalltown.centre(c, r) for c in range(2) for r in range(2)] + [(118.01 + 0.000004, 29.005)]
    before = [territory.tree(smalltown.seen()).locate(*spot).code for spot in spots]  # type: ignore[union-attr]
    assert client.post("/admin/areas/slivers/grid").status_code == 302
    assert territory.topology_report(smalltown.seen(), "grid").of("sliver") == []
    after = [territory.tree(smalltown.seen()).locate(*spot).code for spot in spots]  # type: ignore[union-attr]
    assert after == before
    assert AuditEntry.objects.filter(action="territory.repair_slivers").count() == 1
    assert AuditEntry.objects.filter(action="territory.redraw_area").count() == 2
    assert refused(client, "/admin/areas/slivers/grid", {}).status_code == 409
    assert client.get("/admin/areas/slivers/galaxy").status_code == 404
    assert signed_in("receptionist").post("/admin/areas/slivers/grid").status_code == 403
