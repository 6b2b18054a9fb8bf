"""Areas over HTTP: the tree, outlines as GeoJSON, the area of a point, the areas that an address may mean."""

from __future__ import annotations

import hashlib
from typing import Annotated

from django.http import HttpResponse, HttpResponseNotModified
from ninja import Query, Router
from pydantic import Field

from tongxin.kernel import limits
from tongxin.kernel.errors import NotFound
from tongxin.territory import api as territory
from tongxin.web.api.answers import answer, dump
from tongxin.web.api.v1 import views
from tongxin.web.api.v1.describe import answers
from tongxin.web.api.v1.shown.base import Shown
from tongxin.web.request import Request

router = Router(tags=["地域"])
GEOJSON = "application/geo+json"


class AreaOut(Shown):
    """一个区域。"""

    id: int
    level: str = Field(description="级别，见 /pack")
    code: str
    name: str
    full_name: str
    parent_id: int | None
    lon: float | None = Field(description="标注点经度（WGS84）")
    lat: float | None
    households: int | None
    schematic: bool = Field(description="边界是示意的，不代表真实界线")


class AreasOut(Shown):
    """区域，按代码先后，上级在前。"""

    areas: list[AreaOut]


class MatchOut(Shown):
    """一处可能的地方。"""

    area_id: int
    name: str
    lon: float | None
    lat: float | None
    how: str = Field(description="按什么名称找到的")


class MatchesOut(Shown):
    """可能的地方，最像的在前；一处也没有则为空。"""

    matches: list[MatchOut]


class Part(views.Asked):
    """Which part of the tree."""

    level: Annotated[str, Field(max_length=40)] = Field("", description="级别；空为各级")
    under: int | None = Field(None, ge=1, le=2**53, description="在这个区域及其下级")


@router.get("", response=answers(AreasOut, 404), summary="区域树")
def list_areas(request: Request, part: Query[Part]) -> HttpResponse:
    """以 parent_id 相连的各级区域；停用的不列。0 条语句。"""
    tree = territory.tree(request.district)
    _check(tree, part)

    def write() -> bytes:
        under = tree.get(part.under)
        start = tree.roots() if under is None else [under]
        return dump(AreasOut(areas=[_area(tree, p) for p in _down(tree, start) if part.level in ("", p.level)]))

    return _kept(request, f"areas:{part.level}:{part.under}", "application/json", write())


def _down(tree: territory.AreaTree, start: list[territory.Place]) -> list[territory.Place]:
    found, waiting = [], list(reversed(start))
    while waiting:
        place = waiting.pop()
        found.append(place)
        waiting.extend(reversed(tree.children(place.id)))
    return found


def _area(tree: territory.AreaTree, place: territory.Place) -> AreaOut:
    return AreaOut(
        id=place.id, level=place.level, code=place.code, name=place.name, full_name=tree.full_name(place.id),
        parent_id=place.parent_id, lon=place.lon, lat=place.lat, households=place.households, schematic=place.schematic,
    )  # fmt: skip


def _check(tree: territory.AreaTree, part: Part) -> None:
    if part.level and part.level not in tree.levels:
        raise NotFound("unknown_level", f"没有“{part.level}”这一级。", f"可用的是 {'、'.join(tree.levels)}。", "level")
    if part.under is not None and (tree.get(part.under) is None):
        raise NotFound("unknown_area", "没有这个区域。", "请从 /areas 列出的里面选。", "under")


def _kept(request: Request, what: str, kind: str, body: bytes) -> HttpResponse:
    """Answer with an entity tag of the places' version, so that a client asks again without being sent it again."""
    district = request.district
    tag = hashlib.blake2b(
        f"{district.id}:{district.territory_version}:{district.pack_id}:{what}".encode(), digest_size=12
    ).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "public, max-age=60"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type=kind, headers=headers)


class Drawn(Part):
    """Which level is drawn."""

    level: Annotated[str, Field(min_length=1, max_length=40)] = Field(description="级别，见 /pack 的 levels")


@router.get(
    "/geojson",
    response=answers(AreasOut, 404),
    summary="一级区域的边界（GeoJSON）",
    openapi_extra={
        "responses": {200: {"content": {GEOJSON: {"schema": {"type": "object"}}}, "description": "FeatureCollection"}}
    },
)
def draw_areas(request: Request, part: Query[Drawn]) -> HttpResponse:
    """WGS84，坐标 5 位小数，边界已简化，供画图用。0 条语句。"""
    tree = territory.tree(request.district)
    _check(tree, part)
    return _kept(request, f"geojson:{part.level}:{part.under}", GEOJSON, tree.geojson(part.level, part.under))


class Point(views.Asked):
    """A point."""

    lon: float = Field(allow_inf_nan=False, ge=-180, le=180, description="经度（WGS84，度）")
    lat: float = Field(allow_inf_nan=False, ge=-90, le=90, description="纬度（WGS84，度）")


@router.get("/locate", response=answers(AreaOut, 404), summary="一个点在哪个区域")
def locate(request: Request, point: Query[Point]) -> HttpResponse:
    """最细一级的区域；在外面则 404，并说明离最近的有多远。0 条语句。"""
    tree = territory.tree(request.district)
    place = tree.locate(point.lon, point.lat)
    if place is None:
        near = tree.near(point.lon, point.lat, 2_000)
        where = f"离{near[0][0].name}约 {near[0][1]:.0f} 米。" if near else "离本区域超过 2 公里。"
        metres = round(near[0][1]) if near else None
        raise NotFound("outside", f"这个点不在本区域内，{where}", "请核对经纬度。", "lon", metres=metres)
    return answer(_area(tree, place))


class Words(views.Asked):
    """An address as people write it."""

    address: Annotated[str, Field(min_length=1, max_length=limits.ADDRESS_CHARS)] = Field(description="地点文字")


@router.get("/find", response=answers(MatchesOut), summary="地点文字可能是哪里")
def find_areas(request: Request, words: Query[Words]) -> HttpResponse:
    """按地域名称、地名和别名找；拿不准时给出几处。0 条语句。"""
    found = territory.tree(request.district).find_place(words.address)
    shown = [
        MatchOut(area_id=m.area_id, name=m.name, lon=m.lon, lat=m.lat, how=territory.HOW_TITLES[m.how])
        for m in found[:20]
    ]
    return answer(MatchesOut(matches=shown))
