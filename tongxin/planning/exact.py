"""The best possible plan of a small case, proven: all contiguous groups, then set partitioning by HiGHS.

For a community of some dozens of blocks. Where there are too many groups it says so (``status`` "too_large") and the
page falls back on ``bounds``. HiGHS is reached through ``scipy.optimize.milp``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_matrix

from tongxin.planning.bounds import bound_loads
from tongxin.planning.findings import Progress, tell
from tongxin.planning.objective import Cost, Wish
from tongxin.planning.units import Floats, Ints, UnitGraph, groups_from, sum_by

# Nodes of the branch-and-bound tree end a run before the clock does, so that the answer does not depend on the machine.
NODES = 2_000

Status = Literal["optimal", "bounded", "too_large", "impossible"]


@dataclass(frozen=True, eq=False)
class Exact:
    """``part`` (n,) the best plan found (None when nothing better than the given one), ``value`` its figure,

    ``bound`` what no contiguous plan can beat; equal when ``status`` is "optimal".
    """

    status: Status
    value: float
    bound: float
    part: Ints | None


def least_deviation(
    graph: UnitGraph,
    parts: int,
    known: Ints,
    *,
    most_groups: int = 1_500_000,
    most_columns: int = 150_000,
    seconds: float = 60.0,
    progress: Progress | None = None,
) -> Exact:
    """The contiguous plan of ``parts`` parts with the least greatest deviation from the mean load.

    ``known`` (n,) is any contiguous plan with that many parts: only groups nearer to the mean than its worst part need
    be looked at. ``seconds`` guards each HiGHS call; running out gives "bounded".
    """
    mean = float(graph.load.sum()) / parts
    worst = float(np.abs(sum_by(known, graph.load) - mean).max())
    floor = bound_loads(graph.load, parts).deviation
    if worst <= floor + 1e-9:
        return Exact("optimal", worst, worst, known)
    groups = _collect(graph, mean - worst + 1e-7, mean + worst - 1e-7, most_groups, most_columns, progress)
    if groups is None:
        return Exact("too_large", worst, floor, known)
    masks, loads = groups
    off = np.abs(loads - mean)
    if parts == 3 and graph.n <= 62:
        return _best_of_three(graph, masks, off, known, worst)
    order = np.argsort(off, kind="stable")
    masks, off = [masks[i] for i in order.tolist()], off[order]
    levels = np.unique(off)
    best, best_part, low, high, sure = worst, known, 0, len(levels) - 1, True
    while low <= high:
        middle = (low + high) // 2
        take = int(np.searchsorted(off, levels[middle], side="right"))
        tell(progress, "exact", 0.5)
        status, part = _cover(graph.n, masks[:take], np.zeros(take), parts, seconds)
        if part is not None:
            best = float(np.abs(sum_by(part, graph.load) - mean).max())
            best_part, high = part, int(np.searchsorted(levels, best)) - 1
        elif status == "impossible":
            low = middle + 1
        else:
            sure = False
            break
    bound = best if sure else max(floor, float(levels[low]) if low < len(levels) else floor)
    return Exact("optimal" if sure else "bounded", best, bound, best_part)


def least_cost(
    graph: UnitGraph,
    wish: Wish,
    known: Ints | None = None,
    *,
    most_groups: int = 400_000,
    most_columns: int = 20_000,
    seconds: float = 60.0,
    progress: Progress | None = None,
) -> Exact:
    """The plan inside the wish's range with the least cost (load, barriers, raggedness; not change).

    "impossible" proves that no contiguous plan has every part inside the range.
    """
    cost = Cost(graph, wish)
    groups = _collect(graph, wish.low, wish.high, most_groups, most_columns, progress)
    if groups is None:
        return Exact("too_large", math.inf, 0.0, known)
    masks, loads = groups
    inside = _ties_inside(graph, cost.together, masks)
    status, part = _cover(graph.n, masks, cost.of_loads(loads) - inside, wish.parts, seconds)
    if part is None:
        return Exact("impossible" if status == "impossible" else "bounded", math.inf, 0.0, known)
    value = _plan_cost(graph, cost, part)
    return Exact("optimal" if status == "optimal" else "bounded", value, value if status == "optimal" else 0.0, part)


def contiguous_groups(graph: UnitGraph, low: float, high: float) -> Iterator[tuple[int, float] | None]:
    """Every contiguous group with load in [low, high] once, as (bit mask, load); None for each other group passed.

    Each is grown from its first unit.
    """
    adjacent = [0] * graph.n
    for u, v in graph.edges.tolist():
        adjacent[u] |= 1 << v
        adjacent[v] |= 1 << u
    load = graph.load.tolist()
    barred = 0
    for anchor in range(graph.n):
        for group, weight in groups_from(anchor, adjacent, load, barred, high):
            yield (group, weight) if weight >= low else None
        barred |= 1 << anchor


def _collect(
    graph: UnitGraph, low: float, high: float, most: int, most_columns: int, progress: Progress | None
) -> tuple[list[int], Floats] | None:
    masks: list[int] = []
    loads: list[float] = []
    for passed, found in enumerate(contiguous_groups(graph, low, high)):
        if passed >= most or len(masks) > most_columns:
            return None
        if passed % 65536 == 65535:
            tell(progress, "exact", 0.4 * passed / most)
        if found is not None:
            masks.append(found[0])
            loads.append(found[1])
    return masks, np.array(loads)


def _cover(n: int, masks: list[int], costs: Floats, parts: int | None, seconds: float) -> tuple[Status, Ints | None]:
    """Choose groups that hold every unit once; HiGHS."""
    if not masks:
        return "impossible", None
    width = (n + 7) // 8
    packed = np.frombuffer(b"".join(m.to_bytes(width, "little") for m in masks), dtype=np.uint8)
    bits = np.unpackbits(packed.reshape(-1, width), axis=1, bitorder="little")[:, :n]
    rows = [LinearConstraint(csc_matrix(bits.T.astype(np.float64)), 1, 1)]
    if parts is not None:
        rows.append(LinearConstraint(np.ones((1, len(masks))), parts, parts))
    answer = milp(
        costs,
        constraints=rows,
        integrality=np.ones(len(masks)),
        bounds=Bounds(0, 1),
        options={"node_limit": NODES, "time_limit": seconds},
    )
    if answer.status == 2:
        return "impossible", None
    if answer.x is None:
        return "bounded", None
    part = np.zeros(n, dtype=np.int64)
    for number, column in enumerate(np.flatnonzero(answer.x > 0.5)):
        part[bits[column] == 1] = number
    return ("optimal" if answer.status == 0 else "bounded"), part


def _best_of_three(graph: UnitGraph, masks: list[int], off: Floats, known: Ints, worst: float) -> Exact:
    """Three parts by plain enumeration: for each group with the first unit, each that fits beside it, and the rest."""
    every = np.array(masks, dtype=np.uint64)
    order = np.argsort(every)
    every, off = every[order], off[order]
    full = np.uint64((1 << graph.n) - 1)
    lowest = every & (~every + np.uint64(1))
    best, found = worst, None
    first = np.flatnonzero(lowest == 1)
    for i in first[np.argsort(off[first], kind="stable")].tolist():
        if off[i] >= best - 1e-9:
            break
        left = full ^ every[i]
        second = np.flatnonzero((lowest == (left & (~left + np.uint64(1)))) & ((every & every[i]) == 0) & (off < best))
        rest = left ^ every[second]
        place = np.minimum(np.searchsorted(every, rest), len(every) - 1)
        value = np.where(every[place] == rest, np.maximum(np.maximum(off[second], off[place]), off[i]), np.inf)
        if len(value) and value.min() < best - 1e-9:
            j = int(value.argmin())
            best, found = float(value[j]), (every[i], every[second[j]])
    part = known
    if found is not None:
        units = np.arange(graph.n, dtype=np.uint64)
        part = np.where(found[0] >> units & np.uint64(1), 0, np.where(found[1] >> units & np.uint64(1), 1, 2))
    return Exact("optimal", best, best, part.astype(np.int64))


def _ties_inside(graph: UnitGraph, together: Floats, masks: list[int]) -> Floats:
    pairs = [(1 << u | 1 << v, t) for (u, v), t in zip(graph.edges.tolist(), together.tolist(), strict=True)]
    return np.array([sum(t for pair, t in pairs if mask & pair == pair) for mask in masks])


def _plan_cost(graph: UnitGraph, cost: Cost, part: Ints) -> float:
    loads = sum_by(part, graph.load)
    inside = part[graph.edges[:, 0]] == part[graph.edges[:, 1]]
    return float(cost.of_loads(loads).sum() - cost.together[inside].sum())
