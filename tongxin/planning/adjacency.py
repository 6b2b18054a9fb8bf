"""Which units touch: shared borders of polygons, or a pruned Delaunay graph of points; barrier lines mark edges.

Nothing is joined silently: islands, coincident points and dropped links come back as findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError
from shapely.geometry.base import BaseGeometry

from tongxin.planning.findings import Finding, PlanningError, name_some
from tongxin.planning.units import Floats, Ints, LoadBy, Unit, UnitGraph, check_units, metres_from_lonlat, read_loads


@dataclass(frozen=True, slots=True)
class Barrier:
    """A road, railway or river in the units' coordinates; an impassable one cuts the edges it crosses. ``kind`` is for maps."""

    name: str
    line: BaseGeometry
    impassable: bool = False
    kind: str = ""


def build_graph(
    units: Sequence[Unit],
    *,
    load_by: LoadBy = "households",
    barriers: Sequence[Barrier] = (),
    touching: Literal["points", "polygons"] = "points",
    lonlat: bool = True,
    prune_deg: float = 120.0,
    max_link_m: float | None = None,
    links: Iterable[tuple[str, str]] = (),
) -> UnitGraph:
    """Units → graph.

    ``touching`` "polygons" needs an ``area`` on every unit and joins those that share a border line; buildings, which
    never touch, need "points". ``prune_deg`` is the angle from which a third point between two cuts their link
    (90 Gabriel graph, 180 all of Delaunay). ``max_link_m`` drops longer links. ``links`` joins pairs by hand (a
    bridge). Raises ``PlanningError`` naming the units at fault.
    """
    check_units(units)
    load, found = read_loads(units, load_by)
    lines: list[BaseGeometry] = [b.line for b in barriers]
    points = np.array([u.point for u in units], dtype=np.float64)
    areas = _areas(units) if touching == "polygons" else None
    if lonlat:
        _check_degrees(units, points)
        origin = points.mean(axis=0)

        def flat(c: Floats) -> Floats:
            return metres_from_lonlat(c, origin)

        lines = list(shapely.transform(np.array(lines, dtype=object), flat)) if lines else []
        areas = shapely.transform(areas, flat) if areas is not None else None
        xy = flat(points)
    else:
        xy = points
    if areas is not None:
        edges, weight, border_m, outer = _joined_areas(areas)
        size = shapely.area(areas)
    else:
        edges, weight, coincident = _joined_points(xy, prune_deg, max_link_m)
        found += _tell_coincident(units, coincident)
        border_m, outer, size = np.zeros(len(edges)), np.zeros(len(units)), np.zeros(len(units))
    crossed, wall = mark_barriers(xy, edges, lines, [b.impassable for b in barriers])
    edges, weight, border_m, crossed = edges[~wall], weight[~wall], border_m[~wall], crossed[~wall]
    edges, weight, border_m, crossed = _add_links(units, links, edges, weight, border_m, crossed)
    today_codes = tuple(sorted({u.today for u in units if u.today is not None}))
    place = {c: i for i, c in enumerate(today_codes)}
    graph = UnitGraph(
        codes=tuple(u.code for u in units), load=load, xy=xy, edges=edges, border=weight, border_m=border_m, barrier=crossed,
        today=np.array([-1 if u.today is None else place[u.today] for u in units], dtype=np.int64), today_codes=today_codes,
        locked=np.array([u.locked for u in units], dtype=bool), outer_m=np.maximum(outer, 0.0), area_m2=size,
    )  # fmt: skip
    return _with_findings(graph, [*found, *tell_islands(graph)])


def _joined_areas(areas: np.ndarray) -> tuple[Ints, Floats, Floats, Floats]:
    """Edges along shared borders, their weights and lengths, and the border that each unit shares with nobody, in metres."""
    edges, border_m = polygon_edges(areas)
    outer = shapely.length(areas)
    np.subtract.at(outer, edges.ravel(), np.repeat(border_m, 2))
    return edges, border_m / border_m.mean() if len(border_m) else border_m, border_m, outer


