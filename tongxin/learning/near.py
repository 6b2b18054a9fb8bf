"""Same text, nearly the same text, and open matters near in place, time and meaning. It merges nothing: a person does.

Likeness is the cosine of rare-weighted runs of 2 and 3 characters, 0 to 1. Where both matters have a place or a time,
a far place or a long time between lowers it; neither can raise texts that have nothing in common.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.learning.vectors import Lexicon, Text, View, fit_lexicon, plain_key

Array = npt.NDArray[Any]
LIKENESS_VIEWS = (View("all", 2, 1.0), View("all", 3, 1.0), View("title", 2, 0.7))
PIECES = 400_000
SAME_MATTER = 0.45  # pairs above it are called near duplicates; chosen on labelled pairs, see README
WORTH_SHOWING = 0.2  # while typing a person looks anyway: rather one too many
FAMILIAR = 0.7  # share of known pairs of characters below which likeness is lowered; most texts lie above
_BATCH = 1_000
_EARTH_METRES = 6_371_000
_OTHER_AREA = 0.7  # neighbours report across a border


@dataclass(frozen=True, slots=True)
class Item:
    """A matter as this room sees it. ``id`` is the caller's. Place and time may be unknown (None).

    ``area_id`` any level, compared for equality; ``lon``/``lat`` WGS84 degrees; ``who`` stands for one person.
    """

    id: int
    text: Text
    at: datetime | None = None
    area_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """An open matter like the typed one. ``metres`` and ``days`` are None where not known; ``same_text`` exact."""

    id: int
    likeness: float
    same_text: bool
    metres: int | None
    days: int | None


def same_texts(texts: Sequence[Text]) -> list[list[int]]:
    """Groups (two or more places in ``texts``) of equal bodies; marks, blanks, width and script do not count."""
    found: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        key = plain_key(text.body)
        if key:
            found.setdefault(key, []).append(place)
    return [places for places in found.values() if len(places) > 1]


def likeness_rows(texts: Sequence[Text]) -> tuple[Lexicon, sp.csr_matrix]:
    """Lexicon and unit rows whose products are likenesses."""
    lexicon = fit_lexicon(texts, views=LIKENESS_VIEWS, keep=PIECES)
    return lexicon, lexicon.transform(texts)


def like_pairs(rows: sp.csr_matrix, alike: float) -> Iterator[tuple[Array, Array, Array]]:
    """Batches of (i, j, likeness) with i < j and likeness ≥ ``alike``; memory stays bounded by the batch."""
    turned = rows.T.tocsr()
    for start in range(0, rows.shape[0], _BATCH):
        product = (rows[start : start + _BATCH] @ turned).tocoo()
        left = product.row + start
        keep = (product.data >= alike) & (left < product.col)
        yield left[keep], product.col[keep].astype(left.dtype), product.data[keep]


def near_pairs(texts: Sequence[Text], alike: float = SAME_MATTER) -> list[tuple[int, int, float]]:
    """Pairs of places in ``texts`` that tell the same matter, likest first; equal texts have likeness 1."""
    _, rows = likeness_rows(texts)
    found = {
        (int(i), int(j)): float(min(like, 1.0))
        for left, right, likes in like_pairs(rows, alike)
        for i, j, like in zip(left, right, likes, strict=True)
    }
    for group in same_texts(texts):
        found.update({(one, other): 1.0 for at, one in enumerate(group) for other in group[at + 1 :]})
    return [(i, j, like) for (i, j), like in sorted(found.items(), key=lambda pair: -pair[1])]


def metres_between(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Distance on the sphere, metres."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_METRES * math.asin(math.sqrt(half))


def _by_metres(metres: Any) -> Any:
    return np.interp(metres, [300, 2_000, 5_000], [1, 0.3, 0.1])


def _by_days(days: Any) -> Any:
    return 1 - 0.3 * np.clip((days - 30) / 335, 0, 1)


class Surroundings:
    """Places and times of many matters as arrays: the factors of :func:`place_factor` and :func:`time_factor` at once."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._lon = np.radians([math.nan if item.lon is None else item.lon for item in items])
        self._lat = np.radians([math.nan if item.lat is None else item.lat for item in items])
        self._area = np.array([-1 if item.area_id is None else item.area_id for item in items], np.int64)
        self._day = np.array([item.at.timestamp() / 86_400 if item.at else math.nan for item in items])

    def factor(self, i: Array, j: Array) -> Array:
        """Product of both factors for pairs of places in the list; ``i`` and ``j`` broadcast."""
        half = np.sin((self._lat[j] - self._lat[i]) / 2) ** 2
        half += np.cos(self._lat[i]) * np.cos(self._lat[j]) * np.sin((self._lon[j] - self._lon[i]) / 2) ** 2
        metres = 2 * _EARTH_METRES * np.arcsin(np.sqrt(half))
        apart = (self._area[i] >= 0) & (self._area[j] >= 0) & (self._area[i] != self._area[j])
        place = np.where(np.isnan(metres), np.where(apart, _OTHER_AREA, 1.0), _by_metres(metres))
        days = np.abs(self._day[i] - self._day[j])
        return np.asarray(place * np.where(np.isnan(days), 1.0, _by_days(days)))


