"""Outlines of the district's places for maps. Never points of matters: those are for staff, on their own pages."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseNotModified

from tongxin.kernel.errors import NotFound
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/map/<slug:level>.geojson", audience="anyone", title="地图", name="map_areas", methods=("GET",))
def map_areas(request: Request, level: str) -> Shown:
    """Give the outlines of one level, of the whole district or ``?under=`` one place (0 statements).

    Kept by the browser until a place changes.
    """
    district = request.district
    if level not in district.pack.units.level_keys():
        raise NotFound("no_level", f"没有“{level}”这一级区域。")
    asked = request.GET.get("under", "")
    under = int(asked) if asked.isdigit() and territory.tree(district).get(int(asked)) else None
    mark = f'"{district.id}-{district.territory_version}-{level}-{under or 0}"'
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified()
    response = HttpResponse(territory.tree(district).geojson(level, under), content_type="application/geo+json")
    response["ETag"] = mark
    response["Cache-Control"] = "public, max-age=300"
    return response
