"""The whole loop of a county, walked in a real browser: residents and grid workers on a phone, desks on a PC."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.domain import smalltown
from tests.domain.records.test_pictures import HEIC
from tests.world import PASSWORD, World, open_world
from tongxin.kernel import caches, clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 360, "height": 760}, {"width": 1440, "height": 900}


@pytest.fixture
def world(transactional_db: None) -> World:
    caches.clear_all()
    found = open_world()
    found.now = clock.now()
    return found


@contextmanager
def window(chromium: Browser, server: LiveServer, size: dict[str, int]) -> Iterator[Page]:
    """A window that fails the test when a script throws or the page is wider than the screen."""
    context = chromium.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=server.url)
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), (
        f"{page.url} is wider than the screen"
    )
    context.close()
    assert not thrown


@contextmanager
def signed_in(
    chromium: Browser, server: LiveServer, world: World, role: str, where: str, size: dict[str, int]
) -> Iterator[Page]:
    with window(chromium, server, size) as page:
        page.goto("/sign-in")
        page.get_by_label("用户名").fill(world.username(role, where))
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main button.btn-primary").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page


def take_step(page: Page, title: str, **fields: str) -> None:
    """Open an act on a case, fill its form, send it."""
    act = page.locator("details.act").filter(has=page.locator("summary", has_text=title)).first
    if act.get_attribute("open") is None:
        act.locator("summary").click()
    for key, value in fields.items():
        field = act.locator(f"[name={key}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        elif field.get_attribute("type") == "radio":
            act.locator(f"[name={key}][value={value}]").check(force=True)
        else:
            field.fill(value)
    act.get_by_role("button", name=title, exact=True).click()
    expect(page.locator("#says")).to_contain_text("已")


def photo() -> bytes:
    """A picture that carries a place in its metadata."""
    picture, exif = Image.new("RGB", (640, 480), (180, 60, 40)), Image.Exif()
    exif[0x8825] = {1: "N", 2: (29.0, 0.0, 0.0), 3: "E", 4: (118.0, 0.0, 0.0)}
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.row("XN-09")
@pytest.mark.row("XN-17")
@pytest.mark.row("XN-18")
@pytest.mark.row("XN-46")
@pytest.mark.row("XN-47")
def test_a_report_travels_from_the_doorstep_to_a_rated_archived_answer(
    chromium: Browser, live_server: LiveServer, world: World
) -> None:
    with window(chromium, live_server, PHONE) as page:
        page.goto("/")
        page.locator("main, .hero").get_by_role("link", name="我要反映").first.click()
        page.get_by_label("什么事").fill("小区东门的路灯坏了三天，老人晚上出门看不见路。")
        page.set_input_files("input[type=file]", {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        expect(page.locator(".photo-one input[name=photos]")).to_have_count(1)
        page.set_input_files("input[type=file]", {"name": "灯.heic", "mimeType": "image/heic", "buffer": HEIC})
        expect(page.locator(".photo-one input[name=photos]")).to_have_count(2)
        own = page.locator(".photo-one").nth(1)  # which this browser cannot show by itself
        expect(own.locator("img")).to_have_attribute("src", re.compile("^/"))
        assert own.locator("img").evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") > 0
        own.locator("button").click()
        expect(page.locator(".photo-one input[name=photos]")).to_have_count(1)
        lon, lat = smalltown.centre(0, 0)
        page.evaluate(
            "([x, y]) => { const f = document.querySelector('form[data-draft=report]'); f.elements.lon.value = x; f.elements.lat.value = y; }",
            [lon, lat],
        )
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("heading", name="已收到")).to_be_visible()
        code = page.locator(".receipt-code").inner_text()
        expect(page.locator(".photos img")).to_have_count(1)

    with signed_in(chromium, live_server, world, "grid_worker", "横江社区第1网格", PHONE) as page:
        page.goto("/grid/")
        page.locator("a.line").first.click()
        page.reload()
        expect(page.locator(".draft-note")).to_have_count(0)  # nothing was typed, whatever stands chosen in the form
        take_step(page, "核实上报", category="公共设施完善", note="现场看过，灯杆没电。")
    with signed_in(chromium, live_server, world, "grid_head", "横江社区第1网格", PHONE) as page:
        page.goto("/grid/")
        page.locator("a.line").first.click()
        take_step(page, "提请书记介入")
    with signed_in(chromium, live_server, world, "branch_secretary", "横江", PHONE) as page:
        page.goto("/grid/")
        page.locator("a.line").first.click()
        take_step(page, "提请派单", note="请住建局修灯")
    with signed_in(chromium, live_server, world, "receptionist", "横江", DESK) as page:
        page.goto("/work/")
        page.locator("[data-open]").first.click()
        take_step(page, "派单", main_unit="住建局")
    with signed_in(chromium, live_server, world, "department_desk", "住建局", DESK) as page:
        page.goto("/work/")
        page.locator("[data-open]").first.click()
        expect(page.locator(".procedure .now text")).to_contain_text("已派单")
        take_step(page, "联系居民，开始办理", note="已电话联系")
        take_step(page, "办结反馈", result="换了新灯，今晚已亮。")
    with signed_in(chromium, live_server, world, "supervisor", "", DESK) as page:
        page.goto("/work/")
        page.locator("[data-open]").first.click()
        take_step(page, "核查通过", finding="晚上去看过，亮了。")

    with window(chromium, live_server, PHONE) as page:
        page.goto("/receipt")
        page.get_by_label("回执码").fill(code.lower().replace("-", " "))
        page.get_by_role("button", name="查询").click()
        expect(page.locator(".trail")).to_contain_text("换了新灯，今晚已亮。")
        page.locator("label.chip", has=page.locator("[name=solved][value=yes]")).click()
        page.locator("label.chip", has=page.locator("[name=rating][value='5']")).click()
        page.get_by_role("button", name="评价", exact=True).click()
        expect(page.locator(".receipt-now")).to_contain_text("已归档")
        expect(page.locator("main")).to_contain_text("很满意")  # as it was said, not as a number
        page.get_by_role("link", name="核验这份记录有没有被改过").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("没有被改过")


def test_a_slip_keeps_everything_that_was_typed(chromium: Browser, live_server: LiveServer, world: World) -> None:
    with window(chromium, live_server, PHONE) as page:
        page.goto("/report")
        page.get_by_label("什么事").fill("楼道灯坏了")
        page.locator("summary", has_text="留个联系方式").click()
        page.get_by_label("电话").fill("12")
        page.get_by_role("button", name="提交").click()
        expect(page.locator(".field-fault")).to_contain_text("电话号码不对")
        expect(page.get_by_label("什么事")).to_have_value("楼道灯坏了")
        page.get_by_label("电话").fill("")
        page.context.set_offline(True)
        page.get_by_role("button", name="提交").click()
        expect(page.locator("#says")).to_contain_text("网络不通，内容没有丢")
        page.context.set_offline(False)
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("heading", name="已收到")).to_be_visible()
        page.go_back()
        expect(page.locator(".draft-note")).to_contain_text("已经提交")
        expect(page.get_by_label("什么事")).to_have_value("")
        page.goto("/report")
        expect(page.get_by_label("什么事")).to_have_value("")


def test_the_page_works_before_scripts_run(chromium: Browser, live_server: LiveServer, world: World) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE, base_url=live_server.url)
    page = context.new_page()
    page.goto("/report")
    page.fill("[name=text]", "没有脚本也能反映")
    page.set_input_files("input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.click("main button.btn-primary")
    assert "/receipt/" in page.url
    assert page.locator(".photos img").count() == 1
    context.close()
