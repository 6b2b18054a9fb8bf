"""The locality over HTTP: the pack in force, its catalogue, its procedures with their pictures; the districts there are."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from tongxin.kernel.errors import NotFound
from tongxin.packs import api as packs
from tongxin.packs.api import PackVersion
from tongxin.packs.schema import Category, Pack, Procedure
from tongxin.procedures import api as procedures
from tongxin.web.api.answers import answer
from tongxin.web.api.v1.describe import answers
from tongxin.web.api.v1.shown.base import Shown
from tongxin.web.request import Request

pack_router = Router(tags=["资料包"])
districts_router = Router(tags=["资料包"])
Key = Annotated[str, Field(max_length=40, description="流程的键")]
SVG = "image/svg+xml"
_STYLE = (
    "<style>text{font:14px sans-serif;text-anchor:middle;dominant-baseline:central}rect{fill:#fff;stroke:#667}"
    ".arrow{fill:none;stroke:#99a}.tip{fill:#99a}.final rect{fill:#eef}</style>"
)


class LevelOut(Shown):
    """一级地域。"""

    key: str
    title: str


class PackOut(Shown):
    """现行资料包。"""

    key: str
    number: int = Field(description="版本")
    digest: str = Field(description="内容的 SHA-256")
    title: str
    region: str = Field(description="GB/T 2260 区划代码")
    phone: str
    channels: dict[str, str] = Field(description="渠道：键 → 名称")
    levels: list[LevelOut]
    working_hours: list[str]
    procedures: dict[str, str] = Field(description="流程：键 → 名称")


class CategoryOut(Shown):
    """一类诉求。"""

    code: str
    title: str
    above: list[str] = Field(description="上级类别的名称，自上而下")
    hint: str
    within: str = Field(description="办理时限")


class CategoriesOut(Shown):
    """诉求类别，按目录的先后。"""

    categories: list[CategoryOut]


class DistrictOut(Shown):
    """一个地方。"""

    key: str
    title: str
    hosts: list[str]
    api: str = Field(description="接口地址")
    open311: str = Field(description="Open311 地址")


class DistrictsOut(Shown):
    """这套平台上的各地。"""

    districts: list[DistrictOut]


@pack_router.get("", response=answers(PackOut), summary="现行资料包")
def get_pack(request: Request) -> HttpResponse:
    """1 条语句。"""
    pack = request.district.pack
    number, digest = PackVersion.objects.values_list("number", "digest").get(pk=request.district.pack_id)
    intake = pack.settings.intake
    shown = PackOut(
        key=pack.key, number=number, digest=digest, title=pack.settings.title, region=pack.settings.region,
        phone=pack.settings.phone, channels=dict(intake.channels) if intake else {},
        levels=[LevelOut(key=level.key, title=level.title) for level in pack.units.levels],
        working_hours=pack.settings.working_time.hours,
        procedures={key: spec.title for key, spec in pack.procedures.items()},
    )  # fmt: skip
    return answer(shown)


@pack_router.get("/categories", response=answers(CategoriesOut), summary="诉求类别")
def list_categories(request: Request) -> HttpResponse:
    """0 条语句。"""
    pack = request.district.pack
    return answer(CategoriesOut(categories=[_category(pack, c, above) for c, above in pack.catalogue.walk()]))


def _category(pack: Pack, category: Category, above: tuple[str, ...]) -> CategoryOut:
    grade = pack.catalogue.grades[category.grade or pack.catalogue.default_grade]
    return CategoryOut(
        code=category.code, title=category.title, above=list(above), hint=category.hint, within=grade.within.words
    )


@pack_router.get(
    "/procedures/{key}",
    response=answers(Shown, 404),
    summary="一个流程的定义",
    openapi_extra={"responses": {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}},
)
def get_procedure(request: Request, key: Key) -> HttpResponse:
    """资料包里的写法：环节、动作、谁能做、要填什么、时限。0 条语句。"""
    shown: dict[str, Any] = _procedure(request, key).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return answer(shown)


@pack_router.get(
    "/procedures/{key}/picture.svg",
    response=answers(Shown, 404),
    summary="流程图（SVG）",
    openapi_extra={"responses": {200: {"content": {SVG: {"schema": {"type": "string"}}}}}},
)
def draw_procedure(request: Request, key: Key) -> HttpResponse:
    """主线自左而右，其他环节在下。0 条语句。"""
    drawn = procedures.picture(_procedure(request, key))
    alone = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "<defs>", _STYLE + "<defs>", 1
    )
    return HttpResponse(
        alone, content_type=SVG, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    )


def _procedure(request: Request, key: str) -> Procedure:
    known: dict[str, Procedure] = request.district.pack.procedures
    if key not in known:
        raise NotFound("no_procedure", f"没有流程“{key[:40]}”。", f"现有的是 {'、'.join(known)}。", "key")
    return known[key]


@districts_router.get("", response=answers(DistrictsOut), summary="各地")
def list_districts(request: Request) -> HttpResponse:
    """以主机名分的，用主机名；其余用路径前缀。0–1 条语句。"""
    shown = []
    for district in packs.list_districts():
        scheme = "https" if request.is_secure() else "http"
        base = f"{scheme}://{district.hosts[0]}" if district.hosts else request.build_absolute_uri(f"/d/{district.key}")
        shown.append(
            DistrictOut(
                key=district.key, title=district.title, hosts=list(district.hosts), api=f"{base}/api/v1",
                open311=f"{base}/open311/v2",
            )
        )  # fmt: skip
    return answer(DistrictsOut(districts=shown))
