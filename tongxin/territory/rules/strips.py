"""One point in one outline, asked without leaving Python: few edges are compared, and what is too near to call is left to GEOS.

GEOS answers as quickly, but it lets the other threads of the process run meanwhile and keeps scratch state that they must not
touch; under load threads then queue up at every point. For many points at once GEOS is better.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

EDGES_PER_STRIP = 2  # about so many begin in each
# Shewchuk's bound for the sign of a 2 × 2 determinant of differences: beyond it rounding cannot have turned the sign.
_BOUND = 3.3306690738754716e-16


class Strips:
    """An outline's edges, held in level strips of equal height. Immutable.

    Args:
        outline: a polygon or multipolygon; a point is inside when a ray from it crosses an odd number of edges, as in GEOS.
    """

    def __init__(self, outline: Any) -> None:
        xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(outline)), return_index=True)
        along = ring[1:] == ring[:-1]
        edges = np.hstack((xy[:-1], xy[1:]))[along]
        self._south, north = float(xy[:, 1].min()), float(xy[:, 1].max())
        self._last = max(len(edges) // EDGES_PER_STRIP, 1) - 1
        self._per_degree = (self._last + 1) / max(north - self._south, 1e-12)
        self._strips: list[list[tuple[float, float, float, float]]] = [[] for _ in range(self._last + 1)]
        for x1, y1, x2, y2 in edges.tolist():
            for strip in range(self._strip(min(y1, y2)), self._strip(max(y1, y2)) + 1):
                self._strips[strip].append((x1, y1, x2, y2))

    def _strip(self, y: float) -> int:
        return min(max(int((y - self._south) * self._per_degree), 0), self._last)

    def holds(self, x: float, y: float) -> bool | None:
        """Return whether the point is inside; None when it lies level with a corner or so near to an edge that rounding decides."""
        inside = False
        for x1, y1, x2, y2 in self._strips[min(max(int((y - self._south) * self._per_degree), 0), self._last)]:
            if y1 == y or y2 == y:
                return None
            if (y1 > y) != (y2 > y):
                left, right = (x1 - x) * (y2 - y), (x2 - x) * (y1 - y)
                turn = left - right
                if abs(turn) <= _BOUND * (abs(left) + abs(right)):
                    return None
                if (turn > 0) == (y2 > y1):
                    inside = not inside
        return inside
