"""Writes of cadence: dates made ahead, what they open, that something was done, or why it was not."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tongxin.cadence.models import Occurrence, Record
from tongxin.cadence.rules import AHEAD_DAYS, Due, dues, host_of, words_of
from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.days import check_day
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from tongxin.kernel.registry import openers
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.schema import Series
from tongxin.records import api as records
from tongxin.territory import api as territory

KEEP = "keep_cadence"
SUBJECT = "cadence"  # of pictures
HEADS = 1_000_000
_NOT_BY_HAND = {
    "plan": "这是工作安排，不用记。",
    "report": "这份报告由系统据记录生成，不用填。",
    "case": "到日子打开的那件事办成了就算做到，不用另记。",
}
log = logging.getLogger(__name__)
OPEN_AT_ONCE = 200

_UPSERT = """
INSERT INTO cadence_occurrence
    (district_id, series, area_id, period, first_on, last_on, due_on, closes_on, provisional, host_id, excused)
SELECT %s, %s, new.area, new.period, new.first_on, new.last_on, new.due_on, new.closes_on, new.provisional, new.host, ''
FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::date[], %s::date[], %s::date[], %s::boolean[], %s::bigint[])
    AS new(area, period, first_on, last_on, due_on, closes_on, provisional, host)
ON CONFLICT (district_id, series, area_id, period) DO UPDATE
SET due_on = EXCLUDED.due_on, closes_on = EXCLUDED.closes_on, provisional = EXCLUDED.provisional, host_id = EXCLUDED.host_id
WHERE cadence_occurrence.kept_on IS NULL AND cadence_occurrence.excused = '' AND cadence_occurrence.due_on > %s
    AND (cadence_occurrence.due_on, cadence_occurrence.closes_on, cadence_occurrence.provisional, cadence_occurrence.host_id)
        IS DISTINCT FROM (EXCLUDED.due_on, EXCLUDED.closes_on, EXCLUDED.provisional, EXCLUDED.host_id)
"""


@transaction.atomic
def make_occurrences(district: packs.DistrictView, *, now: datetime, since: date | None = None) -> int:
    """Make the dates of all series ahead, one statement a series, whatever the number of places; return how many are new or moved.

    Running it twice changes nothing. Dates to come follow a changed calendar or pack; what is past or kept stays. Dates to come
    of series or places that are gone go (1 statement).

    Args:
        since: make past dates too, from this day on (when a district begins, or for a demo).
    """
    today = local(now).date()
    with connection.cursor() as cursor:
        # of several workers one makes the dates of a district; the others need not wait for the same answer
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('cadence'), %s)", [district.id])
        if not cursor.fetchone()[0]:
            return 0
    calendar, tree = packs.working_calendar(district), territory.tree(district)
    made = 0
    for key, series in district.pack.cadence.items():
        found = dues(series, since or today, today + timedelta(days=AHEAD_DAYS[series.every] * series.span), calendar)
        places = [p.id for p in tree.at_level(series.level) if not series.areas or p.code in series.areas]
        made += _write(district, key, found, places, _hosts(district, series), today)
    living = [place.id for level in tree.levels for place in tree.at_level(level)]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM cadence_occurrence WHERE district_id = %s AND kept_on IS NULL AND due_on > %s "
            "AND NOT (series = ANY(%s) AND area_id = ANY(%s)) AND NOT EXISTS "
            "(SELECT 1 FROM cadence_record WHERE occurrence_id = cadence_occurrence.id)",
            [district.id, today, list(district.pack.cadence), living],
        )
    return made


def _write(
    district: packs.DistrictView,
    key: str,
    found: Sequence[Due],
    places: Sequence[int],
    hosts: dict[int, list[int]],
    today: date,
) -> int:
    pairs = [(place, due) for due in found for place in places]
    if not pairs:
        return 0
    columns: list[list[Any]] = [
        [place for place, _ in pairs], [due.period for _, due in pairs], [due.first_on for _, due in pairs],
        [due.last_on for _, due in pairs], [due.due_on for _, due in pairs], [due.closes_on for _, due in pairs],
        [due.provisional for _, due in pairs], [host_of(hosts.get(place, ()), due.number) for place, due in pairs],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [district.id, key, *columns, today])
        return int(cursor.rowcount)


def _hosts(district: packs.DistrictView, series: Series) -> dict[int, list[int]]:
    """Place → bodies of the named kinds in it or below it, in order of their age; a body without grounds has its parents'."""
    if not series.hosts:
        return {}
    directory, tree = organization.directory(district), territory.tree(district)
    out: dict[int, list[int]] = defaultdict(list)
    for ident in sorted(directory.living):
        body = directory.bodies[ident]
        if body.kind not in series.hosts:
            continue
        covers = next((one.covers for one in directory.line_of(ident) if one.covers), ())
        for area_id in {place.id for area in covers if (place := tree.ancestor(area, series.level)) is not None}:
            out[area_id].append(ident)
    return out


