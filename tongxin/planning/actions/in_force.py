"""A plan takes effect: places succeed places, posts and people follow, cases in hand move, staff are told. All or nothing.

Idempotent: a plan in force stays as it is. The worker calls it on the day; killed in the midst, nothing has happened and it is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Refusal
from tongxin.notices import api as notices
from tongxin.notices.api import Note
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.planning.actions.following import (
    below,
    find_goals,
    followed_desks,
    move_cases,
    same_below,
    settle,
    tell_staff,
)
from tongxin.planning.models import Plan, PlanPart
from tongxin.planning.queries import SUBJECT, parts_of, plan_boards
from tongxin.planning.replacing import Begun, Replacing, work_out
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.territory.api import AreaTree

SETTLE = timedelta(minutes=15)  # a matter reported in the very moment of the change is looked for that long
AGAIN = timedelta(minutes=10)  # how soon a plan that could not take effect is tried again
BY = "网格调整"
SAYS = "网格作了调整，这件事现由{place}继续办理"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preview:
    """What would change: by community, with the cases in hand in each place that ends."""

    replacing: list[Replacing]
    in_hand: dict[int, int]

    @property
    def ended(self) -> int:
        """Places that end."""
        return sum(len(one.ended) for one in self.replacing)

    @property
    def begun(self) -> int:
        """Places that begin."""
        return sum(len(one.begun) for one in self.replacing)

    @property
    def kept(self) -> int:
        """Places that stay as they are."""
        return sum(len(one.kept) + len(one.untouched) for one in self.replacing)

    @property
    def cases(self) -> int:
        """Cases in hand that move."""
        return sum(self.in_hand.values())


def preview(district: DistrictView, plan: Plan, tree: AreaTree | None = None) -> Preview:
    """Work out what the plan would change if it took effect now (5 statements). Raises Invalid as ``work_out``."""
    tree = tree or territory.tree(district)
    names = {number: part.name for number, part in parts_of(plan).items()}
    replacing = [work_out(board, names, tree, plan.level) for board in plan_boards(district, tree, plan)]
    ended = [place.id for one in replacing for place in one.ended]
    in_hand: dict[int, int] = {}
    for case in procedures.list_in_hand(district, [i for e in ended for i in tree.under(e, ended=True)]):
        above = tree.ancestor(case.area_id, plan.level)
        if above is not None:
            in_hand[above.id] = in_hand.get(above.id, 0) + 1
    return Preview(replacing, in_hand)


def put_in_force(*, district: DistrictView, plan_id: int, actor: Actor, now: datetime) -> tuple[Plan, list[Note]]:
    """Let an approved plan take effect; return it and the notes for staff, which the caller leaves with its step.

    About 60 statements, and some 12 for each community that changes.

    Raises:
        Conflict: it is not approved. Invalid: see ``work_out``; nothing has changed then.
    """
    with transaction.atomic():
        plan = Plan.objects.select_for_update(of=("self",)).get(district_id=district.id, pk=plan_id)
        if plan.status == "in_force":
            return plan, []
        if plan.status != "approved":
            raise Conflict("plan_not_approved", f"方案“{plan.title}”还没有批准，不能生效。", "请先走完审核和备案。")
        levels = district.pack.units.level_keys()
        tree = territory.load_tree(district.id, levels)
        changes = preview(district, plan, tree).replacing
        became = {number: area_id for one in changes for number, area_id in one.kept.items()}
        heirs: dict[int, list[int]] = {}
        continues: dict[int, int] = {}
        for one in changes:
            if one.nothing:
                continue
            made = _begin(district, plan, one, actor, now)
            became |= made
            for old_id, number in one.links:
                heirs.setdefault(old_id, []).append(made[number])
            for place in one.ended:
                heirs.setdefault(place.id, [])
            continues |= {made[new.number]: new.continues for new in one.begun if new.continues is not None}
        after = territory.load_tree(district.id, levels)
        heirs |= below(tree, after, heirs)
        continues |= same_below(tree, after, heirs)
        followed = organization.follow_places(district=district, heirs=heirs, continues=continues, actor=actor, now=now)
        cases = procedures.list_in_hand(district, list(heirs))
        goals = find_goals(district, cases, heirs, tree, after)
        moved = move_cases(
            district, cases, goals, followed_desks(cases, goals, followed), after, says=SAYS, actor=actor, now=now
        )
        _written(plan, became, now)
        return plan, tell_staff(f"方案“{plan.title}”今天生效。", (SUBJECT, plan.pk), after, followed.posts, moved)


def _begin(district: DistrictView, plan: Plan, one: Replacing, actor: Actor, now: datetime) -> dict[int, int]:
    """Make the new places of a community; return number → id."""
    new = [_area(plan, begun) for begun in one.begun]
    if one.ended:
        index = {begun.number: k for k, begun in enumerate(one.begun)}
        made = territory.succeed_area(
            district=district, old_ids=[place.id for place in one.ended], new=new, reason=f"{BY}：{plan.title}"[:200],
            links=[(old_id, index[number]) for old_id, number in one.links], actor_label=actor.label, user_id=actor.user_id, now=now,
        )  # fmt: skip
        return {begun.number: area_id for begun, area_id in zip(one.begun, made, strict=True)}
    return {
        begun.number: territory.add_area(
            district=district,
            level=plan.level,
            parent_id=one.inside,
            area=area,
            actor_label=actor.label,
            user_id=actor.user_id,
            now=now,
        )
        for begun, area in zip(one.begun, new, strict=True)
    }


def _area(plan: Plan, begun: Begun) -> territory.NewArea:
    return territory.NewArea(
        begun.name,
        "",
        begun.outline,
        households=begun.households,
        people=begun.people,
        source=f"{BY}：{plan.title}"[:200],
    )


def _written(plan: Plan, became: Mapping[int, int], now: datetime) -> None:
    parts = list(PlanPart.objects.filter(plan=plan))
    for part in parts:
        part.became_id = became.get(part.number)
    PlanPart.objects.bulk_update(parts, ["became"], batch_size=2_000)
    plan.status, plan.in_force_at, plan.changed_at = "in_force", now, now
    plan.score = {key: value for key, value in plan.score.items() if key != "failed"}
    plan.save(update_fields=["status", "in_force_at", "changed_at", "score"])


def put_due_in_force(now: datetime) -> int:
    """Let approved plans take effect whose day has come, each by its own procedure; return how many did (1 statement when none is due).

    A plan that cannot take effect stays approved and nothing has changed; the holder of its case is told why, and it is tried again
    after ``AGAIN``. A fault of ours in one plan does not stop the worker.
    """
    done = 0
    due = Plan.objects.filter(status="approved", effective_on__lte=local(now).date()).order_by("effective_on", "id")
    for plan_id, district_id, score in list(due.values_list("id", "district_id", "score")):
        tried = score.get("failed", {}).get("at")
        if tried is not None and now - datetime.fromisoformat(tried) < AGAIN:
            continue
        packs.forget_districts()
        district = next((view for view in packs.list_districts() if view.id == district_id), None)
        run = procedures.find_run(district, SUBJECT, plan_id) if district is not None else None
        if district is None or run is None or run.finished_at is not None:
            continue
        try:
            procedures.act(
                district=district, run_id=run.id, transition="take_effect", form={}, actor=organization.system_actor(district), now=now,
                request_key=f"take-effect-{plan_id}-{run.seq}",
            )  # fmt: skip
        except Refusal as refusal:
            _tell_why(plan_id, refusal.sentence, run.holder_post_id, district, now)
        except (OperationalError, InterfaceError):
            raise  # the database went away: the worker waits and begins anew
        except Exception:
            log.exception("plan %s could not take effect", plan_id)
            why = "换成新网格时程序出了错，已记入日志，什么都没有改。请把方案名称告诉运维。"
            _tell_why(plan_id, why, run.holder_post_id, district, now)
        else:
            done += 1
            packs.forget_districts()
    return done


def _tell_why(plan_id: int, why: str, post_id: int | None, district: DistrictView, now: datetime) -> None:
    """Keep on the plan why it failed; a note to the holder when it is something new."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan_id)
        before = plan.score.get("failed", {}).get("why")
        plan.score = {**plan.score, "failed": {"at": now.isoformat(), "why": why}}
        plan.save(update_fields=["score"])
        if post_id is not None and why != before:
            note = Note(
                kind="late",
                title=f"方案未能生效：{plan.title}",
                post_id=post_id,
                body=why,
                subject_kind=SUBJECT,
                subject_id=plan_id,
            )
            notices.notify_posts([note], district_id=district.id, now=now)


def settle_stragglers(now: datetime) -> int:
    """Move matters that came in while a plan took effect and were still written into a place that ended; return how many."""
    moved = 0
    for plan in list(Plan.objects.filter(status="in_force", in_force_at__gte=now - SETTLE)):
        district = next((view for view in packs.list_districts() if view.id == plan.district_id), None)
        if district is None:
            continue
        tree = territory.load_tree(district.id, district.pack.units.level_keys())
        parts = [p for p in PlanPart.objects.filter(plan=plan) if p.continues_id]
        heirs = {p.continues_id: [p.became_id] for p in parts if p.continues_id and p.became_id}
        gone = [p.continues_id for p in parts if p.continues_id and tree.get(p.continues_id) is None]
        moved += settle(district, gone, heirs, says=SAYS, now=now)
    return moved
