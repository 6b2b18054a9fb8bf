"""A version of a document added by the office: compared clause by clause, sealed, scanned; who may see it, and what is not taken."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.pages.admin_site import refused, said
from tests.statements import at_most
from tests.world import World, open_world
from tongxin.accounts.models import User
from tongxin.kernel import caches, clock
from tongxin.packs.schema import Clause, DocumentVersion
from tongxin.records.models import Attachment, AuditEntry
from tongxin.registers.models import KeptVersion
from tongxin.registers.rules import read_clauses, text_of

KEY = "charter"
PATH = f"/work/documents/{KEY}/versions"


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    settings.MEDIA_ROOT = tmp_path
    caches.clear_all()
    world = open_world(pack_key="zhongshan")
    world.now = clock.now()
    return world


def someone(world: World, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    return client


def day(days: int) -> str:
    return f"{clock.local(clock.now()).date() + timedelta(days=days)}"


_SCANNED = io.BytesIO()
Image.new("RGB", (400, 560), "white").save(_SCANNED, "PDF")  # once: it says when it was made


def pdf(change: Callable[[PdfWriter], object] | None = None) -> bytes:
    """One white page, as a scanner gives it."""
    page = io.BytesIO(_SCANNED.getvalue())
    if change is None:
        return page.getvalue()
    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(page))
    change(writer)
    writer.write(out)
    return out.getvalue()


def scripted(writer: PdfWriter) -> None:
    act = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(act)


def file(content: bytes, name: str = "章程.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(out, "PNG")
    return out.getvalue()


def test_a_version_is_added_compared_sealed_and_scanned(world: World) -> None:
    keeper, resident = someone(world, "county_duty"), Client()
    spec = world.district.pack.documents[KEY]
    versions = len(spec.versions)
    page = keeper.get(PATH).content.decode()
    assert spec.current.clauses[0].heading in page, "the text before is there to be written over"
    first = spec.current.clauses[0]
    text = (
        text_of(spec.current).replace(first.heading, f"{first.heading}（修订）", 1)
        + "\n第九十九条 附则：本章程由大会解释"
    )
    given = {
        "do": "add", "title": "修订版", "about": "加了附则", "from_on": day(0), "text": text, "ref": "中融〔2026〕1号",
        "signed_by": "大会主席", "sealed_by": "街道党工委", "sealed_on": day(-1), "scan_public": "no",
    }  # fmt: skip
    led = keeper.post(PATH, {**given, "scans": [file(pdf()), file(picture(), "盖章页.png")]})
    assert led.status_code == 302, said(led)
    row = KeptVersion.objects.get()
    assert (row.number, row.sealed_by, len(row.clauses)) == (versions + 1, "街道党工委", len(spec.current.clauses) + 1)
    assert sorted(Attachment.objects.values_list("kind", "subject_kind")) == [
        ("pdf", "document"),
        ("photo", "document"),
    ]
    audit = AuditEntry.objects.get(action="registers.add_version")
    assert (audit.detail["version"], audit.detail["scans"]) == (versions + 1, 2)

    resident.get(f"/documents/{KEY}")
    with at_most(9):
        shown = said(resident.get(f"/documents/{KEY}"))
    for words in ("修订版", "现行", "加了附则", "本章程由大会解释", "中融〔2026〕1号", "街道党工委", "有变化 2 条"):
        assert words in shown, words
    assert "扫描件" not in shown
    assert "已被替代" in said(resident.get(f"/documents/{KEY}?version={versions}"))
    told = resident.get("/api/v1/documents").json()["documents"]
    assert next(one for one in told if one["key"] == KEY)["version"] == "修订版"

    scan = Attachment.objects.get(kind="pdf")
    mine = keeper.get(f"/documents/{KEY}").content.decode()
    assert f"/photos/{scan.pk}/full?s=" in mine
    assert resident.get(f"/photos/{scan.pk}/full").status_code == 404
    assert someone(world, "grid_worker").get(f"/photos/{scan.pk}/full").status_code == 404
    kept = keeper.get(f"/photos/{scan.pk}/full")
    assert kept["Content-Disposition"].startswith("attachment")
    assert kept["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert b"".join(kept.streaming_content) == pdf()

    # the same version's scans are opened to all, later
    assert keeper.post(PATH, {"do": "paper", "number": str(row.number), "scan_public": "yes"}).status_code == 302
    assert f"/photos/{scan.pk}/full?s=" in resident.get(f"/documents/{KEY}").content.decode()
    row.refresh_from_db()
    assert (row.sealed_by, row.ref) == ("街道党工委", "中融〔2026〕1号"), "what is left empty stays"
    # a version of the pack gets its paper too
    assert (
        keeper.post(PATH, {"do": "paper", "number": "1", "ref": "旧〔2020〕3号", "scans": [file(pdf())]}).status_code
        == 302
    )
    assert "旧〔2020〕3号" in said(resident.get(f"/documents/{KEY}?version=1"))
    # wrongly added: taken back, the row stays; the next one has its number again
    assert keeper.post(PATH, {"do": "withdraw", "number": "1"}).status_code == 409
    assert keeper.post(PATH, {"do": "withdraw", "number": str(row.number)}).status_code == 302
    assert "修订版" not in said(resident.get(f"/documents/{KEY}"))
    assert keeper.post(PATH, {**given, "title": "再修订版", "from_on": day(30)}).status_code == 302
    assert KeptVersion.objects.filter(number=row.number).count() == 2
    assert "待施行" in said(resident.get(f"/documents/{KEY}?version={row.number}"))
    assert "再修订版" not in said(resident.get(f"/documents/{KEY}")).split("各版")[0]


def test_what_cannot_be_is_refused_with_the_mend_and_nothing_is_kept(world: World) -> None:
    keeper = someone(world, "county_duty")
    good = {"do": "add", "title": "修订版", "from_on": day(0), "text": "第一条 总则：办好事"}
    for wrong, words in (
        ({"title": ""}, "“版本名称”还没有填"),
        ({"text": "第一条 甲\n第1条 乙"}, "第1条写了两次"),
        ({"text": "第一条 " + "长" * 2_001}, "最多 2000 个字"),
        ({"from_on": "9999-01-01"}, "请核对年份"),
        ({"sealed_on": day(1)}, "那天还没有到"),
        ({"scans": [file(pdf()[:400])]}, "PDF 不完整"),
        ({"scans": [file(pdf(scripted))]}, "里有脚本"),
        ({"scans": [file(pdf(lambda w: w.add_attachment("a.exe", b"MZ")))]}, "里有脚本、附件"),
        ({"scans": [file(pdf(lambda w: w.encrypt("secret")))]}, "有密码"),
        ({"scans": [file(b"<html><script>alert(1)</script>", "x.pdf")]}, "不是照片"),
        ({"scans": [file(picture(), f"{n}.png") for n in range(7)]}, "一次最多 6 个文件"),
        ({"do": "fly"}, "不知道要做什么"),
    ):
        assert words in said(refused(keeper, PATH, {**good, **wrong})), wrong
    assert not KeptVersion.objects.exists()
    assert someone(world, "grid_worker").get(PATH).status_code == 404
    assert someone(world, "grid_worker").post(PATH, good).status_code == 404
    assert Client().post(PATH, good).status_code in (302, 401, 403)
    assert not KeptVersion.objects.exists()


def test_clauses_are_read_as_people_write_them() -> None:
    text = "某章程\n第一条　总则：为了办好事。\n第二十三条 会议\n每月一次。\n第一百零五条：附则"
    assert [(c.no, c.heading, c.text) for c in read_clauses(text)] == [
        ("0", "某章程", ""), ("1", "总则", "为了办好事。"), ("23", "会议", "每月一次。"), ("105", "附则", ""),
    ]  # fmt: skip
    assert [c.no for c in read_clauses("甲说。\n\n乙说。")] == ["1", "2"], "without numbers, by paragraphs"
    version = DocumentVersion(
        title="一", clauses=[Clause(no="1", heading="总则", text="为了：办事"), Clause(no="2.1", heading="会议")]
    )
    assert read_clauses(text_of(version)) == version.clauses
