"""Ledgers as people keep them: the heading below titles and notes, and of text files the encoding and the mark between the cells.

For every reader of tables alike, Excel or text; what the columns mean is the reader's own.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEAD_ROWS = 10  # titles and notes stand above the heading of many a ledger, but not more rows than these
MARKS = ",\t;|，"
_NAME_CHARS = 20  # of a column; what is longer is a text
_SURE = 2
_BLOCK = 1 << 20
# two Chinese characters or more as UTF-8 writes them
UTF8_WORDS = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")

Known = Callable[[set[str]], int]  # how many of these names are columns that the reader looks for


@dataclass(frozen=True)
class Heading:
    """The heading among the first rows: its names, how many rows it and what stands above it take, and how many names are usual ones."""

    names: list[Any]
    rows: int
    known: int = 0

    @property
    def sure(self) -> bool:
        """Whether it was told by its names."""
        return self.known >= _SURE


def find_heading(first: Sequence[Sequence[Any]], known: Known) -> Heading:
    """Return the heading of a ledger whose first rows these are: titles and notes may stand above it, and it may take two rows.

    It is the row, or two rows laid over each other, that has most of the columns looked for; where none has two of them, the first row
    of more than one cell, else the first that is not empty.
    """
    filled = [sum(value not in ("", None) for value in row) for row in first]
    begun = next((number for number, cells in enumerate(filled, 1) if cells > 1), 0)
    begun = begun or next((number for number, cells in enumerate(filled, 1) if cells), 1)
    best, most = Heading(list(first[begun - 1]) if first else [], begun), _SURE - 1
    alone = [(list(row), number) for number, row in enumerate(first, 1)]
    doubled = [(_laid_over(row, first[number]), number + 1) for number, row in enumerate(first[:-1], 1)]
    for names, rows in (*alone, *doubled):
        found = known(_words(names))
        if found > most:
            most, best = found, Heading(names, rows, found)
    return best


def _words(row: Sequence[Any]) -> set[str]:
    names = {" ".join(value.split()) for value in row if isinstance(value, str)}
    return {name for name in names if name and len(name) <= _NAME_CHARS}


def _laid_over(upper: Sequence[Any], lower: Sequence[Any]) -> list[Any]:
    """诉求 over 标题 and 内容, in merged cells: the lower name where there is one."""
    wide = max(len(upper), len(lower))
    both = zip((*upper, *[""] * (wide - len(upper))), (*lower, *[""] * (wide - len(lower))), strict=True)
    return [below if below not in ("", None) else above for above, below in both]


def separator_of(first: Sequence[str], known: Known) -> str:
    """Return the mark between the cells of a text file whose first lines these are.

    The one under which the heading has most of the columns looked for; where none has, under which most lines have as many cells.
    """

    def fits(mark: str) -> tuple[int, int]:
        rows = list(_parsed(first, mark))
        heading = find_heading(rows[:HEAD_ROWS], known)
        wide = len(heading.names)
        return heading.known, sum(len(row) == wide for row in rows) if wide > 1 else 0

    return max(MARKS, key=fits)


def _parsed(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    with contextlib.suppress(csv.Error):  # what cannot be read is told when it is read
        yield from csv.reader(lines, delimiter=mark)


def encoding_of(path: Path) -> tuple[str, bool]:
    """Return the encoding of a file and whether some of its lines have another (one pass, two where it is not UTF-8)."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if _decodes(path, "utf-8"):
        return "utf-8", False
    utf8 = gbk = 0
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            if UTF8_WORDS.search(line) and decodes(line, "utf-8"):
                utf8 += 1
            else:
                gbk += 1
    main = "utf-8" if utf8 >= gbk else "gb18030"
    return main, bool(utf8) or not _decodes(path, main)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
    return True


def decodes(line: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """Read the lines of a text file, without a byte order mark."""
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        yield from file