def _joined_points(
    xy: Floats, prune_deg: float, max_link_m: float | None
) -> tuple[Ints, Floats, list[tuple[int, int]]]:
    """Edges between neighbours, heavier the nearer they are, and the points that lie on one another."""
    edges, coincident = point_edges(xy, prune_deg)
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    edges, length = _drop_long(edges, length, max_link_m)
    weight = np.clip(np.median(length) / np.maximum(length, 1.0), 0.25, 4.0) if len(length) else length
    return edges, weight, coincident


def components(graph: UnitGraph) -> Ints:
    """Component number of each unit, 0 for the component of the first unit."""
    u, v = graph.edges[:, 0], graph.edges[:, 1]
    matrix = coo_matrix((np.ones(len(u)), (u, v)), shape=(graph.n, graph.n))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def tell_islands(graph: UnitGraph) -> list[Finding]:
    """One finding for each component beyond the largest (by load)."""
    label = components(graph)
    loads = np.bincount(label, weights=graph.load)
    main = int(loads.argmax())
    found = []
    for c in range(len(loads)):
        if c != main:
            codes = tuple(graph.codes[i] for i in np.flatnonzero(label == c))
            text = (
                f"{name_some(codes)} 与其余部分不相连（孤岛，共 {len(codes)} 个单元，负荷 {loads[c]:g}），将单独划分。"
            )
            found.append(Finding("island", text, codes))
    return found


def polygon_edges(areas: np.ndarray) -> tuple[Ints, Floats]:
    """Pairs of polygons that share a border line, and its length in metres; touching in a point does not count."""
    pairs = shapely.STRtree(areas).query(areas, predicate="intersects")
    pairs = pairs[:, pairs[0] < pairs[1]]
    shared = shapely.length(shapely.intersection(shapely.boundary(areas[pairs[0]]), shapely.boundary(areas[pairs[1]])))
    keep = shared > 1e-6
    return pairs.T[keep].astype(np.int64), shared[keep]


def point_edges(xy: Floats, prune_deg: float) -> tuple[Ints, list[tuple[int, int]]]:
    """Delaunay pairs without those that a third point stands between; coincident points hang on the first of them.

    Connected whatever ``prune_deg`` ≥ 90, because the Gabriel graph is. Second value: (point, its twin) pairs.
    """
    _, first, back = np.unique(xy, axis=0, return_index=True, return_inverse=True)
    back = np.asarray(back).ravel()
    twins = [(int(i), int(first[back[i]])) for i in range(len(xy)) if first[back[i]] != i]
    single = xy[first]
    edges = _delaunay(single, prune_deg)
    edges = first[edges] if len(edges) else edges
    if twins:
        edges = np.vstack([edges, np.array(twins, dtype=np.int64)])
    return np.sort(edges, axis=1).astype(np.int64).reshape(-1, 2), twins


