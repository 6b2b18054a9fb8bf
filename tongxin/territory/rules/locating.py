"""Which outline holds a point: buckets of bounding boxes, prepared outlines, and one rule for every tie.

A point on a shared border, or in an overlap, belongs to the outline that comes first in the given order (callers give
them in order of code, so: to the lowest code). Not a map and not a geocoder.

Buckets instead of a tree, because points then need not become geometries, and points of one bucket are tested one after
the other against the same few outlines, which is what a processor's cache likes (figures: ``benchmarks/locate.py``).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from tongxin.territory.rules.strips import Strips

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BUCKETS_PER_OUTLINE = 10
MOST_ENTRIES_PER_OUTLINE = 80  # coarser buckets rather than more entries, where boxes are large or lie upon each other
MOST_STRIPS = 2_000  # outlines whose strips are kept
MOST_CANDIDATES = 500_000  # tested at once: few enough to stay in memory that is already at hand


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the length of a degree of longitude and of latitude there, on the WGS84 ellipsoid, in metres."""
    phi = math.radians(lat)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111_132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi) - 0.0023 * math.cos(6 * phi)
    return max(east, 1.0), north


class Buckets:
    """Which bounding boxes may hold a point: the plane cut into equal buckets, each with its boxes in ascending order.

    Points and boxes find their buckets by the same rounding, held to the outermost bucket, so that no far-off outline
    can make the buckets coarse and no point is missed.
    """

    def __init__(self, bounds: Floats) -> None:
        count = len(bounds)
        low, high = np.percentile(bounds[:, :2], 1, axis=0), np.percentile(bounds[:, 2:], 99, axis=0)
        self._west, self._south = float(low[0]), float(low[1])
        self._spread = np.maximum(high - low, 1e-12)
        side = max(1, int(math.sqrt(count * BUCKETS_PER_OUTLINE)))
        while True:
            self._side = side
            first_x, first_y = self._cell(bounds[:, 0], 0), self._cell(bounds[:, 1], 1)
            wide, tall = self._cell(bounds[:, 2], 0) - first_x + 1, self._cell(bounds[:, 3], 1) - first_y + 1
            entries = int((wide.astype(np.int64) * tall).sum())
            if side == 1 or entries <= MOST_ENTRIES_PER_OUTLINE * count:
                break
            side = max(1, side // 2)
        times = wide.astype(np.int64) * tall
        box = np.repeat(np.arange(count, dtype=np.int32), times)
        nth = np.arange(entries, dtype=np.int64) - np.repeat(np.cumsum(times) - times, times)
        bucket = (first_y[box] + nth // wide[box]) * side + first_x[box] + nth % wide[box]
        order = np.argsort(bucket, kind="stable")
        self.boxes = box[order]
        self.starts: Longs = np.searchsorted(bucket[order], np.arange(side * side + 1)).astype(np.int64)

    def _cell(self, values: Floats, axis: int) -> npt.NDArray[np.int32]:
        begin = self._west if axis == 0 else self._south
        scaled = (values - begin) * (self._side / self._spread[axis])
        cells: npt.NDArray[np.int32] = np.clip(scaled, 0, self._side - 1).astype(np.int32)
        return cells

    def of(self, lons: Floats, lats: Floats) -> npt.NDArray[np.int32]:
        """Return the bucket of each point."""
        return self._cell(lats, 1) * np.int32(self._side) + self._cell(lons, 0)

    def at(self, lon: float, lat: float) -> npt.NDArray[np.int32]:
        """Return the boxes that may hold one point."""
        last = self._side - 1
        column = min(max(int((lon - self._west) * (self._side / self._spread[0])), 0), last)
        row = min(max(int((lat - self._south) * (self._side / self._spread[1])), 0), last)
        bucket = row * self._side + column
        return self.boxes[self.starts[bucket] : self.starts[bucket + 1]]


class Locator:
    """Finds the outline that holds a point; immutable and safe to share between threads.

    A prepared outline is not: GEOS keeps scratch state in it (libgeos issue 825), also after its first use. So the
    outlines are copies that nobody else sees, and one thread at a time asks them.

    Args:
        ids: what is answered for each outline.
        outlines: shapely polygons or multipolygons in WGS84, in order of precedence; not empty.
    """

    def __init__(self, ids: Sequence[int], outlines: Sequence[Any]) -> None:
        self.ids: Longs = np.asarray(ids, dtype=np.int64)
        self._outlines = np.asarray(outlines, dtype=object)
        self._asking = threading.Lock()
        self._strips: dict[int, Strips] = {}  # of the outlines that single points were looked for in
        if not len(self.ids):
            return
        bounds: Floats = shapely.bounds(self._outlines)
        self._bounds = np.ascontiguousarray(bounds)
        self._box: list[list[float]] = bounds.tolist()  # a few boxes are compared quicker one by one
        self._buckets = Buckets(self._bounds)
        self._outlines = shapely.transform(self._outlines, lambda xy: xy)
        shapely.prepare(self._outlines)

    def __len__(self) -> int:
        return len(self.ids)

    def one(self, lon: float, lat: float) -> int:
        """Return the id of the outline that holds the point, or -1."""
        if not (math.isfinite(lon) and math.isfinite(lat)) or not len(self.ids):
            return -1
        for outline in self._buckets.at(lon, lat).tolist():
            west, south, east, north = self._box[outline]
            if not (west <= lon <= east and south <= lat <= north):
                continue
            if self._holds(outline, lon, lat):
                return int(self.ids[outline])
        return -1

    def _holds(self, outline: int, lon: float, lat: float) -> bool:
        strips = self._strips.get(outline)
        if strips is None:
            if len(self._strips) >= MOST_STRIPS:
                self._strips.clear()
            strips = self._strips[outline] = Strips(self._outlines[outline])
        held = strips.holds(lon, lat)
        if held is None:
            with self._asking:
                held = bool(shapely.intersects_xy(self._outlines[outline], lon, lat))
        return held

    def many(self, lons: Floats, lats: Floats) -> Longs:
        """Return for each (finite) point the id of the outline that holds it, or -1."""
        answer = np.full(len(lons), -1, dtype=np.int64)
        if not len(self.ids) or not len(lons):
            return answer
        buckets = self._buckets.of(lons, lats)
        order = np.argsort(buckets)
        buckets = buckets[order]
        begin = self._buckets.starts[buckets]
        counts = self._buckets.starts[buckets + 1] - begin
        upto = np.cumsum(counts)
        at = 0
        while at < len(order):
            done = int(upto[at - 1]) if at else 0
            to = max(int(np.searchsorted(upto, done + MOST_CANDIDATES, side="right")), at + 1)
            some = order[at:to]
            answer[some] = self._held(lons[some], lats[some], begin[at:to], counts[at:to])
            at = to
        return answer

    def _held(self, lons: Floats, lats: Floats, begin: Longs, counts: Longs) -> Longs:
        """Return the ids for points that lie in order of bucket, each with its stretch of candidates."""
        point = np.repeat(np.arange(len(lons), dtype=np.int32), counts)
        nth = np.arange(len(point), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        outline = self._buckets.boxes[begin[point] + nth]
        x, y, box = lons[point], lats[point], self._bounds[outline]
        inside = (x >= box[:, 0]) & (y >= box[:, 1]) & (x <= box[:, 2]) & (y <= box[:, 3])
        point, outline = point[inside], outline[inside]
        answer = np.full(len(lons), -1, dtype=np.int64)
        # Candidates of a point come in order of precedence, and the first that holds it takes it: so first the first of
        # each point are tested, then the next ones of points that are still open.
        while len(point):
            first = np.empty(len(point), dtype=bool)
            first[0] = True
            np.not_equal(point[1:], point[:-1], out=first[1:])
            tested, by = point[first], outline[first]
            with self._asking:
                held = shapely.intersects_xy(self._outlines[by], lons[tested], lats[tested])
            answer[tested[held]] = self.ids[by[held]]
            left = ~first & (answer[point] == -1)
            point, outline = point[left], outline[left]
        return answer

    def near(self, lon: float, lat: float, metres: float) -> list[tuple[int, float]]:
        """Return (id, distance in metres) of outlines within ``metres`` of the point, nearest first; 0 inside."""
        if not (math.isfinite(lon) and math.isfinite(lat)) or not len(self.ids):
            return []
        scale_x, scale_y = metres_per_degree(lat)
        reach_x, reach_y = metres / scale_x, metres / scale_y
        west, south, east, north = self._bounds.T
        boxes = (west <= lon + reach_x) & (east >= lon - reach_x) & (south <= lat + reach_y) & (north >= lat - reach_y)
        found = np.flatnonzero(boxes)

        def flat(xy: Floats) -> Floats:
            return np.column_stack(((xy[:, 0] - lon) * scale_x, (xy[:, 1] - lat) * scale_y))

        away = shapely.distance(shapely.transform(self._outlines[found], flat), shapely.Point(0, 0))
        rows = [(int(self.ids[i]), float(d)) for i, d in zip(found, away, strict=True) if d <= metres]
        return sorted(rows, key=lambda row: row[1])