def place_factor(one: Item, other: Item) -> tuple[float, int | None]:
    """(factor, metres): 1 within 300 m or in one area, falling to 0.3 at 2 km and 0.1 at 5 km; 1 where a place is not known."""
    if None not in (one.lon, one.lat, other.lon, other.lat):
        metres = metres_between(one.lon, one.lat, other.lon, other.lat)  # type: ignore[arg-type]
        return float(_by_metres(metres)), round(metres)
    if one.area_id is not None and other.area_id is not None and one.area_id != other.area_id:
        return _OTHER_AREA, None
    return 1.0, None


def time_factor(one: datetime | None, other: datetime | None) -> tuple[float, int | None]:
    """(factor, days): 1 within 30 days, falling to 0.7 at a year; 1 where a time is not known."""
    if one is None or other is None:
        return 1.0, None
    days = abs((one - other).total_seconds()) / 86_400
    return float(_by_days(days)), int(days)


class NearIndex:
    """Open matters ready to be asked while somebody types. Build once, ask often; immutable.

    Building costs about 1 ms a matter, asking a few ms at 5,000 matters (benchmarks/suggest_while_typing.py).
    """

    def __init__(self, items: Sequence[Item], lexicon: Lexicon | None = None) -> None:
        """``lexicon``: what words are worth, from a larger corpus (building then costs a tenth); None: from the items."""
        self.items = list(items)
        self._keys: dict[Hashable, list[int]] = {}
        for place, item in enumerate(self.items):
            self._keys.setdefault(plain_key(item.text.body), []).append(place)
        self._kept: tuple[Lexicon, sp.csc_matrix] | None = None
        if items:
            texts = [item.text for item in self.items]
            lexicon, rows = likeness_rows(texts) if lexicon is None else (lexicon, lexicon.transform(texts))
            self._kept = lexicon, rows.tocsc()  # by pieces: a question touches only its own columns

    def ask(self, typed: Item, *, most: int = 5, least: float = WORTH_SHOWING) -> list[Near]:
        """Matters like the typed one, likest first.

        Args:
            typed: its ``id`` is left out of the answer.
            most: at most so many.
            least: likeness below it is not shown.
        A text without two characters in common with any matter, also "", gets an empty list.
        """
        if self._kept is None:
            return []
        lexicon, columns = self._kept
        asked, familiar = lexicon.look([typed.text])
        # of a text that is mostly unknown words the few known ones must not speak for the whole
        likes = np.asarray(columns[:, asked.indices] @ asked.data) * min(1.0, float(familiar[0]) / FAMILIAR)
        key = plain_key(typed.text.body)
        equal = set(self._keys.get(key, ())) if key else set()
        likes[list(equal)] = 1.0
        found = []
        for place in np.flatnonzero(likes >= least):
            item = self.items[place]
            if item.id == typed.id:
                continue
            near, metres = place_factor(typed, item)
            soon, days = time_factor(typed.at, item.at)
            like = float(min(likes[place], 1.0)) * near * soon
            if like >= least:
                found.append(Near(item.id, round(like, 3), int(place) in equal, metres, days))
        return sorted(found, key=lambda one: (-one.likeness, one.id))[:most]
