"""Draws the places that a demo makes in numbers: rectangles cut into rectangles, so that each level tiles the one above.

Made up (示意) and the same at every run. Names and codes come from the pack; see ``packs.schema.DemoAreas``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tongxin.packs.schema import Demo, DemoAreas

_LEAF_DEGREES = 0.0006  # the side of a smallest place, about 60 m
_DIGITS = 7
Box = tuple[float, float, float, float]  # west, south, east, north


@dataclass
class _Place:
    level: str
    code: str
    name: str
    parent: _Place | None
    households: int = 0
    leaves: int = 0
    below: list[_Place] = field(default_factory=list)

    def lies_in(self, codes: Sequence[str]) -> bool:
        """Whether it, or a place above it, has one of the codes."""
        place: _Place | None = self
        while place is not None:
            if place.code in codes:
                return True
            place = place.parent
        return False


def draw(demo: Demo) -> dict[str, list[dict[str, Any]]]:
    """Return GeoJSON features by level, in order of code, with ``level, code, name, parent, households, schematic``."""
    levels: dict[str, list[_Place]] = defaultdict(list)
    order: list[str] = []
    for made in demo.areas:
        if made.level not in order:
            order.append(made.level)
        above = levels[order[-2]] if len(order) > 1 else []
        levels[made.level] += _made(made, above)
    tops = levels[order[0]]
    for level in reversed(order):
        for place in levels[level]:
            place.leaves = max(1, sum(inner.leaves for inner in place.below))
            place.households += sum(inner.households for inner in place.below)
    assert demo.centre is not None
    lon, lat = demo.centre
    side = _LEAF_DEGREES * sum(top.leaves for top in tops) ** 0.5
    boxes: dict[int, Box] = {}
    _lay(tops, (lon - side / 2, lat - side / 2, lon + side / 2, lat + side / 2), boxes)
    return {
        level: [_feature(place, boxes[id(place)]) for place in sorted(levels[level], key=lambda p: p.code)]
        for level in order
    }


def _made(made: DemoAreas, above: list[_Place]) -> list[_Place]:
    """The places of one line of the pack, hung below the places above."""
    roofs = [
        place for place in above if (not made.within or place.lies_in(made.within)) and not place.lies_in(made.outside)
    ]
    found = []
    if made.named:
        for code, name in made.named.items():
            parent = max(
                (roof for roof in roofs if code.startswith(_stem(roof.code))), key=lambda r: len(r.code), default=None
            )
            found.append(_Place(made.level, code, name, parent))
    else:
        for number in range(made.count or 0):
            parent = roofs[number * len(roofs) // (made.count or 1)]
            nth = len(parent.below) + 1
            place = _Place(made.level, f"{parent.code}{nth:03d}", made.name.format(parent=parent.name, n=nth), parent)
            place.households = made.households or 0
            parent.below.append(place)
            found.append(place)
        return found
    for place in found:
        if place.parent is not None:
            place.parent.below.append(place)
    return found


def _stem(code: str) -> str:
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def _lay(places: Sequence[_Place], box: Box, boxes: dict[int, Box]) -> None:
    """Cut a box among places by their size, halving along the longer side, and go on inside each."""
    for place, part in _cut(list(places), box):
        boxes[id(place)] = part
        if place.below:
            _lay(place.below, part, boxes)


def _cut(places: list[_Place], box: Box) -> Iterator[tuple[_Place, Box]]:
    if len(places) == 1:
        yield places[0], box
        return
    total, half, count = sum(p.leaves for p in places), 0, 0
    while count < len(places) - 1 and (count == 0 or half + places[count].leaves / 2 <= total / 2):
        half += places[count].leaves
        count += 1
    west, south, east, north = box
    share = half / total
    if east - west >= north - south:
        middle = round(west + (east - west) * share, _DIGITS)
        first, second = (west, south, middle, north), (middle, south, east, north)
    else:
        middle = round(north - (north - south) * share, _DIGITS)
        first, second = (west, middle, east, north), (west, south, east, middle)
    yield from _cut(places[:count], first)
    yield from _cut(places[count:], second)


def _feature(place: _Place, box: Box) -> dict[str, Any]:
    west, south, east, north = (round(value, _DIGITS) for value in box)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {
            "level": place.level, "code": place.code, "name": place.name, "schematic": True,
            "parent": place.parent.code if place.parent else None, "households": place.households,
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }  # fmt: skip
