"""Which posts a district should have, by its pack, its places and its bodies. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tongxin.organization.rules.directory import Body
from tongxin.packs.schema import Pack

if TYPE_CHECKING:
    from tongxin.territory.api import AreaTree

TITLE_CHARS = 120
ONE_WORD = frozenset("区县镇乡市村")  # levels whose word is one character
SEATS = "甲乙丙丁戊己庚辛壬癸"
Key = tuple[str, int | None, int | None, int]  # role, area, body, seat


@dataclass(frozen=True, slots=True)
class WantedPost:
    """How a post should look."""

    title: str
    grounds: tuple[int, ...]


def grounds_of(body: Body, pack: Pack, tree: AreaTree) -> tuple[int, ...]:
    """Return the areas that posts of a body act for: the living places it is laid over.

    A body of a kind that covers the first level acts for the whole district without saying so. Any other body that is
    laid over nothing acts for no place: permissions never widen by silence.
    """
    living = tuple(sorted(area_id for area_id in body.covers if tree.get(area_id) is not None))
    kind = pack.units.bodies.get(body.kind)
    if not living and not body.covers and kind is not None and kind.covers == tree.levels[0]:
        return tuple(place.id for place in tree.roots())
    return living


def joined(where: str, what: str) -> str:
    """Return the name of a post without a word said twice: 百瑞景社区 and 社区工作者 make 百瑞景社区工作者."""
    for length in range(min(len(where), len(what)), 0, -1):
        again = what[:length]
        if where.endswith(again) and (length > 1 or again in ONE_WORD):
            return where + what[length:]
    return where + what


def wanted_posts(pack: Pack, tree: AreaTree, bodies: Iterable[Body]) -> Mapping[Key, WantedPost]:
    """Return the posts by role: at each living area of its level, or in each living body of its kind, for each seat."""
    by_kind: dict[str, list[Body]] = {}
    for body in bodies:
        if not body.ended:
            by_kind.setdefault(body.kind, []).append(body)
    wanted: dict[Key, WantedPost] = {}
    for key, role in pack.units.roles.items():
        for seat in range(1, role.seats + 1):
            ending = (
                f"{role.title}（{SEATS[seat - 1] if seat <= len(SEATS) else seat}）" if role.seats > 1 else role.title
            )
            for place in tree.at_level(role.at) if role.at else ():
                title = joined(tree.full_name(place.id), ending)[:TITLE_CHARS]
                wanted[(key, place.id, None, seat)] = WantedPost(title, (place.id,))
            for body in by_kind.get(role.in_, ()) if role.in_ else ():
                title = joined(body.name, ending)[:TITLE_CHARS]
                wanted[(key, None, body.id, seat)] = WantedPost(title, grounds_of(body, pack, tree))
    return wanted