def _delaunay(xy: Floats, prune_deg: float) -> Ints:
    if len(xy) < 2:
        return np.empty((0, 2), dtype=np.int64)
    try:
        if len(xy) < 4:
            raise QhullError
        mesh = Delaunay(xy)
    except QhullError:
        # On one line (or two or three points) the chain along the line is the whole answer.
        axis = np.linalg.svd(xy - xy.mean(axis=0), full_matrices=False)[2][0]
        order = np.argsort(xy @ axis, kind="stable")
        return np.column_stack([order[:-1], order[1:]]).astype(np.int64)
    triangles = mesh.simplices
    corner = np.vstack([triangles[:, [0, 1, 2]], triangles[:, [1, 2, 0]], triangles[:, [2, 0, 1]]])
    a, b, w = corner[:, 0], corner[:, 1], corner[:, 2]
    p, q = xy[a] - xy[w], xy[b] - xy[w]
    cosine = (p * q).sum(axis=1) / np.maximum(np.hypot(*p.T) * np.hypot(*q.T), 1e-12)
    wide = cosine < np.cos(np.radians(prune_deg)) - 1e-9
    key = np.minimum(a, b).astype(np.int64) * len(xy) + np.maximum(a, b)
    kept = np.setdiff1d(np.unique(key), key[wide])
    # Qhull leaves out points a hair from another vertex; they hang on that vertex.
    left_out = np.sort(mesh.coplanar[:, [0, 2]].astype(np.int64), axis=1)
    return np.vstack([np.column_stack([kept // len(xy), kept % len(xy)]), left_out])


def mark_barriers(
    xy: Floats, edges: Ints, lines: Sequence[BaseGeometry], impassable: Sequence[bool]
) -> tuple[Ints, np.ndarray]:
    """How many barrier lines each edge crosses (m,), and whether one of them is impassable (m,)."""
    crossed, wall = np.zeros(len(edges), dtype=np.int64), np.zeros(len(edges), dtype=bool)
    if len(lines) and len(edges):
        segments = shapely.linestrings(xy[edges])
        line, edge = shapely.STRtree(segments).query(np.array(lines, dtype=object), predicate="intersects")
        np.add.at(crossed, edge, 1)
        wall[edge[np.array(impassable, dtype=bool)[line]]] = True
    return crossed, wall


def _areas(units: Sequence[Unit]) -> np.ndarray:
    bare = [u.code for u in units if u.area is None]
    if bare:
        raise PlanningError(
            f"{len(bare)} 个单元没有面：{name_some(bare)}。", "按边界判断相邻需要面。", "请改用点，或补上面。", bare
        )
    return np.array([u.area for u in units], dtype=object)


def _check_degrees(units: Sequence[Unit], points: Floats) -> None:
    off = (np.abs(points[:, 0]) > 180) | (np.abs(points[:, 1]) > 90)
    if off.any():
        codes = [units[int(i)].code for i in np.flatnonzero(off)]
        raise PlanningError(
            f"{len(codes)} 个单元的坐标不是经纬度：{name_some(codes)}。",
            "经度应在 ±180、纬度应在 ±90 以内。",
            "请检查坐标系。",
            codes,
        )


def _tell_coincident(units: Sequence[Unit], twins: list[tuple[int, int]]) -> list[Finding]:
    if not twins:
        return []
    codes = tuple(units[i].code for i, _ in twins)
    text = f"{len(codes)} 个单元与别的单元坐标完全相同，视为相邻：{name_some(codes)}。"
    return [Finding("coincident_points", text, codes)]


def _drop_long(edges: Ints, length: Floats, max_link_m: float | None) -> tuple[Ints, Floats]:
    if max_link_m is None:
        return edges, length
    keep = length <= max_link_m
    return edges[keep], length[keep]


def _add_links(
    units: Sequence[Unit], links: Iterable[tuple[str, str]], edges: Ints, weight: Floats, border: Floats, crossed: Ints
) -> tuple[Ints, Floats, Floats, Ints]:
    place = {u.code: i for i, u in enumerate(units)}
    have = {(int(a), int(b)) for a, b in edges}
    extra = set()
    for a, b in links:
        missing = [c for c in (a, b) if c not in place]
        if missing:
            raise PlanningError(f"手工连接提到不存在的单元：{name_some(missing)}。", "", "请核对编码。", missing)
        pair = (min(place[a], place[b]), max(place[a], place[b]))
        if pair[0] != pair[1] and pair not in have:
            extra.add(pair)
    if not extra:
        return edges, weight, border, crossed
    more = np.array(sorted(extra), dtype=np.int64)
    fill = np.zeros(len(more))
    return (
        np.vstack([edges, more]),
        np.concatenate([weight, fill + 1.0]),
        np.concatenate([border, fill]),
        np.concatenate([crossed, fill.astype(np.int64)]),
    )


def _with_findings(graph: UnitGraph, found: list[Finding]) -> UnitGraph:
    return UnitGraph(**{**{k: getattr(graph, k) for k in graph.__dataclass_fields__}, "findings": tuple(found)})
