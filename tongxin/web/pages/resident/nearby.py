"""What is near me: facilities within 5, 10 and 15 minutes on foot. No account; where somebody asked from is not kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.shortcuts import render

from tongxin.accounts.api import Limit
from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.places import api as places
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind
from tongxin.web.geojson import geojson_of, point_of
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.sources import check_flood

DEVICE, ADDRESS = Limit(120, 3_600), Limit(1_200, 3_600)
OFFERED = 8


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the question is asked from: a point, or several places that the words may mean, or none."""

    lon: float | None = None
    lat: float | None = None
    name: str = ""
    offered: tuple[territory.PlaceMatch, ...] = ()


@page("/nearby", audience="resident", title="身边服务", icon="map-pin", nav=50)
def nearby(request: Request) -> Shown:
    """Ask from where, and answer (3 statements). The position is sent in the body, so that no log keeps it."""
    refusal: Refusal | None = None
    found: places.Nearby | None = None
    spot = Spot()
    if request.method == "POST":
        try:
            check_flood(request, "nearby", device=DEVICE, address=ADDRESS)
            spot = _spot(request)
            if spot.lon is not None and spot.lat is not None:
                found = places.list_nearby(request.district, spot.lon, spot.lat)
        except Refusal as caught:
            refusal = caught
    words = [Field("address", "在哪里", max=limits.ADDRESS_CHARS, help="小区、楼栋或路口；也可以在下面地图上点一下。")]
    context: dict[str, Any] = {
        "fields": bind(words, request.POST if request.method == "POST" else None, refusal),
        "spot": spot,
        "lon": f"{spot.lon:.6f}" if spot.lon is not None else "",
        "lat": f"{spot.lat:.6f}" if spot.lat is not None else "",
        "groups": _groups(found) if found else [],
        "near": found.near if found else (),
        "beyond": found.beyond if found else (),
        "estimated": found is not None and found.estimated,
        "schematic": found is not None and any(one.facility.schematic for one in (*found.near, *found.beyond)),
        "asked": found is not None,
        "leaf": request.district.pack.units.level_keys()[-1],
        "refusal": refusal,
    }
    return render(request, "resident/nearby.html", context, status=refusal.status if refusal else 200)


def _groups(found: places.Nearby) -> list[tuple[int, list[places.Near]]]:
    before = 0
    groups = []
    for minutes in places.WITHIN_MINUTES:
        rows = [one for one in found.near if before < one.minutes <= minutes]
        groups.append((minutes, rows))
        before = minutes
    return groups


def _spot(request: Request) -> Spot:
    tree = territory.tree(request.district)
    address = request.POST.get("address", "").strip()[: limits.ADDRESS_CHARS]
    lon, lat = request.POST.get("lon", "").strip(), request.POST.get("lat", "").strip()
    if lon and lat:
        try:
            x, y = float(lon), float(lat)
        except ValueError:
            raise Invalid("no_such_point", "坐标不是数字。", "请在地图上重新点一下。", "address") from None
        place = tree.locate(x, y)
        if place is None:
            raise Invalid("outside", "您选的位置不在本地范围内。", "请在地图上重新点，或写地址。", "address")
        return Spot(x, y, request.POST.get("said", "").strip()[:80] or tree.full_name(place.id))
    if not address:
        raise Invalid("no_place", "还没有说在哪里。", "请写小区、楼栋或路口，或在地图上点一下。", "address")
    matches = tree.find_place(address)
    if len(matches) == 1:
        one = matches[0]
        place = tree.get(one.area_id)
        here = (one.lon, one.lat) if one.lon is not None else ((place.lon, place.lat) if place else (None, None))
        if here[0] is not None and here[1] is not None:
            return Spot(here[0], here[1], one.name)
    offered = tuple(match for match in (matches or tree.similar_places(address)) if match.lon is not None)[:OFFERED]
    if not offered:
        raise Invalid("place_unknown", f"没有找到“{address[:40]}”。", "请换个写法，或在地图上点一下。", "address")
    return Spot(offered=offered)


@page("/nearby/points.geojson", audience="resident", title="身边服务：点位", methods=("GET",))
def nearby_points(request: Request) -> Shown:
    """Give all facilities for the map (1 statement)."""
    rows = places.list_facilities(request.district)
    features = [
        point_of(row.lon, row.lat, f"{row.kind_title}：{row.name}" + ("（示意）" if row.schematic else ""), "done", small=len(rows) > 200)
        for row in rows
    ]  # fmt: skip
    response = geojson_of({"type": "FeatureCollection", "features": features})
    response["Cache-Control"] = "public, max-age=300"
    return response