def open_due(district: packs.DistrictView, *, now: datetime, only: Collection[str] | None = None) -> int:
    """Open what has become due: an edition of a list, a case, or whatever the pack names (1 statement, more for each that opens).

    Each is marked when it has opened, also when there was nothing to open; a refusal leaves it for the next time, and the log says why.

    Args:
        only: these series; None for all that open something.
    """
    today = local(now).date()
    opening = [key for key, series in district.pack.cadence.items() if series.opens and (only is None or key in only)]
    if not opening:
        return 0
    due = Occurrence.objects.filter(district_id=district.id, series__in=opening, opened_at=None)
    due = due.filter(due_on__lte=today, closes_on__gte=today).order_by("id")
    opened = 0
    for ident in list(due.values_list("pk", flat=True)[:OPEN_AT_ONCE]):
        actor = organization.system_actor(district)
        try:
            with transaction.atomic():
                one = due.select_for_update(skip_locked=True).filter(pk=ident).first()
                if one is None:
                    continue  # another worker has it
                series = district.pack.cadence[one.series]
                runs = [
                    openers[name].call(
                        district, argument, area_id=one.area_id, on=one.due_on, actor=actor, now=now,
                        origin=(SUBJECT, one.pk), words=_opening_words(district, one, series),
                    )
                    for name, argument in series.opens.items()
                ]  # fmt: skip
                run_id = next((run for run in runs if run is not None), None)
                Occurrence.objects.filter(pk=one.pk).update(opened_at=now, run_id=run_id)
                opened += 1
        except Refusal as refusal:
            log.warning("%s: occurrence %s was not opened: %s", district.key, ident, refusal)
            continue
    return opened


def _opening_words(district: packs.DistrictView, one: Occurrence, series: Series) -> dict[str, str]:
    """What a form in the pack's ``opens`` may put in (the names are ``packs.checks.cadence.WORDS``)."""
    return {
        "title": series.title, "period": words_of(series.every, one.period, one.first_on, series.seasons),
        "place": territory.tree(district).full_name(one.area_id), "first": f"{one.first_on:%Y-%m-%d}",
        "last": f"{one.last_on:%Y-%m-%d}", "due": f"{one.due_on:%Y-%m-%d}",
    }  # fmt: skip


def may_keep(district: packs.DistrictView, actor: Actor, occurrence: Occurrence) -> bool:
    """Whether this person may note that it was done: the permission there, or a post in the body whose turn it is."""
    if actor.district_id != district.id:
        return False
    if access.may(actor, KEEP, occurrence.area_id):
        return True
    return occurrence.host_id is not None and any(post.body_id == occurrence.host_id for post in actor.posts)


@transaction.atomic
def keep(
    *,
    district: packs.DistrictView,
    occurrence_id: int,
    done_on: date,
    actor: Actor,
    now: datetime,
    heads: int | None = None,
    note: str = "",
    photo_ids: Sequence[str] = (),
    request_key: str | None = None,
) -> Record:
    """Note that it was done (4 statements; 1 more with pictures). The same request key notes once.

    Raises:
        NotFound. NotAllowed: not their place. Invalid: a day outside the period, in the future, or a number out of range.
        Conflict: a plan, or a report that the system makes itself.
    """
    occurrence = _lock(district, occurrence_id)
    if not may_keep(district, actor, occurrence):
        raise _not_yours()
    if request_key:
        before = Record.objects.filter(occurrence=occurrence, request_key=request_key).first()
        if before is not None:
            return before
    series = district.pack.cadence.get(occurrence.series)
    if series is not None and series.kept != "record":
        raise Conflict("nothing_to_keep", _NOT_BY_HAND[series.kept], "请返回。")
    today = local(now).date()
    check_day(done_on, "哪天做的", "done_on", today=today, days="past")
    if not occurrence.first_on <= done_on <= occurrence.closes_on:
        span = f"{occurrence.first_on:%Y-%m-%d} 到 {occurrence.closes_on:%Y-%m-%d}"
        raise Invalid("done_outside", f"日期不在这一期里（{span}）。", "请改日期，或去记另一期。", "done_on")
    if heads is not None and not 0 <= heads <= HEADS:
        raise Invalid("heads", f"人数 {heads} 不对。", f"请填 0 到 {HEADS:,} 之间的数。", "heads")
    note = note.strip()
    if len(note) > 400:
        raise Invalid("note_long", f"记事有 {len(note)} 个字，最多 400 个字。", "请删减。", "note", limit=400)
    if len(photo_ids) > limits.PHOTOS:
        raise Invalid(
            "too_many_photos", f"照片最多 {limits.PHOTOS} 张。", "请减少几张。", "photos", limit=limits.PHOTOS
        )
    made = Record.objects.create(
        occurrence=occurrence, done_on=done_on, heads=heads, note=note, noted_at=now, noted_by=actor.label[:120],
        request_key=request_key,
    )  # fmt: skip
    if photo_ids:
        records.claim(photo_ids, district_id=district.id, subject_kind=SUBJECT, subject_id=made.pk)
    occurrence.kept_on = min(done_on, occurrence.kept_on or done_on)
    occurrence.excused = ""
    occurrence.save(update_fields=["kept_on", "excused"])
    return made


