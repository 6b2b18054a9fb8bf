"""Bodies, posts and grids for programs: the party tree over the grid tree as data (XN-19, XN-20). Needs a key; never a person's name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from django.http import HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.days import today_of
from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import LOOKS, admit, caller_of
from tongxin.web.api.v1 import views
from tongxin.web.api.v1.describe import KEY, answers
from tongxin.web.api.v1.shown.base import Shown
from tongxin.web.request import Request

if TYPE_CHECKING:
    from tongxin.organization.api import Directory
    from tongxin.territory.api import AreaTree

bodies_router = Router(tags=["组织与岗位"])
posts_router = Router(tags=["组织与岗位"])
grids_router = Router(tags=["组织与岗位"])
documents_router = Router(tags=["文件与名册"])
registers_router = Router(tags=["文件与名册"])
MAY = "see_places"
Family = Literal["party", "government", "community", "property", "social", "enterprise"]


class BodyOut(Shown):
    """一个组织。"""

    id: int
    key: str | None = Field(description="资料包里的键")
    kind: str
    kind_title: str
    family: str = Field(description="大类，party 为党组织")
    name: str
    parent_id: int | None
    areas: list[str] = Field(description="覆盖的地域代码")


class BodiesOut(Shown):
    """组织，按编号先后。"""

    bodies: list[BodyOut]
    after: int | None = Field(description="还有下一页时，下一页的 after")


class PostOut(Shown):
    """一个岗位；不给姓名。"""

    id: int
    role: str
    title: str
    body_id: int | None
    areas: list[str] = Field(description="负责的地域代码")
    held: bool = Field(description="今天有人在岗")
    time: str = Field(description="full 专职、part 兼职、空为不分")
    units: list[str] = Field(description="兼职的人来自哪个单位")


class PostsOut(Shown):
    """岗位，按编号先后。"""

    posts: list[PostOut]
    after: int | None


class NetworkOut(Shown):
    """并入网格的一条线。"""

    key: str
    title: str
    kept: bool = Field(description="今天有组织或岗位承担")


class GridOut(Shown):
    """一个网格：它的党组织和各条线。"""

    area_id: int
    code: str
    name: str
    households: int | None
    party_bodies: list[int] = Field(description="覆盖到它的党组织，近的在前")
    networks: list[NetworkOut]


class GridsOut(Shown):
    """网格，按代码先后。"""

    grids: list[GridOut]
    after: str | None


class ClauseOut(Shown):
    """一条。"""

    no: str
    heading: str
    text: str
    runs: dict[str, list[str]] = Field(description="据它运行的：种类 → 键")


class DocumentOut(Shown):
    """一份制度文件的现行版。"""

    key: str
    title: str
    kind: str
    made_up: bool = Field(description="名称或条文是拟的")
    under: str | None
    version: str
    from_on: date | None
    clauses: list[ClauseOut]


class DocumentsOut(Shown):
    """制度文件。"""

    documents: list[DocumentOut]


class EntryOut(Shown):
    """一条公开的登记。"""

    key: str
    title: str
    klass: str
    stage: str
    area: str | None
    body_id: int | None
    by: str
    document: str
    from_on: date | None
    fields: dict[str, str | int | bool | float]


class EntriesOut(Shown):
    """一本公开名册的现有登记；人员册只给几名。"""

    count: int
    entries: list[EntryOut]
    after: int | None


class BodiesAsked(views.Asked):
    """Which bodies."""

    family: Family | None = Field(None, description="只要这一大类；党组织写 party")
    kind: Annotated[str, Field(max_length=40)] = Field("", description="只要这一类，见资料包")
    area: Annotated[str, Field(max_length=30)] = Field("", description="只要覆盖到这个地域代码的")
    after: int = Field(0, ge=0, le=2**53)


class PostsAsked(views.Asked):
    """Which posts."""

    role: Annotated[str, Field(max_length=40)] = Field("", description="只要这个角色")
    body: int | None = Field(None, ge=1, le=2**53, description="只要这个组织里的")
    after: int = Field(0, ge=0, le=2**53)


class GridsAsked(views.Asked):
    """From which code on."""

    after: Annotated[str, Field(max_length=30)] = ""


class EntriesAsked(views.Asked):
    """From which line on."""

    after: int = Field(0, ge=0, le=2**53)


def _admit(request: Request) -> tuple[Directory, AreaTree]:
    caller = caller_of(request)
    admit(request, caller, "structure", LOOKS)
    caller.demand(MAY)
    return organization.directory(request.district), territory.tree(request.district)


def _codes(tree: AreaTree, area_ids: tuple[int, ...]) -> list[str]:
    return [place.code for ident in area_ids if (place := tree.get(ident)) is not None]


@bodies_router.get("", response=answers(BodiesOut, 401, 403, 404), openapi_extra={"security": KEY}, summary="组织")
def list_bodies(request: Request, asked: Query[BodiesAsked]) -> HttpResponse:
    """现有的组织和它们的上下级、覆盖的地域；党员中心户这类家庭不给。要有“查看房屋与住户”的密钥。2 条语句。"""
    known, tree = _admit(request)
    kinds = request.district.pack.units.bodies
    inside: frozenset[int] | None = None
    if asked.area:
        place = tree.by_code(asked.area)
        if place is None:
            raise NotFound("unknown_area", "没有这个区域。", "请用 /areas 列出的代码。", "area")
        inside = frozenset(place.path)
    found = []
    for ident in sorted(known.living):
        body = known.bodies[ident]
        kind = kinds.get(body.kind)
        if ident <= asked.after or kind is None or kind.family == "household":
            continue
        if (asked.family and kind.family != asked.family) or (asked.kind and body.kind != asked.kind):
            continue
        if inside is not None and inside.isdisjoint(body.covers):
            continue
        found.append(body)
        if len(found) > limits.API_ROWS:
            break
    shown = [
        BodyOut(
            id=body.id, key=body.key, kind=body.kind, kind_title=kinds[body.kind].title, family=kinds[body.kind].family, name=body.name,
            parent_id=body.parent_id, areas=_codes(tree, body.covers),
        )
        for body in found[: limits.API_ROWS]
    ]  # fmt: skip
    return answer(BodiesOut(bodies=shown, after=shown[-1].id if len(found) > limits.API_ROWS else None))


@posts_router.get("", response=answers(PostsOut, 401, 403), openapi_extra={"security": KEY}, summary="岗位")
def list_posts(request: Request, asked: Query[PostsAsked]) -> HttpResponse:
    """岗位在哪里、今天有没有人、专职还是兼职；不给姓名。要有“查看房屋与住户”的密钥。2 条语句。"""
    known, tree = _admit(request)
    roles, today = request.district.pack.units.roles, local(request.now).date()
    held = known.held(today)
    found = sorted(
        (
            post
            for post in known.posts()
            if not post.ended
            and post.id > asked.after
            and asked.role in ("", post.role)
            and asked.body in (None, post.body_id)
        ),
        key=lambda post: post.id,
    )
    shown = [
        PostOut(
            id=post.id, role=post.role, title=post.title, body_id=post.body_id, areas=_codes(tree, post.grounds), held=post.id in held,
            time=roles[post.role].time if post.role in roles else "",
            units=[unit.name for ident in known.units_from(post.id, today).values() if (unit := known.body(ident)) is not None],
        )
        for post in found[: limits.API_ROWS]
    ]  # fmt: skip
    return answer(PostsOut(posts=shown, after=shown[-1].id if len(found) > limits.API_ROWS else None))


@grids_router.get("", response=answers(GridsOut, 401, 403), openapi_extra={"security": KEY}, summary="网格和它的党组织")
def list_grids(request: Request, asked: Query[GridsAsked]) -> HttpResponse:
    """一个网格一条：哪些党组织覆盖到它、并入的各条线今天有没有人承担。要有“查看房屋与住户”的密钥。2 条语句。"""
    known, tree = _admit(request)
    pack = request.district.pack
    level = next(iter({network.level for network in pack.units.networks.values()}), tree.levels[-1])
    cover = registers.networks_cover(request.district, local(request.now).date())
    over: dict[int, list[int]] = {}
    for ident in sorted(known.living):
        kind = pack.units.bodies.get(known.bodies[ident].kind)
        if kind is not None and kind.family == "party":
            for area in known.bodies[ident].covers:
                over.setdefault(area, []).append(ident)
    found = [place for place in tree.at_level(level) if place.code > asked.after][: limits.API_ROWS + 1]
    shown = [
        GridOut(
            area_id=place.id, code=place.code, name=tree.full_name(place.id), households=place.households,
            party_bodies=[ident for area in reversed(place.path) for ident in over.get(area, ())],
            networks=[
                NetworkOut(key=key, title=network.title, kept=place.id in cover[key])
                for key, network in pack.units.networks.items()
                if network.level == level
            ],
        )
        for place in found[: limits.API_ROWS]
    ]  # fmt: skip
    return answer(GridsOut(grids=shown, after=shown[-1].code if len(found) > limits.API_ROWS else None))


@documents_router.get("", response=answers(DocumentsOut), summary="制度文件")
def list_documents(request: Request) -> HttpResponse:
    """现行版的条文和据它运行的；还没有一版施行的，给最早的一版。1 条语句。"""
    today = today_of(request.now)
    shown = []
    for key, one in registers.documents_of(request.district).items():
        version = one.versions[max(registers.in_force(one, today), 1) - 1]
        clauses = [ClauseOut(no=c.no, heading=c.heading, text=c.text, runs=c.runs) for c in version.clauses]
        shown.append(
            DocumentOut(
                key=key, title=one.title, kind=one.kind, made_up=one.made_up, under=one.under, version=version.title,
                from_on=version.from_, clauses=clauses,
            )
        )  # fmt: skip
    return answer(DocumentsOut(documents=shown))


@registers_router.get("/{key}", response=answers(EntriesOut, 404), summary="一本公开的名册")
def list_register(
    request: Request, key: Annotated[str, Path(max_length=40)], asked: Query[EntriesAsked]
) -> HttpResponse:
    """公开的栏目；人员册只给几名，不给名单。2 条语句。"""
    district, today = request.district, local(request.now).date()
    spec = district.pack.registers.get(key)
    if spec is None or not spec.public:
        names = "、".join(k for k, one in district.pack.registers.items() if one.public)
        raise NotFound("no_public_register", "没有这本公开的名册。", f"公开的有：{names or '（没有）'}。", "key")
    count = sum(registers.count_entries(district, today).get(key, {}).values())
    if spec.of == "person":
        return answer(EntriesOut(count=count, entries=[], after=None))
    found, after = registers.list_entries(district, key, today, after=asked.after, rows=limits.API_ROWS)
    public = [name for name, field in spec.fields.items() if field.shown == "public"]
    shown = [
        EntryOut(
            key=one.key, title=one.title, klass=one.klass, stage=one.stage, area=one.area.code if one.area else None, body_id=one.body_id, by=one.by,
            document=one.document, from_on=one.from_on, fields={name: one.fields[name] for name in public if name in one.fields},
        )
        for one in found
    ]  # fmt: skip
    return answer(EntriesOut(count=count, entries=shown, after=after or None))
