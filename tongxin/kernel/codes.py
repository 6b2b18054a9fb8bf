"""Receipt codes: short to read out on the telephone, hard to guess, with a check character; and numbers in a row. Not database keys."""

from __future__ import annotations

import itertools
import os
import re
import threading
import unicodedata
from collections.abc import Iterable
from operator import mul

# No 0/O, 1/I/L, U: nothing that is misread or mistyped. 30 letters, 11 of them: 54 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 11
_TYPED_CHARS = 500
_SHOWN = re.compile(r"(?<![A-Z0-9])" + r"[\s-]*".join([f"([{ALPHABET}]{{4}})"] * 3) + r"(?![A-Z0-9])")
_PLACE = {letter: place for place, letter in enumerate(ALPHABET)}
_LETTER = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNEVEN = bytes(range(256 // len(ALPHABET) * len(ALPHABET), 256))  # these would make some letters likelier than others


def _check(body: str) -> str:
    total = sum(map(mul, itertools.count(2), map(_PLACE.__getitem__, body)))
    return ALPHABET[total % len(ALPHABET)]


class _Chance:
    """Bytes from the system's source, fetched by the page: every call to it makes all other threads of the process change places."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._lock, self._kept = threading.Lock(), b""

    def take(self, count: int) -> bytes:
        with self._lock:
            if len(self._kept) < count:
                self._kept = os.urandom(4096)
            taken, self._kept = self._kept[:count], self._kept[count:]
        return taken


_chance = _Chance()
os.register_at_fork(after_in_child=_chance.forget)  # a process that was split off draws its own


def random_bytes(count: int) -> bytes:
    """Return unguessable bytes that nobody else gets; 4,096 at most."""
    return _chance.take(count)


def new_receipt() -> str:
    """Return a new 12-character receipt code, e.g. ``7K3M9QXA2B4C``."""
    drawn = b""
    while len(drawn) < _LENGTH:
        drawn += random_bytes(16).translate(None, _UNEVEN)
    body = drawn[:_LENGTH].translate(_LETTER).decode()
    return body + _check(body)


def read_receipt(typed: str) -> str | None:
    """Return the code that a person typed or pasted, or None when there is none in it.

    Any case, wide letters, spaces and dashes; also inside other words, as the link or the note that somebody was sent.
    """
    said = unicodedata.normalize("NFKC", typed[:_TYPED_CHARS]).upper()
    code = "".join(char for char in said if char.isalnum() and char.isascii())
    if _is_receipt(code):
        return code
    return next((found for parts in _SHOWN.findall(said) if _is_receipt(found := "".join(parts))), None)


def _is_receipt(code: str) -> bool:
    return len(code) == _LENGTH + 1 and all(char in ALPHABET for char in code) and _check(code[:-1]) == code[-1]


def show_receipt(code: str) -> str:
    """Return the code as people read it: ``7K3M-9QXA-2B4C``."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def highest_number(keys: Iterable[str]) -> int:
    """Return the highest of the keys that are plain numbers, 0 when none is."""
    return max((int(key) for key in keys if key.isascii() and key.isdigit()), default=0)
