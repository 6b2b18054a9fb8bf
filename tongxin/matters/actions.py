"""Reporting a matter: the platform's most frequent write. One transaction; a repeat of the same request gets the same receipt."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from django.db import transaction
from django.db.models import Q

from tongxin.kernel import codes
from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.kernel.statements import Gate, Part, new_subject
from tongxin.matters import rules
from tongxin.matters.codes import read_matter_code
from tongxin.matters.models import Matter
from tongxin.matters.rules import Report
from tongxin.matters.suggest import suggest_categories
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, Desk
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Category, Pack
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory

if TYPE_CHECKING:
    from tongxin.territory.api import AreaTree

SUBJECT = "matter"
SURE = 0.6  # below this a suggested category is only shown, not set


class Reported(NamedTuple):
    """What a reporter gets; ``replayed`` when the same request had been taken before."""

    matter_id: int
    receipt: str
    run_id: int
    reported_at: datetime
    ref: str
    desk: Desk | None = None
    due_at: datetime | None = None
    replayed: bool = False


class Placed(NamedTuple):
    """Where a report is: area, point and how exactly it is known."""

    area_id: int | None
    lon: float | None
    lat: float | None
    precision: str


def place_report(tree: AreaTree, report: Report) -> Placed:
    """Find the leaf area of a report from its point, its named area or its address (0 statements).

    Raises:
        Invalid: the point lies outside the district, or the named area does not exist.
    """
    if report.lon is not None and report.lat is not None:
        place = tree.locate(report.lon, report.lat)
        if place is None:
            near = tree.near(report.lon, report.lat, 2_000)
            where = f"离{near[0][0].name}约 {near[0][1]:.0f} 米。" if near else "离本区域超过 2 公里。"
            raise Invalid(
                "outside",
                f"您选的位置不在本区域内，{where}",
                "请在地图上重新选点，或只填写地点文字；外地的事请向当地反映。",
                "lon",
            )
        return Placed(place.id, report.lon, report.lat, "exact")
    if report.area_id is not None:
        if tree.get(report.area_id) is None:
            raise Invalid("unknown_area", "选的区域不存在。", "请从列出的区域里选。", "area_id")
        return Placed(report.area_id, None, None, "area")
    if report.address:
        matches = tree.find_place(report.address)
        if len(matches) == 1:
            found = matches[0]
            return Placed(found.area_id, found.lon, found.lat, "address" if found.lon is not None else "area")
    return Placed(None, None, None, "none")


def place_report_softly(district: DistrictView, report: Report) -> Placed:
    """Place an unfinished report for suggestions: what cannot be placed has no place (0 statements)."""
    try:
        return place_report(territory.tree(district), report)
    except Invalid:
        return Placed(None, None, None, "none")


def category_of(pack: Pack, code: str) -> Category:
    """Return a category of the pack's catalogue; Invalid for a code that it has not."""
    code = read_matter_code(pack, code) or code
    if (category := pack.catalogue.by_code.get(code)) is not None:
        return category
    raise Invalid(
        "unknown_category", f"目录里没有类别“{code[:20]}”。", "请从目录里选，或留空由工作人员归类。", "category"
    )


