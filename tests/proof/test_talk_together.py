"""共谋 to 共享 in a real browser: a resident's idea on a phone, neighbours who join in, the estate's desk on a PC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.stories.test_walk import DESK, PHONE, photo, take_step, window
from tests.world import pack
from tongxin.affairs.models import Affair
from tongxin.kernel import caches, clock
from tongxin.packs import api as packs
from tongxin.procedures.models import Run
from tongxin.web.demo import PASSWORD, opening

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def locality(transactional_db: None) -> packs.DistrictView:
    """The locality as its demo opens it, with one login a role."""
    caches.clear_all()
    packs.forget_districts()
    folder = Path(settings.BASE_DIR) / "localities" / "wuhan"
    return opening.open_locality(opening.Locality(folder, pack("wuhan")), since=date(2026, 1, 1), now=clock.now())


@contextmanager
def staff(chromium: Browser, server: LiveServer, role: str, size: dict[str, int]) -> Iterator[Page]:
    with window(chromium, server, size) as page:
        page.goto("/sign-in")
        page.get_by_label("用户名").fill(role)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main button.btn-primary").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page


def tick(page: Page, title: str, name: str) -> None:
    """Tick every choice of a field of an act."""
    act = page.locator("details.act").filter(has=page.locator("summary", has_text=title)).first
    if act.get_attribute("open") is None:
        act.locator("summary").click()
    for box in act.locator(f"[name={name}]").all():
        box.evaluate("box => box.click()")  # the chip's own box is hidden under its words


@pytest.mark.row("WH-36")
def test_an_idea_grows_into_a_garden(chromium: Browser, live_server: LiveServer, locality: packs.DistrictView) -> None:
    with window(chromium, live_server, PHONE) as page:
        page.goto("/affairs")
        page.get_by_role("link", name="共同缔造“五共”").first.click()
        page.locator("[name=area_id]").select_option(index=1)
        page.get_by_label("想一起办什么").fill("楼前荒地变花园")
        page.locator("label.chip", has_text="花园绿地").click()
        page.get_by_label("大约多少户受益").fill("60")
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("heading", name="已收到")).to_be_visible()
        receipt = page.url
    run = Run.objects.get(subject_kind="affair")
    board = f"/affairs/board/co_creation/{Affair.objects.get().pk}"

    with staff(chromium, live_server, "grid_head", PHONE) as page:
        page.goto(f"/grid/cases/{run.pk}")
        tick(page, "请大家来谋", "ways")
        take_step(page, "请大家来谋", words="楼前荒地想变成花园，请您出主意")
    with window(chromium, live_server, PHONE) as page:
        page.goto("/affairs/board/co_creation")
        page.locator("a.line").first.click()
        page.get_by_label("您的主意").fill("种月季")
        page.get_by_role("button", name="我有个主意").click()
        expect(page.locator("body")).to_contain_text("收到了，谢谢您")
    with staff(chromium, live_server, "estate_secretary", DESK) as page:
        page.goto(f"/work/cases/{run.pk}")
        expect(page.locator(".procedure .now text")).to_contain_text("决策共谋")
        expect(page.locator(".trail")).to_contain_text("种月季")
        tick(page, "谋定", "present")
        take_step(page, "谋定", asked="60", agreed="55", plan="分成二十块，各家认种")
        with window(chromium, live_server, PHONE) as phone:
            phone.goto(board)
            phone.get_by_label("怎么称呼").fill("周师傅")
            phone.locator("label.chip", has_text="手艺").click()
            phone.get_by_role("button", name="我来出一份").click()
            expect(phone.locator("body")).to_contain_text("收到了，谢谢您")
            expect(phone.locator("body")).not_to_contain_text("周师傅")
        page.goto(f"/work/cases/{run.pk}")
        act = page.locator("details.act").filter(has=page.locator("summary", has_text="建好了")).first
        if act.get_attribute("open") is None:
            act.locator("summary").click()
        act.locator("input[type=file]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        expect(act.locator(".photo-one input[name=photos]")).to_have_count(1)
        take_step(page, "建好了", result="二十块花圃建好了", given="三十户出工")
    with staff(chromium, live_server, "grid_head", PHONE) as page:
        page.goto(f"/grid/cases/{run.pk}")
        take_step(page, "管法定了", rules="谁种谁管", keeper="园长和巡护小队")
    with staff(chromium, live_server, "receptionist", DESK) as page:
        page.goto("/work/affairs?procedure=co_creation")
        page.locator("[data-open]").first.click()
        take_step(page, "大家评过了", raters="40", content="39", opening="全天开放")
    with window(chromium, live_server, PHONE) as page:
        page.goto(receipt)
        expect(page.locator(".trail")).to_contain_text("二十块花圃建好了")
        expect(page.locator(".trail .photos img")).to_have_count(1)
        page.get_by_role("link", name="核验这份记录有没有被改过").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("没有被改过")
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("shared", "done")
