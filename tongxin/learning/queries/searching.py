"""Search by words and by meaning: what contains the words, then what speaks of the same in other words. No person is searched for.

Meaning is taken from the district's own texts: the single words, the rarer the more they tell, and the words that stand beside
them in the texts most like them. One bounded query fetches candidates by the two-character index; they are ranked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxin.affairs import api as affairs
from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.learning.queries.background import background_of
from tongxin.learning.vectors import normalise, words
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView

CANDIDATES = 400
WORTH_FINDING = 0.4  # of what the words tell
_RELATED = 6  # words that stand beside them
_RELATED_SHARE, _TITLE_SHARE = 0.2, 0.5  # what these and the title may add, for the order


@dataclass(frozen=True, slots=True)
class Found:
    """A matter or an affair that was found; ``exact``: it contains the words as written. ``likeness`` 0 to 1."""

    id: int
    exact: bool
    likeness: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """Words as typed, what each tells, what stands beside them, and the pieces by which candidates are fetched."""

    typed: str
    own: Mapping[str, float]
    beside: Mapping[str, float]
    pieces: list[str]


def search(
    district: DistrictView, typed: str, *, area_ids: Sequence[int] | None, now: datetime, rows: int = limits.PAGE_ROWS
) -> list[Found]:
    """Return matters for some words: those that contain them, newest first, then those like them, likest first.

    1 statement, 1 more once a day for the worth of words.

    Raises:
        Invalid: fewer than two characters.
    """
    asked = _asked(district, typed, now)
    found = matters.list_containing(
        district, asked.typed, any_of=asked.pieces, area_ids=area_ids, exact_rows=rows, most=CANDIDATES
    )
    return _ranked(asked, [(row.id, row.title, row.text, whole) for row, whole in found], rows)


def search_affairs(
    district: DistrictView,
    typed: str,
    *,
    area_ids: Sequence[int] | None,
    now: datetime,
    procedure: str = "",
    rows: int = limits.PAGE_ROWS,
) -> list[Found]:
    """As :func:`search` for affairs, by title and what was filled in; meaning is learned from the district's matters.

    Args:
        procedure: only this kind.
    """
    asked = _asked(district, typed, now)
    found = affairs.list_containing(
        district, asked.typed, any_of=asked.pieces, procedure=procedure, area_ids=area_ids, exact_rows=rows, most=CANDIDATES
    )  # fmt: skip
    return _ranked(asked, [(row.id, row.title, row.text, whole) for row, whole in found], rows)


def _asked(district: DistrictView, typed: str, now: datetime) -> _Asked:
    typed = typed.strip()[: limits.SEARCH_CHARS]
    if len(typed) < 2:
        raise Invalid("search_short", "请至少输入两个字。", "", "q")
    background = background_of(district, now)
    wanted = normalise(typed)
    own = [word for word in dict.fromkeys(words(wanted)) if len(word) > 1 and word.isalnum()]
    related = background.beside(wanted, own or [wanted], _RELATED)
    pieces = [word[at : at + 2] for word in own or related for at in range(len(word) - 1)]
    return _Asked(
        typed, {word: background.worth(word) for word in own}, {word: background.worth(word) for word in related},
        list(dict.fromkeys(pieces)),
    )  # fmt: skip


def _ranked(asked: _Asked, found: Sequence[tuple[int, str, str, bool]], rows: int) -> list[Found]:
    """Order (id, title, text, whether the words stand in it)."""
    exact = [Found(ident, True, 1.0) for ident, _, _, whole in found if whole][:rows]
    others = [
        (ident, *_likeness(title, text, asked.own, asked.beside)) for ident, title, text, whole in found if not whole
    ]
    ranked = sorted(others, key=lambda one: -one[2])  # of equals the newer stays first
    like = [Found(ident, False, round(share, 3)) for ident, share, _ in ranked if share >= WORTH_FINDING]
    return (exact + like)[:rows]


def _likeness(title: str, body: str, own: Mapping[str, float], beside: Mapping[str, float]) -> tuple[float, float]:
    """(share of what the words tell that it has, the same with its title counted again): for the bar, for the order."""
    title = normalise(title)
    text = title + "|" + normalise(body)
    share = _share(own, text) if own else _share(beside, text)
    return share, share + _TITLE_SHARE * _share(own, title) + _RELATED_SHARE * _share(beside, text)


def _share(told: Mapping[str, float], text: str) -> float:
    whole = sum(told.values())
    return sum(worth for word, worth in told.items() if word in text) / whole if whole else 0.0
