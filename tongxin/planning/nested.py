"""Levels inside levels: communities → grids (300–500) → micro-grids (50–80) or groups of 200.

Each level is planned inside each part of the one above, so a grid never straddles communities (G-05). Compounds
above a block's size are split into blocks first; blocks of one compound stay neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tongxin.planning.bounds import bound_loads
from tongxin.planning.even import EVEN_ENOUGH, EVEN_UNITS, Verdict, most_even
from tongxin.planning.findings import Finding, PlanningError, Progress, tell
from tongxin.planning.improve import NORMAL, Effort
from tongxin.planning.objective import GRID, Wish
from tongxin.planning.plan import propose
from tongxin.planning.units import Floats, Ints, UnitGraph, sum_by

EXACT_UNITS = 40
HARD = Effort(rounds=6, width=14, exact_units=9, trees=16)


@dataclass(frozen=True, eq=False)
class Level:
    """Plan of one level: ``part`` (n,) numbered over the whole graph, ``above`` (k,) the parent part of each part.

    ``verdicts``: for each parent part how even its units allow it to be (``even.Evenness``), where that was asked.
    """

    wish: Wish
    part: Ints
    above: Ints
    findings: tuple[Finding, ...]
    verdicts: Mapping[int, Verdict]


def plan_inside(
    graph: UnitGraph,
    parent: Ints,
    wish: Wish = GRID,
    *,
    seed: int = 0,
    effort: Effort = NORMAL,
    even: bool = True,
    progress: Progress | None = None,
) -> Level:
    """Plan every part of ``parent`` (n,) by itself. With ``even`` each parent chooses its number of parts so that they

    can be even, and they are evened out to the parent's own mean, not to the target; hard cases get more work.
    """
    if parent.shape != (graph.n,) or (parent < 0).any():
        raise PlanningError("上一级的划分没有覆盖全部单元。", "", "请先完成上一级。")
    part = np.zeros(graph.n, dtype=np.int64)
    above: list[int] = []
    found: list[Finding] = []
    verdicts: dict[int, Verdict] = {}
    groups = split_graph(graph, parent)
    for done, (number, index, inner) in enumerate(groups):
        tell(progress, "nested", done / len(groups))
        planned = _plan_parent(inner, wish, seed, effort, even, progress)
        part[index] = planned.part + len(above)
        above += [number] * (int(planned.part.max()) + 1)
        found += [f for f in planned.said if f.severity != "note"]
        if planned.verdict is not None:
            verdicts[number] = planned.verdict
    return Level(wish, part, np.array(above, dtype=np.int64), tuple(found), verdicts)


@dataclass(frozen=True, eq=False)
class _Planned:
    """One parent's division, what there was to say, and how even it can be."""

    part: Ints
    said: tuple[Finding, ...]
    verdict: Verdict | None = None


def _plan_parent(
    inner: UnitGraph, wish: Wish, seed: int, effort: Effort, even: bool, progress: Progress | None
) -> _Planned:
    """The best of a few tries: count by count, quick first, then proven where it is small, else thorough."""
    counts = even_counts(inner.load, wish) if even else []
    if not counts:
        answer = propose(inner, wish, seed=seed, effort=effort, exact_up_to=0, progress=progress)
        return _Planned(answer.part, answer.findings)
    best = _best_of(inner, wish, counts[:3], seed, effort, progress)
    if best.rank[:2] == (0, EVEN_ENOUGH):
        return _Planned(best.part, best.said, "even")
    verdict: Verdict = "open"
    if inner.n <= EVEN_UNITS and wish.order[0] == "load" and not inner.locked.any():
        proven = most_even(inner, counts, wish.low, wish.high, known=best.part, progress=progress)
        verdict = proven.verdict
        if proven.part is not None and verdict != "open":
            return _Planned(*_smooth(inner, wish, proven.part, seed, effort), verdict)
        if verdict == "outside":
            return _Planned(best.part, best.said, verdict)
    if best.rank[0] or inner.n <= 400:  # large parents are even enough by then; work is for the small and awkward
        best = min(best, _best_of(inner, wish, counts[:1], seed, HARD, progress), key=lambda b: b.rank)
    return _Planned(best.part, best.said, "even" if best.rank[:2] == (0, EVEN_ENOUGH) else verdict)


@dataclass(frozen=True, eq=False)
class _Best:
    """A division; ``rank``: parts outside the range, largest over mean (not below even enough), mean's way from the target."""

    rank: tuple[int, float, float]
    part: Ints
    said: tuple[Finding, ...]


def _best_of(
    inner: UnitGraph, wish: Wish, counts: list[int], seed: int, effort: Effort, progress: Progress | None
) -> _Best:
    """The best of the proposals with these numbers of parts; ends with the first that is as even as its bound."""
    best: _Best | None = None
    for k in counts:
        mean = float(inner.load.sum()) / k
        at_best = bound_loads(inner.load, k).largest / mean
        if best is not None and best.rank[0] == 0 and max(at_best, EVEN_ENOUGH) >= best.rank[1] - 0.005:
            continue
        answer = propose(
            inner, _even_wish(wish, mean), seed=seed, effort=effort, exact_up_to=EXACT_UNITS if effort is HARD else 0,
            progress=progress,
        )  # fmt: skip
        loads = sum_by(answer.part, inner.load)
        out = int(((loads < wish.low) | (loads > wish.high)).sum())
        ratio = float(loads.max() / loads.mean())
        rank = (out, max(ratio, EVEN_ENOUGH), abs(mean - wish.target))
        if best is None or rank < best.rank:
            best = _Best(rank, answer.part, answer.findings)
        if out == 0 and ratio <= EVEN_ENOUGH:
            break
    assert best is not None
    return best


