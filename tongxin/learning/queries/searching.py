"""Search by words and by meaning: what contains the words, then what speaks of the same in other words. No person is searched for.

Meaning is taken from the district's own texts: the pieces of the words, and the pieces that stand beside them in the texts most
like them. One bounded query fetches candidates by the two-character index; likeness ranks them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.learning.queries.background import Background, background_of
from tongxin.learning.vectors import Text, normalise
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView

CANDIDATES = 300  # a thirtieth of a second to compare
WORTH_FINDING = 0.1  # likeness of a few words to a whole text is small
_OWN, _RELATED = 8, 6  # pieces asked for: the rarest of the words, and those beside them
_LIKE_ENOUGH, _NEIGHBOURS = 0.15, 12


@dataclass(frozen=True, slots=True)
class Found:
    """A matter that was found; ``exact``: it contains the words as written. ``likeness`` 0 to 1."""

    matter_id: int
    exact: bool
    likeness: float


def search(
    district: DistrictView, typed: str, *, area_ids: Sequence[int] | None, now: datetime, rows: int = limits.PAGE_ROWS
) -> list[Found]:
    """Return matters for some words: those that contain them, newest first, then those like them, likest first.

    1 statement, 1 more once a day for the worth of words.

    Raises:
        Invalid: fewer than two characters.
    """
    typed = typed.strip()[: limits.SEARCH_CHARS]
    if len(typed) < 2:
        raise Invalid("search_short", "请至少输入两个字。", "", "q")
    background = background_of(district, now)
    wanted = normalise(typed)
    pieces = [wanted[at : at + 2] for at in range(len(wanted) - 1)]
    own = sorted(dict.fromkeys(pieces), key=lambda piece: -background.worth(piece))[:_OWN]
    related = _beside(background, typed, own)
    found = matters.list_containing(
        district, typed, any_of=[*own, *related], area_ids=area_ids, exact_rows=rows, most=CANDIDATES
    )
    exact = [Found(row.id, True, 1.0) for row, whole in found if whole][:rows]
    others = [row for row, whole in found if not whole]
    if not others or len(exact) >= rows or background.lexicon is None:
        return exact
    asked = background.asked(typed, related)
    likes = np.asarray(background.lexicon.transform([Text(row.title, row.text) for row in others]) @ asked).ravel()
    order = [at for at in np.argsort(-likes, kind="stable").tolist() if likes[at] >= WORTH_FINDING]
    like = [Found(others[at].id, False, round(float(likes[at]), 3)) for at in order]
    return (exact + like)[:rows]


def _beside(background: Background, typed: str, own: Sequence[str]) -> list[str]:
    """The pieces that stand beside the words in the district's texts most like them, most telling first."""
    return background.beside(typed, set(own), least=_LIKE_ENOUGH, texts=_NEIGHBOURS)[:_RELATED]
