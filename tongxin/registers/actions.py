"""Writes of registers: enter, move to a stage, correct, end; sign a document; note a tag, look at it, take it off.

Each is one transaction with its change and record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.schema import Register, SeedEntry
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.registers.models import Change, Entry, Mark, Signature
from tongxin.registers.queries import copies_of, document_of, spec_of
from tongxin.registers.rules import (
    ENTRIES,
    GROUND_CHARS,
    HOME_CHARS,
    NOTE_CHARS,
    TITLE_CHARS,
    WHO_CHARS,
    newest,
)
from tongxin.territory import api as territory

KEEP = "keep_registers"
NAMES = "manage_people"
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A line as somebody gives it. ``key``: empty for the next free number; ids or None; ``under``: id of the upper line."""

    title: str
    klass: str = ""
    key: str = ""
    stage: str = ""
    area_id: int | None = None
    body_id: int | None = None
    person_id: int | None = None
    who: str = ""
    under_id: int | None = None
    by: str = ""
    document: str = ""
    from_on: date | None = None
    until_on: date | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    made_up: bool = False


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
    number = entry.key or _next_key(district, key)
    made = _checked(district, key, spec, entry, number, local(now).date())
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict("entry_key", f"编号 {number} 已经用过。", "请换一个编号。", "key") from None
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
    """Enter many lines at once, those whose number is there left out; return how many are new (4 statements)."""
    spec = spec_of(district, key)
    if actor.kind != "system":
        organization.demand_all(actor, KEEP, [])
    known = set(Entry.objects.filter(district_id=district.id, register=key).values_list("key", flat=True))
    if len(known) + len(entries) > ENTRIES:
        raise Invalid("too_many", f"一本册最多 {ENTRIES:,} 条。", "请分成几本册。", limit=ENTRIES)
    number, fresh = _highest(known), []
    today = local(now).date()
    for one in entries:
        if one.key and one.key in known:
            continue
        if not one.key:
            number += 1
        fresh.append(_checked(district, key, spec, one, one.key or f"{number:03d}", today))
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
    day = _day(on, now)
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
    new = _checked(district, entry.register, spec, changed, entry.key, local(now).date())
    before = {"title": entry.title, "class": entry.klass, "area": entry.area_id, "body": entry.body_id, "by": entry.by}
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
    """End a line; it stays readable (5 statements)."""
    entry, spec = _lock(district, entry_id, actor)
    ground = _ground(ground)
    day = _day(on, now)
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


def _day(on: date | None, now: datetime) -> date:
    today = local(now).date()
    if on is not None and on > today:
        raise Invalid("day_ahead", "日期在将来。", "请写已经发生的日期。", "on")
    return on or today


