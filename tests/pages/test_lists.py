"""The pages of lists: all of them, one, its difference, files, an item as a case, what residents see."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World, open_world
from tongxin.kernel import caches, clock
from tongxin.lists.models import Edition, Item


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    settings.MEDIA_ROOT = tmp_path
    caches.clear_all()
    world = open_world(pack_key="zhongshan")
    world.now = clock.now()
    return world


def post(client: Client, key: str, **data: object) -> Any:
    return client.post(f"/work/lists/{key}", data)


def test_a_keeper_drafts_adds_publishes_and_everybody_reads(world: World, signed_in: SignedIn) -> None:
    keeper = signed_in("county_duty")
    assert post(keeper, "admission", do="draft", title="第一版").status_code == 302
    edition = Edition.objects.get()
    page = keeper.get(f"/work/lists/admission?edition={edition.pk}").content.decode()
    assert "起草中" in page
    added = post(
        keeper,
        "admission",
        do="add",
        edition=edition.pk,
        title="调解纠纷",
        klass="society",
        share="main",
        category="0403",
    )
    assert added.status_code == 302
    wrong = post(keeper, "admission", do="add", edition=edition.pk, title="没有分类的一条")
    assert wrong.status_code == 422
    assert "没有分类的一条" in wrong.content.decode(), "what was typed stays"
    assert post(keeper, "admission", do="publish", edition=edition.pk).status_code == 302
    reader = signed_in("receptionist")
    page = reader.get("/work/lists/admission").content.decode()
    assert "调解纠纷" in page
    assert "起草下一版" not in page
    assert post(reader, "admission", do="draft").status_code == 403
    public = Client().get("/lists/admission")
    assert public.status_code == 200
    assert "调解纠纷" in public.content.decode()
    assert Client().get("/lists/demand").status_code == 404, "a list that is not public is not shown"


def test_a_long_list_costs_the_same_number_of_statements(world: World, signed_in: SignedIn) -> None:
    keeper = signed_in("county_duty")
    post(keeper, "admission", do="draft")
    edition = Edition.objects.get()

    def cost(count: int) -> None:
        Item.objects.all().delete()
        Item.objects.bulk_create(
            [
                Item(edition=edition, district_id=world.district.id, list_key="admission", key=f"{n:04d}", klass="life", title=f"事项{n}")
                for n in range(count)
            ]
        )  # fmt: skip
        with at_most(14):
            assert keeper.get("/work/lists/admission").status_code == 200
        with at_most(8):
            assert keeper.get("/work/lists").status_code == 200

    cost(2)
    cost(90)


def test_export_can_be_taken_in_again_and_says_what_is_wrong(world: World, signed_in: SignedIn) -> None:
    keeper = signed_in("county_duty")
    post(keeper, "admission", do="draft")
    edition = Edition.objects.get()
    for n in range(3):
        post(
            keeper,
            "admission",
            do="add",
            edition=edition.pk,
            title=f"事项{n}",
            klass="life",
            share="assist",
            category="0502",
        )
    given = keeper.get(f"/work/lists/admission/editions/{edition.pk}/export.xlsx")
    rows = python_calamine.load_workbook(io.BytesIO(given.content)).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["编号", "事项", "分类"]
    assert len(rows) == 4
    file = SimpleUploadedFile("清单.xlsx", given.content)
    tried = keeper.post(f"/work/lists/admission/editions/{edition.pk}/import", {"file": file}).content.decode()
    assert "没有变化 3" in tried
    broken = SimpleUploadedFile(
        "清单.txt", "准入清单\n民政局\t2026年3月\n事项\t分类\n甲\t没有\n乙\t生活服务\n".encode("utf-8-sig")
    )
    tried = keeper.post(f"/work/lists/admission/editions/{edition.pk}/import", {"file": broken})
    assert "没有分类“没有”" in tried.content.decode()
    token = tried.context["token"]
    assert (
        keeper.post(f"/work/lists/admission/editions/{edition.pk}/import", {"token": token, "do": "take"}).status_code
        == 302
    )
    assert Item.objects.filter(title="乙").count() == 1


@pytest.mark.row("ZS-18")
def test_two_editions_are_shown_as_a_table(world: World, signed_in: SignedIn) -> None:
    keeper = signed_in("county_duty")
    for title in ("甲", "乙"):
        post(keeper, "admission", do="draft")
        edition = Edition.objects.get(status="draft")
        if title == "乙":
            item = edition.items.get()
            keeper.post(f"/work/lists/items/{item.pk}", {"do": "remove"})
        post(keeper, "admission", do="add", edition=edition.pk, title=title, klass="life")
        post(keeper, "admission", do="publish", edition=edition.pk)
    newest = Edition.objects.order_by("-number")[0]
    page = keeper.get(f"/work/lists/admission/editions/{newest.pk}/diff").content.decode()
    assert "减少" in page
    assert "增加" in page
    assert "甲" in page
    assert "乙" in page


@pytest.mark.row("ZS-06")
def test_a_claimable_item_is_a_case(world: World, signed_in: SignedIn) -> None:
    keeper = signed_in("county_duty")
    post(keeper, "demand", do="draft")
    edition = Edition.objects.get()
    post(keeper, "demand", do="add", edition=edition.pk, title="独居老人送餐", klass="society", x_want="每天中午一餐")
    post(keeper, "demand", do="publish", edition=edition.pk)
    item = Item.objects.get()
    led = keeper.get(f"/work/lists/items/{item.pk}")
    assert led.status_code == 302
    page = keeper.get(led["Location"]).content.decode()
    assert "每天中午一餐" in page
    assert "认领" in page
    assert "待认领" in keeper.get("/work/lists/demand").content.decode()


def test_the_refusal_of_the_gate_leads_to_the_list(world: World, signed_in: SignedIn) -> None:
    keeper = signed_in("county_duty")
    post(keeper, "admission", do="draft")
    edition = Edition.objects.get()
    post(
        keeper,
        "admission",
        do="add",
        edition=edition.pk,
        title="停车劝导",
        klass="life",
        share="assist",
        category="0502",
    )
    post(keeper, "admission", do="publish", edition=edition.pk)
    reported = world.report(category="0502")
    world.act(reported, "hand_over", "info_worker", "横江社区第1网格", category="0502")
    world.act(reported, "to_branch", "grid_worker", "横江社区第1网格")
    world.act(reported, "ask_community", "branch_secretary", "横江")
    desk = signed_in(world.actor("receptionist", "横江社区").user_id or 0)
    answer = desk.post(
        f"/work/cases/{reported.run_id}",
        {"transition": "dispatch", "main_unit": world.bodies["office"].pk, "seen": world.run(reported).seq},
    )
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "只协助" in page
    assert "/work/lists/admission#apply" in page
