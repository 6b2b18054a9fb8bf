"""The places of one district as plain values: who lies in whom, what holds a point, what a text means, what a map draws.

Made from rows by ``queries``; immutable, shared by all threads of a process until the district's places change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from tongxin.territory.rules.drawing import draw
from tongxin.territory.rules.locating import Floats, Locator, Longs
from tongxin.territory.rules.names import NameBook, Named, PlaceMatch, short_name


@dataclass(frozen=True, slots=True)
class Place:
    """An area. ``path`` runs from the root down to and with the area; an ended one stays readable."""

    id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    path: tuple[int, ...]
    lon: float | None
    lat: float | None
    households: int | None
    schematic: bool
    ended: bool = False


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A row of PlaceName: what people call a place, and the area it lies in."""

    name: str
    aliases: tuple[str, ...]
    area_id: int
    lon: float | None
    lat: float | None


class AreaTree:
    """All areas of a district. Look-ups by id of names, paths and levels know ended places too; all others do not.

    Args:
        places: living and ended areas.
        outlines: area id → polygon in WGS84, of living areas that have one.
        levels: keys of the levels, top down.
        known: what people call places.
    """

    def __init__(
        self, places: Iterable[Place], outlines: dict[int, Any], levels: Sequence[str], known: Iterable[KnownPlace] = ()
    ) -> None:
        self.levels = tuple(levels)
        self._all = {place.id: place for place in places}
        self._outlines = outlines
        self._known = tuple(known)
        living = sorted((p for p in self._all.values() if not p.ended), key=lambda p: p.code)
        self._by_code = {place.code: place for place in living}
        self._children: dict[int | None, list[Place]] = defaultdict(list)
        self._at_level: dict[str, list[Place]] = defaultdict(list)
        for place in living:
            self._children[place.parent_id].append(place)
            self._at_level[place.level].append(place)
        self._locators = [self._locator(level, living) for level in reversed(self.levels)]
        self._locators = [locator for locator in self._locators if len(locator)]
        self._book: NameBook | None = None
        self._under_ended: dict[int, list[int]] | None = None
        self._drawn: dict[tuple[str, int | None], bytes] = {}

    def _locator(self, level: str, living: list[Place]) -> Locator:
        drawn = [p.id for p in living if p.level == level and p.id in self._outlines]
        return Locator(drawn, [self._outlines[i] for i in drawn])

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, area_id: object) -> bool:
        return area_id in self._all

    # ---- the hierarchy ----

    def get(self, area_id: int | None) -> Place | None:
        """Return the living place, None when the district has no such place (any more)."""
        place = self.ever(area_id)
        return None if place is None or place.ended else place

    def ever(self, area_id: int | None) -> Place | None:
        """Return the place, ended ones included: their names, paths and levels stay on old matters."""
        return None if area_id is None else self._all.get(area_id)

    def by_code(self, code: str) -> Place | None:
        """Return the living place with this code."""
        return self._by_code.get(code)

    def roots(self) -> list[Place]:
        """Return the living places without a parent, usually one."""
        return list(self._children.get(None, ()))

    def children(self, area_id: int | None) -> list[Place]:
        """Return the living places directly under, in order of code; None gives the roots."""
        return list(self._children.get(area_id, ()))

    def at_level(self, level: str, under: int | None = None) -> list[Place]:
        """Return the living places of a level in order of code, of the whole district or under one place."""
        found = self._at_level.get(level, ())
        return list(found) if under is None else [place for place in found if under in place.path]

    def ancestor(self, area_id: int, level: str) -> Place | None:
        """Return the place of that level in which the area lies (or which it is)."""
        place = self._all.get(area_id)
        for above in reversed(place.path if place else ()):
            found = self._all.get(above)
            if found is not None and found.level == level:
                return found
        return None

    def path(self, area_id: int | None) -> tuple[int, ...]:
        """Return the ids from the root down to and with the area; empty when the district has no such area."""
        place = self.ever(area_id)
        return place.path if place else ()

    def under(self, area_id: int, *, ended: bool = False) -> list[int]:
        """Return the area and all living ones below it; with ``ended`` those that have ended as well."""
        found: list[int] = []
        waiting = [area_id] if area_id in self._all else []
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(child.id for child in self._children.get(current, ()))
        return found + [i for i in self._ended_under(area_id) if i != area_id] if ended else found

    def _ended_under(self, area_id: int) -> list[int]:
        if self._under_ended is None:
            index: dict[int, list[int]] = defaultdict(list)
            for place in self._all.values():
                for above in place.path if place.ended else ():
                    index[above].append(place.id)
            self._under_ended = index
        return self._under_ended.get(area_id, [])

    def is_smallest(self, area_id: int | None) -> bool:
        """Whether the district has this place and nothing lies below it."""
        return area_id in self._all and not self._children.get(area_id)

    def leaves_under(self, area_id: int) -> list[int]:
        """Return the areas under (or the area itself) that have nothing below them."""
        return [i for i in self.under(area_id) if not self._children.get(i)]

    def full_name(self, area_id: int, from_level: str | None = None) -> str:
        """Return the name as people need it: 横江社区第3网格.

        Without ``from_level`` a place of the last level carries its parent's name, all others stand alone; with it all
        names from that level down are joined. A name that already begins with the one above is not repeated.
        """
        place = self._all.get(area_id)
        if place is None:
            return ""
        above = [self._all[i] for i in place.path[:-1] if i in self._all]
        if from_level is None:
            above = above[-1:] if place.level == self.levels[-1] else []
        else:
            rank = {level: number for number, level in enumerate(self.levels)}
            above = [p for p in above if rank.get(p.level, -1) >= rank.get(from_level, 0)]
        name = place.name
        for upper in reversed(above):
            name = name if name.startswith(upper.name) else upper.name + name
        return name

    # ---- points ----

    def locate(self, lon: float, lat: float) -> Place | None:
        """Return the place of the deepest level that holds the point, or None outside.

        On a shared border and in an overlap the lowest code of that level takes it.
        """
        for locator in self._locators:
            found = locator.one(lon, lat)
            if found != -1:
                return self._all[found]
        return None

    def locate_many(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> Longs:
        """Return for each point the id that :meth:`locate` would give, -1 outside. Shape: as the input, one dimension."""
        xs: Floats = np.ascontiguousarray(lons, dtype=np.float64)
        ys: Floats = np.ascontiguousarray(lats, dtype=np.float64)
        answer: Longs = np.full(len(xs), -1, dtype=np.int64)
        open_ones = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        for locator in self._locators:
            if not len(open_ones):
                break
            whole = len(open_ones) == len(xs)
            found = locator.many(xs, ys) if whole else locator.many(xs[open_ones], ys[open_ones])
            answer[open_ones] = found
            open_ones = open_ones[found == -1]
        return answer

    def near(self, lon: float, lat: float, metres: float) -> list[tuple[Place, float]]:
        """Return the places of the deepest drawn level within ``metres``, nearest first, 0 for one that holds the point."""
        if not self._locators:
            return []
        return [(self._all[i], away) for i, away in self._locators[0].near(lon, lat, metres)]

    def outline(self, area_id: int) -> Any | None:
        """Return the polygon (WGS84) of a living area, or None where none is known."""
        return self._outlines.get(area_id)

    # ---- names and maps ----

    def find_place(self, text: str) -> list[PlaceMatch]:
        """Return the places an address text may mean, best first; several when the text does not decide."""
        return self._names_book().find(text)

    def similar_places(self, text: str) -> list[PlaceMatch]:
        """Return places whose names are a slip away from the text: to be offered to a person, never taken as meant."""
        return self._names_book().similar(text)

    def _names_book(self) -> NameBook:
        if self._book is None:
            self._book = NameBook(self._names())
        return self._book

    def _names(self) -> Iterable[tuple[str, Named]]:
        for place in self._by_code.values():
            shown = self.full_name(place.id)
            match = PlaceMatch(place.id, shown, place.lon, place.lat, "area")
            yield place.name, Named(match, place.path, own=True)
            if shown != place.name:
                yield shown, Named(match, place.path, own=True)
            if short := short_name(place.name):
                yield short, Named(PlaceMatch(place.id, shown, place.lon, place.lat, "short"), place.path, own=True)
        for known in self._known:
            area = self._all.get(known.area_id)
            if area is None or area.ended:
                continue
            yield (
                known.name,
                Named(PlaceMatch(area.id, known.name, known.lon, known.lat, "place"), area.path, own=False),
            )
            for alias in known.aliases:
                alias_match = PlaceMatch(area.id, known.name, known.lon, known.lat, "alias")
                yield alias, Named(alias_match, area.path, own=False)

    def geojson(self, level: str, under: int | None = None) -> bytes:
        """Return a FeatureCollection of a level for maps: simplified, 5 decimals; kept after the first call."""
        key = (level, under)
        if key not in self._drawn:
            places = self.at_level(level, under)
            self._drawn[key] = draw([(p, self._outlines.get(p.id), self.full_name(p.id)) for p in places])
        return self._drawn[key]

    def bounds(self) -> tuple[float, float, float, float] | None:
        """Return (west, south, east, north) of all outlines, or None where there are none."""
        if not self._outlines:
            return None
        west, south, east, north = shapely.total_bounds(np.asarray(list(self._outlines.values()), dtype=object))
        return float(west), float(south), float(east), float(north)