def _checked(district: packs.DistrictView, key: str, spec: Register, new: NewEntry, number: str, today: date) -> Entry:
    """The line with clean values (0 statements). Raises Invalid, Invalids naming the field."""
    title = new.title.strip()
    if not 1 <= len(title) <= TITLE_CHARS:
        raise Invalid("title_length", f"名称应为 1–{TITLE_CHARS} 个字。", "请改短或补上。", "title", limit=TITLE_CHARS)
    klass = new.klass or (next(iter(spec.classes)) if len(spec.classes) == 1 else "")
    if klass not in spec.classes:
        raise Invalid("no_class", "还没有选分类。", f"可选：{'、'.join(spec.classes.values())}。", "klass")
    stage = new.stage or next(iter(spec.stages), "")
    if stage and stage not in spec.stages:
        raise Invalid("no_stage", "没有这一步。", f"可选：{'、'.join(spec.stages.values())}。", "stage")
    place = territory.tree(district).get(new.area_id)
    if new.area_id is not None and place is None:
        raise Invalid("no_area", "没有这个地点，或者已经停用。", "请从列表里选。", "area")
    if spec.level is not None and (place is None or place.level != spec.level):
        level = next(one.title for one in district.pack.units.levels if one.key == spec.level)
        raise Invalid("area_level", f"要登在一个{level}上。", "请从列表里选。", "area")
    body = organization.directory(district).body(new.body_id)
    if new.body_id is not None and (body is None or body.ended):
        raise Invalid("no_body", "没有这个组织，或者已经撤销。", "请从列表里选。", "body")
    if spec.of == "body" and (body is None or body.kind not in spec.kinds):
        raise Invalid("body_kind", "这本册登的是组织，还没有选。", "请从列表里选。", "body")
    who = new.who.strip()
    if len(who) > WHO_CHARS or (spec.of == "person" and not who):
        raise Invalid("who", "还没有写姓名。", f"{WHO_CHARS} 个字以内。", "who", limit=WHO_CHARS)
    if spec.of != "person" and who:
        raise Invalid("who_not_here", "这本册不登个人。", "请去掉姓名。", "who")
    if spec.under is not None and new.under_id is None:
        upper = district.pack.registers[spec.under].title
        raise Invalid("no_under", f"还没有选属于“{upper}”的哪一条。", "请从列表里选。", "under")
    if new.document and new.document not in district.pack.documents:
        raise Invalid("no_document", "没有这份文件。", "请从列表里选。", "document")
    if len(new.by) > GROUND_CHARS:
        raise Invalid("by_long", f"“由谁”最多 {GROUND_CHARS} 个字。", "请改短。", "by", limit=GROUND_CHARS)
    if new.until_on is not None and new.from_on is not None and new.until_on < new.from_on:
        raise Invalid("days_backward", "结束早于开始。", "请改正日期。", "until_on")
    values = procedures.check_form(spec.fields, dict(new.fields), _nothing_to_look_up())
    return Entry(
        district_id=district.id, register=key, key=number, title=title, klass=klass, stage=stage, area_id=new.area_id,
        body_id=new.body_id, person_id=new.person_id, who=who, under_id=new.under_id, by=new.by.strip(), document=new.document,
        fields=values, from_on=new.from_on, until_on=new.until_on, made_up=new.made_up,
    )  # fmt: skip


def _nothing_to_look_up() -> procedures.Lookups:
    return procedures.Lookups(unit=lambda ident: False, area=lambda ident: False, category=lambda code: False)


def _highest(keys: set[str]) -> int:
    return max((int(key) for key in keys if key.isdecimal()), default=0)


def _next_key(district: packs.DistrictView, key: str) -> str:
    known = set(Entry.objects.filter(district_id=district.id, register=key).values_list("key", flat=True))
    if len(known) >= ENTRIES:
        raise Invalid("too_many", f"一本册最多 {ENTRIES:,} 条。", "请分成几本册。", limit=ENTRIES)
    return f"{_highest(known) + 1:03d}"


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


def set_up_registers(district: packs.DistrictView, *, actor: Actor, now: datetime) -> int:
    """Enter the lines that the pack names and that are not there yet, upper registers first; return how many (5 statements a register)."""
    tree, directory = territory.tree(district), organization.directory(district)
    made = 0
    ordered = sorted(district.pack.registers.items(), key=lambda item: item[1].under is not None)
    for key, spec in ordered:
        if not spec.entries:
            continue
        upper = _by_key(district, spec.under) if spec.under else {}
        new = []
        for one in spec.entries:
            place, body = tree.by_code(one.area) if one.area else None, directory.by_key(one.body) if one.body else None
            if (one.area and place is None) or (one.body and body is None):
                continue  # of a place or body that this district does not have
            new.append(
                _seed(spec, one, place.id if place else None, body.id if body else None, upper.get(one.under or ""))
            )
        made += enter_many(district=district, key=key, entries=new, actor=actor, now=now, ground="资料包所列")
    return made


def _seed(spec: Register, one: SeedEntry, area_id: int | None, body_id: int | None, under_id: int | None) -> NewEntry:
    who = one.title if spec.of == "person" else ""
    return NewEntry(
        one.title, one.klass or "", one.key, one.stage or "", area_id, body_id, None, who, under_id, one.by, one.document or "",
        one.from_, one.to, one.fields, "拟名" in one.title,
    )  # fmt: skip


