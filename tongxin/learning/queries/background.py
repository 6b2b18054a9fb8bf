"""What the district's newest texts are like: which pieces are rare, and what stands beside what. Kept in the process for a day."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.clock import local
from tongxin.learning.near import likeness_rows
from tongxin.learning.vectors import Lexicon, Text
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView

TEXTS = 1_000  # the newest: a third of a second to learn from, and the threshold on labelled pairs holds (docs/how-to/text.md)
_UNKNOWN = 99.0
_RELATED_WEIGHT = 0.35  # of a piece that stands beside the words, against their own
_backgrounds: VersionedCache[Background] = VersionedCache(16)
_newest: dict[int, int] = {}  # the highest number seen a district; it only tells when matters have doubled


@dataclass(frozen=True)
class Background:
    """The lexicon of the newest texts and their rows."""

    lexicon: Lexicon | None
    rows: sp.csr_matrix | None
    version: Hashable

    def worth(self, piece: str) -> float:
        """How rare a piece of two characters is; one that the texts do not have is the rarest."""
        column = self._columns().get(piece)
        return float(self.lexicon.worth[column]) if self.lexicon is not None and column is not None else _UNKNOWN

    def asked(self, words: str, related: Sequence[str]) -> npt.NDArray[Any]:
        """A column to multiply rows with: the words, and more quietly what stands beside them."""
        assert self.lexicon is not None
        vector = np.zeros(len(self.lexicon), np.float32)
        own = self.lexicon.transform([Text("", words)])
        vector[own.indices] = own.data
        beside = [column for piece in related if (column := self._columns().get(piece)) is not None]
        if beside:
            vector[beside] += _RELATED_WEIGHT / np.sqrt(len(beside))
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def beside(self, words: str, own: AbstractSet[str], *, least: float, texts: int) -> list[str]:
        """Pieces of two characters that stand in the texts most like the words, most telling first, without the words' own."""
        if self.lexicon is None or self.rows is None:
            return []
        likes = np.asarray(self.rows @ self.asked(words, [])).ravel()
        near = [at for at in np.argsort(-likes)[:texts].tolist() if likes[at] >= least]
        if len(near) < 2:
            return []
        inside = self.rows[near]
        often = np.asarray((inside > 0).sum(axis=0)).ravel()
        telling = np.asarray(inside.sum(axis=0)).ravel() * (often >= max(2, len(near) // 4))
        names = self._names()
        found = [
            names[column] for column in np.argsort(-telling)[:60].tolist() if telling[column] > 0 and column in names
        ]
        return [
            piece for piece in found if piece not in own and piece.isalnum() and not any(mark in own for mark in piece)
        ]

    def _names(self) -> dict[int, str]:
        return {column: piece for piece, column in self._columns().items()}

    def _columns(self) -> dict[str, int]:
        """Piece of two characters → its column."""
        known = self.__dict__.get("_kept")
        if known is None:
            known = {}
            if self.lexicon is not None:
                at = next(
                    place for place, view in enumerate(self.lexicon.views) if (view.source, view.size) == ("all", 2)
                )
                first = int(self.lexicon.starts[at])
                known = {self.lexicon.name(first + step): first + step for step in range(len(self.lexicon.terms[at]))}
            self.__dict__["_kept"] = known
        return known


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
            return Background(None, None, version)
        return Background(*likeness_rows([Text(row.title, row.text) for row in rows]), version)

    return _backgrounds.get(district.id, version, fit)
