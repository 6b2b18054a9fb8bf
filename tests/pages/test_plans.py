"""Pages of grid plans: files of buildings, a proposal, hands at work without scripts, export, comparison, the way to its approval."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import osmium
import pytest
from django.test import Client

from tests.domain.planning.buildings import as_file, build, draw, features
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.kernel import clock, limits
from tongxin.planning import api as planning
from tongxin.web.worker import Worker


def street(world: World, signed_in: SignedIn, town: str = "东临镇") -> Client:
    return signed_in(next(user for (role, title), user in world.users.items() if role == "town_duty" and town in title))


def community(world: World, name: str = "横江社区") -> int:
    return next(p.id for p in world.tree.at_level("community") if p.name == name)


def upload(client: Client, found: list[dict[str, Any]], name: str = "楼栋.geojson", **more: str) -> Any:
    return client.post("/work/plans/units", {"file": as_file(found, name), "what": "units", "crs": "wgs84", **more})


def test_a_file_of_buildings_is_looked_at_row_by_row_before_it_is_taken_in(world: World, signed_in: SignedIn) -> None:
    client = street(world, signed_in)
    assert "还没有楼栋" in said(client.get("/work/plans"))
    found = features(range(2))
    found[3]["properties"]["户数"] = 0
    del found[4]["properties"]["户数"]
    led = upload(client, found, schematic="yes")
    page = said(client.get(led["Location"]))
    assert "第 4 行" in page
    assert "户数为 0" in page
    assert "没有户数" in page
    assert planning.PlanUnit.objects.count() == 0
    assert client.post(led["Location"]).status_code == 302
    assert planning.PlanUnit.objects.count() == 64
    led = upload(client, found, schematic="yes")
    assert "完全一样" in said(client.get(led["Location"]))
    assert "横江社区 64" in re.sub(r"\s+", " ", said(client.get("/work/plans/units")))
    assert "示意" in said(client.get("/work/plans"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"geometry": None}, "没有位置"),
        ({"geometry": {"type": "Polygon", "coordinates": [[[118, 29], [118.001, 29.001], [118.001, 29], [118, 29.001], [118, 29]]]}}, "自相交"),
        ({"properties": {"名称": "甲楼", "户数": "三十"}}, "应为数字"),
        ({"properties": {"名称": "甲楼", "户数": -5}}, "不小于 0 的整数"),
        ({"properties": {"户数": 5}}, "没有编码"),
        ({"properties": {"编码": "0-0-01", "户数": 5}}, "重复"),
        ({"properties": {"编码": "长" * 41}}, "最多 40 个"),
    ],
)  # fmt: skip
def test_a_bad_row_stops_the_file_with_its_number(
    world: World, signed_in: SignedIn, change: dict[str, Any], sentence: str
) -> None:
    client = street(world, signed_in)
    found = features(range(1))
    found[0] = {**found[0], **change}
    led = upload(client, found)
    page = said(client.get(led["Location"]))
    assert sentence in page
    assert "第 1 行" in page or "第 2 行" in page
    assert "确认导入" not in page
    client.post(led["Location"])
    assert planning.PlanUnit.objects.count() == 0


def test_coordinates_in_another_system_are_told_by_position(world: World, signed_in: SignedIn) -> None:
    client = street(world, signed_in)
    found = features(range(4))
    for one in found:
        x, y = one["geometry"]["coordinates"]
        one["geometry"]["coordinates"] = [
            x + 0.0055,
            y - 0.0028,
        ]  # about the shift of GCJ-02 here: the outer rows leave the town
    led = upload(client, found, crs="auto")
    assert "GCJ-02" in said(client.get(led["Location"]))
    metres = [
        {**one, "geometry": {"type": "Point", "coordinates": [500000.0, 3200000.0]}} for one in features(range(1))
    ]
    assert "以米为单位" in said(client.get(upload(client, metres, crs="auto")["Location"]))
    swapped = [
        {**one, "geometry": {"type": "Point", "coordinates": one["geometry"]["coordinates"][::-1]}}
        for one in features(range(1))
    ]
    assert "写反了" in said(client.get(upload(client, swapped, crs="auto")["Location"]))
    far = [{**one, "geometry": {"type": "Point", "coordinates": [100.0, 20.0]}} for one in features(range(1))]
    assert "地域之外" in said(client.get(upload(client, far, crs="auto")["Location"]))


def test_somebody_of_another_street_takes_in_nothing_here(world: World, signed_in: SignedIn) -> None:
    client = street(world, signed_in, "西溪镇")
    led = upload(client, features(range(1)))
    assert client.get(led["Location"]).status_code == 403
    assert planning.PlanUnit.objects.count() == 0


def test_excel_and_lines_are_read_too(world: World, signed_in: SignedIn) -> None:
    client = street(world, signed_in)
    table = io.BytesIO("编码,名称,户数,经度,纬度\nA1,甲楼,30,118.001,29.001\nA2,乙楼,,118.002,29.002\n".encode())
    table.name = "楼.csv"
    led = client.post("/work/plans/units", {"file": table, "what": "units", "crs": "wgs84"})
    assert client.post(led["Location"]).status_code == 302
    assert planning.PlanUnit.objects.get(code="A1").households == 30
    line = {
        "type": "Feature", "properties": {"name": "横江", "fclass": "river"},
        "geometry": {"type": "LineString", "coordinates": [[118.0, 29.0101], [118.08, 29.0101]]},
    }  # fmt: skip
    duty = signed_in("county_duty")
    led = upload(duty, [line], "河.geojson", what="lines")
    assert duty.post(led["Location"]).status_code == 302
    assert planning.BarrierLine.objects.get().kind == "river"


def ask(client: Client, world: World, **more: str) -> Any:
    given = {
        "under": str(community(world)),
        "level": "grid",
        "load_by": "households",
        "begin": "afresh",
        "preset": "grid",
        **more,
    }
    return client.post("/work/plans/new", given)


def osm(folder: Path, ways: dict[int, dict[str, str]], name: str = "town.osm.pbf") -> Any:
    """An extract with one way across the town for each set of tags."""
    path = folder / name
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        node = 0
        for ident in ways:
            for x in (118.001, 118.03, 118.079):
                node += 1
                writer.add_node(osmium.osm.mutable.Node(id=node, location=(x, 29.002 + 0.002 * ident)))
        for ident, tags in ways.items():
            nodes = [3 * ident - 2, 3 * ident - 1, 3 * ident]
            writer.add_way(osmium.osm.mutable.Way(id=ident, nodes=nodes, tags=tags))
    file = io.BytesIO(path.read_bytes())
    file.name = name
    return file


def test_an_extract_of_openstreetmap_gives_main_roads_rivers_and_railways(
    world: World, signed_in: SignedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("county_duty")
    monkeypatch.setattr(limits, "PAGE_FILE_ROWS", 2)
    led = client.post(
        "/work/plans/units", {"file": as_file(features(), "楼栋.geojson"), "what": "units", "crs": "auto"}
    )
    assert "页面上一次最多 2 行" in said(client.get(led["Location"]))
    monkeypatch.undo()
    ways = {
        1: {"highway": "primary", "name": "解放路"},
        2: {"highway": "primary", "name": "解放路"},  # the same road goes on
        3: {"highway": "residential", "name": "小巷"},
        4: {"waterway": "river", "name": "横江"},
        5: {"railway": "rail"},
        6: {"railway": "rail", "tunnel": "yes"},
    }
    sent = {"what": "lines", "crs": "auto"}
    led = client.post("/work/plans/units", {"file": osm(tmp_path, ways), **sent})
    state = led["Location"].replace("?", "/state?")
    page = said(client.get(led["Location"]))  # nothing is read while somebody waits for the page
    assert "等待读入" in page
    assert "没有后台在运行" in page
    assert "新增" not in page
    assert "HX-Refresh" not in client.get(state)
    again = refused(client, "/work/plans/units", {"file": osm(tmp_path, ways), **sent})
    assert (again.status_code, "还在读" in said(again)) == (409, True)
    Worker(now=lambda: world.now).work()
    assert client.get(state)["HX-Refresh"] == "true"
    assert "新增 3" in said(client.get(led["Location"]))
    assert client.post(led["Location"]).status_code == 302
    assert sorted(planning.BarrierLine.objects.values_list("kind", "name")) == [
        ("railway", ""),
        ("river", "横江"),
        ("road", "解放路"),
    ]
    page = said(client.get("/work/plans/units"))
    assert "横江" in page
    drawn = json.loads(client.get("/work/plans/lines.geojson").content)["features"]
    assert [one["properties"]["kind"] for one in drawn] == ["railway", "river", "road"]
    refusals = {
        "没有主干道、河流或铁路": osm(tmp_path, {1: {"highway": "footway"}}),
        "不是完整的 OSM pbf": as_file([], "broken.osm.pbf"),
    }
    for words, file in refusals.items():
        led = client.post("/work/plans/units", {"file": file, **sent})
        planning.read_waiting_lines(lambda: world.now)
        assert words in said(client.get(led["Location"]))
    units = refused(client, "/work/plans/units", {"file": osm(tmp_path, ways), "what": "units", "crs": "auto"})
    assert "没有户数" in said(units)
    # called off while it waits, and while it is read
    led = client.post("/work/plans/units", {"file": osm(tmp_path, ways), **sent})
    assert client.post(led["Location"]).status_code == 302
    assert "已取消" in said(client.get(led["Location"]))
    monkeypatch.setattr("tongxin.territory.reading.osm.TELL_EVERY", 1)
    led = client.post("/work/plans/units", {"file": osm(tmp_path, ways), **sent})
    planning.LineReading.objects.filter(state="waiting").update(stop=True)
    assert planning.read_waiting_lines(lambda: world.now) == 1
    assert "已取消" in said(client.get(led["Location"]))
    assert refused(client, led["Location"], {}).status_code == 404
    # somebody of one street does not bring in lines that run beyond it, nor take out what all use
    other = street(world, signed_in)
    led = other.post("/work/plans/units", {"file": osm(tmp_path, ways), **sent})
    assert client.get(led["Location"]).status_code == 404  # another's file
    planning.read_waiting_lines(lambda: world.now)
    assert "线穿过您管的范围之外" in said(other.get(led["Location"]))
    assert refused(other, "/work/plans/units", {"drop": "river"}).status_code == 403
    assert client.post("/work/plans/units", {"drop": "river"}).status_code == 302
    assert planning.BarrierLine.objects.filter(kind="river").count() == 0


@pytest.mark.row("XN-12")
@pytest.mark.row("XG-15")
def test_a_plan_is_asked_for_drawn_and_worked_on_without_scripts(
    world: World, signed_in: SignedIn, tmp_path: Path
) -> None:
    build(world, tmp_path)
    client = street(world, signed_in)
    led = ask(client, world)
    assert led.status_code == 302
    address = led["Location"]
    assert "排队中" in said(client.get(address))
    planning.draft_waiting(clock.now)
    progress = client.get(address + "/progress")
    assert progress["HX-Refresh"] == "true"
    page = said(client.get(address))
    assert "不可能再小" in page  # eight of 400: proven
    assert "<svg" in client.get(address).content.decode()
    plan = planning.Plan.objects.get()
    member = planning.PlanMember.objects.filter(plan=plan, part=1).first()
    assert member is not None
    assert (
        client.post(address, {"do": "move", "units": member.unit_id, "to": "2", "seen": plan.version}).status_code
        == 302
    )
    assert planning.PlanMember.objects.get(pk=member.pk).part == 2
    again = client.post(address, {"do": "move", "units": member.unit_id, "to": "1", "seen": plan.version})
    assert again.status_code == 409
    assert "刚被别人改过" in said(again)
    fragment = client.post(address, {"do": "undo"}, headers={"HX-Request": "true"})
    assert fragment.content.decode().lstrip().startswith("<form")
    assert planning.PlanMember.objects.get(pk=member.pk).part == 1
    for do in ("split:1", "lock_part:2", "unlock_part:2"):
        assert client.post(address, {"do": do}).status_code == 302
    assert client.post(address, {"do": "rename:2", "name2": "河东网格"}).status_code == 302
    assert client.post(address, {"do": "merge:9", "into9": "1"}).status_code == 302
    assert "河东网格" in said(client.get(address))
    assert "还没有选是哪一个格" in said(refused(client, address, {"do": "merge:1"}))
    assert "不知道要做什么" in said(refused(client, address, {"do": "burn"}))


def test_a_plan_costs_the_same_however_many_buildings(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = draw(world, under="东临镇")
    client = street(world, signed_in)
    client.get(f"/work/plans/{plan.pk}")
    with at_most(15):
        client.get(f"/work/plans/{plan.pk}")
    data = json.loads(client.get(f"/work/plans/{plan.pk}/map.json?inside={community(world)}").content)
    assert len(data["cells"]["features"]) == 64
    assert len(data["today"]["features"]) == 4


def test_the_communities_above_the_maps_follow_each_act(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = draw(world, under="东临镇")
    client, address = street(world, signed_in), f"/work/plans/{plan.pk}"

    def first_row(html: str) -> str:
        rows = html[html.index("<tbody>", html.index('id="communities"')) :]
        return rows[: rows.index("</tr>")]

    before = first_row(client.get(address).content.decode())
    inside = next(iter(plan.score["communities"]))
    giver, taker = [row["number"] for row in plan.score["communities"][inside]["rows"]][:2]
    unit = planning.PlanMember.objects.filter(plan=plan, part=giver).values_list("unit_id", flat=True)[0]
    sent = {"do": "move", "units": unit, "to": taker, "seen": plan.version, "inside": inside}
    fragment = client.post(address, sent, headers={"HX-Request": "true"}).content.decode()
    assert fragment.count("hx-swap-oob") == 1
    assert first_row(fragment) != before
    assert first_row(fragment) == first_row(client.get(address).content.decode())


def test_two_buildings_at_one_spot_are_both_on_the_map(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    found = features(range(2))
    found[1]["geometry"] = found[0]["geometry"]
    build(world, tmp_path, found)
    client = street(world, signed_in)
    address = ask(client, world)["Location"]
    planning.draft_waiting(clock.now)
    drawn = json.loads(client.get(f"{address}/map.json?inside={community(world)}").content)["cells"]["features"]
    assert len(drawn) == len(found)
    kinds = [one["geometry"] and one["geometry"]["type"] for one in drawn]
    assert kinds.count(None) == 1  # no ground of its own, and nothing that a map cannot read
    assert set(kinds) <= {"Polygon", "MultiPolygon", None}


def test_another_street_sees_nothing_of_it(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = draw(world)
    other = street(world, signed_in, "西溪镇")
    for path in ("", "/map.json", "/print", "/plan.geojson", "/plan.xlsx", "/progress", f"/compare?with={plan.pk}"):
        assert other.get(f"/work/plans/{plan.pk}{path}").status_code == 403, path
    assert other.post(f"/work/plans/{plan.pk}", {"do": "split:1"}).status_code == 403
    assert plan.title not in said(other.get("/work/plans"))
    assert ask(other, world).status_code == 403
    assert planning.Plan.objects.count() == 1


def test_it_leaves_the_house_as_a_map_a_table_and_a_drawing(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    import python_calamine

    build(world, tmp_path)
    plan = draw(world)
    client = street(world, signed_in)
    shapes = json.loads(client.get(f"/work/plans/{plan.pk}/plan.geojson").content)["features"]
    assert sorted(f["geometry"]["type"] for f in shapes) == ["Point"] * 64 + ["Polygon"] * 8
    assert sum(f["properties"]["户数"] for f in shapes if f["geometry"]["type"] == "Polygon") == 3200
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(client.get(f"/work/plans/{plan.pk}/plan.xlsx").content)
    )
    assert len(book.get_sheet_by_name("格").to_python()) == 9
    assert len(book.get_sheet_by_name("楼栋").to_python()) == 65
    page = client.get(f"/work/plans/{plan.pk}/print").content.decode()
    assert page.count("<svg") >= 1
    assert page.count("<circle") == 64


def test_two_plans_say_what_moves_where(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = draw(world)
    client = street(world, signed_in)
    copy = client.post(f"/work/plans/{plan.pk}", {"do": "copy", "title": "另一方案"})["Location"]
    other = int(copy.rstrip("/").rsplit("/", 1)[1])
    compare = f"/work/plans/{plan.pk}/compare?with={other}"
    assert "划分一样" in said(client.get(compare))
    unit = planning.PlanMember.objects.filter(plan_id=other, part=1).values_list("unit_id", flat=True).first()
    client.post(copy, {"do": "move", "units": unit, "to": "2"})
    page = said(client.get(compare))
    assert "共 1 栋换了格" in page
    assert "还没有选要比较的" in said(client.get(f"/work/plans/{plan.pk}/compare"))


def test_it_is_sent_on_its_way_with_all_that_would_change(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    build(world, tmp_path)
    world.report()
    plan = draw(world)
    client = street(world, signed_in)
    address = f"/work/plans/{plan.pk}"
    case = client.post(address, {"do": "submit"})["Location"]
    page = said(signed_in("county_duty").get(case))
    assert "停用 4 个、新设 8 个、不变 0 个" in page
    assert "1 件在办" in page
    assert "岗位空缺" in page
    assert "审核通过" in page
    assert "不能再改" in said(client.post(address, {"do": "split:1"}))
    assert "审核中" in said(client.get(address))


def test_what_cannot_be_planned_says_so(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    client = street(world, signed_in)
    assert "目标" in said(refused(client, "/work/plans/new", {"under": str(community(world)), "level": "grid", "load_by": "households", "begin": "afresh", "target": "100", "low": "300", "high": "500"}))  # fmt: skip
    address = ask(client, world)["Location"]
    planning.draft_waiting(clock.now)
    assert "空的社区划不了" in said(client.get(address))
    client.post(address, {"do": "drop"})
    found = features(range(2))
    for one in found[:3]:
        del one["properties"]["户数"]
    build(world, tmp_path, found)
    address = ask(client, world)["Location"]
    planning.draft_waiting(clock.now)
    page = said(client.get(address))
    assert "3 个单元没有户数" in page
    assert "00区1栋" in page
    found = features(range(2))
    found[0]["properties"]["户数"] = 700  # one tower above the range
    build(world, tmp_path, found)
    address = ask(client, world)["Location"]
    planning.draft_waiting(clock.now)
    page = said(client.get(address))
    assert "超过上限 500" in page
    assert "不拆分无法再分" in page
