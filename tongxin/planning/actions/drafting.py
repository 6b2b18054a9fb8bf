"""The machine's work on plans, done by the worker: with its share told, stoppable, and begun anew when a worker dies in the midst."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import cast

import numpy as np
from django.db import InterfaceError, OperationalError, transaction

from tongxin.kernel.errors import Refusal
from tongxin.kernel.turns import our_turn
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.planning import scoring
from tongxin.planning.actions.plans import rescore
from tongxin.planning.board import Board
from tongxin.planning.findings import PlanningError, PlanningStopped, Progress
from tongxin.planning.models import Drafting, Plan, PlanMember, PlanMove, PlanPart
from tongxin.planning.naming import name_parts
from tongxin.planning.proposing import Begin, continued, divide, number_parts
from tongxin.planning.queries import load_boards
from tongxin.planning.units import LoadBy
from tongxin.territory import api as territory

TELL_SECONDS = 0.5  # how often the share is written and the wish to stop is read
BATCH = 5_000
_LOCK = 0x7478_6764  # "txgd": our advisory locks on plans

log = logging.getLogger(__name__)


def draft_waiting(now: Callable[[], datetime], meanwhile: Callable[[], object] = lambda: None) -> int:
    """Draw the plans that wait, oldest first; return how many were served. Several workers share the work.

    Args:
        meanwhile: called now and then while the machine computes, outside any transaction, so that deadlines are not kept waiting.
    """
    served = 0
    for ident in list(Drafting.objects.filter(ended_at=None).order_by("asked_at").values_list("plan_id", flat=True)):
        with our_turn(_LOCK, ident) as mine:
            if mine and Drafting.objects.filter(plan_id=ident, ended_at=None).exists():
                _draft(ident, now, meanwhile)
                served += 1
    return served


def _draft(plan_id: int, now: Callable[[], datetime], meanwhile: Callable[[], object]) -> None:
    plan = Plan.objects.get(pk=plan_id)
    district = next((view for view in packs.list_districts() if view.id == plan.district_id), None)
    if district is None:
        return
    Drafting.objects.filter(plan=plan).update(begun_at=now(), share=0.0, stage="读取楼栋")
    outcome, says = "done", ""
    try:
        says = _compute(district, plan, now, meanwhile)
    except PlanningStopped:
        outcome, says = "stopped", "已按要求停下，方案保持原样。"
    except PlanningError as error:
        outcome, says = "refused", str(error)
    except Refusal as refusal:
        outcome, says = "refused", refusal.sentence
    except (OperationalError, InterfaceError):
        raise  # the database went away: the worker waits and begins anew
    except Exception:
        # a fault of ours in one plan must not stop the worker, which would meet the same plan again and again
        log.exception("drawing plan %s failed", plan_id)
        outcome, says = "refused", "机器划分时出了错，已记入日志，方案保持原样。请把方案名称告诉运维。"
    Drafting.objects.filter(plan=plan).update(
        ended_at=now(), outcome=outcome, says=says[:4000], share=1.0 if outcome == "done" else 0.0, stage=""
    )


class _Teller:
    """Writes the share done, reads the wish to stop."""

    def __init__(self, plan_id: int, meanwhile: Callable[[], object]) -> None:
        self.plan_id, self.meanwhile, self.told = plan_id, meanwhile, 0.0

    def of(self, name: str, begin: float, width: float) -> Progress:
        def progress(stage: str, share: float) -> bool:
            moment = time.monotonic()
            if moment - self.told < TELL_SECONDS:
                return True
            self.told = moment
            self.meanwhile()
            asked = Drafting.objects.filter(plan_id=self.plan_id)
            asked.update(share=begin + width * share, stage=f"正在划分{name}")
            return not asked.filter(stop_asked=True).exists()

        return progress


def _compute(district: DistrictView, plan: Plan, now: Callable[[], datetime], meanwhile: Callable[[], object]) -> str:
    """Divide each community by itself and write the plan; return what is to be said beside it."""
    tree = territory.tree(district)
    wish = scoring.wish_of(plan.wish)
    boards, refused = load_boards(
        district, tree, under=plan.under_id, level=plan.level, load_by=cast(LoadBy, plan.load_by), now=now()
    )
    if plan.begin == "plan":
        _take_over(plan, boards)
    teller = _Teller(plan.pk, meanwhile)
    total = sum(board.n for board in boards) or 1
    behind, done, said = 0, [], list(refused)
    for board in boards:
        progress = teller.of(board.name, behind / total, board.n / total)
        if progress(board.name, 0.0) is False:
            raise PlanningStopped(board.name)
        try:
            divided = divide(board, wish, cast(Begin, plan.begin), seed=plan.seed, progress=progress)
        except PlanningError as error:
            said.append(f"“{board.name}”没有划分：{error}")
        else:
            board.part = divided.part
            said += [finding.sentence for finding in divided.said]
            done.append(board)
        behind += board.n
    if not done:
        raise PlanningError("".join(said) or "没有可以划分的。")
    title = next((one.title for one in district.pack.units.levels if one.key == plan.level), plan.level)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=plan.pk)
        if plan.status != "draft":
            raise PlanningError("方案已经报送，不再改动。")
        _write(plan, done, tree, title, keep_locks=plan.begin == "plan")
        plan.score = {"said": said}
        rescore(district, plan, boards=done)
        plan.version += 1
        plan.changed_at = now()
        plan.save(update_fields=["score", "version", "changed_at"])
    return "".join(said)


def _take_over(plan: Plan, boards: list[Board]) -> None:
    """Lay the plan's own parts and locks over fresh boards; a unit that is new joins the nearest one."""
    known = {
        unit_id: (part, locked)
        for unit_id, part, locked in PlanMember.objects.filter(plan=plan).values_list("unit_id", "part", "locked")
    }
    for board in boards:
        there = np.array([i for i, ident in enumerate(board.ids) if ident in known], dtype=np.int64)
        if not len(there):
            continue
        part = np.zeros(board.n, dtype=np.int64)
        for i, ident in enumerate(board.ids):
            near = i
            if ident not in known:
                near = int(there[int(np.hypot(*(board.points[there] - board.points[i]).T).argmin())])
            part[i] = known[board.ids[near]][0]
        board.part = part
        board.locked = [known.get(ident, (0, False))[1] for ident in board.ids]


