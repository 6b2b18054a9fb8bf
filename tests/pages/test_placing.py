"""A report whose words name a place though nobody tapped it: the desk that has to say where it is sees it at once."""

from __future__ import annotations

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain import smalltown
from tests.pages.conftest import SignedIn
from tests.world import World
from tongxin.matters import api as matters


def _offered(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<button class="chip-small" name="area" value="(\d+)">([^<]+)</button>', page)


def test_the_place_that_the_words_name_is_one_tap_away(world: World, signed_in: SignedIn) -> None:
    first, second, *_ = world.tree.at_level("grid")
    name = world.tree.full_name(first.id)
    reported = world.report(f"{name}那边下水道堵了", lon=None, lat=None)
    torn = world.report(f"{name}和{world.tree.full_name(second.id)}之间的路灯坏了", lon=None, lat=None)
    wide = world.report("横江社区有人乱停车", lon=None, lat=None)
    desk = signed_in("county_duty")
    tray = desk.get("/work/").content.decode()
    assert re.search(rf"可能在：<br>{name}</span>", tray)
    assert tray.count("可能在：") == 1  # of two places none stands in the list
    case = f"/work/cases/{reported.run_id}"
    page = desk.get(case).content.decode()
    assert _offered(page) == [(str(first.id), name)]
    assert f'<option value="{first.id}" selected>' in page  # in the step's own form it stands chosen
    assert len(_offered(desk.get(f"/work/cases/{torn.run_id}").content.decode())) == 2
    wider = desk.get(f"/work/cases/{wide.run_id}").content.decode()
    assert (_offered(wider), "只写到 横江社区" in wider) == ([], True)
    assert world.run(reported).area_id is None  # shown, not done
    receipt = f"/receipt/{reported.receipt}"
    assert "还没有确定在哪一处" in desk.get(receipt).content.decode()
    assert desk.post(case, {"transition": "place_it", "area": str(first.id)}).status_code == 302
    run = world.run(reported)
    assert (run.area_id, run.holder_post_id in world.actor("grid_worker").post_ids) == (first.id, True)
    assert "还没有确定在哪一处" not in desk.get(receipt).content.decode()
    assert "还不知道在哪里" not in desk.get(case).content.decode()


def test_a_street_that_no_map_knows_is_found_by_earlier_matters(world: World, signed_in: SignedIn) -> None:
    first, second, *_ = world.tree.at_level("grid")
    for text, area, address in (
        ("幸福路3号下水道堵了", first.id, ""),
        ("幸福路路面破了", first.id, ""),
        ("树枝压着电线", first.id, "幸福路18号"),
        ("幸福路尽头有人乱倒垃圾", second.id, ""),
        *[("我们老街坊小区没有路灯", place.id, "") for place in world.tree.at_level("grid")[2:5]],
    ):
        world.report(text, lon=None, lat=None, area_id=area, address=address)
    reported = world.report("老人在幸福路12号门口摔了一跤", lon=None, lat=None)
    nowhere = world.report("老街坊小区没有路灯", lon=None, lat=None)
    desk, case = signed_in("county_duty"), f"/work/cases/{reported.run_id}"
    desk.get(case)
    with CaptureQueriesContext(connection) as caught:
        page = desk.get(case).content.decode()
    assert sum("zh_bigrams" in query["sql"] for query in caught) == 1
    assert [area for area, _ in _offered(page)] == [str(first.id), str(second.id)]
    assert "以往写到“幸福路”的有 3 件在这里" in page
    assert (
        _offered(desk.get(f"/work/cases/{nowhere.run_id}").content.decode()) == []
    )  # said everywhere: it says no place


def test_of_a_matter_that_came_with_a_community_only_grids_inside_it_are_offered(
    world: World, signed_in: SignedIn
) -> None:
    home, next_door = world.tree.at_level("community")[:2]
    inside, beyond = world.tree.children(home.id), world.tree.children(next_door.id)
    for text, area in (("幸福路路面破了", inside[1].id), ("幸福路口积水", beyond[0].id), ("幸福路有坑", beyond[0].id)):
        world.report(text, lon=None, lat=None, area_id=area)
    named = world.report("第2网格门口堆着砖", lon=None, lat=None, area_id=home.id)
    street = world.report("幸福路12号门口灯不亮", lon=None, lat=None, area_id=home.id)
    nowhere = world.report("有人大声唱歌", lon=None, lat=None, area_id=home.id)
    elsewhere = world.report(f"{world.tree.full_name(beyond[0].id)}的狗跑过来了", lon=None, lat=None, area_id=home.id)
    desk = signed_in("county_duty")

    def offered(reported: matters.Reported) -> list[tuple[str, str]]:
        return _offered(desk.get(f"/work/cases/{reported.run_id}").content.decode())

    assert offered(named) == [(str(inside[1].id), world.tree.full_name(inside[1].id))]
    assert offered(street) == [(str(inside[1].id), world.tree.full_name(inside[1].id))]
    assert (offered(nowhere), offered(elsewhere)) == ([], [])
    page = desk.get(f"/work/cases/{named.run_id}").content.decode()
    assert (f"只知道在{home.name}" in page, "还不知道在哪里" in page) == (True, False)
    assert (
        "只知道在" not in desk.get(f"/work/cases/{nowhere.run_id}").content.decode()
    )  # nothing to offer: nothing is said
    form = {"transition": "place_it", "area": str(inside[1].id)}
    assert desk.post(f"/work/cases/{named.run_id}", form).status_code == 302
    assert world.run(named).area_id == inside[1].id
    assert "只知道在" not in desk.get(f"/work/cases/{named.run_id}").content.decode()


def test_a_worker_who_taps_another_grid_reads_whose_it_is_and_the_map_opens_on_the_own_one(
    world: World, signed_in: SignedIn
) -> None:
    own, *_ = world.tree.at_level("grid")
    worker = signed_in("grid_worker")
    assert f'data-own="{own.id}"' in worker.get("/grid/report").content.decode()
    lon, lat = smalltown.centre(0, 1)
    other = world.tree.locate(lon, lat)
    assert other is not None
    assert other != own
    sent = {
        "text": "楼道灯坏了，晚上看不见",
        "channel": "grid",
        "lon": str(lon),
        "lat": str(lat),
        "request_key": "k" * 20,
    }
    answer = worker.post("/grid/report", sent)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert f"这个地点在{world.tree.full_name(other.id)}，不归您的岗位" in page
    assert "楼道灯坏了" in page
