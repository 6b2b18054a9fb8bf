"""4,326 real messages as a new user would meet them: taken in by a page, categories proposed, ten put right, trained, learned;
hot topics opened and the matters behind them read. Prints no text of anybody; pictures only where the environment asks for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.realdata import need_data
from tests.stories.test_walk import DESK, PHONE, signed_in, window
from tests.world import World, open_world
from tongxin.kernel import caches, clock
from tongxin.learning.models import CategoryProposal, TextModel, TopicMatter, Training
from tongxin.matters.models import Matter
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run
from tongxin.web.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.realdata, pytest.mark.django_db(transaction=True)]
NIGHT = re.compile("夜间施工|半夜施工|凌晨施工|夜间.{0,6}施工|施工.{0,6}噪音|施工.{0,6}扰民|深夜.{0,4}施工")
COLUMNS = {
    "key": "留言编号",
    "title": "留言主题",
    "text": "留言详情",
    "reported_at": "留言时间",
    "reporter_name": "留言用户",
}


@pytest.fixture
def world(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.DATA_DIR = tmp_path
    caches.clear_all()
    found = open_world()
    found.now = clock.now()
    yield found
    caches.clear_all()


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where the environment asks for it; never wider than the screen."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if folder := os.environ.get("TONGXIN_PICTURES"):
            page.wait_for_timeout(400)
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png")
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), f"{name} {size['width']}"


def work(world: World) -> None:
    """What the worker does in the background; a training it would start in a process of its own is run here."""

    def train(asked: Training) -> None:
        call_command("text", "train", world.district.key, asked=asked.pk, stdout=StringIO())

    Worker(clock.now, train=train).work()


def take_in(page: Page) -> None:
    page.goto("/work/import")
    page.set_input_files("input[type=file]", str(need_data("teddy2020c/full_附件3.xlsx")))
    page.get_by_role("button", name="上传").click()
    page.wait_for_selector("table.import-map", timeout=60_000)
    for field, column in COLUMNS.items():
        page.locator(f"[name=is_{field}]").select_option(column)
    page.locator("[name=closed]").check()
    page.get_by_role("button", name="试一遍").click()
    expect(page.get_by_text("4,326").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("内容重复 119 件")).to_be_visible()  # the same as will be written
    expect(page.get_by_text("一字不差的 109 件")).to_be_visible()
    shoot(page, "import-tried")
    page.locator("button[value=take]").click()
    page.locator("button[value=take]").click(timeout=60_000)
    page.wait_for_url("**/done", timeout=90_000)
    shoot(page, "import-done")


def sort(page: Page, category: str, pages: int) -> None:
    """Accept what is proposed for a category, page by page."""
    for _ in range(pages):
        page.goto(f"/work/sorting?category={category}")
        page.eval_on_selector_all("[name=matter]", "boxes => boxes.forEach(box => { box.checked = true; })")
        page.get_by_role("button", name="采用勾选的").click()
        expect(page.locator("#says")).to_contain_text("已归类")


def test_messages_are_taken_in_sorted_learned_and_gathered(
    chromium: Browser, live_server: LiveServer, world: World
) -> None:
    with signed_in(chromium, live_server, world, "administrator", "", DESK) as page:
        page.set_default_timeout(60_000)
        take_in(page)
    assert Matter.objects.count() == 4_326
    work(world)
    assert CategoryProposal.objects.count() > 4_000

    titles = {category.title: category.code for category, _ in world.district.pack.catalogue.walk()}
    with signed_in(chromium, live_server, world, "county_duty", "", DESK) as page:
        page.set_default_timeout(60_000)
        page.goto("/work/sorting")
        assert page.locator("[name=matter]").count() == 50
        shoot(page, "sorting-first-day")
        counts = dict(CategoryProposal.objects.exclude(code="").values_list("matter_id", "code"))
        often = sorted(set(counts.values()), key=lambda code: -list(counts.values()).count(code))[:4]
        for code in often:
            sort(page, code, 2)
        goal = next(code for code in titles.values() if code not in often)
        ten = [
            ident
            for ident, title in Matter.objects.filter(id__in=CategoryProposal.objects.values("matter_id"))
            .order_by("id")
            .values_list("id", "title")
            if NIGHT.search(title)
        ][:10]
        assert len(ten) == 10
        for ident in ten:  # each on its own case: as somebody would who reads it
            proposal = CategoryProposal.objects.get(matter_id=ident)
            CategoryProposal.objects.filter(pk=proposal.pk).update(confidence=0.99)  # to the top of the list
            page.goto(f"/work/sorting?category={proposal.code}")
            row = page.locator("tr", has=page.locator(f"[name=matter][value='{ident}']"))
            row.locator("select").select_option(goal)
            page.eval_on_selector_all("[name=matter]", "boxes => boxes.forEach(box => { box.checked = false; })")
            row.locator("[name=matter]").check()
            page.get_by_role("button", name="采用勾选的").click()
            expect(page.locator("#says")).to_contain_text("已归类 1 件")
        run = Run.objects.get(subject_kind="matter", subject_id=ten[0])
        page.goto(f"/work/cases/{run.id}")
        expect(page.locator("ol.trail")).to_contain_text("成批归类")
        assert procedures.verify(run) is None
        shoot(page, "case-sorted")

    with signed_in(chromium, live_server, world, "administrator", "", DESK) as page:
        page.goto("/admin/text")
        page.get_by_role("button", name="训练").click()
        expect(page.locator("#training")).to_contain_text("等待开始")
        work(world)
        page.goto("/admin/text")
        expect(page.locator("#training")).to_contain_text("已完成")
        shoot(page, "model-card")
    kept = TextModel.objects.get(in_force=True)
    assert kept.card["corrections"] == 10

    work(world)  # what waits is proposed anew
    assert not CategoryProposal.objects.exclude(version=kept.version).exists()
    assert CategoryProposal.objects.filter(sure=True).exists()
    said = "我们小区旁边工地夜间施工噪音太大，每天凌晨2点到5点都在打桩，睡不着"
    goal_title = next(title for title, code in titles.items() if code == goal)
    with window(chromium, live_server, PHONE) as page:
        page.goto("/report")
        page.get_by_label("什么事").fill(said)
        expect(page.locator("#suggest [data-fill=category]").first).to_be_visible()
        assert goal_title in page.locator("#suggest").inner_text()  # learned from ten
        expect(page.locator("[name=happened]")).to_have_value("每天凌晨 2–5 点")
        page.locator("#suggest").scroll_into_view_if_needed()
        shoot(page, "report-typed")
        page.locator("[name=happened]").fill("每天半夜")
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("heading", name="已收到")).to_be_visible()
        shoot(page, "receipt")
    assert Matter.objects.latest("id").extra["happened"] == "每天半夜"

    with signed_in(chromium, live_server, world, "county_duty", "", DESK) as page:
        page.set_default_timeout(60_000)
        page.goto("/work/sorting")
        expect(page.get_by_text("有把握").first).to_be_visible()
        shoot(page, "sorting-learned")
        page.goto("/work/topics?days=365&until=2019-12-31")
        topics = page.locator("article.card-line")
        assert topics.count() >= 5
        shoot(page, "topics")
        topics.first.locator("summary").click()
        behind = topics.first.locator("details li a")
        assert behind.count() >= 10
        shoot(page, "topic-open")
        behind.first.click()
        expect(page.locator(".said")).to_be_visible()
        shoot(page, "topic-matter")
        page.goto("/work/topics?days=365&until=2019-12-31")
        page.get_by_role("link", name="立项治理").first.click()
        page.locator("[name=main_unit]").select_option(index=1)
        shoot(page, "topic-take")
        page.locator("form.stack button.btn-primary, form button.btn-primary").last.click()
        expect(page.locator("#says")).to_contain_text("已立项")
        shoot(page, "topic-case")
        member = TopicMatter.objects.order_by("id")[0].matter
    with window(chromium, live_server, PHONE) as page:
        page.goto(f"/receipt/{member.receipt}")
        expect(page.get_by_text("已合起来治理")).to_be_visible()
        page.get_by_text("已合起来治理").scroll_into_view_if_needed()
        shoot(page, "receipt-topic")
