"""Outlines of the district's places for maps, and what an address text may mean. Never points of matters: those are for staff."""

from __future__ import annotations

import math

from django.http import HttpResponse, HttpResponseNotModified

from tongxin.kernel import limits
from tongxin.kernel.errors import NotFound
from tongxin.kernel.typed import number_in
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
    under = number_in(asked)
    under = under if territory.tree(district).get(under) else None
    mark = f'"{district.id}-{district.territory_version}-{level}-{under or 0}"'
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified()
    response = HttpResponse(territory.tree(district).geojson(level, under), content_type="application/geo+json")
    response["ETag"] = mark
    response["Cache-Control"] = "public, max-age=300"
    return response


OFFERED = 6


def _point(request: Request) -> tuple[float, float]:
    """The point on the map; what is no number lies nowhere."""
    try:
        return float(request.POST.get("lon", "")), float(request.POST.get("lat", ""))
    except ValueError:
        return math.nan, math.nan


@page("/places/offer", audience="anyone", title="地点", name="place_offer", methods=("POST",))
def place_offer(request: Request) -> Shown:
    """While an address is typed or a point is set: where it is, or which places it may mean (0 statements). Never guessed."""
    tree = territory.tree(request.district)
    address = request.POST.get("address", "").strip()[: limits.ADDRESS_CHARS]
    pointed = bool(request.POST.get("lon", "").strip())
    here = tree.locate(*_point(request)) if pointed else None
    matches = tree.find_place(address) if address and not pointed else []
    similar = tree.similar_places(address) if address and not pointed and not matches else []
    offers: dict[str, str] = {}
    for match in [*(matches if len(matches) > 1 else []), *similar]:
        within = tree.full_name(match.area_id)
        shown = match.name if match.name in within or within in match.name else f"{within}{match.name}"
        offers.setdefault(within if match.name in within else shown, shown)
    return {
        "found": tree.full_name(here.id) if here else tree.full_name(matches[0].area_id) if len(matches) == 1 else "",
        "outside": pointed and here is None,
        "offers": list(offers.items())[:OFFERED],
        "similar": bool(similar),
        "unknown": bool(address) and not pointed and not matches and not similar,
    }
