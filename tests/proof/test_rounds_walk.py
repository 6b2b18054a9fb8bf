"""On a phone: somebody notes that it was done, in one form. On a PC: a list's item is claimed, done and confirmed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.stories.test_walk import DESK, PHONE, signed_in, take_step
from tests.world import World, open_world
from tongxin.cadence import api as cadence
from tongxin.kernel import caches, clock
from tongxin.kernel.clock import local
from tongxin.lists import api as lists
from tongxin.lists.models import Item
from tongxin.procedures import api as procedures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    caches.clear_all()
    found = open_world()
    found.now = clock.now()
    return found


@pytest.mark.row("XN-33")
def test_a_season_is_noted_on_a_phone(chromium: Browser, live_server: LiveServer, world: World) -> None:
    today = local(world.now).date()
    cadence.make_occurrences(world.district, now=world.now)
    with signed_in(chromium, live_server, world, "receptionist", "横江社区", PHONE) as page:
        page.goto("/work/cadence")
        page.get_by_role("link", name="“红领四季”城市党建日").first.click()
        page.get_by_label("哪天做的").fill(today.isoformat())
        page.get_by_label("多少人参加").fill("36")
        page.get_by_label("记一句").fill("青年联谊，送学上门")
        page.get_by_role("button", name="记下").click()
        expect(page.locator(".lead-line")).to_contain_text("做到了")
        expect(page.locator("main")).to_contain_text("36")
        page.goto("/work/cadence/kept?days=366")
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.row("XN-07")
@pytest.mark.row("XN-09")
def test_a_demand_of_the_quarter_is_claimed_and_done_on_a_pc(
    chromium: Browser, live_server: LiveServer, world: World
) -> None:
    with signed_in(chromium, live_server, world, "community_secretary", "横江社区", DESK) as page:
        page.goto("/work/lists/quarter_list")
        page.locator("summary", has_text="起草下一版").click()
        page.get_by_role("button", name="起草", exact=True).click()
        page.locator("summary", has_text="加一条").click()
        page.get_by_label("事项", exact=True).fill("小区门口划停车线")
        page.locator("label.chip", has_text="道路停车").click()
        page.get_by_role("button", name="加入").click()
        publish = page.get_by_role("button", name="公布")
        publish.click()
        page.get_by_role("button", name="再点一次，公布").click()
        expect(page.locator("table.rows")).to_contain_text("待认领")
    item = Item.objects.get()
    run = procedures.find_run(world.district, lists.SUBJECT, item.case_id or 0)
    assert run is not None
    with signed_in(chromium, live_server, world, "receptionist", "横江社区", DESK) as page:
        page.goto(f"/work/cases/{run.id}")
        take_step(page, "认领", unit="住建局")
    with signed_in(chromium, live_server, world, "department_desk", "住建局", PHONE) as page:
        page.goto(f"/work/cases/{run.id}")
        take_step(page, "办好了", result="划了 20 个车位")
    item.refresh_from_db()
    assert item.stage == "taken"
    assert item.taken_by_id == world.bodies["housing"].pk
