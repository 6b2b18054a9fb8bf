"""What maps draw, as answers of pages: points with a tooltip, and the GeoJSON around them."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse


def point_of(lon: float, lat: float, title: str, tone: str, **more: Any) -> dict[str, Any]:
    """A point with its tooltip; ``small`` and ``url`` are read by ``map.js``."""
    geometry = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "properties": {"title": title, "tone": tone, **more}, "geometry": geometry}


def geojson_of(content: Any) -> HttpResponse:
    """An answer for the map."""
    return HttpResponse(orjson.dumps(content), content_type="application/geo+json")
