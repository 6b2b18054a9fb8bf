"""Levels inside levels: communities → grids (300–500) → micro-grids (50–80) or groups of 200.

Each level is planned inside each part of the one above, so a grid never straddles communities (G-05). Compounds
above a block's size are split into blocks first; blocks of one compound stay neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tongxin.planning.bounds import bound_loads
from tongxin.planning.findings import Finding, PlanningError, Progress, tell
from tongxin.planning.improve import NORMAL, Effort
from tongxin.planning.objective import GRID, Wish
from tongxin.planning.plan import propose
from tongxin.planning.units import Floats, Ints, UnitGraph, sum_by

EVEN_ENOUGH = 1.05  # largest part over the mean that needs no further work
EXACT_UNITS = 40
HARD = Effort(rounds=6, width=14, exact_units=9, trees=16)


@dataclass(frozen=True, eq=False)
class Level:
    """Plan of one level: ``part`` (n,) numbered over the whole graph, ``above`` (k,) the parent part of each part."""

    wish: Wish
    part: Ints
    above: Ints
    findings: tuple[Finding, ...]


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
    groups = split_graph(graph, parent)
    for done, (number, index, inner) in enumerate(groups):
        tell(progress, "nested", done / len(groups))
        own, said = _plan_parent(inner, wish, seed, effort, even, progress)
        part[index] = own + len(above)
        above += [number] * (int(own.max()) + 1)
        found += [f for f in said if f.severity != "note"]
    return Level(wish, part, np.array(above, dtype=np.int64), tuple(found))


def _plan_parent(
    inner: UnitGraph, wish: Wish, seed: int, effort: Effort, even: bool, progress: Progress | None
) -> tuple[Ints, tuple[Finding, ...]]:
    """The best of a few tries: count by count, quick first, then thorough and exact, until it is even enough."""
    counts = even_counts(inner.load, wish) if even else []
    if not counts:
        answer = propose(inner, wish, seed=seed, effort=effort, exact_up_to=0, progress=progress)
        return answer.part, answer.findings
    best: tuple[tuple[int, float, float], Ints, tuple[Finding, ...]] | None = None
    for hard in (False, True):
        if hard and best is not None and best[0][0] == 0 and inner.n > 400:
            break  # large parents are even enough by then; thorough work is for the small and awkward
        for k in counts[: 1 if hard else 3]:
            mean = float(inner.load.sum()) / k
            at_best = bound_loads(inner.load, k).largest / mean
            if best is not None and best[0][0] == 0 and max(at_best, EVEN_ENOUGH) >= best[0][1] - 0.005:
                continue
            own = Wish(target=min(max(mean, wish.low), wish.high), low=wish.low, high=wish.high, order=wish.order)
            answer = propose(
                inner,
                own,
                seed=seed,
                effort=HARD if hard else effort,
                exact_up_to=EXACT_UNITS if hard and best is not None and best[0][0] else 0,
                progress=progress,
            )
            loads = sum_by(answer.part, inner.load)
            out = int(((loads < wish.low) | (loads > wish.high)).sum())
            ratio = float(loads.max() / loads.mean())
            rank = (out, max(ratio, EVEN_ENOUGH), abs(mean - wish.target))
            if best is None or rank < best[0]:
                best = (rank, answer.part, answer.findings)
            if out == 0 and ratio <= max(EVEN_ENOUGH, at_best + 0.005):
                return best[1], best[2]
    assert best is not None
    return best[1], best[2]


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
