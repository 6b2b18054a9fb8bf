"""Suggestions by rules: category by the pack's keywords. A person decides (norm S-04). Likely duplicates are learning's to find."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tongxin.kernel.caches import VersionedCache
from tongxin.packs.schema import Catalogue


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
    for first in sorted(index.words.keys() & folded, key=folded.index):
        for word, code, weight in index.words[first]:
            if word in folded:
                scores[code] = scores.get(code, 0.0) + weight
                because.setdefault(code, []).append(word)
    total = sum(scores.values()) + 0.7  # one short word alone does not make certainty
    best = sorted(scores, key=lambda code: (-scores[code], code))[:most]
    return [
        Suggestion(code, index.titles[code], round(scores[code] / total, 3), tuple(because[code][:6])) for code in best
    ]
