"""Where the search starts: METIS with contiguity asked for, a recursive spanning tree, or today's grids.

METIS is checked, not trusted: parts that fall apart are cut into their pieces and small pieces given to the neighbour
that is lightest. Starts are contiguous; balance is the search's work.
"""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pymetis
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from tongxin.planning.adjacency import components
from tongxin.planning.objective import Cost, Wish
from tongxin.planning.trees import tree_groups
from tongxin.planning.units import Ints, UnitGraph, sum_by


def choose_count(graph: UnitGraph, wish: Wish) -> int:
    """How many parts: total / target, where a unit above the target counts as one part."""
    if wish.parts is not None:
        return min(wish.parts, graph.n)
    total = float(np.minimum(graph.load, wish.target).sum())
    if graph.load.max() <= wish.high:
        total = max(total, float(graph.load.sum()))
    k = max(1, round(total / wish.target))
    if math.isfinite(wish.high) and graph.load.max() <= wish.high:
        k = max(k, math.ceil(graph.load.sum() / wish.high))
        if wish.low > 0:
            k = max(1, min(k, math.floor(graph.load.sum() / wish.low)))
    return min(k, graph.n)


def start(graph: UnitGraph, wish: Wish, seed: int) -> Ints:
    """A contiguous start for every component; parts never span components."""
    label = components(graph)
    count = int(label.max()) + 1
    if count == 1:
        return start_component(graph, wish, choose_count(graph, wish), seed)
    indexes = [np.flatnonzero(label == c) for c in range(count)]
    shares = _share_parts(graph, wish, indexes)
    part = np.zeros(graph.n, dtype=np.int64)
    offset = 0
    for index, k in zip(indexes, shares, strict=True):
        inner = start_component(graph.subset(index), wish, k, seed)
        part[index] = inner + offset
        offset += int(inner.max()) + 1
    return part


def _share_parts(graph: UnitGraph, wish: Wish, indexes: list[Ints]) -> list[int]:
    """Parts of each component: free by its own total, or a fixed number shared out by highest average (D'Hondt)."""
    if wish.parts is None:
        return [choose_count(graph.subset(i), wish) for i in indexes]
    shares = [1] * len(indexes)
    loads = [float(graph.load[i].sum()) for i in indexes]
    for _ in range(wish.parts - len(indexes)):
        open_ = [c for c in range(len(indexes)) if shares[c] < len(indexes[c])]
        if not open_:
            break
        shares[max(open_, key=lambda c: loads[c] / (shares[c] + 1))] += 1
    return shares


def start_component(graph: UnitGraph, wish: Wish, k: int, seed: int) -> Ints:
    """METIS where it can work, else the tree; whichever costs less when the graph is small enough to try both."""
    if k <= 1 or graph.n == 1:
        return np.zeros(graph.n, dtype=np.int64)
    by_metis = metis_start(graph, wish, k, seed)
    if graph.n > 400:
        return by_metis
    by_tree = tree_start(graph, k, seed)
    cost = Cost(graph, wish)
    fixed = wish.parts is not None

    def worth(part: Ints) -> float:
        loads = sum_by(part, graph.load)
        short = abs(len(loads) - k) * 100.0 if fixed else 0.0
        return float(cost.of_loads(loads).sum()) + short

    return min((by_metis, by_tree), key=worth)


def metis_start(graph: UnitGraph, wish: Wish, k: int, seed: int) -> Ints:
    """PyMETIS k-way, contiguous, on loads clipped to the target so that one tower does not drain its neighbours."""
    u, v = graph.edges[:, 0], graph.edges[:, 1]
    tie = np.maximum(1, np.round(graph.border * 10)).astype(np.int64)
    size = (graph.n, graph.n)
    matrix = csr_matrix((np.r_[tie, tie], (np.r_[u, v], np.r_[v, u])), shape=size)
    scale = 1000.0 / wish.target  # METIS counts in whole numbers
    loads = np.maximum(1, np.round(np.minimum(graph.load, wish.target) * scale)).astype(np.int64)
    options = pymetis.Options(seed=seed, contig=1, niter=10)
    _, found = pymetis.part_graph(
        k,
        pymetis.CSRAdjacency(matrix.indptr, matrix.indices),
        vweights=loads.tolist(),
        eweights=matrix.data.tolist(),
        recursive=False,
        options=options,
    )
    return mend(graph, np.array(found, dtype=np.int64), k)


def mend(graph: UnitGraph, part: Ints, k: int) -> Ints:
    """Make every part contiguous: pieces become parts, then the lightest pieces beyond ``k`` join a neighbour."""
    u, v = graph.edges[:, 0], graph.edges[:, 1]
    inside = part[u] == part[v]
    matrix = coo_matrix((np.ones(int(inside.sum())), (u[inside], v[inside])), shape=(graph.n, graph.n))
    count, piece = connected_components(matrix, directed=False)
    piece = np.asarray(piece, dtype=np.int64)
    if count <= k:
        return piece
    loads = np.bincount(piece, weights=graph.load).tolist()
    near: list[set[int]] = [set() for _ in range(count)]
    for a, b in np.unique(np.sort(np.column_stack([piece[u], piece[v]]), axis=1), axis=0).tolist():
        if a != b:
            near[a].add(b)
            near[b].add(a)
    target_of = list(range(count))
    by_load = sorted(range(count), key=lambda c: loads[c])
    for c in by_load[: count - k]:
        if not near[c]:
            continue
        to = min(near[c], key=lambda b: (loads[b], b))
        loads[to] += loads[c]
        target_of[c] = to
        for b in near[c]:
            near[b].discard(c)
            if b != to:
                near[b].add(to)
                near[to].add(b)
        near[to].discard(to)

    def final(c: int) -> int:
        while target_of[c] != c:
            c = target_of[c]
        return c

    merged = np.array([final(c) for c in range(count)], dtype=np.int64)[piece]
    return np.asarray(np.unique(merged, return_inverse=True)[1], dtype=np.int64).reshape(-1)


def tree_start(graph: UnitGraph, k: int, seed: int, trees: int = 4) -> Ints:
    """Recursive bisection on random spanning trees: each cut takes the edge nearest to whole shares."""
    near: list[list[int]] = [[] for _ in range(graph.n)]
    for u, v in graph.edges.tolist():
        near[u].append(v)
        near[v].append(u)
    dice = Random(seed)  # noqa: S311  repeatable dice, no secret
    part = np.zeros(graph.n, dtype=np.int64)
    for number, group in enumerate(tree_groups(near, graph.load.tolist(), list(range(graph.n)), k, dice, trees)):
        part[sorted(group)] = number
    return part
