"""Affairs through the browser's requests: a wish from the open page to the thank-you, by people without accounts and by staff."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import python_calamine
from django.test import Client

from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.affairs.models import Affair
from tongxin.learning import api as learning
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run
from tongxin.records.models import Attachment

OPEN = "/affairs/open/micro_wish"


@pytest.fixture
def wish(world: World) -> dict[str, str]:
    return {
        "area_id": str(world.tree.at_level("community")[0].id), "wish": "想要一副老花镜", "kind": "thing", "for_whom": "elder",
        "story": "看报吃力", "request_key": "a-key-of-the-form",
    }  # fmt: skip


def published(world: World, signed_in: SignedIn, wish: dict[str, str]) -> Affair:
    Client().post(OPEN, wish)
    affair = Affair.objects.get()
    run = Run.objects.get(subject_kind="affair")
    receptionist = next(
        user for (role, place), user in world.users.items() if role == "receptionist" and "横江" in place
    )
    step = {"transition": "publish", "words": "一位老人想要一副老花镜"}
    assert signed_in(receptionist).post(f"/work/cases/{run.id}", step).status_code == 302
    affair.refresh_from_db()
    return affair


def photo() -> Any:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, "JPEG")
    file.seek(0)
    file.name = "done.jpg"
    return file


@pytest.mark.row("XN-34")
def test_a_resident_opens_one_and_follows_it_by_receipt(world: World, wish: dict[str, str]) -> None:
    browser = Client()
    assert "微心愿" in browser.get("/affairs").content.decode()
    form = browser.get(OPEN).content.decode()
    assert "横江社区" in form
    assert 'name="wish"' in form
    sent = browser.post(OPEN, wish)
    again = browser.post(OPEN, wish)
    assert sent.status_code == 302
    assert again["Location"] == sent["Location"], "a resend acts once"
    assert Affair.objects.count() == 1
    page = browser.get(sent["Location"]).content.decode()
    assert "已收到" in page
    assert "您的微心愿已收到" in page
    assert "看报吃力" in page
    code = Affair.objects.get().receipt
    found = browser.post("/receipt", {"code": code})
    assert found["Location"] == f"/affairs/receipt/{code}"
    assert "没有被改过" in browser.get(f"/affairs/receipt/{code}/chain").content.decode()
    assert len(browser.get(f"/affairs/receipt/{code}/chain?format=json").json()["entries"]) == 1
    browser.post(f"/affairs/receipt/{code}", {"transition": "withdraw", "request_key": "another-key"})
    assert Run.objects.get().outcome == "withdrawn"


def test_a_slip_keeps_what_was_typed(world: World, wish: dict[str, str]) -> None:
    answer = Client().post(OPEN, {**wish, "kind": "", "opener_phone": "12"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "想要一副老花镜" in text
    assert "还没有填" in text or "电话号码不对" in text
    assert not Affair.objects.exists()


def test_one_is_shown_only_to_whom_it_concerns(world: World, signed_in: SignedIn, wish: dict[str, str]) -> None:
    Client().post(OPEN, {**wish, "opener_name": "王秀英", "opener_phone": "0559 123456"})
    run = Run.objects.get()
    grid_worker = next(user for (role, place), user in world.users.items() if role == "grid_worker" and "梅林" in place)
    assert signed_in(grid_worker).get(f"/work/cases/{run.id}").status_code == 403
    receptionist = next(
        user for (role, place), user in world.users.items() if role == "receptionist" and "横江" in place
    )
    page = signed_in(receptionist).get(f"/work/cases/{run.id}").content.decode()
    assert "王秀英" in page
    assert "看报吃力" in page
    affair = Affair.objects.get()
    assert Client().get(f"/affairs/board/micro_wish/{affair.id}").status_code == 404, "not published yet"
    assert "想要" not in Client().get("/affairs/board/micro_wish").content.decode()


@pytest.mark.row("XN-34")
def test_anybody_claims_on_the_board_and_it_comes_true_with_a_picture(
    world: World, signed_in: SignedIn, wish: dict[str, str]
) -> None:
    affair = published(world, signed_in, {**wish, "opener_name": "王秀英"})
    browser = Client()
    board = browser.get("/affairs/board/micro_wish").content.decode()
    assert "一位老人想要一副老花镜" in board
    assert "王秀英" not in board
    here = f"/affairs/board/micro_wish/{affair.id}"
    page = browser.get(here).content.decode()
    assert "我来认领" in page
    assert "用途：" in page
    assert "看报吃力" not in page
    claim = {
        "transition": "claim",
        "who": "neighbour",
        "claimer": "李先生",
        "phone": "0559 654321",
        "request_key": "claim-key",
    }
    assert browser.post(here, claim).status_code == 302
    page = browser.get(here).content.decode()
    assert "李先生" not in page
    assert "我来认领" not in page
    run = Run.objects.get()
    receptionist = next(
        user for (role, place), user in world.users.items() if role == "receptionist" and "横江" in place
    )
    desk = signed_in(receptionist)
    assert "李先生" in desk.get(f"/work/cases/{run.id}").content.decode()
    done = {"transition": "fulfil", "result": "眼镜配好送到家", "photos": photo()}
    assert desk.post(f"/work/cases/{run.id}", done).status_code == 302
    (kept,) = Attachment.objects.all()
    assert (kept.subject_kind, kept.subject_id) == ("affair", affair.id)
    receipt = browser.get(f"/affairs/receipt/{affair.receipt}").content.decode()
    assert receipt.count(f"/photos/{kept.pk}/thumb") == 1, "in the step that brought it, and only there"
    thanked = {"transition": "thank", "thanks": "谢谢大家", "request_key": "thank-key"}
    assert browser.post(f"/affairs/receipt/{affair.receipt}", thanked).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("fulfilled", "done")
    assert procedures.verify(run) is None


def test_the_desk_lists_counts_opens_and_exports(world: World, signed_in: SignedIn, wish: dict[str, str]) -> None:
    Client().post(OPEN, wish)
    receptionist = next(
        user for (role, place), user in world.users.items() if role == "receptionist" and "横江" in place
    )
    desk = signed_in(receptionist)
    text = desk.get("/work/affairs?procedure=micro_wish").content.decode()
    assert "想要一副老花镜" in text
    assert re.search(r"待核实 1<", text)
    assert "/work/affairs/open/micro_wish" in text
    opened = desk.post("/work/affairs/open/micro_wish", {**wish, "wish": "陪诊", "request_key": "desk-key-1"})
    assert re.fullmatch(r"/work/cases/\d+", opened["Location"])
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(desk.get("/work/affairs.xlsx").content))
    rows = book.get_sheet_by_name("事项").to_python()
    assert [row[1] for row in rows[1:]] == ["陪诊", "想要一副老花镜"]
    elsewhere = next(user for (role, place), user in world.users.items() if role == "receptionist" and "梅林" in place)
    assert "陪诊" not in signed_in(elsewhere).get("/work/affairs").content.decode()
    refused = signed_in(elsewhere).post("/work/affairs/open/micro_wish", {**wish, "request_key": "desk-key-2"})
    assert refused.status_code == 403
    assert Affair.objects.count() == 2


def test_a_grid_worker_opens_on_the_phone(world: World, signed_in: SignedIn, wish: dict[str, str]) -> None:
    phone = signed_in("grid_worker")
    assert "微心愿" in phone.get("/grid/affairs").content.decode()
    assert phone.get("/grid/affairs/micro_wish").status_code == 200
    sent = phone.post("/grid/affairs/micro_wish", wish)
    assert sent.status_code == 302
    assert sent["Location"].startswith("/grid/cases/")


def test_affairs_are_found_by_words_and_by_meaning(world: World, signed_in: SignedIn, wish: dict[str, str]) -> None:
    """By what was filled in, not only by the title; of another kind or place nothing; other words of the same after a line."""
    Client().post(OPEN, wish)
    Client().post(OPEN, {**wish, "wish": "老人眼睛花，想要副眼镜", "story": "想看电视", "request_key": "another"})
    who = next(user for (role, place), user in world.users.items() if role == "receptionist" and "横江" in place)
    browser = signed_in(who)
    shown = browser.get("/work/affairs", {"q": "看报"}).content.decode()
    assert "想要一副老花镜" in shown
    assert "想要副眼镜" not in shown
    shown = browser.get("/work/affairs", {"q": "老花镜"}).content.decode()
    assert "想要一副老花镜" in shown
    assert "想要一副老花镜" not in browser.get("/work/affairs", {"q": "看报", "procedure": "claim"}).content.decode()
    assert "至少输入两个字" in browser.get("/work/affairs", {"q": "看"}).content.decode()
    other = next(user for (role, place), user in world.users.items() if role == "receptionist" and "梅林" in place)
    assert "老花镜" not in signed_in(other).get("/work/affairs", {"q": "看报"}).content.decode()
    with at_most(2):  # the background of the day is there
        learning.search_affairs(world.district, "看报", area_ids=None, now=world.now)
