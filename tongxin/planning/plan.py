"""One plan from start to finish: check, start, improve, bound, explain. The only entrance pages need for planning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tongxin.planning.bounds import Bound, bound_loads
from tongxin.planning.exact import least_cost, least_deviation
from tongxin.planning.explain import check_wish, explain_plan
from tongxin.planning.findings import Finding, PlanningError, Progress, name_some, tell
from tongxin.planning.improve import NORMAL, Effort, improve
from tongxin.planning.judge import Judgement, is_contiguous, judge, match_today
from tongxin.planning.objective import Wish, total_cost
from tongxin.planning.partition import start
from tongxin.planning.units import Ints, UnitGraph, sum_by


@dataclass(frozen=True, eq=False)
class Proposal:
    """``part`` (n,) numbers 0…k-1; ``continues[p]`` the code of today's grid that part p continues, or None.

    ``gap`` bounds how much larger the largest part is than in the best possible plan with as many parts
    (0.03 = 3 %); ``proven`` that no contiguous plan in the range has a lower cost.
    """

    part: Ints
    continues: tuple[str | None, ...]
    judgement: Judgement
    bound: Bound
    gap: float
    proven: bool
    findings: tuple[Finding, ...]


def propose(
    graph: UnitGraph,
    wish: Wish,
    *,
    seed: int = 0,
    effort: Effort = NORMAL,
    begin: Ints | None = None,
    exact_up_to: int = 40,
    progress: Progress | None = None,
) -> Proposal:
    """A contiguous plan for the graph.

    ``begin`` (n,) starts from a given contiguous plan (today's grids, a plan under work) instead of afresh; locked
    units need it or today's grids. Graphs of at most ``exact_up_to`` units are also solved exactly where possible.
    Raises ``PlanningError`` for a wish that no plan can answer, ``PlanningStopped`` when ``progress`` says no.
    """
    tell(progress, "start", 0.0)
    found = [*graph.findings, *check_wish(graph, wish)]
    if begin is None and (graph.locked.any() or (wish.order[0] == "change" and bool((graph.today >= 0).all()))):
        begin = _today(graph)
    if begin is not None:
        _check_begin(graph, wish, begin)
    part = begin if begin is not None else start(graph, wish, seed)
    part = np.unique(part, return_inverse=True)[1].astype(np.int64).reshape(-1)
    part = improve(graph, wish, part, seed=seed, effort=effort, home=_home(graph, part), progress=progress)
    part, proven = _finish_exactly(graph, wish, part, exact_up_to, progress)
    bound = bound_loads(graph.load, int(part.max()) + 1)
    largest = float(sum_by(part, graph.load).max())
    tell(progress, "done", 1.0)
    return Proposal(
        part=part,
        continues=_continues(graph, part),
        judgement=judge(graph, part, wish),
        bound=bound,
        gap=largest / bound.largest - 1.0,
        proven=proven,
        findings=(*found, *explain_plan(graph, wish, part, bound)),
    )


def _finish_exactly(
    graph: UnitGraph, wish: Wish, part: Ints, up_to: int, progress: Progress | None
) -> tuple[Ints, bool]:
    """For small graphs take the proven best when it is better; change and locks are beyond the exact model."""
    if graph.n > up_to or graph.locked.any() or (graph.today >= 0).any():
        return part, False
    if wish.low == 0 and wish.parts is not None:
        answer = least_deviation(
            graph, wish.parts, part, most_groups=100_000, most_columns=1_500, seconds=30.0, progress=progress
        )
        return (part if answer.part is None else answer.part), answer.status == "optimal"
    if wish.low == 0:
        return part, False
    answer = least_cost(graph, wish, part, most_groups=60_000, most_columns=1_500, seconds=30.0, progress=progress)
    if answer.part is None or answer.status in ("too_large", "impossible"):
        return part, False
    if total_cost(graph, wish, answer.part) <= total_cost(graph, wish, part) + 1e-9:
        return answer.part, answer.status == "optimal"
    return part, False


def _today(graph: UnitGraph) -> Ints:
    missing = [graph.codes[i] for i in np.flatnonzero(graph.today < 0)]
    if missing:
        raise PlanningError(
            f"有锁定的单元，但 {len(missing)} 个单元不在任何现有网格中：{name_some(missing)}。",
            "锁定要从一份完整的方案出发。",
            "请先补全现有网格，或取消锁定。",
            missing,
        )
    return graph.today


def _check_begin(graph: UnitGraph, wish: Wish, begin: Ints) -> None:
    if begin.shape != (graph.n,) or (begin < 0).any():
        raise PlanningError("起始方案没有覆盖全部单元。", "", "请先把每个单元放进一个网格。")
    if wish.parts is not None and len(np.unique(begin)) != wish.parts:
        raise PlanningError(
            f"起始方案有 {len(np.unique(begin))} 份，要求 {wish.parts} 份。", "", "请先拆分或合并，或不限定份数。"
        )
    if not is_contiguous(graph, begin):
        broken = [p for p in np.unique(begin).tolist() if not is_contiguous(graph, np.where(begin == p, 0, -1))]
        codes = [graph.codes[int(np.flatnonzero(begin == p)[0])] for p in broken]
        raise PlanningError(
            f"起始方案有 {len(broken)} 份不相连，含单元 {name_some(codes)}。",
            "搜索只保持相连，不修补。",
            "请先改好，或重新起算。",
            codes,
        )


def _home(graph: UnitGraph, part: Ints) -> Ints | None:
    """For each unit the part that continues its grid of today; -1 where none does."""
    if not (graph.today >= 0).any():
        return None
    part_of = {t: p for p, t in match_today(graph.load, graph.today, part).items()}
    return np.array([part_of.get(int(t), -1) for t in graph.today], dtype=np.int64)


def _continues(graph: UnitGraph, part: Ints) -> tuple[str | None, ...]:
    matched = match_today(graph.load, graph.today, part) if (graph.today >= 0).any() else {}
    codes = graph.today_codes
    return tuple(codes[matched[p]] if p in matched else None for p in range(int(part.max()) + 1))