@transaction.atomic
def take_back(*, district: packs.DistrictView, record_id: int, actor: Actor, now: datetime) -> None:
    """Take a wrong note back, with a line in the audit (6 statements); NotFound where there is none, NotAllowed for another's."""
    record = (
        Record.objects.select_related("occurrence").filter(pk=record_id, occurrence__district_id=district.id).first()
    )
    if record is None:
        raise NotFound("no_record", "没有这一笔。", "请刷新后再看。")
    occurrence = _lock(district, record.occurrence_id)
    if not may_keep(district, actor, occurrence):
        raise _not_yours()
    detail = {"occurrence": occurrence.pk, "done_on": f"{record.done_on}", "heads": record.heads, "note": record.note}
    record.delete()
    first = Record.objects.filter(occurrence=occurrence).order_by("done_on").first()
    occurrence.kept_on = first.done_on if first else None
    occurrence.save(update_fields=["kept_on"])
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="cadence.take_back",
        target=f"{occurrence.series} {occurrence.period}", detail=detail, now=now,
    )  # fmt: skip


@transaction.atomic
def excuse(*, district: packs.DistrictView, occurrence_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Say why it is not held this time; it then counts neither as kept nor as missed (4 statements).

    Raises NotAllowed for another's, Invalid without a reason, Conflict when it is noted as kept.
    """
    occurrence = _lock(district, occurrence_id)
    if not may_keep(district, actor, occurrence):
        raise _not_yours()
    reason = reason.strip()
    if not 1 <= len(reason) <= 200:
        raise Invalid("reason", "请写明为什么不办（200 个字以内）。", "", "reason", limit=200)
    if occurrence.kept_on is not None:
        raise Conflict("kept", "这一期已经记了做到。", "记错了的请先撤回那一笔。")
    occurrence.excused = reason
    occurrence.save(update_fields=["excused"])
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="cadence.excuse",
        target=f"{occurrence.series} {occurrence.period}", detail={"occurrence": occurrence.pk, "reason": reason}, now=now,
    )  # fmt: skip


def _lock(district: packs.DistrictView, occurrence_id: int) -> Occurrence:
    found = Occurrence.objects.select_for_update().filter(pk=occurrence_id, district_id=district.id).first()
    if found is None:
        raise NotFound("no_occurrence", "没有这一期。", "请从日程里重新打开。")
    return found


def _not_yours() -> NotAllowed:
    return NotAllowed("not_your_place", "您的岗位不在这里，不能记。", "请由当地的岗位或轮到承办的单位来记。")


@transaction.atomic
def keep_many(*, district: packs.DistrictView, kept: Sequence[tuple[int, date, datetime, int]], actor: Actor) -> int:
    """Take over notes of what was done, from elsewhere or for a demo: (occurrence, day, noted at, heads) (3 statements).

    Raises:
        NotAllowed: the permission is missing in the whole district.
    """
    access.demand_all(actor, KEEP, ())
    days = {ident: day for ident, day, _, _ in kept}
    found = list(Occurrence.objects.select_for_update().filter(district_id=district.id, pk__in=days, kept_on=None))
    there = {one.pk for one in found}
    Record.objects.bulk_create(
        [
            Record(occurrence_id=ident, done_on=day, heads=heads, noted_at=at, noted_by=actor.label[:120])
            for ident, day, at, heads in kept
            if ident in there
        ],
        batch_size=2_000,
    )
    for one in found:
        one.kept_on = days[one.pk]
    Occurrence.objects.bulk_update(found, ["kept_on"], batch_size=1_000)
    return len(found)
