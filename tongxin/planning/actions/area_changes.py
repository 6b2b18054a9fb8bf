"""Single places split, merged and redrawn outside a plan: previewed, kept until their day, put in force whole or not at all.

Succession is territory's, posts are organization's, cases are procedures' and matters': this only calls their doors in one
transaction. Whoever may manage the areas concerned may do it; a whole community's grids are better drawn as a plan.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

import shapely
from django.db import InterfaceError, OperationalError, transaction

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid, Refusal
from tongxin.matters import api as matters
from tongxin.notices import api as notices
from tongxin.notices.api import Note
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.planning.actions.following import (
    below,
    desks_of,
    find_goals,
    followed_desks,
    move_cases,
    same_below,
    settle,
    tell_staff,
)
from tongxin.planning.actions.in_force import AGAIN, SAYS, SETTLE
from tongxin.planning.changes import get_change
from tongxin.planning.models import AreaChange
from tongxin.planning.reshaping import Draft
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory
from tongxin.territory.api import AreaTree

MANAGE = "manage_areas"
LONGEST_DAYS = 366

log = logging.getLogger(__name__)


def schedule_change(
    *, district: DistrictView, draft: Draft, reason: str, effective_on: date, actor: Actor, now: datetime
) -> AreaChange:
    """Keep a change for its day; one for today takes effect at once (4 statements, or see :func:`put_change_in_force`).

    Raises:
        NotAllowed: manage_areas is missing at one of the places. Invalid: no reason, a day in the past or beyond a year.
        Conflict: a change of one of the places waits already.
    """
    for place in draft.old:
        organization.demand(actor, MANAGE, place.id)
    reason = reason.strip()
    if not 0 < len(reason) <= 200:
        raise Invalid("reason", "请写明依据，200 字以内。", "例如：某街道某号批复。", "reason", limit=200)
    today = local(now).date()
    if not 0 <= (effective_on - today).days <= LONGEST_DAYS:
        raise Invalid("effective_on", "生效日应在今天到一年之内。", "请改一个日期。", "effective_on")
    tree = territory.tree(district)
    with transaction.atomic():
        packs.District.objects.select_for_update().get(pk=district.id)
        ids = {place.id for place in draft.old}
        for other in AreaChange.objects.filter(district_id=district.id, status=AreaChange.WAITING):
            if ids & {row[0] for row in other.old}:
                raise Conflict(
                    "change_waits", f"其中有的已有一次“{other.get_kind_display()}”等着生效（{other.effective_on:%Y-%m-%d}）。",
                    "请先撤回它，或等它生效以后再改。",
                )  # fmt: skip
        row = AreaChange.objects.create(
            district_id=district.id, kind=draft.kind, level=draft.level, parent_id=draft.parent_id, reason=reason,
            old=[[p.id, p.name, p.code, _hex(tree.outline(p.id))] for p in draft.old],
            new=[[one.key, one.name, _hex(one.outline), one.households, one.people, one.continues] for one in draft.new],
            effective_on=effective_on, made_by_id=actor.user_id, made_at=now,
        )  # fmt: skip
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action=f"planning.{draft.kind}_area",
            target="、".join(place.name for place in draft.old)[:120],
            detail={"change": row.pk, "reason": reason, "effective_on": f"{effective_on}"}, now=now,
        )  # fmt: skip
        if effective_on == today:
            row = put_change_in_force(district=district, change_id=row.pk, actor=actor, now=now)
    return row


def withdraw_change(*, district: DistrictView, change_id: int, actor: Actor, now: datetime) -> AreaChange:
    """Call off a change before its day (4 statements). Raises NotAllowed, NotFound, Conflict (it took effect, or was called off)."""
    with transaction.atomic():
        row = get_change(district, change_id, lock=True)
        for old in row.old:
            organization.demand(actor, MANAGE, old[0])
        if row.status != AreaChange.WAITING:
            raise Conflict(
                "change_over", f"这次变更{row.get_status_display()}，不能撤回。", "要改回去，请再办一次变更。"
            )
        row.status = AreaChange.WITHDRAWN
        row.save(update_fields=["status"])
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="planning.withdraw_area_change",
            target="、".join(old[1] for old in row.old)[:120], detail={"change": row.pk}, now=now,
        )  # fmt: skip
    return row


def put_change_in_force(*, district: DistrictView, change_id: int, actor: Actor, now: datetime) -> AreaChange:
    """Let a waiting change take effect: places, posts, cases with their log, notes to staff; all or nothing (about 60 statements).

    Raises:
        Conflict: it is over, or borders have changed since it was drawn. Others as ``territory.succeed_area``.
    """
    with transaction.atomic():
        row = get_change(district, change_id, lock=True)
        if row.status != AreaChange.WAITING:
            raise Conflict("change_over", f"这次变更{row.get_status_display()}。", "请刷新后再看。")
        before = territory.load_tree(district.id, district.pack.units.level_keys())
        for ident, name, _, outline in row.old:
            if before.get(ident) is None or _hex(before.outline(ident)) != outline:
                raise Conflict(
                    "places_changed",
                    f"“{name}”在画好以后又被改过，按原来画的改会出缝或重叠。",
                    "请撤回，照现在的边界重画。",
                )
        ids = [old[0] for old in row.old]
        if row.kind == "redraw":
            after, posts, moved, row.became = _redraw(district, row, before, actor, now)
        else:
            after, posts, moved, row.became = _succeed(district, row, before, actor, now)
        row.status, row.in_force_at, row.failed, row.moved = AreaChange.IN_FORCE, now, {}, sum(moved.values())
        row.save(update_fields=["status", "in_force_at", "failed", "became", "moved"])
        names = "、".join(before.full_name(ident) for ident in ids[:3])
        what = f"{names}{row.get_kind_display()}，今天生效（{row.reason}）。"
        notices.notify_posts(tell_staff(what[:300], ("", None), after, posts, moved), district_id=district.id, now=now)
    return row


def _succeed(
    district: DistrictView, row: AreaChange, before: AreaTree, actor: Actor, now: datetime
) -> tuple[AreaTree, dict[int, list[int]], dict[int, int], list[int]]:
    """Old places end, new ones begin with codes never used."""
    ids = [old[0] for old in row.old]
    made = territory.succeed_area(
        district=district, old_ids=ids, reason=row.reason, actor_label=actor.label, user_id=actor.user_id, now=now,
        new=[
            territory.NewArea(name, "", shapely.from_wkb(outline), households=households, people=people, source=f"{row.get_kind_display()}：{row.reason}"[:200])
            for _, name, outline, households, people, _ in row.new
        ],
    )  # fmt: skip
    after = territory.load_tree(district.id, district.pack.units.level_keys())
    heirs: dict[int, list[int]] = {old: list(made) for old in ids}
    continues = {area_id: new[5] for area_id, new in zip(made, row.new, strict=True) if new[5] is not None}
    heirs |= below(before, after, heirs)
    continues |= same_below(before, after, {old: own for old, own in heirs.items() if old not in ids})
    followed = organization.follow_places(district=district, heirs=heirs, continues=continues, actor=actor, now=now)
    cases = procedures.list_in_hand(district, list(heirs))
    goals = find_goals(district, cases, heirs, before, after)
    desks = followed_desks(cases, goals, followed)
    moved = move_cases(district, cases, goals, desks, after, says=SAYS, actor=actor, now=now)
    return after, followed.posts, moved, made


def _redraw(
    district: DistrictView, row: AreaChange, before: AreaTree, actor: Actor, now: datetime
) -> tuple[AreaTree, dict[int, list[int]], dict[int, int], list[int]]:
    """Outlines change, codes stay; cases that now lie in the neighbour go there."""
    ids = [old[0] for old in row.old]
    territory.redraw_together(
        district=district, level=row.level, outlines={new[0]: shapely.from_wkb(new[2]) for new in row.new}, reason=row.reason,
        actor_label=actor.label, user_id=actor.user_id, now=now,
    )  # fmt: skip
    after = territory.load_tree(district.id, district.pack.units.level_keys())
    cases = procedures.list_in_hand(district, ids)
    spots = matters.spots_of(district, [case.subject_id for case in cases if case.subject_kind == matters.SUBJECT])
    goals: dict[int, int] = {}
    for case in cases:
        spot = spots.get(case.subject_id) if case.subject_kind == matters.SUBJECT else None
        here = after.locate(*spot) if spot is not None else None
        place = after.ancestor(here.id, row.level) if here is not None else None
        if place is not None and place.id != case.area_id and place.id in ids:
            goals[case.run_id] = place.id
    known = organization.directory(district)
    posts: dict[int, list[int]] = {ident: [] for ident in ids}
    for post in known.posts():
        if post.area_id in posts and not post.ended:
            posts[post.area_id].append(post.id)
    moved = move_cases(district, cases, goals, desks_of(cases, goals, known), after, says=SAYS, actor=actor, now=now)
    return after, posts, moved, ids


def put_due_changes(now: datetime) -> int:
    """Let changes take effect whose day has come; return how many did (1 statement when none is due).

    One that cannot stays waiting and nothing has changed; whoever made it is told why, and it is tried again after ``AGAIN``.
    """
    done = 0
    due = AreaChange.objects.filter(status=AreaChange.WAITING, effective_on__lte=local(now).date())
    for change_id, district_id, failed in list(
        due.order_by("effective_on", "id").values_list("id", "district_id", "failed")
    ):
        if failed and now - datetime.fromisoformat(failed["at"]) < AGAIN:
            continue
        packs.forget_districts()
        district = next((view for view in packs.list_districts() if view.id == district_id), None)
        if district is None:
            continue
        try:
            put_change_in_force(
                district=district, change_id=change_id, actor=organization.system_actor(district), now=now
            )
        except Refusal as refusal:
            _tell_why(district, change_id, refusal.sentence, now)
        except (OperationalError, InterfaceError):
            raise  # the database went away: the worker waits and begins anew
        except Exception:
            log.exception("area change %s could not take effect", change_id)
            _tell_why(district, change_id, "变更生效时程序出了错，已记入日志，什么都没有改。请告诉运维。", now)
        else:
            done += 1
            packs.forget_districts()
    return done + _settle(now)


def _tell_why(district: DistrictView, change_id: int, why: str, now: datetime) -> None:
    with transaction.atomic():
        row = get_change(district, change_id, lock=True)
        known = row.failed.get("why")
        row.failed = {"at": now.isoformat(), "why": why}
        row.save(update_fields=["failed"])
        if row.made_by_id is not None and why != known:
            title = f"{row.get_kind_display()}未能生效：{row.old[0][1]}"
            note = Note(kind="late", title=title, user_id=row.made_by_id, body=why)
            notices.notify_posts([note], district_id=district.id, now=now)


def _settle(now: datetime) -> int:
    """Move matters that came in while a change took effect and were still written into a place that ended."""
    moved = 0
    recent = AreaChange.objects.filter(status=AreaChange.IN_FORCE, in_force_at__gte=now - SETTLE).exclude(kind="redraw")
    for row in list(recent):
        district = next((view for view in packs.list_districts() if view.id == row.district_id), None)
        if district is not None:
            heirs = {old[0]: list(row.became) for old in row.old}
            moved += settle(district, list(heirs), heirs, says=SAYS, now=now)
    return moved


def _hex(outline: Any) -> str:
    return "" if outline is None else str(shapely.to_wkb(outline, hex=True))