def _by_key(district: packs.DistrictView, register: str) -> dict[str, int]:
    return dict(Entry.objects.filter(district_id=district.id, register=register).values_list("key", "id"))


@transaction.atomic
def sign(
    *,
    district: packs.DistrictView,
    document: str,
    copy_of: int | None,
    party_id: int,
    signed_on: date,
    actor: Actor,
    now: datetime,
) -> Signature:
    """Note that a party signed the version in force (3 statements).

    Who keeps registers may note it where the copy's owner is; a party's own desk may note its own signature.

    Raises:
        NotFound: no such document or copy. NotAllowed. Conflict: noted before. Invalid: not a party, or a day to come.
    """
    spec = document_of(district, document)
    copy = next((one for one in copies_of(district, document) if one.of == copy_of), None)
    if copy is None or party_id not in copy.parties:
        raise Invalid("no_party", "这个组织不是签署方。", "请从名单里选。", "party")
    own = any(post.body_id == party_id for post in actor.posts)
    if actor.district_id != district.id or not (own or access.may(actor, KEEP)):
        raise access.refusal(KEEP)
    day = _day(signed_on, now)
    began = spec.current.from_
    if spec.versions[:-1] and began is not None and day < began:
        raise Invalid("signed_before", f"这一版自 {began:%Y-%m-%d} 起施行，不会在那以前签。", "请改日期。", "signed_on")
    version = newest(spec)
    where = {
        "district_id": district.id,
        "document": document,
        "version": version,
        "copy_of_id": copy_of,
        "party_id": party_id,
    }
    if Signature.objects.filter(**where).exists():
        raise Conflict("signed_before", "这一方已经记过签署。", "请刷新后再看。")
    made = Signature.objects.create(**where, signed_on=day, noted_at=now, noted_by=actor.label[:120])
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="registers.sign", target=spec.title[:80],
        detail={"document": document, "version": version, "copy_of": copy_of, "party": party_id, "on": f"{day}"}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def sign_many(
    *,
    district: packs.DistrictView,
    document: str,
    signed: Sequence[tuple[int | None, int, date]],
    actor: Actor,
    now: datetime,
) -> int:
    """Take over signatures of the version in force from paper or for a demo: (copy, party, day) (3 statements)."""
    if actor.kind != "system":
        organization.demand_all(actor, KEEP, [])
    spec = document_of(district, document)
    known = {(copy.of, party) for copy in copies_of(district, document) for party in copy.parties}
    rows = [
        Signature(
            district_id=district.id, document=document, version=newest(spec), copy_of_id=copy, party_id=party, signed_on=day,
            noted_at=now, noted_by=actor.label[:120],
        )
        for copy, party, day in signed
        if (copy, party) in known
    ]  # fmt: skip
    made = Signature.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="registers.sign_many",
        target=spec.title[:80], detail={"document": document, "count": len(rows)}, now=now,
    )  # fmt: skip
    return len(made)


# ---- tags ----


def tag_grounds(district: packs.DistrictView, actor: Actor, tag: str) -> frozenset[int]:
    """The areas, and all below them, at which the actor's posts open a tag (0 statements); operators and programs: none."""
    spec = district.pack.tags.get(tag)
    if spec is None or actor.kind != "user" or actor.district_id != district.id:
        return frozenset()
    tree = territory.tree(district)
    posts = [post for post in actor.posts if post.role in spec.roles and "see_personal" in post.may]
    return frozenset(
        below for post in posts for ground in post.grounds if ground in tree for below in tree.under(ground)
    )


def _demand_tag(district: packs.DistrictView, actor: Actor, tag: str, area_id: int | None = None) -> frozenset[int]:
    here = tag_grounds(district, actor, tag)
    if not here or (area_id is not None and area_id not in here):
        raise NotAllowed("tag_closed", "您的岗位不能看这个标签。", "标签写明了哪几个岗位能看；确需的请联系管理员。")
    return here


