"""What people type and do not mean: letters that nobody sees, and telephone numbers in the wide digits of a Chinese keyboard.

Unseen letters end a text for the database, turn its order round, or make an empty answer look full. They come from pasting out of other
programs and from people who try things. What people read is kept as it is: emoji with their joiners, and every script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Controls but tabulator and new line; soft hyphen; spaces without width; marks and overrides of direction; fillers; no characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff]"
)
_DIGITS = 18  # fewer than a row's number may have
_DASHES = re.compile("[\u2010-\u2015\u2212]+")
_ONLY_JOINERS = re.compile(r"[\s\u200c\u200d\ufe00-\ufe0f]*")


def without_unseen(text: str) -> str:
    """Return the text without letters that cannot be seen; empty where nothing that can be seen is left."""
    seen = _UNSEEN.sub("", text)
    return "" if _ONLY_JOINERS.fullmatch(seen) else seen


def has_unseen(texts: Iterable[str]) -> bool:
    """Whether any of the texts holds such a letter, or joiners and nothing to join."""
    return any(_UNSEEN.search(text) or (text and _ONLY_JOINERS.fullmatch(text)) for text in texts)


def number_in(typed: str) -> int | None:
    """Return the number of a row that came in an address or a form, None where it is none or none that a row can have."""
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS else None


def numbers_in(typed: Iterable[str]) -> list[int]:
    """Return the numbers of rows among what came, the others left out."""
    return [number for one in typed if (number := number_in(one)) is not None]


def plain_phone(typed: str) -> str:
    """Return a telephone number with the digits, signs and dashes that can be dialled: １３８ ００１３ → 138 0013."""
    return _DASHES.sub("-", unicodedata.normalize("NFKC", typed))
