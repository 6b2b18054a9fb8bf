"""Runs of up to three characters as integers, and words: cut out of a whole batch, looked up, read back. No weights.

21 bits a character: a run of three fills 63 bits, so there are no collisions and nothing negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import rjieba

Array = npt.NDArray[Any]
_BITS = 21
_AT_ONCE = 256  # texts cut into words in one go
_FACTOR = 0x9E3779B97F4A7C15
_BACK = pow(_FACTOR, -1, 1 << 64)
_STOPS = np.array([ord(mark) for mark in "。!?;\x01\0"], np.int64)  # end a sentence, in the normal form
BREAK = "\x01"  # between title and body; normal texts contain none, and no piece reaches across it


class Line:
    """Texts one after another, a zero behind each: characters are looked at once, for every view and division.

    Attributes: ``marks`` (n,) int64 characters; ``row`` (n,) the text each stands in; ``starts`` where each text begins.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._text = "".join(text + "\0" for text in texts)
        self.marks = np.frombuffer(self._text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.int64)
        ends = self.marks == 0
        self.row = np.cumsum(ends) - ends
        self.starts = np.flatnonzero(np.concatenate([[True], ends[:-1]]))[: len(texts)]
        self._ends = np.zeros(0, np.int64)

    @cached_property
    def title(self) -> Array:
        """(n,) whether a character stands before the ``BREAK`` of its text."""
        breaks = np.cumsum(self.marks == ord(BREAK))
        return np.asarray(breaks == breaks[self.starts][self.row])

    def sentences(self) -> Array:
        """(n,) the sentence that each character stands in, counted through all texts; a title is a sentence."""
        ended = np.isin(self.marks, _STOPS)
        ended[self.starts] = False  # a text without a title begins with its body
        begins = np.concatenate([[False], ended[:-1] & ~ended[1:]])
        begins[self.starts] = True
        return np.asarray(np.cumsum(begins) - 1)

    def find(self, size: int, title: bool = False) -> tuple[Array, Array]:
        """All runs of ``size`` characters (0: words): codes (int64) and where each begins; ``title``: of titles only."""
        codes, begins = self._runs(size) if size else self._words
        if title:
            within = self.title[begins]
            return codes[within], begins[within]
        return codes, begins

    def _runs(self, size: int) -> tuple[Array, Array]:
        count = max(len(self.marks) - size + 1, 0)
        code, whole = np.zeros(count, np.int64), np.ones(count, bool)
        for step in range(size):
            part = self.marks[step : step + count]
            code = (code << _BITS) | part
            whole &= part > ord(BREAK)
        return code[whole], np.flatnonzero(whole)

    @cached_property
    def _words(self) -> tuple[Array, Array]:
        found = [np.zeros(0, np.int64)]
        for start in range(0, len(self.texts), _AT_ONCE):  # the words themselves are not kept
            cut = rjieba.cut("\0".join(self.texts[start : start + _AT_ONCE]) + "\0")
            found.append(np.fromiter(map(len, cut), np.int64, len(cut)))
        lengths = np.concatenate(found)
        ends = np.cumsum(lengths)
        begins = ends - lengths
        real = self.marks[begins] > ord(BREAK)
        begins, ends = begins[real], ends[real]
        self._ends = ends
        return self.word_codes(begins, ends), begins

    def word_codes(self, begins: Array, ends: Array) -> Array:
        """One number for each word, int64 ≥ 0: its characters as a polynomial modulo 2⁶³ (Karp & Rabin 1987)."""
        power, back = (np.full(len(self.marks), factor, np.uint64) for factor in (_FACTOR, _BACK))
        power[:1] = back[:1] = 1
        sums = np.concatenate([[np.uint64(0)], np.cumsum(self.marks.astype(np.uint64) * np.cumprod(power))])
        codes = (sums[ends] - sums[begins]) * np.cumprod(back)[begins]
        return np.asarray((codes & np.uint64((1 << 63) - 1)).astype(np.int64))

    def word(self, begin: int) -> str:
        """The word that begins there, once words were found."""
        return self._text[begin : int(self._ends[np.searchsorted(self._words[1], begin)])]


def word_codes(words: Sequence[str]) -> Array:
    """The codes under which :meth:`Line.find` finds these words."""
    line = Line(words)
    return line.word_codes(line.starts, line.starts + np.array([len(word) for word in words], np.int64))


def read_piece(code: int, size: int) -> str:
    return "".join(chr((code >> (_BITS * step)) & ((1 << _BITS) - 1)) for step in reversed(range(size)))


class PieceTable:
    """Where each packed code stands, by open addressing: 5 times faster over a batch than a binary search."""

    def __init__(self, codes: Array) -> None:
        self._shift = np.uint64(64 - max(int(np.ceil(np.log2(4 * len(codes) + 4))), 4))
        size = 1 << (64 - int(self._shift))
        self._codes, self._at = np.full(size + len(codes) + 1, -1, np.int64), np.zeros(size + len(codes) + 1, np.int32)
        slots, left = self._slots(codes), np.arange(len(codes))
        while len(left):
            free = left[self._codes[slots[left]] == -1]
            self._codes[slots[free]] = codes[free]  # of several in one slot the last stays, the others move on
            self._at[slots[free]] = free
            left = left[self._codes[slots[left]] != codes[left]]
            slots[left] += 1

    def _slots(self, codes: Array) -> Array:
        return ((codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> self._shift).astype(np.int64)

    def find(self, codes: Array) -> tuple[Array, Array]:
        """(which of ``codes`` are known, their places)."""
        asked, slots = np.arange(len(codes)), self._slots(codes)
        which, places = [], []
        while len(asked):
            there = self._codes[slots]
            hit = there == codes[asked]
            which.append(asked[hit])
            places.append(self._at[slots[hit]])
            on = ~hit & (there != -1)
            asked, slots = asked[on], slots[on] + 1
        return np.concatenate(which or [np.zeros(0, np.int64)]), np.concatenate(places or [np.zeros(0, np.int32)])
