"""The record of administrators and the keys of programs."""

from __future__ import annotations

import io
import re
from pathlib import Path

import python_calamine
from django.test import Client

from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import ApiKey
from tongxin.kernel import clock
from tongxin.records import api as records
from tongxin.records.models import AuditEntry
from tongxin.web import audit_words


def note(world: World, number: int, action: str = "organization.appoint", target: str = "") -> None:
    records.audit(
        district_id=world.district.id, user_id=None, actor_label="王某（系统管理员）", action=action,
        target=target or f"第{number}次", detail={"reason": "=1+1"}, now=clock.now(),
    )  # fmt: skip


def test_the_record_is_filtered_by_act_words_and_day(world: World, signed_in: SignedIn) -> None:
    note(world, 1)
    note(world, 2, "territory.rename_area", "横江社区")
    client = signed_in("administrator")
    assert "横江社区" not in said(client.get("/admin/audit?action=organization."))
    assert "横江社区" in said(client.get("/admin/audit?action=territory.rename_area"))
    assert "第1次" not in said(client.get("/admin/audit?q=横江"))
    assert "没有记录" in said(client.get("/admin/audit?until=2001-01-01"))
    assert "不是日期" in said(client.get("/admin/audit?since=2026-13-40"))


def test_a_long_record_pages_and_costs_the_same(world: World, signed_in: SignedIn) -> None:
    for number in range(120):
        note(world, number)
    client = signed_in("administrator")
    client.get("/admin/keys")
    with at_most(8):
        page = client.get("/admin/audit").content.decode()
    mark = re.search(r'rel="next" href="\?after=(\d+)"', page)
    assert mark is not None
    assert "第119次" in page
    assert "第69次" in client.get(f"/admin/audit?after={mark[1]}").content.decode()


def test_the_export_holds_what_was_filtered_and_runs_no_formula(world: World, signed_in: SignedIn) -> None:
    note(world, 1, target="=HYPERLINK(1)")
    note(world, 2, "territory.rename_area")
    response = signed_in("administrator").get("/admin/audit.xlsx?action=organization.")
    sheet = python_calamine.load_workbook(io.BytesIO(response.content)).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert [row[3] for row in rows[1:]] == ["=HYPERLINK(1)"]
    assert AuditEntry.objects.filter(action="records.export_audit").count() == 1


def test_a_key_is_shown_once_opens_the_api_and_ends(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    page = client.post("/admin/keys", {"name": "某局对接", "may": ["see_matters"], "per_minute": "60"}).content.decode()
    word = re.search(r'class="secret-word"[^>]*>(tx_[^<]+)<', page)
    assert word is not None
    assert word[1] not in client.get("/admin/keys").content.decode()
    assert word[1] not in str(list(AuditEntry.objects.values()))
    program = Client(headers={"authorization": f"Bearer {word[1]}"})
    assert program.get("/api/v1/matters").status_code == 200
    key = ApiKey.objects.get()
    assert client.post("/admin/keys", {"do": "end", "id": key.pk}).status_code == 302
    assert program.get("/api/v1/matters").status_code == 401
    assert "已停用" in said(client.get("/admin/keys"))


def test_a_key_that_may_not_be_is_refused(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for sent, sentence in (
        ({"name": "", "may": ["see_matters"], "per_minute": "60"}, "给谁"),
        ({"name": "对接", "per_minute": "60"}, "请选择程序可以做什么"),
        ({"name": "对接", "may": ["see_personal"], "per_minute": "60"}, "请选择程序可以做什么"),
        ({"name": "对接", "may": ["see_matters"], "per_minute": "0"}, "每分钟上限"),
        ({"name": "对接", "may": ["see_matters"], "per_minute": "many"}, "每分钟上限"),
        ({"do": "end", "id": "77"}, "没有这个密钥"),
    ):
        assert sentence in said(refused(client, "/admin/keys", sent))  # type: ignore[arg-type]
    assert not ApiKey.objects.exists()


def test_every_act_in_the_record_has_a_name_that_people_read() -> None:
    written: set[str] = set()
    for file in (Path(__file__).resolve().parents[2] / "tongxin").rglob("*.py"):
        written |= set(re.findall(r'action="([a-z_]+\.[a-z_]+)"', file.read_text(encoding="utf-8")))
    assert len(written) > 20
    assert sorted(written - audit_words.ACTIONS.keys()) == []
