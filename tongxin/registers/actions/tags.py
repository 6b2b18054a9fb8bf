"""Tags: homes noted, looked at with a reason, reviewed, taken off. Who may is decided by the roles a tag names and their places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.turns import wait_our_turn
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.records import api as records
from tongxin.registers.actions.writing import BATCH, KEEP
from tongxin.registers.models import Mark
from tongxin.registers.rules import HOME_CHARS, NOTE_CHARS, WHO_CHARS
from tongxin.territory import api as territory


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
    """Note a tag for a home (4 statements); it lapses by itself when it is not reviewed in time.

    Raises Invalid without name or home or for too long a note, Conflict when it is noted already.
    """
    _demand_tag(district, actor, tag, area_id)
    spec, today = district.pack.tags[tag], local(now).date()
    who, home, note = who.strip(), home.strip(), note.strip()
    if not 1 <= len(who) <= WHO_CHARS:
        raise Invalid("who", "还没有写姓名。", f"{WHO_CHARS} 个字以内。", "who", limit=WHO_CHARS)
    if not 1 <= len(home) <= HOME_CHARS:
        raise Invalid("home", "还没有写住处。", f"{HOME_CHARS} 个字以内。", "home", limit=HOME_CHARS)
    if len(note) > NOTE_CHARS:
        raise Invalid("note_long", f"需要的帮助最多 {NOTE_CHARS} 个字。", "请改短。", "note", limit=NOTE_CHARS)
    wait_our_turn(f"marks:{area_id}")  # two clicks note a home once
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
    """Say after a review that a tag still holds, or take it off (3 statements); NotFound where there is none."""
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
