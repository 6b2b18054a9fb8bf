"""What maps draw, as answers of pages: points with a tooltip, outlines of a file, faults of borders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponse

from tongxin.territory import api as territory

SCREEN_PIXELS = 4_000
FINE = 1e-6  # degrees; a fault is looked at closely


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault in a list: its number there, its kind in words, and whether there may be a safe repair."""

    n: int
    fault: territory.Fault
    title: str
    mark: str = ""


def point_of(lon: float, lat: float, title: str, tone: str, **more: Any) -> dict[str, Any]:
    """A point with its tooltip; ``small`` and ``url`` are read by ``map.js``."""
    geometry = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "properties": {"title": title, "tone": tone, **more}, "geometry": geometry}


def geojson_of(content: Any) -> HttpResponse:
    """An answer for the map."""
    return HttpResponse(orjson.dumps(content), content_type="application/geo+json")


def outlines_of(rows: Iterable[tuple[str, Any | None]]) -> dict[str, Any]:
    """Named outlines, simplified for a screen; broken ones are drawn as they are."""
    drawn = [(name, outline) for name, outline in rows if outline is not None and not outline.is_empty]
    if not drawn:
        return {"type": "FeatureCollection", "features": []}
    import numpy as np
    import shapely

    west, south, east, north = shapely.total_bounds(np.asarray([outline for _, outline in drawn], dtype=object))
    fine = max(east - west, north - south) / SCREEN_PIXELS
    return {"type": "FeatureCollection", "features": [_feature(outline, fine, name=name) for name, outline in drawn]}


def fault_features(rows: Iterable[FaultRow]) -> dict[str, Any]:
    """Faults that have a place, each with its number in the list beside the map."""
    features = [
        _feature(row.fault.geometry, FINE, n=row.n, title=f"{row.n} {row.title}", tone="late" if row.fault.blocking else "soon", at=row.fault.point)
        for row in rows
        if row.fault.point is not None
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _feature(shape: Any, fine: float, **properties: Any) -> dict[str, Any]:
    import numpy as np
    import shapely

    if shape.is_valid:
        small = shapely.simplify(shape, fine)
        shape = shape if small.is_empty else small
    geometry = orjson.loads(shapely.to_geojson(shapely.transform(shape, lambda xy: np.round(xy, 6))))
    return {"type": "Feature", "properties": properties, "geometry": geometry}