def check_answers(category: Category, answers: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the cleaned answers to what a category asks besides; Invalids names the questions that are amiss (0 statements)."""
    return procedures.check_form(category.asks, answers, procedures.nothing_to_look_up(), today_of(now))


def _demand_reach(actor: Actor, tree: AreaTree, placed: Placed) -> None:
    """Raise NotAllowed where a worker may not report for others there; one who may elsewhere reads which place it is and what to do."""
    access = organization.access
    if access.may(actor, "report_for_others", placed.area_id):
        return
    if placed.area_id is None or not access.may(actor, "report_for_others"):
        raise access.refusal("report_for_others")
    raise NotAllowed(
        "place_of_others",
        f"这个地点在{tree.full_name(placed.area_id)}，不归您的岗位，您不能在这里代报。",
        "点错了就在地图上重新点；没点错，请那里的网格员登记，或请反映人自己从首页“我要反映”提交。",
        permission="report_for_others",
    )


def report_matter(
    *, district: DistrictView, report: Report, actor: Actor, now: datetime, request_key: str | None = None, gate: Gate | None = None
) -> Reported:  # fmt: skip
    """Take in a report: clean it, place it, categorise it, open its procedure, give a receipt (1 statement, +1 with photos).

    Args:
        request_key: the same key gives the same receipt, so that a resend on a bad line does not report twice.
        gate: taken in only where it holds; a repeat is answered all the same.

    Raises:
        Invalid/Invalids: a field is not acceptable; nothing is written. NotAllowed: a clerk without the permission.
        What the gate says where it does not hold.
    """
    pack = district.pack
    intake = pack.settings.intake
    if intake is None:
        raise NotFound("no_intake", "本地还没有开通反映渠道。", "请联系社区。")
    if report.channel not in intake.channels:
        raise Invalid("unknown_channel", f"没有“{report.channel[:20]}”这个渠道。", "", "channel")
    report = rules.clean(report)
    tree = territory.tree(district)
    placed = place_report(tree, report)
    if actor.kind == "user":
        _demand_reach(actor, tree, placed)
    category, guessed = _categorise(pack, district.pack_id, report)
    receipt = codes.new_receipt()
    reported_at = report.occurred_at or now
    ref_prefix = rules.ref_of("", reported_at)
    place_name = tree.full_name(placed.area_id) if placed.area_id is not None else ""
    with transaction.atomic() if report.photo_ids else nullcontext():  # one statement is whole by itself
        try:
            started = procedures.start_run(
                district=district, pack=pack, procedure=intake.procedure, subject_kind=SUBJECT,
                subject_id=procedures.Opening(
                    _insert(district, report, placed, category, actor, reported_at, receipt, request_key, gated=gate is not None),
                    ref_prefix, gate,
                ),
                area_id=placed.area_id, actor=actor, now=now, parts={}, says="已收到您的反映。",
                card={
                    "title": report.title, "place": place_name or report.address,
                    "category": category.title if category else "", "photos": len(report.photo_ids),
                    "channel": intake.channels[report.channel],
                },
                facts={
                    "category": category.code if category else "", "guessed": guessed, "channel": report.channel,
                    "grade": (category.grade if category else None) or pack.catalogue.default_grade,
                    "anonymous": not report.reporter_phone, **({"reported_by": actor.user_id} if actor.user_id else {}),
                },
                sealed={"title": report.title, "text": report.text, "address": report.address, "lon": report.lon, "lat": report.lat},
            )  # fmt: skip
        except procedures.AlreadyThere:
            return _replay(district, report, request_key, gate)
        matter_id = started.subject_id
        if report.photo_ids:
            records.claim(report.photo_ids, district_id=district.id, subject_kind=SUBJECT, subject_id=matter_id)
    return Reported(
        matter_id, receipt, started.run_id, reported_at, f"{ref_prefix}{matter_id}", started.desk, started.due_at
    )


def _categorise(pack: Pack, version: int, report: Report) -> tuple[Category | None, bool]:
    if report.category:
        return category_of(pack, report.category), False
    begins = report.text.startswith(report.title.removesuffix("…"))  # mostly the title is the text's first words
    told = report.text if begins else f"{report.title}。{report.text}"
    found = suggest_categories(pack.catalogue, version, told, 1)
    if found and found[0].confidence >= SURE:
        return pack.catalogue.by_code[found[0].code], True
    return None, False


_COLUMNS = (
    "district_id", "receipt", "channel", "category", "title", "text", "area_id", "lon", "lat", "precision", "address",
    "reporter_name", "reporter_phone", "reported_by_id", "public", "reported_at", "source", "source_key", "text_digest",
    "extra", "request_key",
)  # fmt: skip


def _insert(
    district: DistrictView, report: Report, placed: Placed, category: Category | None, actor: Actor, reported_at: datetime,
    receipt: str, request_key: str | None, *, gated: bool,
) -> Part:  # fmt: skip
    values: list[Any] = [
        district.id, receipt, report.channel, category.code if category else "", report.title, report.text, placed.area_id,
        placed.lon, placed.lat, placed.precision, report.address, report.reporter_name, report.reporter_phone, actor.user_id,
        report.public, reported_at, report.source, report.source_key,
        rules.fingerprint(f"{report.title}{report.text}"), report.extra, request_key,
    ]  # fmt: skip
    return Part(
        "subject",
        new_subject(Matter, _COLUMNS, ("request_key", "source_key"), gated=gated),
        [dict(zip(_COLUMNS, values, strict=True))],
    )


def _replay(district: DistrictView, report: Report, request_key: str | None, gate: Gate | None) -> Reported:
    """Answer a repeated request with the receipt of the first (2 statements), or say what the gate says."""
    same = Q(request_key=request_key) if request_key else Q(pk=None)
    if report.source_key:
        same |= Q(source=report.source, source_key=report.source_key)
    matter = Matter.objects.filter(same, district_id=district.id).first()
    if matter is None:
        assert gate is not None
        raise gate.refusal()
    run = procedures.find_run(district, SUBJECT, matter.id)
    assert run is not None
    desk = organization.desk(district, run.holder_post_id) if run.holder_post_id else None
    ref = rules.ref_of(matter.id, matter.reported_at)
    return Reported(matter.id, matter.receipt, run.id, matter.reported_at, ref, desk, run.due_at, replayed=True)


def act_as_reporter(*, district: DistrictView, receipt: str, **step: Unpack[procedures.StepAsked]) -> procedures.Acted:
    """Take a step that the reporter may take (rate, withdraw, object, add), proven by the receipt.

    Raises:
        NotFound: no such receipt here. NotAllowed/Invalid/Conflict as of the engine.
    """
    from tongxin.matters.queries import find_by_receipt, reporter_actor

    matter = find_by_receipt(district, receipt)
    return procedures.act_on_subject(
        district=district, subject_kind=SUBJECT, subject_id=matter.id, actor=reporter_actor(district), **step
    )


def move_matters(*, district: DistrictView, places: Mapping[int, int]) -> int:
    """Put matters into other areas, matter → area, because places were drawn anew; return how many (1 statement)."""
    return procedures.move_subjects(Matter, district=district, places=places)
