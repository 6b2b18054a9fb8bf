"""Places and door numbers in a text, and hiding what must not stand on a public board. Patterns only, no guessing.

It resolves no person and keeps no number: of a telephone number only the tail is ever returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tongxin.kernel.masking import LONGEST_CHARS, MOBILE, mask_public
from tongxin.learning.vectors import normalise

__all__ = ["LONGEST_CHARS", "Door", "Extract", "Gazetteer", "KnownPlace", "Mention", "extract", "mask_public"]


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A name of the gazetteer and the caller's id of the place."""

    name: str
    place_id: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A gazetteer name that the text contains; ``start`` in the normal form of the text (vectors.normalise)."""

    place_id: int
    name: str
    start: int


@dataclass(frozen=True, slots=True)
class Door:
    """Building, unit and room as written, numbers only where possible; "" where not said."""

    building: str
    unit: str
    room: str


@dataclass(frozen=True, slots=True)
class Extract:
    """All that was found, in the order of the text."""

    places: tuple[Mention, ...]
    doors: tuple[Door, ...]
    phone_tails: tuple[str, ...]


class Gazetteer:
    """Names ready to be found; build once a territory version. Names of one character are left out."""

    def __init__(self, names: Iterable[KnownPlace]) -> None:
        self._by_start: dict[str, list[tuple[str, KnownPlace]]] = {}
        for place in names:
            key = normalise(place.name)
            if len(key) > 1:
                self._by_start.setdefault(key[:2], []).append((key, place))
        for rows in self._by_start.values():
            rows.sort(key=lambda row: (-len(row[0]), row[1].place_id))

    def find(self, text: str) -> list[Mention]:
        """Names in the text, the longest at each point, no overlaps; each place once, where it is first named.

        A name borne by several places gives all of them, for the caller to choose by the surroundings.
        """
        whole, at, seen = normalise(text), 0, set()
        found: list[Mention] = []
        while at < len(whole) - 1:
            here = [row for row in self._by_start.get(whole[at : at + 2], ()) if whole.startswith(row[0], at)]
            longest = len(here[0][0]) if here else 1
            for key, place in here:
                if len(key) == longest and place.place_id not in seen:
                    seen.add(place.place_id)
                    found.append(Mention(place.place_id, place.name, at))
            at += longest
        return found


_NUMBER = r"(?:[a-z]{0,2}\d{1,4}|[一二三四五六七八九十]{1,3}|[a-z](?=座|栋|幢))"
_DOOR = re.compile(
    rf"(?P<building>{_NUMBER})(?:号楼|栋|幢|座|#楼|号(?={_NUMBER}单元))(?:(?P<unit>{_NUMBER})单元)?(?:(?P<room>\d{{3,4}})(?:室|号房|房|号|户)?(?!\d))?"
    rf"|(?<!\d)(?P<unit_only>{_NUMBER})单元(?:(?P<room_of_unit>\d{{3,4}})(?:室|号房|房|号|户)?(?!\d))?"
    r"|(?<![\d-])(?P<dashed>\d{1,3}-\d{1,2}-\d{3,4})(?![\d-])|(?<!\d)(?P<room_only>\d{3,4})(?:室|号房)"
)
_TAIL = re.compile(r"(?:尾号|后四位|末四位)(?:是|为|:)?(\d{4})(?!\d)")


def extract(text: str, gazetteer: Gazetteer | None = None) -> Extract:
    """Find places, doors and telephone tails; times are read by ``when.understand``.

    Args:
        text: anything; only its first 4,000 characters are read.
        gazetteer: names to look for; None: no places.
    """
    whole = normalise(text)
    doors = dict.fromkeys(_door(match) for match in _DOOR.finditer(whole))
    tails = [*_TAIL.findall(whole), *(re.sub(r"\D", "", match.group())[-4:] for match in MOBILE.finditer(whole))]
    return Extract(
        tuple(gazetteer.find(text)) if gazetteer else (),
        tuple(doors),
        tuple(dict.fromkeys(tail for tail in tails if len(tail) == 4)),
    )


def _door(match: re.Match[str]) -> Door:
    if match["dashed"]:
        building, unit, room = match["dashed"].split("-")
        return Door(building, unit, room)
    return Door(
        match["building"] or "",
        match["unit"] or match["unit_only"] or "",
        match["room"] or match["room_of_unit"] or match["room_only"] or "",
    )
