"""Measures of outlines: areas on the ellipsoid in whole cm², widths and lengths in metres on a local plane, label points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from tongxin.territory.rules.locating import Longs, metres_per_degree

_GEOD = pyproj.Geod(ellps="WGS84")


def area_cm2(outline: Any) -> int:
    """Return the area on the WGS84 ellipsoid, in whole square centimetres."""
    area, _ = _GEOD.geometry_area_perimeter(outline)
    return round(abs(area) * 10_000)


def size(square_metres: float) -> str:
    """Return an area as people say it."""
    if square_metres >= 1e6:
        return f"{square_metres / 1e6:.2f} 平方公里"
    return f"{square_metres:,.0f} 平方米" if square_metres >= 10 else f"{square_metres:.1f} 平方米"


def label_point(outline: Any) -> tuple[float, float]:
    """Return lon, lat of a point well inside the largest part: its centroid where that lies inside."""
    parts = shapely.get_parts(outline)
    largest = parts[int(shapely.area(parts).argmax())]
    point = largest.centroid if largest.contains(largest.centroid) else largest.point_on_surface()
    return round(float(point.x), 7), round(float(point.y), 7)


class Plane:
    """A flat map in metres around one point: true enough for widths and borders within a district, not for areas to keep."""

    def __init__(self, outlines: Sequence[Any]) -> None:
        bounds = shapely.total_bounds(np.asarray(outlines, dtype=object)) if len(outlines) else (0, 0, 0, 0)
        self._lon, self._lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        self._x, self._y = metres_per_degree(self._lat)

    def flat(self, outlines: Any) -> Any:
        """Return outlines (one or an array) in metres."""
        return shapely.transform(
            outlines, lambda xy: np.column_stack(((xy[:, 0] - self._lon) * self._x, (xy[:, 1] - self._lat) * self._y))
        )

    def degrees(self, outline: Any) -> Any:
        """Return an outline in metres as degrees."""
        return shapely.transform(
            outline, lambda xy: np.column_stack((xy[:, 0] / self._x + self._lon, xy[:, 1] / self._y + self._lat))
        )


def width(outline: Any) -> float:
    """Return the mean width of a flat polygon in metres: twice its area by its perimeter."""
    return 2 * outline.area / outline.length if outline.length else 0.0


def only_polygons(outline: Any) -> Any:
    """Return the polygonal parts of a geometry as one geometry, possibly empty."""
    parts = shapely.get_parts(outline)
    kept = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon" and not p.is_empty]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def ring_fault(outline: Any) -> tuple[str, tuple[float, float] | None] | None:
    """Return what is wrong with the rings of an outline in Chinese, and where (lon, lat); None when valid."""
    if outline.is_empty:
        return "边界是空的", None
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        return f"边界应为面，却是{_KINDS.get(outline.geom_type, outline.geom_type)}", _first_point(outline)
    if not outline.is_valid:
        reason = shapely.is_valid_reason(outline)
        found = re.search(r"\[(\S+) (\S+)\]", reason)
        where = (float(found[1]), float(found[2])) if found else None
        words = next((said for begin, said in _REASONS.items() if reason.startswith(begin)), "边界的环有错")
        return words, where
    if outline.area < 1e-9 and area_cm2(outline) == 0:  # under some ten square metres it is worth measuring
        return "边界围成的面积为零", _first_point(outline)
    return None


_KINDS = {
    "Point": "点",
    "LineString": "线",
    "MultiPoint": "多个点",
    "MultiLineString": "多条线",
    "GeometryCollection": "混合图形",
}
_REASONS = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "边界自相接",
    "Hole lies outside": "内环在外环之外",
    "Nested holes": "内环互相套叠",
    "Nested shells": "各部分互相套叠",
    "Interior is disconnected": "内环把面隔断了",
    "Too few points": "点数不足，围不成面",
    "Duplicate Rings": "同一个环重复出现",
    "Invalid Coordinate": "坐标中有不是数字的值",
}


def _first_point(outline: Any) -> tuple[float, float] | None:
    xy = shapely.get_coordinates(outline)
    return (float(xy[0, 0]), float(xy[0, 1])) if len(xy) else None


def touching(outlines: npt.NDArray[Any]) -> tuple[Longs, Longs, npt.NDArray[Any]]:
    """Return index pairs (i < j) of outlines that share more than single points, and what each pair shares."""
    tree = shapely.STRtree(outlines)
    first, second = tree.query(outlines, predicate="intersects")
    once = first < second
    first, second = first[once].astype(np.int64), second[once].astype(np.int64)
    shared = shapely.intersection(outlines[first], outlines[second])
    bordering = shapely.length(shared) > 0
    return first[bordering], second[bordering], shared[bordering]


def components(count: int, first: Longs, second: Longs) -> list[list[int]]:
    """Return groups of indices joined by the pairs, largest group first."""
    parent = list(range(count))

    def top(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        parent[top(i)] = top(j)
    groups: dict[int, list[int]] = {}
    for index in range(count):
        groups.setdefault(top(index), []).append(index)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def square_metres(outline: Any) -> int:
    """Whole square metres on the ellipsoid."""
    return round(area_cm2(outline) / 10_000)
