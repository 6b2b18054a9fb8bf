"""Lines of registers: entered, moved to a stage, corrected, ended. One transaction each, with its change and record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tongxin.kernel.clock import local
from tongxin.kernel.codes import highest_number
from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.once import write_once
from tongxin.kernel.turns import wait_our_turn
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.schema import Register
from tongxin.records import api as records
from tongxin.registers.actions.checking import NewEntry, checked
from tongxin.registers.actions.writing import BATCH, KEEP, NAMES, past_day
from tongxin.registers.models import Change, Entry
from tongxin.registers.queries import spec_of
from tongxin.registers.rules import ENTRIES, GROUND_CHARS


def may_keep(actor: Actor, area_id: int | None) -> bool:
    """Whether this person may keep registers at a place, or (None) in the whole district."""
    return organization.may_all(actor, KEEP, [] if area_id is None else [area_id])


def may_see_names(actor: Actor, area_id: int | None = None) -> bool:
    """Whether names in a register of persons are shown: to who manages people or keeps registers there (norm S-01)."""
    return access.may(actor, NAMES, area_id) or access.may(actor, KEEP, area_id)


def _demand_keep(district: packs.DistrictView, actor: Actor, area_id: int | None) -> None:
    if actor.district_id != district.id:
        raise access.refusal(KEEP)
    organization.demand_all(actor, KEEP, [] if area_id is None else [area_id])


@transaction.atomic
def enter(
    *, district: packs.DistrictView, key: str, entry: NewEntry, actor: Actor, now: datetime, ground: str = ""
) -> Entry:
    """Enter a line (6 statements).

    Raises:
        NotAllowed, NotFound. Invalid, Invalids: a value does not fit. Conflict: the number is taken.
    """
    spec = spec_of(district, key)
    _demand_keep(district, actor, entry.area_id)
    if not entry.key:
        wait_our_turn(f"register:{district.id}:{key}")  # who gives no number gets the next, also beside others
    number = entry.key or _next_key(district, key)
    made = checked(district, key, spec, entry, number, today_of(now))
    with write_once(Conflict("entry_key", f"编号 {number} 已经用过。", "请换一个编号。", "key"), "entry_key_once"):
        made.save(force_insert=True)
    _note(made, "enter", made.stage, made.from_on or local(now).date(), ground, actor, now)
    _record(
        district, actor, "enter", spec, made, {"class": made.klass, "area": made.area_id, "body": made.body_id}, now
    )
    return made


@transaction.atomic
def enter_many(
    *,
    district: packs.DistrictView,
    key: str,
    entries: Sequence[NewEntry],
    actor: Actor,
    now: datetime,
    ground: str = "",
) -> int:
    """Enter many lines at once, those whose number is there left out; return how many are new (4 statements). Invalid for more than a register holds."""
    spec = spec_of(district, key)
    if actor.kind != "system":
        organization.demand_all(actor, KEEP, [])
    wait_our_turn(f"register:{district.id}:{key}")
    known = set(Entry.objects.filter(district_id=district.id, register=key).values_list("key", flat=True))
    if len(known) + len(entries) > ENTRIES:
        raise Invalid("too_many", f"一本册最多 {ENTRIES:,} 条。", "请分成几本册。", limit=ENTRIES)
    number, fresh = highest_number(known), []
    today = local(now).date()
    for one in entries:
        if one.key and one.key in known:
            continue
        if not one.key:
            number += 1
        fresh.append(checked(district, key, spec, one, one.key or f"{number:03d}", today))
    Entry.objects.bulk_create(fresh, batch_size=BATCH)
    Change.objects.bulk_create(
        [
            Change(entry=made, what="enter", stage=made.stage, on=made.from_on or today, ground=ground[:GROUND_CHARS], noted_at=now, noted_by=actor.label[:120])
            for made in fresh
        ],
        batch_size=BATCH,
    )  # fmt: skip
    if fresh:
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="registers.enter_many",
            target=spec.title, detail={"count": len(fresh)}, now=now,
        )  # fmt: skip
    return len(fresh)


@transaction.atomic
def move(
    *,
    district: packs.DistrictView,
    entry_id: int,
    stage: str,
    ground: str,
    actor: Actor,
    now: datetime,
    on: date | None = None,
) -> Entry:
    """Move a line to another stage with the ground for it (5 statements). The same stage again is refused.

    Raises:
        NotFound, NotAllowed. Conflict: it is there already, or ended. Invalid: no such stage, no ground, a day to come.
    """
    entry, spec = _lock(district, entry_id, actor)
    if stage not in spec.stages:
        raise Invalid(
            "no_stage", "没有这一步。", f"可选：{'、'.join(spec.stages.values()) or '（这本册不分步）'}。", "stage"
        )
    if entry.stage == stage:
        raise Conflict("stage_same", f"已经在“{spec.stages[stage]}”。", "请选另一步。", "stage")
    ground = _ground(ground)
    day = past_day(on, now, "on")
    entry.stage = stage
    entry.save(update_fields=["stage"])
    _note(entry, "stage", stage, day, ground, actor, now)
    _record(district, actor, "move", spec, entry, {"stage": stage, "on": f"{day}"}, now)
    return entry


@transaction.atomic
def correct(
    *, district: packs.DistrictView, entry_id: int, changed: NewEntry, ground: str, actor: Actor, now: datetime
) -> Entry:
    """Put right what a line says, with the reason (5 statements); its number and its history stay."""
    entry, spec = _lock(district, entry_id, actor)
    ground = _ground(ground)
    if changed.area_id != entry.area_id:
        _demand_keep(district, actor, changed.area_id)
    new = checked(district, entry.register, spec, changed, entry.key, today_of(now))
    before = {"title": entry.title, "class": entry.klass, "area": entry.area_id, "body": entry.body_id, "by": entry.by}
    if spec.of != "person":
        before["fields"] = entry.fields
    names = [
        "title",
        "klass",
        "area_id",
        "body_id",
        "who",
        "under_id",
        "by",
        "document",
        "fields",
        "from_on",
        "until_on",
    ]
    for name in names:
        setattr(entry, name, getattr(new, name))
    entry.save(update_fields=[name.removesuffix("_id") for name in names])
    _note(entry, "correct", entry.stage, local(now).date(), ground, actor, now)
    _record(district, actor, "correct", spec, entry, {"before": before}, now)
    return entry


@transaction.atomic
def end(
    *, district: packs.DistrictView, entry_id: int, ground: str, actor: Actor, now: datetime, on: date | None = None
) -> Entry:
    """End a line; it stays readable (5 statements). Invalid for a day before it began."""
    entry, spec = _lock(district, entry_id, actor)
    ground = _ground(ground)
    day = past_day(on, now, "on")
    if entry.from_on is not None and day < entry.from_on:
        raise Invalid("end_before", f"这一条自 {entry.from_on:%Y-%m-%d} 起，不能在那以前销记。", "请改日期。", "on")
    entry.until_on = day
    entry.save(update_fields=["until_on"])
    _note(entry, "end", entry.stage, day, ground, actor, now)
    _record(district, actor, "end", spec, entry, {"on": f"{day}"}, now)
    return entry


def _lock(district: packs.DistrictView, entry_id: int, actor: Actor) -> tuple[Entry, Register]:
    entry = Entry.objects.select_for_update().filter(pk=entry_id, district_id=district.id).first()
    if entry is None:
        raise NotFound("no_entry", "没有这一条登记。", "请从名册里重新打开。")
    _demand_keep(district, actor, entry.area_id)
    if entry.until_on is not None:
        raise Conflict("entry_ended", f"“{entry.title}”已在 {entry.until_on:%Y-%m-%d} 销记。", "要恢复的请重新登记。")
    return entry, spec_of(district, entry.register)


def _ground(words: str) -> str:
    words = words.strip()
    if not 1 <= len(words) <= GROUND_CHARS:
        raise Invalid(
            "ground",
            f"请写明依据或原因（{GROUND_CHARS} 字以内）。",
            "例如会议、文件、公示的日期。",
            "ground",
            limit=GROUND_CHARS,
        )
    return words


def _next_key(district: packs.DistrictView, key: str) -> str:
    wait_our_turn(f"register:{district.id}:{key}")
    known = set(Entry.objects.filter(district_id=district.id, register=key).values_list("key", flat=True))
    if len(known) >= ENTRIES:
        raise Invalid("too_many", f"一本册最多 {ENTRIES:,} 条。", "请分成几本册。", limit=ENTRIES)
    return f"{highest_number(known) + 1:03d}"


def _note(entry: Entry, what: str, stage: str, on: date, ground: str, actor: Actor, now: datetime) -> None:
    Change.objects.create(
        entry=entry,
        what=what,
        stage=stage,
        on=on,
        ground=ground[:GROUND_CHARS],
        noted_at=now,
        noted_by=actor.label[:120],
    )


def _record(
    district: packs.DistrictView,
    actor: Actor,
    action: str,
    spec: Register,
    entry: Entry,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """The record names the line by its number, never a person."""
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action=f"registers.{action}",
        target=f"{spec.title} {entry.key}", detail={"entry": entry.pk, **detail}, now=now,
    )  # fmt: skip
