"""Which outline holds a point: one tree of bounding boxes, prepared outlines, and one rule for every tie.

A point on a shared border, or in an overlap, belongs to the outline that comes first in the given order (callers give
them in order of code, so: to the lowest code). Not a map and not a geocoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the length of a degree of longitude and of latitude there, on the WGS84 ellipsoid, in metres."""
    phi = math.radians(lat)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111_132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi) - 0.0023 * math.cos(6 * phi)
    return max(east, 1.0), north


class Locator:
    """Finds the outline that holds a point; immutable and safe to share between threads.

    Args:
        ids: what is answered for each outline.
        outlines: shapely polygons or multipolygons in WGS84, in order of precedence.
    """

    def __init__(self, ids: Sequence[int], outlines: Sequence[Any]) -> None:
        self.ids: Longs = np.asarray(ids, dtype=np.int64)
        self._outlines = np.asarray(outlines, dtype=object)
        self._tree = shapely.STRtree(self._outlines)
        if len(self._outlines):
            # Both indexes are built at their first use, and that first use must not happen in two threads at once.
            shapely.prepare(self._outlines)
            bounds = shapely.bounds(self._outlines)
            middle_x, middle_y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
            shapely.intersects_xy(self._outlines, middle_x, middle_y)
            self._tree.query(shapely.Point(middle_x[0], middle_y[0]))

    def __len__(self) -> int:
        return len(self.ids)

    def one(self, lon: float, lat: float) -> int:
        """Return the id of the outline that holds the point, or -1."""
        if not (math.isfinite(lon) and math.isfinite(lat)) or not len(self.ids):
            return -1
        found = self._tree.query(shapely.points(lon, lat))
        if len(found) == 0:
            return -1
        held = found[shapely.intersects_xy(self._outlines[found], lon, lat)]
        return int(self.ids[held.min()]) if len(held) else -1

    def many(self, lons: Floats, lats: Floats) -> Longs:
        """Return for each point the id of the outline that holds it, or -1.

        The tree is asked once for boxes only; the exact test runs over prepared outlines in order of outline, which is
        several times faster than a tree query with a predicate (that prepares the points, not the outlines).
        """
        answer = np.full(len(lons), -1, dtype=np.int64)
        if not len(self.ids) or not len(lons):
            return answer
        points, outlines = self._tree.query(shapely.points(lons, lats))
        order = np.argsort(outlines, kind="stable")
        points, outlines = points[order], outlines[order]
        held = shapely.intersects_xy(self._outlines[outlines], lons[points], lats[points])
        points, outlines = points[held], outlines[held]
        # Ascending order of outline, so the first of a point's hits is the one that takes precedence.
        rank = np.full(len(answer), len(points), dtype=np.int64)
        np.minimum.at(rank, points, np.arange(len(points), dtype=np.int64))
        inside = np.flatnonzero(rank < len(points))
        answer[inside] = self.ids[outlines[rank[inside]]]
        return answer

    def near(self, lon: float, lat: float, metres: float) -> list[tuple[int, float]]:
        """Return (id, distance in metres) of outlines within ``metres`` of the point, nearest first; 0 inside."""
        if not (math.isfinite(lon) and math.isfinite(lat)) or not len(self.ids):
            return []
        scale_x, scale_y = metres_per_degree(lat)
        reach_x, reach_y = metres / scale_x, metres / scale_y
        found = np.sort(self._tree.query(shapely.box(lon - reach_x, lat - reach_y, lon + reach_x, lat + reach_y)))

        def flat(xy: Floats) -> Floats:
            return np.column_stack(((xy[:, 0] - lon) * scale_x, (xy[:, 1] - lat) * scale_y))

        away = shapely.distance(shapely.transform(self._outlines[found], flat), shapely.Point(0, 0))
        rows = [(int(self.ids[i]), float(d)) for i, d in zip(found, away, strict=True) if d <= metres]
        return sorted(rows, key=lambda row: row[1])
