"""A version of a document added by the office, and its paper: scans, whose seal it bears, who signed it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel import limits
from tongxin.kernel.days import check_day, today_of
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.turns import wait_our_turn
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.schema import Document
from tongxin.records import api as records
from tongxin.registers.actions.writing import KEEP
from tongxin.registers.models import KeptVersion, Signature
from tongxin.registers.queries import SCANS_OF, document_of, papers_of
from tongxin.registers.rules import read_clauses

Scans = Sequence[UUID | str]
_WORDS = {
    "title": ("版本名称", 80),
    "about": ("改了什么", 400),
    "ref": ("文号", 80),
    "signed_by": ("由谁签发", 80),
    "sealed_by": ("用印单位", 80),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper of a version bears. ``signed_by``: an office, not a name; ``scan_public``: residents may see the scans."""

    ref: str = ""
    signed_by: str = ""
    sealed_by: str = ""
    sealed_on: date | None = None
    scan_public: bool = False


def may_keep_documents(actor: Actor) -> bool:
    """Whether this person keeps the documents of the whole district: its register keepers and whoever manages its pack."""
    return access.may_all(actor, KEEP, []) or access.may_all(actor, "manage_pack", [])


@transaction.atomic
def add_version(
    *,
    district: packs.DistrictView,
    document: str,
    title: str,
    text: str,
    from_on: date,
    actor: Actor,
    now: datetime,
    about: str = "",
    paper: Paper | None = None,
    scans: Scans = (),
) -> KeptVersion:
    """Add the next version of a document (6 statements, 2 more with scans).

    Args:
        text: 第一条 … 第二条 …, see ``rules.read_clauses``. scans: ids of kept, unclaimed files.

    Raises:
        NotFound, NotAllowed. Invalid: words, text, or days that cannot be; begins before the version it follows.
    """
    _demand(district, actor)
    wait_our_turn(f"document:{district.id}:{document}")
    spec = document_of(district, document)
    today = today_of(now)
    words = _checked({"title": title, "about": about}, needed=("title",))
    check_day(from_on, "自哪天起施行", "from_on", today=today)
    before = spec.current.from_
    if before is not None and from_on <= before:
        what = f"“{spec.current.title}”自 {before:%Y-%m-%d} 起施行，新的一版不会早于它。"
        raise Invalid("version_early", what, "请核对施行日期。", "from_on")
    if len(text) > limits.DOCUMENT_CHARS:
        what = f"条文有 {len(text):,} 个字，最多 {limits.DOCUMENT_CHARS:,} 个字。"
        raise Invalid("text_too_long", what, "请只写条文，附件用扫描件。", "text", limit=limits.DOCUMENT_CHARS)
    try:
        clauses = read_clauses(text.replace("\x00", ""))
    except ValueError as error:
        raise Invalid("clauses", f"{error}", "每条写作“第一条 条旨：条文”。", "text") from None
    made = KeptVersion.objects.create(
        district_id=district.id, document=document, number=len(spec.versions) + 1, from_on=from_on, kept_at=now, kept_by=actor.label[:120],
        clauses=[[one.no, one.heading, one.text] for one in clauses], **words, **_bears(paper or Paper(), today),
    )  # fmt: skip
    _claim(made, scans)
    _record(district, spec, made, "add_version", actor, now, scans=len(scans), clauses=len(clauses))
    return made


@transaction.atomic
def keep_paper(
    *, district: packs.DistrictView, document: str, number: int, paper: Paper, scans: Scans, actor: Actor, now: datetime
) -> KeptVersion:
    """Note what the paper of a version bears, and add scans to those it has (5 statements, 2 more with scans).

    What is left empty stays as it was noted before.

    Raises:
        NotFound: no such version. NotAllowed. Invalid: words or days that cannot be, too many scans.
    """
    _demand(district, actor)
    wait_our_turn(f"document:{district.id}:{document}")
    spec = document_of(district, document)
    if not 1 <= number <= len(spec.versions):
        raise NotFound("no_version", "这份文件没有这一版。", "请从版本里选。")
    version = spec.versions[number - 1]
    row = papers_of(district, document).get(number) or KeptVersion(
        district_id=district.id, document=document, number=number, title=version.title, from_on=version.from_
    )
    for name, value in _bears(paper, today_of(now)).items():
        if value not in ("", None):  # what is left empty stays as it was noted
            setattr(row, name, value)
    row.kept_at, row.kept_by = now, actor.label[:120]
    row.save()
    _claim(row, scans)
    _record(district, spec, row, "keep_paper", actor, now, scans=len(scans))
    return row


