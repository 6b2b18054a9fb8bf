"""Opening an affair: the form that its procedure declares, checked, written together with its run in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction

from tongxin.affairs import rules
from tongxin.affairs.models import Affair
from tongxin.affairs.queries import (
    demand_may_open,
    demand_opener,
    find_by_receipt,
    opener_actor,
    opening_of,
    post_of,
    runs_at,
)
from tongxin.affairs.rules import Start
from tongxin.kernel import codes
from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Invalid, Invalids
from tongxin.kernel.statements import Part, new_subject
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, Desk
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack, Procedure
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory

SUBJECT = "affair"


@dataclass(frozen=True)
class Opened:
    """What whoever opened it gets; ``replayed`` when the same request had been taken before."""

    affair_id: int
    receipt: str
    run_id: int
    ref: str
    opened_at: datetime
    desk: Desk | None = None
    due_at: datetime | None = None
    replayed: bool = False


def open_affair(
    *, district: DistrictView, start: Start, actor: Actor, now: datetime, request_key: str | None = None
) -> Opened:
    """Open an affair under the district's pack in force, with a note to its first holder (1 statement, +1 with photos).

    Args:
        request_key: the same key gives the same receipt, so that a resend on a bad line does not open twice.

    Raises:
        NotFound: no such procedure, or one that is not opened by people. NotAllowed: not by this actor, not there.
        Invalid/Invalids: a field is not acceptable; nothing is written.
    """
    spec = procedures.procedure_of(district.pack, start.procedure)
    opening_of(spec)
    start = rules.clean(start)
    demand_opener(district, spec, actor)
    _check_place(district, spec, start.area_id)
    demand_may_open(district, spec, actor, start.area_id)
    return begin(district=district, pack=district.pack, start=start, actor=actor, now=now, request_key=request_key)


def begin(
    *, district: DistrictView, pack: Pack, start: Start, actor: Actor, now: datetime, request_key: str | None = None
) -> Opened:
    """Write an affair and its run; who may was asked before. For ``open_affair`` here and the effect of the same name."""
    spec = procedures.procedure_of(pack, start.procedure)
    opening = opening_of(spec)
    answers = procedures.check_form(opening.form, start.form, procedures.lookups(district, pack), today_of(now))
    title, receipt = rules.title_of(opening, answers), codes.new_receipt()
    tree = territory.tree(district)
    prefix = rules.ref_of("", now)
    photos = procedures.photo_ids_of(opening.form, answers)
    with transaction.atomic() if photos else nullcontext():  # one statement is whole by itself
        try:
            started = procedures.start_run(
                district=district, pack=pack, procedure=start.procedure, subject_kind=SUBJECT,
                subject_id=procedures.Opening(_insert(district, start, title, answers, actor, receipt, now, request_key), prefix),
                area_id=start.area_id, actor=actor, now=now, says=procedures.told(opening.says, _words(spec, answers)),
                parts={name: answers[name] for name in spec.parts if name in answers},
                card={
                    "title": title, "place": tree.full_name(start.area_id) if start.area_id is not None else "",
                    "category": spec.title, "photos": len(photos),
                },
                facts={
                    **rules.facts_of(opening.form, answers), "anonymous": not start.phone,
                    **({"reported_by": actor.user_id} if actor.user_id else {}),
                    **({procedures.STARTER: post} if (post := post_of(district, spec, actor, start.area_id)) else {}),
                },
                sealed={"title": title, "answers": answers},
            )  # fmt: skip
        except procedures.AlreadyThere:
            return _replay(district, request_key)
        if photos:
            records.claim(photos, district_id=district.id, subject_kind=SUBJECT, subject_id=started.subject_id)
    return Opened(
        started.subject_id, receipt, started.run_id, f"{prefix}{started.subject_id}", now, started.desk, started.due_at
    )


def act_as_opener(*, district: DistrictView, receipt: str, **step: Unpack[procedures.StepAsked]) -> procedures.Acted:
    """Take a step that whoever opened the affair may take, proven by the receipt.

    Raises:
        NotFound: no such receipt here. NotAllowed/Invalid/Conflict as of the engine.
    """
    affair = find_by_receipt(district, receipt)
    return procedures.act_on_subject(
        district=district, subject_kind=SUBJECT, subject_id=affair.id, actor=opener_actor(district), **step
    )


def move_affairs(*, district: DistrictView, places: Mapping[int, int]) -> int:
    """Put affairs into other areas, affair → area, because places were drawn anew; return how many (1 statement)."""
    return procedures.move_subjects(Affair, district=district, places=places)


def _check_place(district: DistrictView, spec: Procedure, area_id: int | None) -> None:
    """The place must exist and lie at the level that the procedure names, or below it (0 statements)."""
    tree, opening = territory.tree(district), opening_of(spec)
    level = opening.at or tree.levels[-1]
    words = next((one.title for one in district.pack.units.levels if one.key == level), level)
    if area_id is None:
        raise Invalids([Invalid("required", f"还没有选是哪个{words}的事。", "请选一个地方。", "area_id")])
    place = tree.get(area_id)
    if place is None:
        raise Invalids([Invalid("unknown_area", "选的地方不存在。", "请从列出的里面选。", "area_id")])
    if tree.levels.index(place.level) < tree.levels.index(level):
        raise Invalids([Invalid("too_wide", f"“{place.name}”太大了，要选到{words}。", "请选到下一级。", "area_id")])
    if not runs_at(district, spec, area_id):
        what = f"“{spec.title}”不在“{place.name}”办。"
        raise Invalids([Invalid("not_here", what, "请从列出的地方里选，或换一种事项。", "area_id")])


def _words(spec: Procedure, answers: Mapping[str, Any]) -> dict[str, str]:
    """Plain answers for the first sentence of the receipt."""
    assert spec.open is not None
    fields = spec.open.form
    return {k: (fields[k].choices or {}).get(str(v), str(v)) for k, v in answers.items() if not isinstance(v, list)}


_COLUMNS = (
    "district_id", "procedure", "receipt", "title", "answers", "area_id", "body_id", "opened_by_id", "opener_name",
    "opener_phone", "public_words", "parent_kind", "parent_id", "opened_at", "request_key",
)  # fmt: skip


def _insert(
    district: DistrictView, start: Start, title: str, answers: dict[str, Any], actor: Actor, receipt: str, now: datetime,
    request_key: str | None,
) -> Part:  # fmt: skip
    kind, ident = start.parent or ("", None)
    values: list[Any] = [
        district.id, start.procedure, receipt, title, answers, start.area_id, start.body_id, actor.user_id,
        start.name, start.phone, "", kind, ident, now, request_key,
    ]  # fmt: skip
    return Part("subject", new_subject(Affair, _COLUMNS, ("request_key",)), [dict(zip(_COLUMNS, values, strict=True))])


def _replay(district: DistrictView, request_key: str | None) -> Opened:
    """Answer a repeated request with the receipt of the first (2 statements)."""
    affair = Affair.objects.get(district_id=district.id, request_key=request_key)
    run = procedures.find_run(district, SUBJECT, affair.id)
    assert run is not None
    desk = organization.desk(district, run.holder_post_id) if run.holder_post_id else None
    ref = rules.ref_of(affair.id, affair.opened_at)
    return Opened(affair.id, affair.receipt, run.id, ref, affair.opened_at, desk, run.due_at, replayed=True)
