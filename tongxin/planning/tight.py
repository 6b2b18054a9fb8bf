"""Few parts, exact balance: recursive bisection where every subset of the border units is tried for an exact hit.

For a district into a handful of sub-districts, where the load is large against the units and balance is counted in
single households. A region that must become m parts may hold between m·low and m·high; each bisection looks for a
contiguous cut whose two sides stay inside that window, so the last level cannot be worse than the window.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from tongxin.planning.bounds import bound_loads
from tongxin.planning.findings import Progress, tell
from tongxin.planning.halves import halve
from tongxin.planning.layout import Layout
from tongxin.planning.objective import Wish
from tongxin.planning.pairs import border_units, first_whole, subset_tables
from tongxin.planning.partition import tree_start
from tongxin.planning.units import Floats, Ints, UnitGraph, sum_by

HALVE_UNITS = 64  # up to so many, two parts that chance did not hit are looked for in every division
HALVE_LOAD = 500_000  # its work grows with the sum of loads
HALVE_BYTES = 100_000_000
BEFORE_HALVING = 20  # attempts by chance, which is quicker where there are many ways


def tight_partition(
    graph: UnitGraph,
    parts: int,
    *,
    seed: int = 0,
    attempts: int = 150,
    width: int = 18,
    good_enough: float | None = None,
    progress: Progress | None = None,
) -> Ints:
    """A contiguous plan (n,) of a connected graph with a small greatest deviation from the mean load.

    Tries the bound first, then ever wider windows until one is met; ``good_enough`` is where to begin instead.
    ``attempts`` counts cuts per bisection, ``width`` the border units tried at once (2^width subsets).
    """
    mean = float(graph.load.sum()) / parts
    rng = np.random.default_rng(seed)
    window = bound_loads(graph.load, parts).deviation if good_enough is None else good_enough
    window = max(window, 1e-6)
    # The bound itself deserves the most work; a small graph is for ``exact`` to finish.
    repeats, width = (1, min(width, 12)) if graph.n <= 40 else (30, width)
    step = 0
    while window < mean:
        tell(progress, "tight", min(0.9, step / 20))
        for _ in range(repeats if step == 0 else 2):
            found = _divide(graph, parts, mean - window, mean + window, rng, attempts, width)
            if found is not None:
                return _tighten(graph, parts, found, rng, attempts, width) if step else found
        window = max(window * 2.0, 1e-4 * mean if window < 1e-5 * mean else 0.0)
        step += 1
    return tree_start(graph, parts, seed, trees=30)


def _tighten(
    graph: UnitGraph, parts: int, part: Ints, rng: np.random.Generator, attempts: int, width: int, misses: int = 6
) -> Ints:
    """Ask for three quarters of the deviation reached, until that fails ``misses`` times running."""
    failed = 0
    mean = float(graph.load.sum()) / parts
    while failed < misses:
        window = 0.75 * float(np.abs(sum_by(part, graph.load) - mean).max())
        found = _divide(graph, parts, mean - window, mean + window, rng, attempts, width)
        if found is None:
            failed += 1
        else:
            part, failed = found, 0
    return part


def _divide(
    graph: UnitGraph, parts: int, low: float, high: float, rng: np.random.Generator, attempts: int, width: int
) -> Ints | None:
    if parts == 1:
        return np.zeros(graph.n, dtype=np.int64)
    if graph.n < parts:
        return None
    first = parts // 2
    total = float(graph.load.sum())
    side_low = max(first * low, total - (parts - first) * high)
    side_high = min(first * high, total - (parts - first) * low)
    if side_low > side_high + 1e-9:
        return None
    for _ in range(3 if parts > 2 else 1):
        small = parts == 2 and graph.n <= HALVE_UNITS and total <= HALVE_LOAD
        side = _hit_window(
            graph, first / parts, side_low, side_high, rng, min(attempts, BEFORE_HALVING) if small else attempts, width
        )
        if side is None and small:
            sure, exact = halve(graph, side_low, side_high, most_bytes=HALVE_BYTES)
            if exact is not None:
                side = exact == 0
            elif not sure:
                side = _hit_window(graph, first / parts, side_low, side_high, rng, attempts, width)
        if side is None:
            return None
        one, two = np.flatnonzero(side), np.flatnonzero(~side)
        left = _divide(graph.subset(one), first, low, high, rng, attempts, width)
        right = None if left is None else _divide(graph.subset(two), parts - first, low, high, rng, attempts, width)
        if left is not None and right is not None:
            part = np.zeros(graph.n, dtype=np.int64)
            part[one], part[two] = left, right + first
            return part
    return None


def _hit_window(
    graph: UnitGraph, share: float, low: float, high: float, rng: np.random.Generator, attempts: int, width: int
) -> np.ndarray | None:
    """A contiguous side (n,) with load in [low, high] whose complement is contiguous too, or None."""
    wish = Wish(target=max(float(graph.load.sum()), 1.0) / 2, parts=2)
    aim = (low + high) / 2
    for _ in range(attempts):
        part = _random_cut(graph, share, rng)
        layout = Layout(graph, wish, part)
        units = _movable(layout, width, rng)
        gain, _ties = subset_tables(layout, units, 0, 1)
        off = np.abs(layout.load[0] + gain - aim)
        hits = np.flatnonzero(off <= (high - low) / 2 + 1e-6 * max(1.0, math.log10(aim + 10)))
        if not len(hits):
            continue
        flips = np.bitwise_count(hits.astype(np.uint64))
        hits = hits[np.argsort(flips, kind="stable")[:200]]
        if first_whole(layout, units, 0, 1, hits.tolist()):
            return np.asarray(np.array(layout.part) == 0)
    return None


def _movable(layout: Layout, width: int, rng: np.random.Generator) -> list[int]:
    """Border units that can each change side alone: their combinations mostly stay contiguous.

    Two times in five the whole border zone instead, for cuts that need two units to move together.
    """
    if rng.random() < 0.4:
        return border_units(layout, 0, 1, min(width, 16), rng)
    part, near = layout.part, layout.near
    edge = [u for u in range(layout.graph.n) if any(part[v] != part[u] for v in near[u]) and layout.stays_whole(u)]
    if len(edge) > width:
        edge = [edge[i] for i in sorted(rng.choice(len(edge), width, replace=False).tolist())]
    return edge


def _random_cut(graph: UnitGraph, share: float, rng: np.random.Generator) -> Ints:
    """Part 0 is the subtree of a random spanning tree nearest to ``share`` of the load, or its complement."""
    below, order, entry, size = random_subtrees(graph, rng)
    total = float(graph.load.sum())
    off = np.minimum(np.abs(below - share * total), np.abs(total - below - share * total))
    off[order[0]] = math.inf
    node = int(off.argmin())
    inside = np.zeros(graph.n, dtype=bool)
    inside[order[entry[node] : entry[node] + size[node]]] = True
    if abs(below[node] - share * total) > abs(total - below[node] - share * total):
        inside = ~inside
    return np.where(inside, 0, 1).astype(np.int64)


def random_subtrees(graph: UnitGraph, rng: np.random.Generator) -> tuple[Floats, Ints, Ints, Ints]:
    """A random spanning tree: load below each node, depth-first order, place of each node in it, subtree sizes."""
    u, v = graph.edges[:, 0], graph.edges[:, 1]
    weights = rng.random(len(u)) + 1e-6
    tree = minimum_spanning_tree(csr_matrix((weights, (u, v)), shape=(graph.n, graph.n)))
    root = int(rng.integers(graph.n))
    order, parent = breadth_first_order(tree, root, directed=False)
    below, size = graph.load.copy(), np.ones(graph.n, dtype=np.int64)
    up = parent.tolist()
    for node in order[:0:-1].tolist():
        below[up[node]] += below[node]
        size[up[node]] += size[node]
    # Depth-first places from sizes: a node's children follow it one block after another.
    entry = np.zeros(graph.n, dtype=np.int64)
    used = np.ones(graph.n, dtype=np.int64)
    for node in order[1:].tolist():
        p = up[node]
        entry[node] = entry[p] + used[p]
        used[p] += size[node]
    depth_first = np.empty(graph.n, dtype=np.int64)
    depth_first[entry] = np.arange(graph.n)
    return below, depth_first, entry, size
