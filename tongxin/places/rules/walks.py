"""How far each point of a group walks to the point its group is served from: along the network, else straight line × 1.3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from tongxin.places.rules.circle import DETOUR, SNAP_LIMIT_M
from tongxin.places.rules.network import Floats, Ints, WalkNetwork, to_plane

AT_ONCE = 64  # bases searched from together: their distances to all nodes stay below 50 MB
FIRST_TRY = 3.0  # times the straight line: farther detours are searched for afterwards, without a limit


@dataclass(frozen=True, eq=False)
class Walks:
    """``metres`` (p,) on foot, infinite for points without a base; ``estimated`` (p,) those that lie too far from the

    network, or have none, and were measured on the straight line × 1.3.
    """

    metres: Floats
    estimated: np.ndarray


def walk_to_bases(
    points: Floats, base: Ints, network: WalkNetwork | None, *, snap_limit_m: float = SNAP_LIMIT_M
) -> Walks:
    """Walks of ``points`` (p, 2) longitude/latitude to the point ``points[base]``; ``base`` (p,) is -1 where there is none.

    Two points that are nearer to each other than to the network (houses of one yard) walk straight × 1.3, if that is shorter.
    """
    metres, estimated = np.full(len(points), np.inf), np.zeros(len(points), dtype=bool)
    own = np.flatnonzero(base >= 0)
    if not len(own):
        return Walks(metres, estimated)
    flat = to_plane(points, (float(points[:, 0].mean()), float(points[:, 1].mean())))
    straight = np.hypot(*(flat[own] - flat[base[own]]).T)
    metres[own] = straight * DETOUR
    if network is None:
        estimated[own] = True
        return Walks(metres, estimated)
    node, off = network.nearest_nodes(points)
    far = np.maximum(off[own], off[base[own]]) > snap_limit_m
    estimated[own] = far
    ways, straight = own[~far], straight[~far]
    approach = off[ways] + off[base[ways]]
    along = approach + _between(network, node[base[ways]], node[ways], straight + approach)
    beside = straight <= approach
    metres[ways] = np.where(beside, np.minimum(along, straight * DETOUR), along)
    return Walks(metres, estimated)


def _between(network: WalkNetwork, begin: Ints, end: Ints, straight: Floats) -> Floats:
    """Metres along the network between pairs of nodes (k,): one search a distinct beginning, near ones together."""
    found = np.full(len(begin), np.inf)
    starts, of_start = np.unique(begin, return_inverse=True)
    of_start = np.asarray(of_start).ravel()
    reach = np.zeros(len(starts))
    np.maximum.at(reach, of_start, straight)
    order = np.argsort(reach, kind="stable")
    place = np.empty(len(starts), dtype=np.int64)
    place[order] = np.arange(len(starts))
    by_place = np.argsort(place[of_start], kind="stable")
    for begins in range(0, len(starts), AT_ONCE):
        chosen = order[begins : begins + AT_ONCE]
        low, high = np.searchsorted(place[of_start][by_place], (begins, begins + len(chosen)))
        pairs = by_place[low:high]
        limit = FIRST_TRY * float(reach[chosen].max()) + 1.0
        rows = place[of_start[pairs]] - begins
        table = dijkstra(network.links, directed=True, indices=starts[chosen], limit=limit)
        found[pairs] = table[rows, end[pairs]]
        missing = np.unique(rows[~np.isfinite(found[pairs])])
        if len(missing):
            again = dijkstra(network.links, directed=True, indices=starts[chosen[missing]])
            left = np.isin(rows, missing)
            found[pairs[left]] = again[np.searchsorted(missing, rows[left]), end[pairs[left]]]
    return found
