"""One place, one register (一格一册): people, money, things, land, matters and organisations counted from what the packages hold.

It keeps nothing and asks nobody to fill anything in: every line says what was counted, and leads to it where there is a page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from tongxin.kernel.clock import local
from tongxin.kernel.registry import subjects
from tongxin.organization import api as organization
from tongxin.packs.schema.registers import ELEMENTS
from tongxin.places import api as places
from tongxin.procedures import api as procedures
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.request import Request

if TYPE_CHECKING:
    from tongxin.territory.api import AreaCard, Place

PLACE_KINDS = {
    "estate": "小区", "compound": "院落", "building": "楼栋", "village": "村落", "court": "楼院", "street": "街路", "landmark": "地标",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """Something counted: what, how many and of what; ``note`` says what the number is, ``url`` where it may be seen."""

    title: str
    count: int | None
    unit: str
    note: str = ""
    url: str = ""


@dataclass(slots=True)
class Element:
    """One of the six with its lines."""

    key: str
    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network laid into this place: who carries it, what comes to it, whether anybody does."""

    key: str
    title: str
    purpose: str
    bodies: tuple[str, ...]
    posts: tuple[tuple[str, bool], ...]
    categories: tuple[str, ...]
    kept: bool


def elements(request: Request, place: Place, card: AreaCard) -> list[Element]:
    """The six elements of a place and all below it (4 statements, 1 more for each register of money)."""
    district, tree, today = request.district, territory.tree(request.district), local(request.now).date()
    below = tree.under(place.id)
    found = {key: Element(key, title) for key, title in ELEMENTS.items()}
    _people(request, below, card, found["people"], today)
    _land(request, place, below, card, found["land"])
    _things(request, place, found["things"])
    for kind, (running, over) in procedures.count_by_subject(district, below).items():
        title = subjects[kind].title if kind in subjects else kind
        found["matters"].lines.append(Line(title, running + over, "件", f"在办 {running} 件，已了结 {over} 件"))
    _organisations(request, below, found["organisations"])
    _registers(request, place, below, found, today)
    return list(found.values())


def _people(request: Request, below: list[int], card: AreaCard, element: Element, today: date) -> None:
    known, inside = organization.directory(request.district), set(below)
    if card.households is not None:
        element.lines.append(Line("住户", card.households, "户", "地域登记的户数"))
    if card.people is not None:
        element.lines.append(Line("常住人口", card.people, "人", "地域登记的人口"))
    staff = Counter[str]()
    roles = request.district.pack.units.roles
    for post in known.posts():
        if not post.ended and post.role in roles and not inside.isdisjoint(post.grounds):
            staff[roles[post.role].title] += len(known.holders(post.id, today))
    for title, n in staff.most_common(6):
        if n:
            element.lines.append(Line(title, n, "人", "今天在岗"))


def _land(request: Request, place: Place, below: list[int], card: AreaCard, element: Element) -> None:
    if card.hectares:
        element.lines.append(
            Line("面积", None, f"{card.hectares} 公顷", "按边界算" + ("，边界是示意的" if card.schematic else ""))
        )
    tree = territory.tree(request.district)
    levels = {level.key: level.title for level in request.district.pack.units.levels}
    inner = Counter(found.level for ident in below if ident != place.id and (found := tree.get(ident)) is not None)
    for level, n in inner.items():
        element.lines.append(Line(levels.get(level, level), n, "个", "下一级地域"))
    for kind, n in sorted(territory.count_names(request.district, below).items()):
        element.lines.append(Line(PLACE_KINDS.get(kind, "地名"), n, "处", "登记的地名"))


def _things(request: Request, place: Place, element: Element) -> None:
    if not request.district.pack.facilities.kinds:
        return
    kinds = Counter(row.kind_title for row in places.list_facilities(request.district, under=place.id))
    for title, n in kinds.items():
        element.lines.append(Line(title, n, "处", "登记的设施", reverse("resident_nearby")))


def _organisations(request: Request, below: list[int], element: Element) -> None:
    known, inside = organization.directory(request.district), set(below)
    spec = request.district.pack.units.bodies
    kinds = Counter(body.kind for ident in known.living if not inside.isdisjoint((body := known.bodies[ident]).covers))
    for kind in spec:
        if kinds[kind]:
            element.lines.append(
                Line(spec[kind].title, kinds[kind], "个", "覆盖到这里", reverse("programme_bodies", args=[kind]))
            )


def _registers(request: Request, place: Place, below: list[int], found: dict[str, Element], today: date) -> None:
    """What registers hold here; money that is kept for a place above is shown as such, not shared out."""
    district, tree = request.district, territory.tree(request.district)
    specs = district.pack.registers
    for key, name, count, amount in registers.elements_at(district, today, below):
        if not count:
            continue
        spec = specs[name]
        url = reverse("resident_register", args=[name]) if spec.public else ""
        if amount is None:
            found[key].lines.append(Line(spec.title, count, spec.counter, "名册登记", url))
        else:
            found[key].lines.append(Line(spec.title, amount, "元", f"名册登记 {count} {spec.counter}，合计", url))
    above = [ident for ident in place.path if ident != place.id]
    for key, name, count, amount in registers.elements_at(district, today, above) if above else []:
        if count and amount is not None:
            where = tree.get(above[-1])
            spec = specs[name]
            url = reverse("resident_register", args=[name]) if spec.public else ""
            note = f"记在上级{f'（{where.name}等）' if where else ''}，没有分到这里"
            found[key].lines.append(Line(spec.title, amount, "元", note, url))


def networks_at(request: Request, place: Place) -> list[NetworkRow]:
    """What carries each network in a place, by posts and bodies of today (0 statements when copies are kept)."""
    district, pack = request.district, request.district.pack
    if not pack.units.networks:
        return []
    known, today = organization.directory(district), local(request.now).date()
    bodies = [(body.id, body.kind, body.covers) for ident in known.living for body in (known.bodies[ident],)]
    posts = [(post.id, post.role, post.grounds) for post in known.posts() if not post.ended]
    rows = []
    for one in registers.carried(pack, place.path, bodies, posts, known.held(today)):
        spec = pack.units.networks[one.network]
        if spec.level != place.level:
            continue
        titles = [(post.title, ident in one.held) for ident in one.posts if (post := known.post(ident)) is not None]
        rows.append(
            NetworkRow(
                one.network, spec.title, spec.purpose, tuple(known.bodies[ident].name for ident in one.bodies), tuple(titles),
                tuple(category.title for category in registers.categories_of(pack, one.network)), one.kept,
            )
        )  # fmt: skip
    return rows