@transaction.atomic
def look_at_marks(
    *, district: packs.DistrictView, tag: str, reason: str, actor: Actor, now: datetime, rows: int = 200
) -> list[Mark]:
    """Return the homes noted under a tag in the actor's places, and record who looked and why (2 statements).

    Raises:
        NotAllowed: no post of a role that the tag names. Invalid: no reason given.
    """
    here = _demand_tag(district, actor, tag)
    reason = reason.strip()
    if not 2 <= len(reason) <= NOTE_CHARS:
        raise Invalid("reason", "请写明为什么要看。", "例如 高温天上门看望。", "reason", limit=NOTE_CHARS)
    today = local(now).date()
    valid = Mark.objects.filter(
        district_id=district.id, tag=tag, area_id__in=list(here), ended_on=None, review_on__gte=today
    )
    found = list(valid.select_related("area").order_by("area__code", "id")[:rows])
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="registers.look_at_tag",
        target=district.pack.tags[tag].title, detail={"tag": tag, "count": len(found), "reason": reason}, now=now,
    )  # fmt: skip
    return found


@transaction.atomic
def mark_home(
    *, district: packs.DistrictView, tag: str, area_id: int, who: str, home: str, note: str, actor: Actor, now: datetime
) -> Mark:
    """Note a tag for a home (3 statements); it lapses by itself when it is not reviewed in time."""
    _demand_tag(district, actor, tag, area_id)
    spec, today = district.pack.tags[tag], local(now).date()
    who, home, note = who.strip(), home.strip(), note.strip()
    if not 1 <= len(who) <= WHO_CHARS:
        raise Invalid("who", "还没有写姓名。", f"{WHO_CHARS} 个字以内。", "who", limit=WHO_CHARS)
    if not 1 <= len(home) <= HOME_CHARS:
        raise Invalid("home", "还没有写住处。", f"{HOME_CHARS} 个字以内。", "home", limit=HOME_CHARS)
    if len(note) > NOTE_CHARS:
        raise Invalid("note_long", f"需要的帮助最多 {NOTE_CHARS} 个字。", "请改短。", "note", limit=NOTE_CHARS)
    same = Mark.objects.filter(district_id=district.id, tag=tag, area_id=area_id, who=who, home=home, ended_on=None)
    if same.exists():
        raise Conflict("marked", "这一户已经登过这个标签。", "到期前请复核，不用重登。")
    made = Mark.objects.create(
        district_id=district.id, tag=tag, area_id=area_id, who=who, home=home, note=note, from_on=today,
        review_on=today + timedelta(days=spec.review_days), noted_by=actor.label[:120],
    )  # fmt: skip
    _record_mark(district, actor, "mark_home", made, now)
    return made


@transaction.atomic
def review_mark(*, district: packs.DistrictView, mark_id: int, still: bool, actor: Actor, now: datetime) -> Mark:
    """Say after a review that a tag still holds, or take it off (3 statements)."""
    mark = Mark.objects.select_for_update().filter(pk=mark_id, district_id=district.id, ended_on=None).first()
    if mark is None or mark.tag not in district.pack.tags:
        raise NotFound("no_mark", "没有这一户，或已经撤下。", "请刷新后再看。")
    _demand_tag(district, actor, mark.tag, mark.area_id)
    today = local(now).date()
    if still:
        mark.review_on = today + timedelta(days=district.pack.tags[mark.tag].review_days)
    else:
        mark.ended_on = today
    mark.save(update_fields=["review_on", "ended_on"])
    _record_mark(district, actor, "keep_mark" if still else "take_off_mark", mark, now)
    return mark


def mark_many(*, district: packs.DistrictView, marks: Sequence[Mark], actor: Actor) -> int:
    """Take over marks for a demo (1 statement)."""
    if actor.kind != "system":
        raise access.refusal(KEEP)
    return len(Mark.objects.bulk_create(marks, batch_size=BATCH))


def _record_mark(district: packs.DistrictView, actor: Actor, action: str, mark: Mark, now: datetime) -> None:
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action=f"registers.{action}",
        target=district.pack.tags[mark.tag].title, detail={"mark": mark.pk, "tag": mark.tag, "area": mark.area_id}, now=now,
    )  # fmt: skip
