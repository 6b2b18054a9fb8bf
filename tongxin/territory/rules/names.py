"""Reading a place out of what people write: longest known name first, house numbers put aside, doubt kept as doubt."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

How = Literal["area", "place", "alias", "short", "similar"]
HOW_TITLES: dict[How, str] = {
    "area": "地域名称", "place": "地名", "alias": "别名", "short": "简称", "similar": "写法相近",
}  # fmt: skip

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
# One wrong, missing or doubled character is a slip; from six on two may be.
SHORTEST_SIMILAR, TWO_SLIPS_FROM, MOST_SIMILAR = 3, 6, 5
# 3栋, 三幢, 3#楼 and A座 are one way of saying 3号楼; 3-2-501 says building, stair and room.
_BUILDING = re.compile(rf"({_DIGITS}{{1,4}})(?:号楼|栋|幢|座|#楼|#)")
_DASHED = re.compile(r"(?<![0-9a-z-])([0-9a-z]{1,3})-(\d{1,2})-(\d{2,4})(?![0-9-])")
_NUMBERED = re.compile(
    r"(?<=第)[零一二三四五六七八九十百]{1,4}|[零一二三四五六七八九十百]{1,4}(?=号楼|单元|号院|[室层门])"
)
_ONES = {word: number for number, word in enumerate("零一二三四五六七八九")}


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
    """Return the text in the one form in which names are compared.

    Half width, lower case, no spaces or marks; buildings as 3号楼, numbers of buildings, stairs and grids as digits.
    """
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text).lower())
    plain = _DASHED.sub(r"\1号楼\2单元\3室", plain)
    return _NUMBERED.sub(lambda found: _digits(found[0]), _BUILDING.sub(r"\1号楼", plain))


def _digits(words: str) -> str:
    """Return 十二 as 12, 二十 as 20, 一百零三 as 103, 三〇 style runs (三零一) as 301."""
    if not any(unit in words for unit in "十百"):
        return "".join(str(_ONES[word]) for word in words)
    hundreds, _, rest = words.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    number = 100 * _ONES.get(hundreds[-1:], 1 if "百" in words else 0)
    number += 10 * (_ONES.get(tens[-1:], 1) if ten else 0) + _ONES.get(ones[-1:], 0)
    return str(number)


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
        self._letters: _Letters | None = None

    def find(self, text: str) -> list[PlaceMatch]:
        """Return the places the text may mean, best first; more than one means that the text does not decide.

        A name that many places share (第3网格) is narrowed by the other names in the text (横江社区); a name that says
        one place alone beats one that is shared; of places in each other the smaller is given. What is still open, and
        names that contradict each other, are offered together, never guessed.
        """
        tidied = tidy(text)
        return self._best(self._matches(tidied, doors(tidied))) or self._best(self._matches(tidied, []))

    def similar(self, text: str) -> list[PlaceMatch]:
        """Return places whose names are a slip away from what the text says, nearest first: to be offered, never taken.

        Only where :meth:`find` finds nothing. A number is never taken for another: 第3网格 is not a slip of 第4网格.
        """
        tidied = tidy(text)
        said = "".join("|" if any(a <= i < b for a, b in doors(tidied)) else c for i, c in enumerate(tidied))
        letters = {c for c in said if c != "|" and not c.isdigit()}
        found: dict[tuple[int, str], tuple[int, int, PlaceMatch]] = {}
        for name in self._sharing(letters):
            entries, slips = self._by_name[name], _most_slips(name)
            stem = short_name(name) or name
            away = _slips(name, said, slips)
            if away > slips or letters.isdisjoint(stem):
                continue
            for entry in entries:
                match = replace(entry.match, how="similar")
                key = (match.area_id, match.name)
                if key not in found or found[key][0] > away:
                    found[key] = (away, -len(name), match)
        ranked = sorted(found.values(), key=lambda one: (one[0], one[1], one[2].name, one[2].area_id))
        return [match for _, _, match in ranked[:MOST_SIMILAR]]

    def _sharing(self, letters: set[str]) -> list[str]:
        """Return the names all of whose letters but for the slips are among these; numbers count as shared."""
        if self._letters is None:
            self._letters = _Letters([name for name in self._by_name if len(name) >= SHORTEST_SIMILAR])
        return self._letters.sharing(letters)

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


def _most_slips(name: str) -> int:
    return 2 if len(name) >= TWO_SLIPS_FROM else 1


class _Letters:
    """Which names hold a letter, so that a text is compared with the few that are like it."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._needed = np.array([len(name) - _most_slips(name) for name in names], dtype=np.int64)
        self._given = np.array([sum(c.isdigit() for c in name) for name in names], dtype=np.int64)
        found: dict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(names):
            for letter in name:
                if not letter.isdigit():
                    found[letter].append(index)
        self._holding = {letter: np.array(indexes, dtype=np.int64) for letter, indexes in found.items()}

    def sharing(self, letters: set[str]) -> list[str]:
        """Return the names that lack no more of their letters than there may be slips."""
        held = [self._holding[letter] for letter in letters if letter in self._holding]
        if not held:
            return []
        shared = self._given + np.bincount(np.concatenate(held), minlength=len(self._names))
        return [self._names[index] for index in np.flatnonzero(shared >= self._needed).tolist()]


def _slips(name: str, text: str, most: int) -> int:
    """Return how many characters of the name are wrong, missing or too many in the best place of the text.

    Where a number would have to change, or more than ``most`` are wrong: a larger number.
    """
    beyond = most + 1
    row = [0] * (len(text) + 1)  # the name may begin anywhere in the text
    for letter in name:
        before, row = row, [row[0] + (beyond if letter.isdigit() else 1)]
        for j, other in enumerate(text, start=1):
            costly = beyond if letter.isdigit() or other.isdigit() or other == "|" else 1
            row.append(
                min(
                    before[j - 1] + (0 if letter == other else costly),
                    before[j] + (beyond if letter.isdigit() else 1),
                    row[j - 1] + (beyond if other.isdigit() or other == "|" else 1),
                )
            )
        if min(row) > most:
            return beyond
    return min(row)


def _holds(area: Named, other: Named) -> bool:
    """Whether ``other`` says the same more closely: it lies in the area and is something smaller."""
    inside = area.own and area.match.area_id in other.path
    return inside and (not other.own or other.match.area_id != area.match.area_id)
