"""Figures of a plan or of today's grids: coverage, balance, shape, mobilisation time, change over time.

Pure numbers; a rate without a denominator is None (不适用). Walking is estimated on the straight line × 1.3 at
75 m a minute unless distances along the streets are given (boards of a district with a walking network give them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tongxin.planning.adjacency import components
from tongxin.planning.objective import Wish
from tongxin.planning.units import Floats, Ints, UnitGraph, sum_by

DETOUR = 1.3
WALK_M_PER_MIN = 75.0


@dataclass(frozen=True, slots=True)
class Balance:
    """Loads of the parts: count, mean, CV (population), max and min over mean, share of parts inside the range."""

    parts: int
    mean: float
    cv: float | None
    max_over_mean: float | None
    min_over_mean: float | None
    inside_range: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """All figures of one plan. ``coverage`` and the ``reached`` shares are of load; ``moved`` of load that changed

    grid against today, None without today's grids. ``cut_m`` is the length of border between parts (polygons only).
    """

    balance: Balance
    coverage: float | None
    contiguous: bool
    straddled_barriers: int
    cut_edges: int
    cut_m: float
    reached_10_min: float | None
    reached_60_min: float | None
    slowest_minutes: float | None
    moved: float | None


def judge(graph: UnitGraph, part: Ints, wish: Wish, *, walk_m: Floats | None = None) -> Judgement:
    """Judge a plan; ``part`` (n,) with -1 for units in no grid. ``walk_m`` (n,) overrides the estimated distance."""
    inside = part >= 0
    total = float(graph.load.sum())
    minutes = walking_minutes(graph, part) if walk_m is None else walk_m / WALK_M_PER_MIN
    ends = part[graph.edges].reshape(-1, 2)
    cut = ends[:, 0] != ends[:, 1]
    same = ~cut & (ends[:, 0] >= 0)

    def share(mask: np.ndarray) -> float | None:
        return float(graph.load[mask].sum()) / total if total > 0 else None

    return Judgement(
        balance=balance_of(sum_by(part[inside], graph.load[inside])[np.unique(part[inside])], wish),
        coverage=share(inside),
        contiguous=is_contiguous(graph, part),
        straddled_barriers=int(graph.barrier[same].sum()),
        cut_edges=int(cut.sum()),
        cut_m=float(graph.border_m[cut].sum()),
        reached_10_min=share(inside & (minutes <= 10.0)),
        reached_60_min=share(inside & (minutes <= 60.0)),
        slowest_minutes=float(minutes[inside].max()) if inside.any() else None,
        moved=moved_share(graph.load, graph.today, part) if (graph.today >= 0).any() else None,
    )


def balance_of(loads: Floats, wish: Wish) -> Balance:
    """Balance figures of part loads (k,)."""
    k = len(loads)
    mean = float(loads.mean()) if k else 0.0
    if not k or mean <= 0:
        return Balance(k, mean, None, None, None, None)
    inside = float(((loads >= wish.low) & (loads <= wish.high)).mean())
    return Balance(k, mean, float(loads.std()) / mean, float(loads.max()) / mean, float(loads.min()) / mean, inside)


def is_contiguous(graph: UnitGraph, part: Ints) -> bool:
    """Whether every part is one connected piece (units in no part are ignored)."""
    keep = np.flatnonzero(part >= 0)
    if not len(keep):
        return True
    inner = graph.subset(keep)
    own = part[keep]
    same = own[inner.edges[:, 0]] == own[inner.edges[:, 1]]
    pieces = components(
        UnitGraph(**{**{k: getattr(inner, k) for k in inner.__dataclass_fields__}, "edges": inner.edges[same]})
    )
    return int(pieces.max()) + 1 == len(np.unique(own))


def posts(graph: UnitGraph, part: Ints) -> Ints:
    """For each part the unit from which its farthest unit is nearest: where a grid worker would best be based."""
    return posts_at(graph.xy, part)


def posts_at(xy: Floats, part: Ints) -> Ints:
    """``posts`` from places in metres (n, 2) alone."""
    chosen = np.full(int(part.max()) + 1, -1, dtype=np.int64)
    order = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[order], np.arange(len(chosen) + 1))
    for p in range(len(chosen)):
        units = order[ends[p] : ends[p + 1]]
        if len(units):
            centre = (xy[units].min(axis=0) + xy[units].max(axis=0)) / 2
            chosen[p] = units[int(np.hypot(*(xy[units] - centre).T).argmin())]
    return chosen


def walking_minutes(graph: UnitGraph, part: Ints) -> Floats:
    """Minutes from the post of a unit's part to the unit, on foot; infinite for units in no part."""
    minutes = np.full(graph.n, np.inf)
    inside = np.flatnonzero(part >= 0)
    if len(inside):
        base = posts(graph, part)[part[inside]]
        minutes[inside] = np.hypot(*(graph.xy[inside] - graph.xy[base]).T) * DETOUR / WALK_M_PER_MIN
    return minutes


def match_today(load: Floats, today: Ints, part: Ints) -> dict[int, int]:
    """Which of today's grids each part continues: pairs by most shared load, each used once."""
    known = (today >= 0) & (part >= 0)
    pairs, back = np.unique(np.column_stack([part[known], today[known]]), axis=0, return_inverse=True)
    shared = np.bincount(np.asarray(back).ravel(), weights=load[known], minlength=len(pairs))
    matched: dict[int, int] = {}
    used: set[int] = set()
    for i in np.argsort(-shared, kind="stable").tolist():
        p, t = int(pairs[i, 0]), int(pairs[i, 1])
        if p not in matched and t not in used:
            matched[p] = t
            used.add(t)
    return matched


def moved_share(load: Floats, today: Ints, part: Ints) -> float | None:
    """Share of the load that would no longer be in the grid that continues today's; None when nothing is gridded."""
    known = (today >= 0) & (part >= 0)
    total = float(load[known].sum())
    if total <= 0:
        return None
    matched = match_today(load, today, part)
    new = np.array([matched.get(int(p), -2) for p in part[known]])
    return float(load[known][new != today[known]].sum()) / total
