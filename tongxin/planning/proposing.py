"""One community divided by the machine: afresh, from today's places, or from a plan under work with its locks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tongxin.planning.board import Board
from tongxin.planning.findings import Finding, PlanningError, Progress, name_some
from tongxin.planning.improve import NORMAL, Effort
from tongxin.planning.judge import is_contiguous, match_today
from tongxin.planning.nested import plan_inside
from tongxin.planning.objective import Wish
from tongxin.planning.plan import propose
from tongxin.planning.units import Ints

Begin = Literal["afresh", "today", "improve", "plan"]


@dataclass(frozen=True)
class Divided:
    """``part`` (n,) numbers 0…k-1, and what there was to say."""

    part: Ints
    said: tuple[Finding, ...] = ()


def divide(
    board: Board,
    wish: Wish,
    begin: Begin = "afresh",
    *,
    seed: int = 0,
    effort: Effort = NORMAL,
    progress: Progress | None = None,
) -> Divided:
    """Divide a community.

    Args:
        begin: ``afresh`` begins with nothing; ``today`` takes today's places as they are, for work by hand; ``improve`` lets the
            search begin with them; ``plan`` begins with the board's own parts and keeps what is locked where it is.

    Raises:
        PlanningError: the units or the wish allow no plan; the sentence names the units. PlanningStopped.
    """
    graph = board.graph
    if begin in ("today", "improve"):
        part, said = today_parts(board)
        if begin == "today":
            return Divided(part, said)
        if is_contiguous(graph, part):
            answer = propose(graph, wish, seed=seed, effort=effort, begin=part, exact_up_to=0, progress=progress)
            return Divided(answer.part, said)
        said += (Finding("today_broken", f"“{board.name}”现有的划分有不相连的，不能从它起步，改为重新起算。"),)
        return Divided(_afresh(board, wish, seed, effort, progress), said)
    if begin == "plan" and any(board.locked):
        part = np.unique(board.part, return_inverse=True)[1].astype(np.int64).reshape(-1)
        if not is_contiguous(graph, part):
            raise PlanningError(
                f"“{board.name}”现有的方案里有不相连的格。",
                "有锁定的单元时，要从相连的方案起步。",
                "请先改好，或解除锁定。",
            )
        answer = propose(graph, wish, seed=seed, effort=effort, begin=part, exact_up_to=0, progress=progress)
        return Divided(answer.part)
    return Divided(_afresh(board, wish, seed, effort, progress))


def _afresh(board: Board, wish: Wish, seed: int, effort: Effort, progress: Progress | None) -> Ints:
    """Even parts: as many as the range allows and the units make even."""
    graph = board.graph
    one = np.zeros(graph.n, dtype=np.int64)
    return plan_inside(graph, one, wish, seed=seed, effort=effort, progress=progress).part


def today_parts(board: Board) -> tuple[Ints, tuple[Finding, ...]]:
    """Return today's division as part numbers; a unit in no place of today joins the nearest unit that is in one, and it is said.

    Raises:
        PlanningError: nothing in the community is in a place of today.
    """
    known = np.array([i for i, place in enumerate(board.today) if place is not None], dtype=np.int64)
    if not len(known):
        raise PlanningError(
            f"“{board.name}”现在没有可以参照的划分。", "没有一栋楼在已画边界的格里。", "请选择“重新划分”。"
        )
    number = {place: k for k, place in enumerate(dict.fromkeys(board.today[i] for i in known.tolist()))}
    part = np.empty(board.n, dtype=np.int64)
    stray = []
    for i, place in enumerate(board.today):
        if place is None:
            gap = board.graph.xy[known] - board.graph.xy[i]
            part[i] = number[board.today[int(known[int(np.hypot(*gap.T).argmin())])]]
            stray.append(board.labels[i])
        else:
            part[i] = number[place]
    if not stray:
        return part, ()
    words = f"“{board.name}”有 {len(stray)} 个单元不在任何现有的格里，先归到最近的格：{name_some(stray)}。"
    return part, (Finding("not_in_today", words, tuple(stray)),)


def number_parts(board: Board, above: int) -> dict[int, int]:
    """Return part of the board → number in the plan, rows from the north, each from the west, from ``above`` + 1."""
    centres = {p: board.points[board.part == p].mean(axis=0) for p in np.unique(board.part).tolist()}
    tall = float(np.ptp(board.points[:, 1])) / max(1.0, len(centres) ** 0.5) or 1.0
    order = sorted(centres, key=lambda p: (-round(float(centres[p][1]) / tall), float(centres[p][0])))
    return {p: above + k for k, p in enumerate(order, start=1)}


def continued(board: Board) -> dict[int, int]:
    """Return part number → id of today's place that it continues: the one it shares most with, each used once."""
    codes = sorted({place for place in board.today if place is not None})
    index = {place: k for k, place in enumerate(codes)}
    today = np.array([-1 if place is None else index[place] for place in board.today], dtype=np.int64)
    load = np.array([value or 0.0 for value in board.loads], dtype=np.float64) + 1e-6  # empty buildings count a little
    return {part: codes[place] for part, place in match_today(load, today, board.part).items()}
