"""The local search: single moves, borders re-divided pair by pair, small neighbourhoods re-divided exactly.

Deterministic by seed; work is counted in rounds, never in seconds, so the same input gives the same plan on any
machine. A pair or neighbourhood is tried again only after one of its parts has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np

from tongxin.planning.findings import Progress, tell
from tongxin.planning.layout import Layout
from tongxin.planning.moves import settle, try_merge
from tongxin.planning.objective import Wish
from tongxin.planning.pairs import rebalance
from tongxin.planning.regroup import neighbourhood, regroup_by_trees, regroup_exactly
from tongxin.planning.units import Ints, UnitGraph


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work: rounds, border units tried at once, units of an exactly re-divided neighbourhood, tree trials."""

    rounds: int = 4
    width: int = 10
    exact_units: int = 9
    trees: int = 6


QUICK = Effort(rounds=2, width=8, exact_units=8, trees=2)
NORMAL = Effort()
THOROUGH = Effort(rounds=12, width=12, exact_units=11, trees=16)


def improve(
    graph: UnitGraph,
    wish: Wish,
    part: Ints,
    *,
    seed: int = 0,
    effort: Effort = NORMAL,
    home: Ints | None = None,
    progress: Progress | None = None,
) -> Ints:
    """A plan (n,) no worse than ``part`` by the wish's objective; contiguous when ``part`` is.

    ``home`` (n,) is the part number each unit counts as unmoved in, or -1. Locked units are not touched.
    """
    layout = Layout(graph, wish, part, home)
    rng = np.random.default_rng(seed)
    tell(progress, "improve", 0.0)
    settle(layout, rng.permutation(graph.n).tolist())
    tried: dict[tuple[int, int], tuple[float, float]] = {}
    for turn in range(effort.rounds):
        tell(progress, "improve", (turn + 0.2) / effort.rounds)
        touched = _all_pairs(layout, effort, rng, tried, progress)
        tell(progress, "improve", (turn + 0.6) / effort.rounds)
        touched |= _bad_parts(layout, effort, rng, Random(seed * 1000 + turn))  # noqa: S311  repeatable dice, no secret
        settle(layout, sorted(u for p in touched for u in layout.members[p]))
        if not touched:
            break
    tell(progress, "improve", 1.0)
    return layout.as_array()


def part_pairs(layout: Layout) -> list[tuple[int, int]]:
    """Pairs of parts that touch, worst loads first."""
    edges = layout.graph.edges
    part = np.array(layout.part, dtype=np.int64)
    ends = np.sort(part[edges], axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    costs = layout.cost.of_loads(np.array(layout.load))
    order = np.argsort(-(costs[ends[:, 0]] + costs[ends[:, 1]]), kind="stable")
    return [(int(a), int(b)) for a, b in ends[order].tolist()]


def _all_pairs(
    layout: Layout,
    effort: Effort,
    rng: np.random.Generator,
    tried: dict[tuple[int, int], tuple[float, float]],
    progress: Progress | None,
) -> set[int]:
    """Re-divide every pair whose parts changed since it was last tried."""
    touched: set[int] = set()
    for count, (a, b) in enumerate(part_pairs(layout)):
        if count % 256 == 255:
            tell(progress, "improve", 0.0)
        state = (layout.load[a], layout.load[b])
        if tried.get((a, b)) == state or not layout.members[a] or not layout.members[b]:
            continue
        if rebalance(layout, a, b, effort.width, rng):
            touched |= {a, b}
        tried[(a, b)] = (layout.load[a], layout.load[b])
    return touched


def _bad_parts(layout: Layout, effort: Effort, rng: np.random.Generator, dice: Random) -> set[int]:
    """Parts with the dearest loads: merge, re-divide with their neighbours exactly, then by random trees."""
    costs = layout.cost.of_loads(np.array(layout.load))
    touched: set[int] = set()
    floor = 0.0025 * layout.cost.load_weight  # 5 % off the target
    for p in np.argsort(-costs, kind="stable").tolist():
        if not layout.members[p]:
            continue
        cost = layout.cost.of_load(layout.load[p])
        if cost <= floor:
            continue
        if try_merge(layout, p):
            touched |= {layout.part[u] for u in layout.members[p]}
            continue
        touched |= _regroup(layout, p, effort, rng, dice)
    return touched


def _regroup(layout: Layout, p: int, effort: Effort, rng: np.random.Generator, dice: Random) -> set[int]:
    free = layout.wish.parts is None
    before = len(layout.members)
    if free:
        for _ in range(2):
            chosen = neighbourhood(layout, p, effort.exact_units, rng)
            if len(chosen) > 1 and regroup_exactly(layout, chosen):
                return set(chosen) | set(range(before, len(layout.members)))
            if not layout.members[p]:
                return set()
    out = not layout.cost.low <= layout.load[p] <= layout.cost.high
    for trial in range(
        effort.trees
        if out or abs(layout.load[p] - layout.cost.target) > 0.04 * layout.cost.target
        else effort.trees // 3
    ):
        chosen = neighbourhood(layout, p, 80, rng, parts=2 + trial % 3)
        load = sum(layout.load[q] for q in chosen)
        count = max(1, round(load / layout.cost.target)) if free and trial % 2 == 0 else len(chosen)
        if regroup_by_trees(layout, chosen, count, dice):
            return set(chosen) | set(range(before, len(layout.members)))
    return set()