@transaction.atomic
def withdraw_version(*, district: packs.DistrictView, document: str, number: int, actor: Actor, now: datetime) -> None:
    """Take back a version that was added wrongly; its row and its scans stay in the record (6 statements).

    Raises:
        NotFound, NotAllowed. Conflict: it is the pack's, not the newest, or has been signed.
    """
    _demand(district, actor)
    wait_our_turn(f"document:{district.id}:{document}")
    spec = document_of(district, document)
    row = papers_of(district, document).get(number)
    if row is None or number > len(spec.versions):
        raise NotFound("no_version", "这份文件没有这一版。", "请从版本里选。")
    if number <= len(district.pack.documents[document].versions):
        raise Conflict("version_of_pack", "这一版写在资料包里，不在这里撤回。", "请改资料包，再发布。")
    if number < len(spec.versions):
        raise Conflict("version_followed", "后面已经有新的一版。", "只能撤回最后一版。")
    if Signature.objects.filter(district_id=district.id, document=document, version=number).exists():
        raise Conflict("version_signed", "这一版已经有人签署，不能撤回。", "要改，请再加一版。")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    _record(district, spec, row, "withdraw_version", actor, now)


def _demand(district: packs.DistrictView, actor: Actor) -> None:
    if actor.district_id != district.id or not may_keep_documents(actor):
        organization.demand_all(actor, KEEP, [])
        raise access.refusal(KEEP)


def _bears(paper: Paper, today: date) -> dict[str, object]:
    if paper.sealed_on is not None:
        check_day(paper.sealed_on, "用印日期", "sealed_on", today=today, days="past")
    words = _checked({"ref": paper.ref, "signed_by": paper.signed_by, "sealed_by": paper.sealed_by})
    return {**words, "sealed_on": paper.sealed_on, "scan_public": paper.scan_public}


def _checked(words: dict[str, str], needed: Sequence[str] = ()) -> dict[str, str]:
    clean = {key: " ".join(text.replace("\x00", "").split()) for key, text in words.items()}
    for key, text in clean.items():
        title, most = _WORDS[key]
        if len(text) > most or (key in needed and not text):
            what = f"“{title}”" + (f"最多 {most} 个字，现有 {len(text)} 个。" if text else "还没有填。")
            raise Invalid("words", what, "请改短。" if text else "请填写。", key, limit=most)
    return clean


def _claim(row: KeptVersion, scans: Scans) -> None:
    kept = records.list_for(SCANS_OF, row.pk) if scans else []
    if len(kept) + len(scans) > limits.SCANS:
        what = f"一版最多 {limits.SCANS} 个扫描件，已有 {len(kept)} 个。"
        raise Invalid("too_many_scans", what, "请合成一个 PDF 再上传。", "scans", limit=limits.SCANS)
    records.claim(scans, district_id=row.district_id, subject_kind=SCANS_OF, subject_id=row.pk)


def _record(
    district: packs.DistrictView,
    spec: Document,
    row: KeptVersion,
    action: str,
    actor: Actor,
    now: datetime,
    **more: int,
) -> None:
    detail = {
        "document": row.document, "version": row.number, "title": row.title, "from_on": f"{row.from_on or ''}",
        "sealed_by": row.sealed_by, "public": row.scan_public, **more,
    }  # fmt: skip
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action=f"registers.{action}",
        target=spec.title[:80], detail=detail, now=now,
    )  # fmt: skip
