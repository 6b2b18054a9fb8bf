"""Suggestions by rules: category by the pack's keywords, likely duplicates by words, place and time. A person decides (norm S-04)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tongxin.kernel.caches import VersionedCache
from tongxin.packs.schema import Catalogue

_WORDLESS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Suggestion:
    """A category that may fit, with the words that speak for it; confidence is a share of the evidence, not a probability."""

    code: str
    title: str
    confidence: float
    because: tuple[str, ...]


@dataclass(frozen=True)
class _Index:
    words: dict[str, list[tuple[str, str, float]]]  # by their first character: keyword, code, weight
    titles: dict[str, str]


_indices: VersionedCache[_Index] = VersionedCache()


def _index(catalogue: Catalogue) -> _Index:
    found: dict[str, list[str]] = {}
    titles = {}
    for category, _ in catalogue.walk():
        titles[category.code] = category.title
        for word in {*category.keywords, category.title}:
            found.setdefault(word.casefold(), []).append(category.code)
    # a longer word says more; a word that several categories share says less
    words: dict[str, list[tuple[str, str, float]]] = {}
    found.pop("", None)
    for word, codes in found.items():
        words.setdefault(word[0], []).extend((word, code, math.sqrt(len(word)) / len(codes)) for code in codes)
    return _Index(words, titles)


def suggest_categories(catalogue: Catalogue, version: int, text: str, most: int = 3) -> list[Suggestion]:
    """Return up to ``most`` categories whose keywords the text contains, the likeliest first.

    Args:
        version: the pack version that the catalogue belongs to, for the kept index.
    """
    index = _indices.get(version, version, lambda: _index(catalogue)) if version else _index(catalogue)
    folded = text.casefold()
    scores: dict[str, float] = {}
    because: dict[str, list[str]] = {}
    for first in dict.fromkeys(folded):
        for word, code, weight in index.words.get(first, ()):
            if word in folded:
                scores[code] = scores.get(code, 0.0) + weight
                because.setdefault(code, []).append(word)
    total = sum(scores.values()) + 0.7  # one short word alone does not make certainty
    best = sorted(scores, key=lambda code: (-scores[code], code))[:most]
    return [
        Suggestion(code, index.titles[code], round(scores[code] / total, 3), tuple(because[code][:6])) for code in best
    ]


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a text, without punctuation."""
    folded = _WORDLESS.sub("", text).casefold()
    return frozenset(folded[i : i + 2] for i in range(len(folded) - 1))


@dataclass(frozen=True)
class Candidate:
    """An open matter that may be the same thing."""

    matter_id: int
    title: str
    text: str
    lon: float | None
    lat: float | None
    reported_at: datetime


@dataclass(frozen=True)
class Likeness:
    """How alike a candidate is, 0 to 1, and why in words."""

    matter_id: int
    title: str
    score: float
    because: str
    reported_at: datetime


def metres_between(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the distance of two near points in metres (equirectangular, good to a few kilometres)."""
    x = (lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(x, lat2 - lat1) * 111_195.0


def likely_same(
    text: str,
    lon: float | None,
    lat: float | None,
    candidates: Iterable[Candidate],
    *,
    least: float = 0.35,
    most: int = 5,
) -> list[Likeness]:
    """Return the candidates that are likely the same thing, the likeliest first.

    Words count as the overlap of character pairs (containment, so that a short repeat of a long report is found); nearness within
    150 m adds up to 0.2, distance beyond 500 m takes as much away.
    """
    mine = bigrams(text)
    out = []
    for other in candidates:
        theirs = bigrams(f"{other.title}{other.text}")
        if not mine or not theirs:
            continue
        shared = len(mine & theirs)
        score = 0.5 * shared / min(len(mine), len(theirs)) + 0.5 * shared / len(mine | theirs)
        reasons = [f"用词相近 {score:.0%}"]
        if None not in (lon, lat, other.lon, other.lat):
            metres = metres_between(lon, lat, other.lon, other.lat)  # type: ignore[arg-type]
            score += 0.2 if metres <= 150 else -0.2 if metres > 500 else 0.0
            reasons.append(f"相距约 {round(metres, -1):.0f} 米")
        if score >= least:
            out.append(
                Likeness(other.matter_id, other.title, min(round(score, 3), 1.0), "，".join(reasons), other.reported_at)
            )
    return sorted(out, key=lambda likeness: (-likeness.score, likeness.matter_id))[:most]
