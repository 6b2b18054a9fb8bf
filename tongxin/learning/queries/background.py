"""What the district's newest texts are like: which words are rare, and what stands beside what. Kept in the process for a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import scipy.sparse as sp

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.clock import local
from tongxin.learning.near import likeness_rows
from tongxin.learning.starter import EMPTY_WORDS
from tongxin.learning.vectors import Lexicon, Text, normalise, words
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView

TEXTS = 1_000  # the newest: a third of a second to learn from, and the threshold on labelled pairs holds (docs/how-to/text.md)
_HEAD = 300  # characters of a text in which words are looked up
_NEAR, _LEAST = 12, 0.15  # texts most like some words, and how like at least
_backgrounds: VersionedCache[Background] = VersionedCache(16)
_newest: dict[int, int] = {}  # the highest number seen a district; it only tells when matters have doubled


@dataclass(frozen=True)
class Background:
    """The newest texts: their lexicon and rows, and in how many of them each word stands."""

    texts: Sequence[str]
    lexicon: Lexicon | None
    rows: sp.csr_matrix | None
    version: Hashable
    _spread: Counter[str] = field(default_factory=Counter)

    def worth(self, word: str) -> float:
        """How much it tells that a text has this word: the logarithm of how rare it is among the newest; never below 0.1."""
        if word not in self._spread:
            self._spread[word] = sum(word in text for text in self.texts)
        return max(float(np.log((1 + len(self.texts)) / (1 + self._spread[word]))), 0.1)

    def beside(self, typed: str, own: Sequence[str], most: int) -> list[str]:
        """Words that stand in the texts most like some words and seldom elsewhere, most telling first, without their own."""
        if self.lexicon is None or self.rows is None:
            return []
        likes = (self.rows @ self.lexicon.transform([Text("", typed)]).T).toarray().ravel()
        near = [at for at in np.argsort(-likes)[:_NEAR].tolist() if likes[at] >= _LEAST]
        if len(near) < 3:
            return []
        often = Counter(
            word
            for at in near
            for word in set(words(self.texts[at][:_HEAD]))
            if _tells(word) and not _overlaps(word, own)
        )
        scored = {
            word: count / len(near) * self.worth(word)
            for word, count in often.items()
            if count >= max(3, len(near) // 4)
        }
        return sorted(scored, key=lambda word: (-scored[word], word))[:most]


def _tells(word: str) -> bool:
    return 2 <= len(word) <= 4 and word.isalnum() and not word.isascii() and word not in EMPTY_WORDS


def _overlaps(word: str, own: Sequence[str]) -> bool:
    return any(word in one or one in word for one in own)


def background_of(district: DistrictView, now: datetime, newest: int = 0) -> Background:
    """Return what the newest texts are like (1 statement, once a day and when matters double).

    Args:
        newest: number of a new matter of the district, if one is at hand: it tells that there are many more than before.
    """
    top = _newest[district.id] = max(_newest.get(district.id, 0), newest)
    version = (local(now).date(), top.bit_length())

    def fit() -> Background:
        rows = matters.list_newest(district, most=TEXTS)
        if not rows:
            return Background((), None, None, version)
        texts = [normalise(row.title + "|" + row.text) for row in rows]
        return Background(texts, *likeness_rows([Text(row.title, row.text) for row in rows]), version)

    return _backgrounds.get(district.id, version, fit)