def _write(plan: Plan, boards: list[Board], tree: territory.AreaTree, title: str, *, keep_locks: bool) -> None:
    """Put the boards' parts in place of what the plan held; parts are numbered from north-west to south-east (7 statements)."""
    PlanMove.objects.filter(plan=plan).delete()
    PlanMember.objects.filter(plan=plan).delete()
    PlanPart.objects.filter(plan=plan).delete()
    parts: list[PlanPart] = []
    members: list[PlanMember] = []
    for board in boards:
        order = number_parts(board, len(parts))
        board.part = np.array([order[p] for p in board.part.tolist()], dtype=np.int64)
        goes_on = continued(board)
        areas = [goes_on.get(number) for number in order.values()]
        old = [tree.ever(area_id) for area_id in areas]
        siblings = tree.at_level(plan.level, board.inside)
        names = name_parts(
            [place.name if place else None for place in old],
            [place.name for place in siblings],
            title,
            standing=[place.name for place in siblings if place.id not in set(board.today)],
        )
        parts += [
            PlanPart(plan=plan, number=number, name=name, inside_id=board.inside, continues_id=area_id)
            for number, name, area_id in zip(order.values(), names, areas, strict=True)
        ]
        locked = board.locked if keep_locks and board.locked else [False] * board.n
        members += [
            PlanMember(
                plan=plan, unit_id=board.ids[i], inside_id=board.inside, part=int(board.part[i]), load=float(board.loads[i] or 0), locked=locked[i]
            )
            for i in range(board.n)
        ]  # fmt: skip
        board.locked = locked
    PlanPart.objects.bulk_create(parts, batch_size=BATCH)
    PlanMember.objects.bulk_create(members, batch_size=BATCH)