def _even_wish(wish: Wish, mean: float) -> Wish:
    """The wish with the parent's own mean for its target."""
    return Wish(target=min(max(mean, wish.low), wish.high), low=wish.low, high=wish.high, order=wish.order)


def _smooth(inner: UnitGraph, wish: Wish, part: Ints, seed: int, effort: Effort) -> tuple[Ints, tuple[Finding, ...]]:
    """Lower the cost of a proven division (borders, barriers) without making its largest part larger."""
    loads = sum_by(part, inner.load)
    largest, mean = float(loads.max()), float(loads.mean())
    high = max(largest, EVEN_ENOUGH * mean) if largest <= EVEN_ENOUGH * mean else largest
    own = Wish(target=mean, low=wish.low, high=min(high, wish.high), order=wish.order, parts=len(loads))
    answer = propose(inner, own, seed=seed, effort=effort, begin=part, exact_up_to=0)
    now = sum_by(answer.part, inner.load)
    if now.max() > own.high or now.min() < wish.low:
        return part, ()
    return answer.part, tuple(f for f in answer.findings if f.kind != "out_of_range")


def even_counts(load: Floats, wish: Wish) -> list[int]:
    """Numbers of parts whose mean lies inside the range, best first: those that the units allow to be even to 5 %,

    then by how near the mean is to the target. Empty when no number fits; ``explain`` then says so.
    """
    total = float(load.sum())
    least = math.ceil(total / wish.high - 1e-9) if math.isfinite(wish.high) else 1
    most = math.floor(total / wish.low + 1e-9) if wish.low > 0 else max(1, round(total / wish.target) + 1)
    counts = [k for k in range(max(1, least), most + 1) if k <= len(load)] if total > 0 else []

    def rank(k: int) -> tuple[float, float]:
        mean = total / k
        return max(bound_loads(load, k).largest / mean, EVEN_ENOUGH), abs(mean - wish.target)

    near = [k for k in counts if abs(total / k - wish.target) <= 0.2 * wish.target]
    return sorted(near, key=rank) + sorted((k for k in counts if k not in near), key=rank)


def split_graph(graph: UnitGraph, label: Ints) -> list[tuple[int, Ints, UnitGraph]]:
    """(label, unit index, induced graph) of each label, in one pass over the edges."""
    order = np.argsort(label, kind="stable")
    numbers, begins = np.unique(label[order], return_index=True)
    ends = np.append(begins[1:], graph.n)
    inside = label[graph.edges[:, 0]] == label[graph.edges[:, 1]]
    edge_index = np.flatnonzero(inside)
    edge_label = label[graph.edges[edge_index, 0]]
    edge_order = edge_index[np.argsort(edge_label, kind="stable")]
    edge_begins = np.searchsorted(np.sort(edge_label), numbers)
    edge_ends = np.append(edge_begins[1:], len(edge_order))
    place = np.empty(graph.n, dtype=np.int64)
    pieces = []
    for number, b, e, eb, ee in zip(numbers, begins, ends, edge_begins, edge_ends, strict=True):
        index, own = order[b:e], edge_order[eb:ee]
        place[index] = np.arange(len(index))
        pieces.append((int(number), index, _induced(graph, index, own, place)))
    return pieces


def _induced(graph: UnitGraph, index: Ints, own: Ints, place: Ints) -> UnitGraph:
    return UnitGraph(
        codes=tuple(graph.codes[i] for i in index.tolist()),
        load=graph.load[index],
        xy=graph.xy[index],
        edges=np.sort(place[graph.edges[own]], axis=1).reshape(-1, 2),
        border=graph.border[own],
        border_m=graph.border_m[own],
        barrier=graph.barrier[own],
        today=graph.today[index],
        today_codes=graph.today_codes,
        locked=graph.locked[index],
        outer_m=graph.outer_m[index],
        area_m2=graph.area_m2[index],
    )


def split_blocks(
    codes: Sequence[str], households: Sequence[int], points: Sequence[tuple[float, float]], most: int, spacing: float
) -> list[tuple[str, int, tuple[float, float]]]:
    """Stand-in blocks for compounds whose buildings are not known: (code, households, point) of ≤ ``most`` households.

    Blocks are as equal as whole households allow and lie on a sunflower around the compound's point, ``spacing`` apart
    in the points' own unit. They are a stand-in to plan with, not a survey: pages must say so.
    """
    blocks = []
    for code, count, (x, y) in zip(codes, households, points, strict=True):
        k = max(1, math.ceil(count / most))
        for j in range(k):
            radius, angle = spacing * math.sqrt(j), j * 2.399963229728653
            point = (x + radius * math.cos(angle), y + radius * math.sin(angle))
            blocks.append((f"{code}-{j + 1}" if k > 1 else code, count // k + (j < count % k), point))
    return blocks
