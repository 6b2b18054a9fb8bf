"""Ground for every unit: a community's outline shared out among its units, so that parts drawn from them leave no gap.

Each unit gets what lies nearest to it (to its outline where it has one). A sliver of a cell that a bend of the border cuts
off from its unit goes to the neighbour it touches most, so that a part is torn only where the community itself is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from tongxin.planning.units import metres_from_lonlat

SAMPLE_M = 15.0  # how closely a building's outline is followed
_KEEP = 1e-12  # square degrees, about 0.01 m²: dust from cutting


def draw_cells(outline: Any, points: npt.NDArray[np.float64], shapes: Sequence[Any | None]) -> list[Any]:
    """Share out ``outline`` (WGS84) among units.

    Args:
        points: (n, 2) longitude and latitude, one a unit. shapes: outline of each unit, or None.

    Returns:
        n polygons that cover the outline without gap or overlap. Units at the very same point: the first has the ground.
    """
    if not len(points):
        return []
    stretch = math.cos(math.radians(float(points[:, 1].mean())))
    scale = np.array([stretch, 1.0])  # near is near in metres, not in degrees
    ground = shapely.transform(outline, lambda xy: xy * scale)
    seeds, owner = _seeds(
        points * scale, [None if s is None else shapely.transform(s, lambda xy: xy * scale) for s in shapes]
    )
    if len(seeds) == 1:
        cells = np.array([shapely.make_valid(ground)], dtype=object)
    else:
        cells = _voronoi(seeds, ground)
    pieces: list[list[Any]] = [[] for _ in range(len(points))]
    for cell, unit in zip(cells, owner, strict=True):
        pieces[unit].append(cell)
    grown = [shapely.union_all(own) if own else shapely.Polygon() for own in pieces]
    settled = _gather(grown, points * scale)
    return [shapely.transform(cell, lambda xy: xy / scale) for cell in settled]


def _seeds(points: npt.NDArray[np.float64], shapes: Sequence[Any | None]) -> tuple[npt.NDArray[np.float64], list[int]]:
    seen: dict[tuple[float, float], int] = {}
    step = SAMPLE_M / 111_000.0
    for unit, (x, y) in enumerate(points.tolist()):
        seen.setdefault((x, y), unit)
    for unit, shape in enumerate(shapes):
        if shape is not None and not shape.is_empty:
            # drawn in a little, so that walls shared by two buildings are nobody's seed twice
            inner = shapely.buffer(shape, -step / 20)
            for x, y in shapely.get_coordinates(
                shapely.segmentize(inner if not inner.is_empty else shape, step)
            ).tolist():
                seen.setdefault((x, y), unit)
    return np.array(list(seen), dtype=np.float64), list(seen.values())


def _voronoi(seeds: npt.NDArray[np.float64], ground: Any) -> npt.NDArray[Any]:
    """The part of ``ground`` nearest to each seed, in the order of the seeds."""
    found = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shapely.envelope(ground), ordered=True)
    return np.asarray(shapely.intersection(shapely.get_parts(found), ground), dtype=object)


def _gather(cells: list[Any], points: npt.NDArray[np.float64]) -> list[Any]:
    """Give fragments that lie apart from their unit to the neighbour with the longest common border."""
    kept: list[Any] = []
    loose: list[Any] = []
    for cell, (x, y) in zip(cells, points.tolist(), strict=True):
        parts = [part for part in shapely.get_parts(cell) if part.geom_type == "Polygon" and part.area > _KEEP]
        if len(parts) <= 1:
            kept.append(parts[0] if parts else shapely.Polygon())
            continue
        spot = shapely.Point(x, y)
        home = min(range(len(parts)), key=lambda i: (shapely.distance(parts[i], spot), -parts[i].area))
        kept.append(parts[home])
        loose += [part for i, part in enumerate(parts) if i != home]
    waiting = loose
    while waiting:
        tree = shapely.STRtree(kept)
        left: list[Any] = []
        given: dict[int, list[Any]] = {}
        for part in waiting:
            near = [int(i) for i in tree.query(part, predicate="intersects")]
            borders = [float(shapely.length(shapely.intersection(part.boundary, kept[i].boundary))) for i in near]
            if borders and max(borders) > 0:
                given.setdefault(near[int(np.argmax(borders))], []).append(part)
            else:
                left.append(part)
        if not given:  # a piece of the community where no unit is: the nearest unit's
            for part in left:
                given.setdefault(int(tree.nearest(part)), []).append(part)
            left = []
        for unit, parts in given.items():
            kept[unit] = shapely.union_all([kept[unit], *parts])
        waiting = left
    return kept


def dissolve(cells: Sequence[Any], part: Sequence[int]) -> dict[int, Any]:
    """Return the outline of each part: its units' cells as one."""
    grouped: dict[int, list[Any]] = {}
    for cell, number in zip(cells, part, strict=True):
        if not cell.is_empty:
            grouped.setdefault(int(number), []).append(cell)
    return {number: _polygons(shapely.union_all(own)) for number, own in sorted(grouped.items())}


def _polygons(shape: Any) -> Any:
    """Only the faces of a union, with the hair cracks closed that sums of rounded corners leave."""
    faces = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > _KEEP]
    whole = []
    for face in faces:
        rings = [ring for ring in face.interiors if shapely.Polygon(ring).area > _KEEP]
        whole.append(shapely.Polygon(face.exterior, rings))
    return whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)


def compactness(outline: Any) -> float | None:
    """4π·area/perimeter² (Polsby–Popper) on a local plane: 1 for a circle, 0.785 for a square; None for nothing."""
    if outline is None or outline.is_empty:
        return None
    origin = shapely.get_coordinates(outline).mean(axis=0)
    flat = shapely.transform(outline, lambda xy: metres_from_lonlat(xy, origin))
    return float(4 * math.pi * flat.area / flat.length**2) if flat.length else None
