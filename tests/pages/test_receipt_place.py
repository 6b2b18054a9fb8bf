"""A report that came without a place: whoever holds the receipt says where it is, once, and never over what a desk has said."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.matters import api as matters
from tongxin.matters.models import Matter
from tongxin.notices.models import Notice
from tongxin.procedures import api as procedures

LON, LAT = smalltown.centre(0, 0)
POINT = {"lon": f"{LON:.6f}", "lat": f"{LAT:.6f}"}


def _said(client: Client, path: str, **form: str) -> tuple[int, str]:
    response = client.post(path, form)
    return response.status_code, response.content.decode()


def _offered(page: str) -> dict[str, str]:
    return {
        name: value
        for value, name in re.findall(r'<button class="chip-small" name="area_id" value="(\d+)">([^<]+)<', page)
    }


def test_a_tap_puts_the_case_where_it_belongs(world: World) -> None:
    reported = world.report("下水道堵了，污水漫到路上", lon=None, lat=None, address="老年活动室旁")
    before, client = world.run(reported), Client()
    receipt, path = f"/receipt/{reported.receipt}", f"/receipt/{reported.receipt}/place"
    page = client.get(receipt).content.decode()
    assert (f'action="{path}"' in page, 'data-pick="lon,lat"' in page, "leaflet.js" in page) == (True, True, True)
    form = {**POINT, "address": "3号楼东头", "request_key": "one-tap-one-place"}
    with at_most(15):
        assert client.post(path, form).status_code == 302
    matter, run = Matter.objects.get(id=reported.matter_id), world.run(reported)
    grid = world.tree.locate(LON, LAT)
    assert grid is not None
    place = world.tree.full_name(grid.id)
    assert (matter.area_id, matter.precision, matter.lon, matter.lat) == (grid.id, "exact", LON, LAT)
    assert matter.address == "老年活动室旁；3号楼东头"
    assert (run.area_id, run.card["place"]) == (grid.id, place)
    assert run.holder_post_id in world.actor("grid_worker").post_ids  # as when a desk says the place
    told = {note.post_id: note for note in Notice.objects.filter(subject_id=matter.id)}
    assert set(told) >= {before.holder_post_id, run.holder_post_id}
    assert (told[before.holder_post_id].kind, place in told[before.holder_post_id].body) == ("placed", True)
    page = client.get(receipt).content.decode()
    assert (f"反映人补充了地点：{place}" in page, f'action="{path}"' in page) == (True, False)
    assert "3号楼东头" not in page  # where in the grid is for those who handle it
    entry = run.log.order_by("-seq").first()
    assert (entry.transition, entry.actor_label, entry.form["lon"]) == ("place_it", "反映人", LON)
    assert procedures.verify(run) is None
    assert client.post(path, form).status_code == 302  # the same tap sent again
    status, said = _said(client, path, **POINT)
    assert (status, "这一件的地点已经清楚" in said) == (409, True)
    assert run.log.count() == 2


@pytest.mark.usefixtures("steady_clock")
def test_what_cannot_be_taken_is_said_and_kept(world: World) -> None:
    reported, client = world.report("路灯坏了", lon=None, lat=None), Client()
    path = f"/receipt/{reported.receipt}/place"
    status, page = _said(
        client, path, lon="120.5", lat="31.2", address="东门口的那盏", request_key="kept-as-it-was-typed"
    )
    assert (status, "您选的位置不在本区域内" in page) == (422, True)
    for kept in ("东门口的那盏", "kept-as-it-was-typed"):
        assert f'value="{kept}"' in page
    assert "120.5" not in page  # so that the words alone can be sent
    assert "120.5" not in _said(client, "/report", text="灯", lon="120.5", lat="31.2")[1]
    for wrong, told in (
        ({"lon": "118.005"}, "经度和纬度要同时给出"), ({"lon": "x", "lat": "1"}, "坐标不是数字"), ({"lon": "nan", "lat": "nan"}, "不在地球上"),
        ({"address": "桥" * 201}, "最多 200 个字"), ({"area_id": "9" * 18}, "选的区域不存在"), ({"address": "没有这个地方"}, "地名里没有找到"),
    ):  # fmt: skip
        status, page = _said(client, path, **wrong)
        assert (status, told in page) == (422, True), wrong
    assert (world.run(reported).seq, world.run(reported).area_id) == (1, None)
    assert client.post("/receipt/22222222222/place", POINT).status_code == 404
    client.get("/")  # now it is a device of its own
    found = [client.post(path, {"address": "没有"}).status_code for _ in range(21)]
    assert 429 in found  # and nobody can try places out by the hundred


def test_without_scripts_places_are_chosen_from_wide_to_narrow(world: World) -> None:
    reported, client = world.report("有人乱停车", lon=None, lat=None), Client()
    path = f"/receipt/{reported.receipt}/place"
    status, page = _said(client, path)
    assert (status, "还没有说在哪里" in page) == (422, True)
    towns = _offered(page)
    assert set(towns) == {place.name for place in world.tree.children(world.tree.roots()[0].id)}
    status, page = _said(client, path, address="横江社区")
    assert (status, "还要知道是其中哪一处" in page) == (422, True)
    grids = _offered(page)
    assert set(grids) == {f"横江社区第{number}网格" for number in range(1, 5)}
    status, page = _said(client, path, address="第2网格")
    assert (status, "有几处" in page, "横江社区第2网格" in _offered(page)) == (422, True, True)
    assert client.post(path, {"area_id": grids["横江社区第2网格"], "address": "横江社区"}).status_code == 302
    matter = Matter.objects.get(id=reported.matter_id)
    assert (str(matter.area_id), matter.precision) == (grids["横江社区第2网格"], "area")
    assert "地点已补充：横江社区第2网格" in client.get(f"/receipt/{reported.receipt}").content.decode()


def test_a_wide_place_is_narrowed_but_what_a_desk_said_stands(world: World, signed_in: SignedIn) -> None:
    community = world.tree.at_level("community")[0]
    first, second, *_ = world.tree.at_level("grid")
    wide = world.report("井盖松动", lon=None, lat=None, area_id=community.id)
    client, receipt = Client(), f"/receipt/{wide.receipt}"
    page = client.get(receipt).content.decode()
    assert f"只知道在{community.name}，还不知道是其中哪一处" in page
    assert f'data-areas="/map/grid.geojson?under={community.id}"' in page
    assert client.post(f"{receipt}/place", {"area_id": str(second.id)}).status_code == 302
    assert world.run(wide).area_id == second.id

    placed = world.report("井盖又松动", lon=None, lat=None)
    receipt = f"/receipt/{placed.receipt}"
    desk = signed_in("county_duty")
    assert (
        desk.post(f"/work/cases/{placed.run_id}", {"transition": "place_it", "area": str(first.id)}).status_code == 302
    )
    page = client.get(receipt).content.decode()
    assert (f"地点由工作人员标明：{world.tree.full_name(first.id)}" in page, f'action="{receipt}/place"' in page) == (
        True,
        False,
    )
    status, page = _said(client, f"{receipt}/place", **POINT, address="其实在桥头")
    assert (status, "工作人员已经标明了地点" in page, "请打电话告诉我们" in page) == (409, True, True)
    assert world.run(placed).area_id == first.id
    assert "如果不对，请打电话告诉我们" in client.get(f"{receipt}/place").content.decode()


def test_later_the_holder_keeps_the_case_and_is_told_and_a_closed_one_takes_no_place(world: World) -> None:
    reported = world.report("路面破损", lon=None, lat=None)
    world.act(reported, "submit", "county_duty", category=world.district.pack.catalogue.categories[0].code)
    held = world.run(reported)
    with at_most(10):
        place = matters.add_place(
            district=world.district, receipt=reported.receipt, now=world.later(minutes=5),
            said=matters.Report(channel="", text="", lon=LON, lat=LAT),
        )  # fmt: skip
    run = world.run(reported)
    assert (run.state, run.holder_post_id, run.due_at) == (held.state, held.holder_post_id, held.due_at)
    assert (run.card["place"], run.area_id) == (place, world.tree.locate(LON, LAT).id)  # type: ignore[union-attr]
    assert Notice.objects.filter(post_id=held.holder_post_id, kind="placed", subject_id=reported.matter_id).count() == 1
    steps = procedures.timeline(world.district, run, audience="reporter")
    assert (steps[-1].title, steps[-1].says) == ("补充地点", f"反映人补充了地点：{place}")
    assert procedures.verify(run) is None

    gone, client = world.report("不用办了", lon=None, lat=None), Client()
    world.act_as_reporter(gone, "withdraw")
    world.later(days=timedelta(days=1).days)
    assert f"/receipt/{gone.receipt}/place" not in client.get(f"/receipt/{gone.receipt}").content.decode()
    status, page = _said(client, f"/receipt/{gone.receipt}/place", **POINT)
    assert (status, "这一件已经办完" in page) == (409, True)
