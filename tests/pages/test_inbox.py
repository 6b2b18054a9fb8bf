"""The desk's tray with more in it than fits a glance: one step, what is late, one post."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.conftest import SignedIn
from tests.world import World


def test_a_full_tray_can_be_narrowed_to_a_step_and_to_what_is_late(world: World, signed_in: SignedIn) -> None:
    now = world.now
    world.now = now - timedelta(days=20)
    old = world.report("很久没人管的路灯")
    world.now = now
    first, *_ = [world.report(f"第{n}件：楼道灯不亮") for n in range(9)]
    world.act(first, "urgent", "grid_worker", reason="线裸露，有人会触电")
    client = signed_in(world.actor("grid_worker").user_id or 0)
    whole = client.get("/work/").content.decode()
    assert "采集 9" in whole
    assert "第0件" not in whole  # it went on to the next desk
    with CaptureQueriesContext(connection) as caught:
        one_step = client.get("/work/", {"step": "采集"}).content.decode()
    assert len(caught) <= 8, [query["sql"][:80] for query in caught]
    assert one_step.count("data-row") == 9
    late = client.get("/work/", {"late": "1"}).content.decode()
    assert late.count("data-row") == 1
    assert world.run(old).card["ref"] in late
    assert "没有这样的" in client.get("/work/", {"step": "没有的环节"}).content.decode()


def test_a_tray_too_full_to_count_says_that_there_is_more(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(9):
        world.report(f"第{n}件：楼道灯不亮")
    desk = signed_in(world.actor("grid_worker").user_id or 0)
    monkeypatch.setattr("tongxin.procedures.queries.lists.HELD_COUNTED", 9)
    assert "采集 9<" in desk.get("/work/").content.decode()
    monkeypatch.setattr("tongxin.procedures.queries.lists.HELD_COUNTED", 8)
    assert "采集 9+<" in desk.get("/work/").content.decode()


def test_a_matter_without_a_place_is_given_one_by_hand(world: World, signed_in: SignedIn) -> None:
    reported = world.report("说不清在哪里的一件事", lon=None, lat=None)
    case, desk = f"/work/cases/{reported.run_id}", signed_in("county_duty")
    page = desk.get(case).content.decode()
    grid = world.tree.at_level("grid")[0]
    assert f'<option value="{grid.id}">{world.tree.full_name(grid.id)}</option>' in page
    answer = desk.post(case, {"transition": "place_it", "area": str(grid.id)})
    assert answer.status_code == 302
    run = world.run(reported)
    assert (run.area_id, run.holder_post_id in world.actor("grid_worker").post_ids) == (grid.id, True)


def test_what_was_written_for_a_step_that_another_took_first_stays_on_the_page(
    world: World, signed_in: SignedIn
) -> None:
    reported = world.report()
    case, worker = f"/work/cases/{reported.run_id}", signed_in(world.actor("grid_worker").user_id or 0)
    seen = str(world.run(reported).seq)
    world.act(reported, "urgent", "grid_worker", reason="线裸露，有人会触电")
    answer = worker.post(case, {"transition": "urgent", "seen": seen, "reason": "第二个窗口写的一长段情况"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "第二个窗口写的一长段情况" in page.partition("您刚才填的")[2]


@pytest.mark.parametrize("address", ["/grid/", "/work/"])
def test_a_full_tray_and_an_empty_one_take_six_statements(world: World, signed_in: SignedIn, address: str) -> None:
    client = signed_in("grid_worker")
    client.get(address)
    for held in (0, 60):
        for n in range(held):
            world.report(f"第{n}件：楼道灯不亮")
        with CaptureQueriesContext(connection) as caught:
            page = client.get(address).content.decode()
        assert len(caught) <= 6, [query["sql"][:80] for query in caught]
        assert ('<b class="count">60</b>' in page) == bool(held)
