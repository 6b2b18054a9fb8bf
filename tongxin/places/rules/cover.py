"""Where one more facility (or p more) brings most people within reach: maximal covering location.

One more is a plain maximum; several are solved by HiGHS (through ``scipy.optimize.milp``) to the proven optimum or
within the stated gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from tongxin.kernel.errors import Cancelled
from tongxin.places.rules.circle import DETOUR, SNAP_LIMIT_M, WALK_M_PER_MIN, unique_nodes
from tongxin.places.rules.findings import PlacesError
from tongxin.places.rules.network import Floats, Ints, WalkNetwork, to_plane

Progress = Callable[[float], "bool | None"]
CHUNK = 128


@dataclass(frozen=True, slots=True)
class Siting:
    """``chosen`` candidate indexes, the people they newly reach, the best any choice could, and whether proven."""

    chosen: tuple[int, ...]
    people_gained: float
    people_at_most: float
    proven: bool


def reach(
    candidates: Floats,
    dwellings: Floats,
    network: WalkNetwork | None,
    *,
    minutes: float = 15.0,
    metres_per_minute: float = WALK_M_PER_MIN,
    progress: Progress | None = None,
) -> csr_matrix:
    """Boolean (candidates, dwellings): within ``minutes`` on foot. Searches from whichever side has fewer nodes."""
    limit = minutes * metres_per_minute
    if network is None:
        origin = (float(dwellings[:, 0].mean()), float(dwellings[:, 1].mean()))
        return _straight(to_plane(candidates, origin), to_plane(dwellings, origin), limit)
    from_node, from_off = network.nearest_nodes(candidates)
    to_node, to_off = network.nearest_nodes(dwellings)
    turned = len(np.unique(to_node)) < len(np.unique(from_node))
    if turned:
        from_node, from_off, to_node, to_off = to_node, to_off, from_node, from_off
    distinct, place = unique_nodes(from_node)
    order = np.argsort(place, kind="stable")
    begins = np.searchsorted(place[order], np.arange(len(distinct) + 1))
    rows: list[Ints] = []
    columns: list[Ints] = []
    for low in range(0, len(distinct), CHUNK):
        if progress is not None and progress(low / len(distinct)) is False:
            raise Cancelled
        metres = dijkstra(network.links, directed=True, indices=distinct[low : low + CHUNK], limit=limit)
        metres = metres[:, to_node] + to_off
        for k in range(len(metres)):
            for i in order[begins[low + k] : begins[low + k + 1]].tolist():
                hit = np.flatnonzero(metres[k] + from_off[i] <= limit)
                rows.append(np.full(len(hit), i, dtype=np.int64))
                columns.append(hit)
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(from_node), len(to_node))
    found = csr_matrix((np.ones(len(row), dtype=bool), (row, column)), shape=shape)
    found = found.T.tocsr() if turned else found
    far_from, far_to = (to_off, from_off) if turned else (from_off, to_off)
    return _off_the_network(found, candidates, dwellings, far_from > SNAP_LIMIT_M, far_to > SNAP_LIMIT_M, limit)


def _off_the_network(
    found: csr_matrix, candidates: Floats, dwellings: Floats, far_from: np.ndarray, far_to: np.ndarray, limit: float
) -> csr_matrix:
    """Add the straight line × 1.3 where a candidate or a dwelling lies too far from every way."""
    if not far_from.any() and not far_to.any():
        return found
    origin = (float(dwellings[:, 0].mean()), float(dwellings[:, 1].mean()))
    straight = _straight(to_plane(candidates, origin), to_plane(dwellings, origin), limit).tocoo()
    off = far_from[straight.row] | far_to[straight.col]
    more = csr_matrix((straight.data[off], (straight.row[off], straight.col[off])), shape=found.shape)
    return (found + more).astype(bool).tocsr()


def site_more(reached: csr_matrix, people: Floats, count: int = 1, *, seconds: float = 10.0) -> Siting:
    """Choose ``count`` candidates to reach most ``people`` (d,); pass 0 people for dwellings already within reach."""
    candidates = reached.shape[0]
    if not 1 <= count <= candidates:
        raise PlacesError(f"要选 {count} 处,候选只有 {candidates} 处。", "", "请减少处数或增加候选。")
    gain = np.asarray(reached.astype(np.float64) @ people, dtype=np.float64)
    if count == 1:
        best = int(gain.argmax())
        return Siting((best,), float(gain[best]), float(gain[best]), True)
    useful = np.flatnonzero((people > 0) & (np.asarray(reached.sum(axis=0)).ravel() > 0))
    if not len(useful):
        return Siting((), 0.0, 0.0, True)
    from scipy.optimize import Bounds, LinearConstraint, milp

    side = reached[:, useful].astype(np.float64)
    weights = np.concatenate([np.zeros(candidates), people[useful]])
    covered = LinearConstraint(hstack([-side.T, identity(len(useful))]).tocsc(), -np.inf, 0)
    how_many = LinearConstraint(np.concatenate([np.ones(candidates), np.zeros(len(useful))])[None, :], count, count)
    whole = np.concatenate([np.ones(candidates), np.zeros(len(useful))])
    answer = milp(
        -weights,
        constraints=[covered, how_many],
        integrality=whole,
        bounds=Bounds(0, 1),
        options={"time_limit": seconds},
    )
    if answer.x is None:
        raise PlacesError(f"{seconds:g} 秒内没有算出选址。", "", "请减少候选或处数。")
    chosen = tuple(np.flatnonzero(answer.x[:candidates] > 0.5).tolist())
    together = np.asarray(side[list(chosen)].sum(axis=0)).ravel() > 0
    gained = float(people[useful][together].sum())
    return Siting(chosen, gained, max(gained, float(-answer.mip_dual_bound)), answer.status == 0)


def _straight(candidates: Floats, dwellings: Floats, limit: float) -> csr_matrix:
    pairs = cKDTree(candidates).sparse_distance_matrix(cKDTree(dwellings), limit / DETOUR, output_type="coo_matrix")
    entries = (np.ones(pairs.nnz, dtype=bool), (pairs.row, pairs.col))
    return coo_matrix(entries, shape=(len(candidates), len(dwellings))).tocsr()
