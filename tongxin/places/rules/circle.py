"""The 15-minute service circle: how long every dwelling walks to the nearest facility of each type (XG-21).

One multi-source Dijkstra a type on the walking network; the straight line × 1.3 where there is no network or a point
lies too far from it. People are weighted, not dwellings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from tongxin.places.rules.findings import PlacesError
from tongxin.places.rules.network import Floats, Ints, WalkNetwork, to_plane

DETOUR = 1.3
WALK_M_PER_MIN = 75.0  # 4.5 km/h
WITHIN_MINUTES = (5, 10, 15)
SNAP_LIMIT_M = 500.0


@dataclass(frozen=True, eq=False)
class Circle:
    """One facility type. ``minutes`` (d,) per dwelling, inf when out of reach; ``within`` share of people per limit

    (None without people); ``estimated`` (d,) marks dwellings off the network, measured on the straight line.
    """

    kind: str
    facilities: int
    minutes: Floats
    within: dict[int, float | None]
    estimated: np.ndarray


@dataclass(frozen=True, slots=True)
class Gap:
    """An area with people beyond the limit: its name, those people, all its people, and the longest walk in minutes."""

    area: str
    people_beyond: float
    people: float
    longest_minutes: float


def service_circles(
    dwellings: Floats,
    people: Floats,
    facilities: Mapping[str, Floats],
    network: WalkNetwork | None,
    *,
    metres_per_minute: float = WALK_M_PER_MIN,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> dict[str, Circle]:
    """Circles of every facility type.

    ``dwellings`` (d, 2) and each of ``facilities`` (f, 2) longitude/latitude; ``people`` (d,). A type without any
    facility has infinite minutes. Raises ``PlacesError`` for no dwellings or coordinates that are not numbers.
    """
    _check(dwellings, people, facilities)
    nodes, off = network.nearest_nodes(dwellings) if network is not None else (None, None)
    circles = {}
    for kind, points in facilities.items():
        far = np.ones(len(dwellings), dtype=bool)
        minutes = np.full(len(dwellings), np.inf)
        if len(points):
            if network is not None and nodes is not None and off is not None:
                metres = nearest_metres(network, points, snap_limit_m)[nodes] + off
                far = off > snap_limit_m
                minutes = metres / metres_per_minute
            if far.any():
                minutes[far] = straight_metres(dwellings[far], points) / metres_per_minute
        within = {limit: share_within(minutes, people, limit) for limit in WITHIN_MINUTES}
        circles[kind] = Circle(kind, len(points), minutes, within, far)
    return circles


def nearest_metres(network: WalkNetwork, points: Floats, snap_limit_m: float = SNAP_LIMIT_M) -> Floats:
    """Metres from every node (n,) to the nearest of ``points``; a facility off the network is left out.

    One extra node is linked to each facility's node by the metres between them, so one Dijkstra answers for all.
    """
    node, off = network.nearest_nodes(points)
    keep = off <= snap_limit_m
    n = len(network.xy)
    if not keep.any():
        return np.full(n, np.inf)
    order = np.lexsort((off, node))
    order = order[keep[order]]
    first = np.unique(node[order], return_index=True)[1]
    start, length = node[order][first], np.maximum(off[order][first], 0.01)
    links = network.links
    matrix = csr_matrix(
        (
            np.r_[links.data, length],
            np.r_[links.indices, start],
            np.r_[links.indptr, links.indptr[-1] + len(start)],
        ),
        shape=(n + 1, n + 1),
    )
    return np.asarray(dijkstra(matrix, directed=True, indices=n), dtype=np.float64)[:n]


def straight_metres(dwellings: Floats, points: Floats) -> Floats:
    """Straight line × 1.3 in metres to the nearest point."""
    origin = (float(points[:, 0].mean()), float(points[:, 1].mean()))
    metres, _ = cKDTree(to_plane(points, origin)).query(to_plane(dwellings, origin))
    return np.asarray(metres, dtype=np.float64) * DETOUR


def share_within(minutes: Floats, people: Floats, limit: float) -> float | None:
    """Share of people whose walk takes at most ``limit`` minutes; None (不适用) when nobody lives there."""
    total = float(people.sum())
    return float(people[minutes <= limit].sum()) / total if total > 0 else None


def find_gaps(circle: Circle, people: Floats, areas: Sequence[str], limit: float = 15.0) -> list[Gap]:
    """Areas with people beyond ``limit`` minutes, most people first; ``areas`` names each dwelling's community."""
    if len(areas) != len(people):
        raise PlacesError(f"住处 {len(people)} 处,所属社区 {len(areas)} 个,对不上。", "", "请重新读取。")
    names, index = np.unique(np.array(areas, dtype=object).astype(str), return_inverse=True)
    index = np.asarray(index).ravel()
    beyond = circle.minutes > limit
    missed = np.bincount(index, weights=people * beyond, minlength=len(names))
    total = np.bincount(index, weights=people, minlength=len(names))
    longest = np.zeros(len(names))
    lived_in = people > 0
    np.maximum.at(longest, index[lived_in], circle.minutes[lived_in])
    order = [i for i in np.argsort(-missed, kind="stable").tolist() if missed[i] > 0]
    return [Gap(str(names[i]), float(missed[i]), float(total[i]), float(longest[i])) for i in order]


def _check(dwellings: Floats, people: Floats, facilities: Mapping[str, Floats]) -> None:
    if not len(dwellings):
        raise PlacesError("没有任何住处。", "没有住处就没有覆盖率。", "请先导入楼栋或小区。")
    if len(people) != len(dwellings):
        raise PlacesError(f"住处 {len(dwellings)} 处,人数 {len(people)} 个,对不上。", "", "请重新读取。")
    if not np.isfinite(dwellings).all() or not np.isfinite(people).all() or (people < 0).any():
        raise PlacesError("住处的坐标或人数缺失、为负或不是数字。", "", "请在导入时改正。")
    for kind, points in facilities.items():
        if len(points) and not np.isfinite(points).all():
            raise PlacesError(f"设施“{kind}”有坐标缺失。", "", "请补上坐标。")


def unique_nodes(nodes: Ints) -> tuple[Ints, Ints]:
    """Distinct nodes and, for each entry, its place among them."""
    distinct, back = np.unique(nodes, return_inverse=True)
    return distinct, np.asarray(back, dtype=np.int64).ravel()
