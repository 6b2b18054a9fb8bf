"""Outlines made small for a screen. Not for measuring: what is simplified here never goes back into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

if TYPE_CHECKING:
    from tongxin.territory.rules.tree import Place

DECIMALS = 5  # about one metre
SCREEN_PIXELS = 1_600  # a detail below one pixel of a wide map is left out


def draw(rows: Sequence[tuple[Place, Any | None, str]]) -> bytes:
    """Return a GeoJSON FeatureCollection of (place, outline or None, full name).

    Neighbours are simplified together, so that a shared border stays shared. A place without an outline is drawn as its
    label point, or carries a null geometry where it has none.
    """
    drawn = [index for index, (_, outline, _) in enumerate(rows) if outline is not None]
    shapes: dict[int, Any] = {}
    if drawn:
        outlines = np.asarray([rows[index][1] for index in drawn], dtype=object)
        west, south, east, north = shapely.total_bounds(outlines)
        small = shapely.coverage_simplify(outlines, max(east - west, north - south) / SCREEN_PIXELS)
        for index, shape, whole in zip(drawn, small, outlines, strict=True):
            shapes[index] = _rounded(shape if not shape.is_empty else whole)
    features = [
        {
            "type": "Feature",
            "id": place.id,
            "properties": {
                "id": place.id,
                "code": place.code,
                "name": place.name,
                "full_name": full_name,
                "level": place.level,
                "parent_id": place.parent_id,
                "households": place.households,
                "schematic": place.schematic,
                "lon": place.lon,
                "lat": place.lat,
            },
            "geometry": shapes.get(index) or _label(place),
        }
        for index, (place, _, full_name) in enumerate(rows)
    ]
    schematic = any(place.schematic for place, _, _ in rows)
    return orjson.dumps({"type": "FeatureCollection", "schematic": schematic, "features": features})


def _label(place: Place) -> dict[str, Any] | None:
    if place.lon is None or place.lat is None:
        return None
    return {"type": "Point", "coordinates": [round(place.lon, DECIMALS), round(place.lat, DECIMALS)]}


def _ring(ring: Any) -> list[list[float]]:
    points: list[list[float]] = []
    for x, y in np.round(shapely.get_coordinates(ring), DECIMALS).tolist():
        if not points or points[-1] != [x, y]:
            points.append([x, y])
    return points


def _rounded(shape: Any) -> dict[str, Any]:
    """Return the geometry's GeoJSON with rounded corners, repeated ones left out, parts too small to see as well."""
    parts = []
    for polygon in shapely.get_parts(shape):
        rings = [_ring(ring) for ring in (polygon.exterior, *polygon.interiors)]
        if len(rings[0]) >= 4:
            parts.append([rings[0], *(ring for ring in rings[1:] if len(ring) >= 4)])
    if not parts:
        return {"type": "Point", "coordinates": [round(v, DECIMALS) for v in shape.centroid.coords[0]]}
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}
