"""大屏管、中屏干、小屏办 (ZS-28): an act on the phone is seen on the PC and on the wall; what the wall tells, to whom, at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.domain import smalltown
from tests.stories.test_walk import DESK, PHONE, signed_in, take_step, window
from tests.world import PASSWORD, World, open_world
from tongxin.kernel import caches, clock
from tongxin.procedures.models import Run
from tongxin.records.models import AuditEntry
from tongxin.screens import pictures
from tongxin.screens.models import Picture, ScreenLink
from tongxin.territory import api as territory
from tongxin.web.pages.lead import wall

WALL = {"width": 1920, "height": 1080}


@pytest.fixture
def world(transactional_db: None, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    found = open_world(pack_key="zhongshan")
    found.now = clock.now()
    return found


@pytest.fixture
def town(db: None, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    found = open_world(pack_key="zhongshan")
    found.now = clock.now()
    return found


def client_of(world: World, role: str) -> Client:
    client = Client()
    assert client.post("/sign-in", {"username": world.username(role), "password": PASSWORD}).status_code == 302
    return client


def supervisor(world: World) -> str:
    return next(role for role, _ in world.users if "supervise" in world.district.pack.units.roles[role].may)


@pytest.mark.browser
@pytest.mark.row("ZS-28")
def test_an_act_on_the_phone_is_seen_on_the_pc_and_on_the_wall(
    chromium: Browser, live_server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "FRESH_SECONDS", 0)
    monkeypatch.setattr(wall, "EVERY_SECONDS", 0.5)
    administrator = client_of(world, "administrator")
    told = administrator.post("/admin/screens", {"place": "指挥中心东墙", "days": "30"}).content.decode()
    address = told.split("/screen/", 1)[1].split("<", 1)[0]

    with window(chromium, live_server, WALL) as big, window(chromium, live_server, DESK) as middle:
        big.goto(f"/screen/{address}")
        expect(big).to_have_url(f"{live_server.url}/screen")  # the address on the wall tells no secret
        number = big.locator("[data-key=open] b")
        expect(number).to_have_text("0")
        expect(big.locator("#wall-part a")).to_have_count(0)
        expect(big.get_by_text("多网合一的网格")).to_be_visible()  # what the pack names
        assert big.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        big.evaluate("window.notReloaded = true")
        middle.goto("/sign-in")
        middle.get_by_label("用户名").fill(world.username(supervisor(world)))
        middle.get_by_label("密码").fill(PASSWORD)
        middle.locator("main button.btn-primary").click()
        middle.wait_for_url(lambda url: "/sign-in" not in url)

        # the small screen: a resident reports, the wall counts it without being loaded again
        with window(chromium, live_server, PHONE) as small:
            small.goto("/report")
            small.get_by_label("什么事").fill("小区东门的路灯坏了三天，老人晚上出门看不见路。")
            small.evaluate(
                "([x, y]) => { const f = document.querySelector('form[data-draft=report]'); f.elements.lon.value = x; f.elements.lat.value = y; }",
                list(smalltown.centre(0, 0)),
            )
            small.get_by_role("button", name="提交").click()
            code = small.locator(".receipt-code").inner_text()
        expect(number).to_have_text("1", timeout=10_000)
        run = Run.objects.get()
        post = next(one for one in world.users if run.holder_post_id in world.actor(*one).post_ids)

        # whoever holds it settles it on the phone; the middle screen shows it to whoever follows the wall's figure
        with signed_in(chromium, live_server, world, *post, PHONE) as small:
            small.goto(f"/grid/cases/{run.pk}")
            take_step(small, "网格内办结", result="灯已换好")
        middle.goto("/lead/wall")
        middle.locator("[data-key=open]").click()
        middle.locator("main table a").first.click()
        expect(middle.locator("main")).to_contain_text("灯已换好")

        # the resident rates on the phone: it is done, on the wall too
        with window(chromium, live_server, PHONE) as small:
            small.goto("/receipt")
            small.get_by_label("回执码").fill(code)
            small.get_by_role("button", name="查询").click()
            small.locator("label.chip", has=small.locator("[name=solved][value=yes]")).click()
            small.locator("label.chip", has=small.locator("[name=rating][value='5']")).click()
            small.get_by_role("button", name="评价", exact=True).click()
        expect(big.locator("[data-key=done_today] b")).to_have_text("1", timeout=10_000)
        expect(number).to_have_text("0")
        assert big.evaluate("window.notReloaded")

        # the line is lost: the wall says since when it is old, and comes back by itself
        big.context.set_offline(True)
        expect(big.locator(".wall-lost")).to_contain_text("连不上了", timeout=10_000)
        expect(big.locator("[data-key=done_today] b")).to_be_visible()
        big.context.set_offline(False)
        expect(big.locator(".wall-lost")).to_be_hidden(timeout=10_000)

        # ended by the administrator: nothing more is shown
        administrator.post("/admin/screens", {"do": "end", "id": str(ScreenLink.objects.get().pk)})
        expect(big.locator(".wall-lost")).to_contain_text("已停用", timeout=10_000)
        expect(number).to_have_count(0)


def test_ten_walls_cost_like_one_and_a_larger_district_no_statement_more(
    town: World, django_assert_num_queries: Any
) -> None:
    town.report()
    leader = client_of(town, supervisor(town))
    leader.get("/lead/wall")

    def taken(age: int) -> list[str]:
        Picture.objects.update(
            claimed_at=clock.now() - timedelta(seconds=age), taken_at=clock.now() - timedelta(seconds=age)
        )
        with CaptureQueriesContext(connection) as caught:
            assert leader.get("/lead/wall", headers={"X-Background": "1"}).status_code == 200
        return [query["sql"] for query in caught if "procedures_run" in query["sql"]]

    first = taken(60)
    assert len(first) >= 2  # counted
    assert not [sql for _ in range(10) for sql in taken(5)]  # shown from what was counted
    for place in town.tree.at_level(town.tree.levels[-1]):
        for _ in range(2):
            lon, lat = territory_point(town, place.id)
            town.report(lon=lon, lat=lat)
    assert len(taken(60)) == len(first)
    Picture.objects.update(claimed_at=clock.now(), taken_at=clock.now() - timedelta(seconds=60))  # somebody counts now
    with CaptureQueriesContext(connection) as caught:
        page = leader.get("/lead/wall", headers={"X-Background": "1"}).content.decode()
    assert not [query for query in caught if "procedures_run" in query["sql"]]
    assert "截至" in page


def territory_point(world: World, area_id: int) -> tuple[float, float]:
    outline = territory.tree(world.district).outline(area_id)
    assert outline is not None
    centre = outline.centroid
    return centre.x, centre.y


def test_the_numbers_are_right_and_lead_to_their_cases(town: World) -> None:
    reported = [town.report() for _ in range(4)]
    now = clock.now()
    Run.objects.filter(pk=reported[0].run_id).update(due_at=now - timedelta(hours=1))
    Run.objects.filter(pk=reported[1].run_id).update(
        due_at=now - timedelta(hours=1), started_at=now - timedelta(days=3)
    )
    Run.objects.filter(pk=reported[2].run_id).update(finished_at=now, outcome="done")
    Run.objects.filter(pk=reported[3].run_id).update(due_at=now + timedelta(days=2), limit_at=None)
    leader = client_of(town, supervisor(town))
    page = leader.get("/lead/wall").content.decode()
    shown = {
        key: page.split(f'data-key="{key}"', 1)[1].split("<b>", 1)[1].split("<", 1)[0]
        for key in ("came_today", "done_today", "open", "overdue")
    }
    assert shown == {"came_today": "3", "done_today": "1", "open": "3", "overdue": "2"}
    for what, count in (
        ("overdue", 2),
        ("open", 3),
        ("came_today", 3),
        ("done_today", 1),
        ("finished", 1),
        ("all", 4),
        ("due_today", 0),
    ):
        listed = leader.get("/lead/cases", {"what": what}).content.decode()
        assert listed.count("/work/cases/") == count, what
    assert "place-some" in page
    assert "演示" not in page.split("wall-part", 1)[1]  # nobody's name
    community = town.tree.at_level(town.tree.levels[-2])[0]
    assert (
        leader.get("/lead/cases", {"what": "overdue", "area": community.id}).content.decode().count("/work/cases/") == 2
    )
    worker = client_of(town, "grid_worker")
    assert worker.get("/lead/wall").status_code == 403


def test_a_picture_taken_by_a_clock_that_ran_ahead_is_counted_anew(town: World) -> None:
    pictures.show_picture(town.district, town.now + timedelta(days=31))
    pictures.show_picture(town.district, town.now)
    assert Picture.objects.get(district_id=town.district.id).taken_at == town.now


def test_where_there_is_nothing_to_count_the_wall_says_so(town: World) -> None:
    page = client_of(town, supervisor(town)).get("/lead/wall").content.decode()
    tile = page.split("累计办结</span>", 1)[1].split("</a>", 1)[0]
    assert "还没有可算的" in tile
    assert "progress" not in tile
    assert "÷" not in tile
    for run in (town.report(), town.report()):
        Run.objects.filter(pk=run.run_id).update(due_at=clock.now() - timedelta(hours=1))
    Picture.objects.all().delete()
    Run.objects.filter(pk=run.run_id).update(area_id=town.tree.roots()[0].id)
    page = client_of(town, supervisor(town)).get("/lead/wall").content.decode()
    assert "0 ÷ 2" in page.split("累计办结</span>", 1)[1].split("</a>", 1)[0]
    where = page.split("超时在哪里", 1)[1].split("</ul>", 1)[0]
    assert "没有落到图上的" in where  # so that the places add up to the number above


def test_a_screen_link_opens_the_wall_and_nothing_else(town: World) -> None:
    town.report()
    administrator = client_of(town, "administrator")
    told = administrator.post("/admin/screens", {"place": "大厅", "days": "7"}).content.decode()
    secret = told.split("/screen/", 1)[1].split("<", 1)[0]
    listed = administrator.get("/admin/screens").content.decode()
    assert secret not in listed
    assert "/lead/wall" not in listed  # who manages the links need not be one who supervises
    assert secret not in str(list(AuditEntry.objects.values())) + str(list(ScreenLink.objects.values()))
    screen = Client()
    assert screen.get("/screen")["Location"] == "/lead/wall"
    assert screen.get("/screen/" + "x" * 43).status_code == 403
    assert screen.get(f"/screen/{secret}")["Location"] == "/screen"
    page = screen.get("/screen")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "/lead/cases" not in page.content.decode()
    for closed in ("/lead/wall", "/lead/cases", "/work/", "/admin/screens"):
        assert "/sign-in" in screen.get(closed)["Location"]
    link = ScreenLink.objects.get()
    assert link.seen_at is not None
    ScreenLink.objects.update(until=clock.now() - timedelta(minutes=1))
    assert screen.get("/screen").status_code == 403
    ScreenLink.objects.update(until=clock.now() + timedelta(days=1))
    assert screen.get("/screen").status_code == 200
    assert client_of(town, "grid_worker").post("/admin/screens", {"place": "x", "days": "1"}).status_code == 403
    assert administrator.post("/admin/screens", {"place": "", "days": "0"}).status_code == 422
    assert administrator.post("/admin/screens", {"do": "end", "id": str(link.pk)}).status_code == 302
    assert screen.get("/screen").status_code == 403


def test_looking_at_the_wall_does_not_keep_somebody_signed_in(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    leader, start = client_of(town, supervisor(town)), clock.now()
    for minutes in (5, 10, 14):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: start + timedelta(minutes=minutes))
        assert leader.get("/lead/wall", headers={"X-Background": "1"}).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=16))
    assert leader.get("/lead/wall", headers={"X-Background": "1"}).status_code == 302
