"""The service circle walked in a real browser: what a clerk sees and does, what a resident finds near home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.stories.test_walk import DESK, PHONE, window
from tests.world import ROOT, pack
from tongxin.kernel import caches, clock
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.web.demo import opening
from tongxin.web.demo.logins import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = "xigu"


@pytest.fixture
def district(transactional_db: None) -> packs.DistrictView:
    """A locality of five levels with its four places of the 15-minute circle, as its pack opens it."""
    caches.clear_all()
    packs.forget_districts()
    locality = opening.Locality(ROOT / "localities" / KEY, pack(KEY))
    return opening.open_locality(locality, since=clock.now().date(), now=clock.now())


@contextmanager
def signed_in(chromium: Browser, server: LiveServer, role: str, size: dict[str, int]) -> Iterator[Page]:
    with window(chromium, server, size) as page:
        page.goto("/sign-in")
        page.get_by_label("用户名").fill(role)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main button.btn-primary").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page


@pytest.mark.row("XG-21")
def test_the_circle_of_a_community_and_what_is_near_a_home(
    chromium: Browser, live_server: LiveServer, district: packs.DistrictView, tmp_path: Path
) -> None:
    with signed_in(chromium, live_server, "receptionist", DESK) as page:
        page.goto("/work/circle")
        expect(page.get_by_role("heading", name="走得到的住户")).to_be_visible()
        expect(page.locator("table.rows").first).to_contain_text("居务大厅、党群服务中心")
        expect(page.locator("main")).to_contain_text("5,400")
        expect(page.locator("main")).to_contain_text("示意")
        page.get_by_role("link", name="社区卫生服务站").first.click()
        expect(page.locator(".map path.leaflet-interactive").first).to_be_visible()
        page.get_by_role("link", name="设施", exact=True).click()
        page.get_by_role("link", name="登记设施").first.click()
        page.locator("select[name=kind]").select_option(label="药店")
        page.get_by_label("名称").fill("便民药店（拟名）")
        page.locator(".map path.leaflet-interactive").first.click()
        expect(page.locator("#lon")).not_to_have_value("")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("#says")).to_contain_text("已保存")
        page.goto("/work/circle")
        expect(page.locator("main")).to_contain_text("设施或地域有变化")
        page.get_by_role("button", name="重新计算").click()
        expect(page.locator("table.rows").first).to_contain_text("药店")
    assert places.newest_study(district.id) is not None
    with window(chromium, live_server, PHONE) as page:
        page.goto("/nearby")
        page.get_by_label("在哪里").fill("芦乐楼园3栋")  # a slip: it is offered, not guessed
        page.get_by_role("button", name="看身边有什么").click()
        page.get_by_role("button", name="芦乐楼院").click()
        expect(page.locator("main")).to_contain_text("步行约")
        expect(page.locator("main")).to_contain_text("直线 × 1.3")
