"""Reading a place out of what people write: longest known name first, house numbers put aside, doubt kept as doubt."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

How = Literal["area", "place", "alias", "short"]
HOW_TITLES: dict[How, str] = {"area": "地域名称", "place": "地名", "alias": "别名", "short": "简称"}

# 3号楼2单元501室, B栋, 十二幢, 18号附2号: they tell a door; a name lying wholly in one counts only where nothing else is said.
_DIGITS = r"[0-9a-z零一二三四五六七八九十百]"
_DOORS = re.compile(
    rf"(?<![0-9a-z第]){_DIGITS}{{1,6}}(?:-{_DIGITS}{{1,5}})*(?:号楼|号院|栋|幢|座|单元|室|层|门|号)(?:附{_DIGITS}+号)?"
)
_SPACES = re.compile(r"[\s,，。.、;；:：()（）\[\]【】\"“”'‘’]+")
_SUFFIXES = re.compile(
    r"(?:社区居民委员会|村民委员会|居民委员会|社区居委会|街道办事处|居委会|村委会|街办|街道|社区|小区|村|镇|乡)$"
)
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A place that a text may mean; ``how`` says by which kind of name."""

    area_id: int
    name: str
    lon: float | None
    lat: float | None
    how: How


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name: an area (its own path), or a place lying in one."""

    match: PlaceMatch
    path: tuple[int, ...]
    own: bool  # the area itself, not something in it


def tidy(text: str) -> str:
    """Return the text in the one form in which names are compared: half width, lower case, no spaces or marks."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text).lower())


def doors(text: str) -> list[tuple[int, int]]:
    """Return where a tidied text tells a house, stair or room number (3号楼2单元501室), as (from, to)."""
    return [match.span() for match in _DOORS.finditer(text)]


def short_name(name: str) -> str:
    """Return the name without its kind (横江社区 → 横江), or an empty text when too little would be left."""
    stem = _SUFFIXES.sub("", name)
    return stem if stem != name and len(stem) >= SHORTEST else ""


class NameBook:
    """All names of a district; immutable after it is made."""

    def __init__(self, named: Iterable[tuple[str, Named]]) -> None:
        self._by_name: dict[str, list[Named]] = defaultdict(list)
        for name, entry in named:
            key = tidy(name)
            if len(key) >= SHORTEST:
                self._by_name[key].append(entry)
        self._lengths = sorted({len(name) for name in self._by_name}, reverse=True)

    def find(self, text: str) -> list[PlaceMatch]:
        """Return the places the text may mean, best first; more than one means that the text does not decide.

        A name that many places share (第3网格) is narrowed by the other names in the text (横江社区); a name that says
        one place alone beats one that is shared; of places in each other the smaller is given. What is still open, and
        names that contradict each other, are offered together, never guessed.
        """
        tidied = tidy(text)
        return self._best(self._matches(tidied, doors(tidied))) or self._best(self._matches(tidied, []))

    def _matches(self, text: str, put_aside: list[tuple[int, int]]) -> list[tuple[str, list[Named]]]:
        found: list[tuple[str, list[Named]]] = []
        for length in self._lengths:
            start = 0
            while start + length <= len(text):
                name = text[start : start + length]
                entries = self._by_name.get(name)
                if entries is None or any(a <= start and start + length <= b for a, b in put_aside):
                    start += 1
                    continue
                found.append((name, entries))
                text = text[:start] + "|" * length + text[start + length :]
                start += length
        return found

    @staticmethod
    def _best(matches: Sequence[tuple[str, list[Named]]]) -> list[PlaceMatch]:
        # A short form counts only where nothing was written out.
        full = [(n, [e for e in es if e.match.how != "short"]) for n, es in matches]
        kept = [(n, es) for n, es in full if es] or list(matches)
        if not kept:
            return []
        areas = [(name, {entry.match.area_id for entry in entries}) for name, entries in kept]
        ranked: dict[tuple[int, str], tuple[tuple[int, bool], int, Named]] = {}
        for name, entries in kept:
            for entry in entries:
                agreeing = sum(1 for other, ids in areas if other != name and not ids.isdisjoint(entry.path))
                rank = (agreeing, len(entries) == 1)
                before = ranked.get((entry.match.area_id, entry.match.name))
                if before is None or before[0] < rank:
                    ranked[(entry.match.area_id, entry.match.name)] = (rank, len(name), entry)
        top = max(rank for rank, _, _ in ranked.values())
        best = [(length, entry) for rank, length, entry in ranked.values() if rank == top]
        best = [(length, one) for length, one in best if not any(_holds(one, other) for _, other in best)]
        best.sort(key=lambda pair: (-pair[0], not pair[1].own, pair[1].match.name, pair[1].match.area_id))
        return [entry.match for _, entry in best]


def _holds(area: Named, other: Named) -> bool:
    """Whether ``other`` says the same more closely: it lies in the area and is something smaller."""
    inside = area.own and area.match.area_id in other.path
    return inside and (not other.own or other.match.area_id != area.match.area_id)
