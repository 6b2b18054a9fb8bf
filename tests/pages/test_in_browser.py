"""What only a browser shows: drafts that survive, nothing the content policy blocks, large type, targets for thumbs, weight."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.pages.conftest import committed_world
from tests.world import PASSWORD, World
from tongxin.records.models import Complaint

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = ("/", "/report", "/complaint", "/sign-in", "/help")
FIRST_LOAD_BYTES = 200_000


@pytest.fixture
def world(transactional_db: None) -> World:
    return committed_world()


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer, world: World) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 360, "height": 800}, locale="zh-CN", base_url=live_server.url, timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    complained: list[str] = []
    page.on("console", lambda message: complained.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complained.append(str(error)))
    yield page
    context.close()
    assert not complained


def test_what_was_typed_survives_a_closed_page_and_goes_when_it_was_taken(phone: Page) -> None:
    phone.goto("/complaint")
    phone.get_by_label("是什么情况").fill("同一张表每周填三遍")
    key = phone.locator("[name=request_key]").input_value()
    phone.goto("/help")
    phone.goto("/complaint")
    expect(phone.get_by_label("是什么情况")).to_have_value("同一张表每周填三遍")
    assert phone.locator("[name=request_key]").input_value() == key  # sent again, it is the same act
    expect(phone.locator(".draft-note")).to_be_visible()
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator("#says")).to_contain_text("收到了")
    assert Complaint.objects.count() == 1
    phone.goto("/complaint")
    expect(phone.get_by_label("是什么情况")).to_have_value("")


def test_a_corrected_time_survives_too(phone: Page) -> None:
    phone.goto("/report")
    when = phone.locator("[name=happened]")
    text = phone.locator("[name=text]")
    text.press_sequentially("昨天晚上八点横江社区的路灯不亮")
    expect(when).not_to_have_value("")
    read = when.input_value()
    when.fill("前天晚上七点左右")
    phone.goto("/help")
    phone.goto("/report")
    expect(phone.locator(".draft-note")).to_be_visible()
    expect(when).to_have_value("前天晚上七点左右")
    when.fill("")  # said to be wrong altogether
    phone.goto("/help")
    phone.goto("/report")
    expect(when).to_have_value("")
    text.press_sequentially("，一直没有修")
    with phone.expect_response("**/report/suggest"):
        text.press("End")
        text.press_sequentially("好")
    expect(when).to_have_value("")
    phone.get_by_role("button", name="清空重填").click()
    text.fill("昨天晚上八点横江社区的路灯不亮")
    expect(when).to_have_value(read)


def test_a_tap_on_the_receipt_adds_the_place(phone: Page, world: World) -> None:
    reported = world.report("路边的井盖松动", lon=None, lat=None)
    phone.goto(f"/receipt/{reported.receipt}")
    form = phone.locator("#place form")
    form.get_by_label("在哪里").fill("菜市场西门")
    place = phone.locator("#place path.leaflet-interactive").nth(2)
    place.scroll_into_view_if_needed()
    with phone.expect_response("**/places/offer"):
        place.click()
    expect(form).to_contain_text("在：")
    named = form.locator(".field-help", has_text="在：").inner_text().removeprefix("在：").strip()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    form.get_by_role("button", name="补充地点").click()
    expect(phone.locator("#says")).to_contain_text(f"地点已补充：{named}")
    expect(phone.locator(".trail")).to_contain_text(f"反映人补充了地点：{named}")
    run = world.run(reported)
    assert world.tree.full_name(run.area_id) == named


def test_no_signal_loses_nothing_and_sending_again_acts_once(phone: Page) -> None:
    phone.goto("/complaint")
    phone.get_by_label("是什么情况").fill("每天要拍照打卡")
    phone.route(
        "**/complaint", lambda route: route.fetch() and route.abort()
    )  # taken, but the answer is lost on the way
    phone.get_by_role("button", name="提交").click(no_wait_after=True)
    phone.wait_for_event("requestfailed")
    phone.unroute("**/complaint")
    phone.context.clear_cookies(name="accepted")  # it was in the lost answer; the simulation had let it through
    assert Complaint.objects.count() == 1
    phone.goto("/complaint")
    expect(phone.get_by_label("是什么情况")).to_have_value("每天要拍照打卡")
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator("#says")).to_contain_text("收到了")
    assert Complaint.objects.count() == 1


def test_starting_afresh_forgets_the_draft(phone: Page) -> None:
    phone.goto("/complaint")
    phone.get_by_label("是什么情况").fill("不要了")
    phone.goto("/complaint")
    phone.get_by_role("button", name="清空重填").click()
    expect(phone.locator(".draft-note")).to_have_count(0)
    expect(phone.get_by_label("是什么情况")).to_have_value("")


def test_pages_work_before_scripts_run(chromium: Browser, live_server: LiveServer, world: World) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url, locale="zh-CN")
    page = context.new_page()
    page.goto("/complaint")
    page.get_by_label("是什么情况").fill("没有脚本也能说")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#says")).to_contain_text("收到了")
    page.get_by_role("button", name="长者版").click()
    expect(page.locator("html[data-elder]")).to_have_count(1)
    context.close()
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_pages_are_accessible_and_fit_the_screen(
    chromium: Browser, live_server: LiveServer, world: World, elder: bool
) -> None:
    context = chromium.new_context(
        viewport={"width": 360, "height": 800}, base_url=live_server.url, locale="zh-CN", bypass_csp=True
    )
    if elder:
        context.add_cookies([{"name": "elder", "value": "1", "url": live_server.url}])
    page = context.new_page()
    for path in PATHS:
        page.goto(path)
        violations = [
            f"{path} {found['id']}: {found['nodes'][0]['html'][:120]}"
            for found in Axe().run(page).response["violations"]
            if found["impact"] in ("serious", "critical")
        ]
        assert not violations, violations
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        small = page.evaluate(SMALL_TEXT, 18 if elder else 14)
        assert not small, f"{path}: {small}"
    context.close()


def test_nothing_of_the_switch_between_audiences_is_cut_on_a_phone(phone: Page, world: World) -> None:
    phone.goto("/sign-in")
    phone.get_by_label("用户名").fill(world.username("leader"))
    phone.get_by_label("密码").fill(PASSWORD)
    phone.locator("main button.btn-primary").click()
    phone.wait_for_url(lambda url: "/sign-in" not in url)
    for elder in ("标准", "长者版"):
        phone.goto("/work/matters")
        if elder == "长者版":
            phone.get_by_role("button", name=elder).click()
        expect(phone.locator("nav.switch a")).to_have_count(4)
        boxes = phone.locator("nav.switch a").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
        )
        assert all(left >= 0 and right <= 360 and height >= 44 for left, right, height in boxes), boxes
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert phone.locator("nav.switch").evaluate("one => one.scrollWidth <= one.clientWidth")


SMALL_TEXT = """(least) => {
  const small = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const box = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !box.getClientRects().length || box.closest(".leaflet-control")) continue;
    if (parseFloat(getComputedStyle(box).fontSize) < least) small.add(box.outerHTML.slice(0, 80));
  }
  return [...small];
}"""


def test_what_a_locality_writes_is_named_chinese_on_an_english_page(phone: Page, world: World) -> None:
    phone.goto("/report")
    assert phone.locator(".brand-title[lang]").count() == 0  # all of the page is
    phone.get_by_role("button", name="English").click()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.locator(".brand-title")).to_have_attribute("lang", "zh-Hans")
    assert phone.locator("main .btn-primary[lang]").count() == 0
    phone.locator("[name=text]").press_sequentially("昨天晚上八点横江社区的路灯不亮")
    expect(phone.locator(".offers .chip-small").first).to_have_attribute("lang", "zh-Hans")  # what comes later, too


def test_the_first_load_is_light(phone: Page) -> None:
    """Page, styles, scripts and icons, compressed as they are served; maps come with the pages that show one."""
    response = phone.goto("/")
    assert response is not None
    html = response.text()
    paths = {match.split("#")[0] for match in re.findall(r'/static/([^"?]+)', html)}
    sizes = {"page": len(gzip.compress(html.encode()))}
    for path in paths:
        found = finders.find(path)
        assert isinstance(found, str), path
        with open(found, "rb") as file:
            sizes[path] = len(gzip.compress(file.read()))
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, sorted(sizes.items(), key=lambda pair: -pair[1])
    assert sizes["page"] <= 40_000
