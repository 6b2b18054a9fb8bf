"""Reads CSV as people export it: UTF-8 with or without BOM, GBK, UTF-16; comma, tab or semicolon. Guesses no single row."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.matters.imports.readers import HEAD_ROWS, Row, Table, clean_heading, find_heading, said_of, too_many_rows

_TITLES = {"utf-8": "UTF-8", "gb18030": "GBK"}
# two Chinese characters or more as UTF-8 writes them
_UTF8_WORDS = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")
_BAD = "\ufffe"  # stands for a line of another encoding; never in real text


def open_csv(path: Path, named: Collection[str] = ()) -> Table:
    """Open a CSV file; rows of another encoding than the rest come with a fault."""
    csv.field_size_limit(16 * 2**20)
    encoding, mixed = encoding_of(path)
    lines = _mixed_lines(path, encoding) if mixed else _lines(path, encoding)
    begun = list(itertools.islice(lines, HEAD_ROWS))
    heading_like = next((line for line in begun if any(mark in line for mark in ",\t;")), "")
    delimiter = max(",\t;", key=heading_like.count)
    rows = _numbered(csv.reader(itertools.chain(begun, lines), delimiter=delimiter))
    first = list(itertools.islice(rows, HEAD_ROWS))
    heading = find_heading([values if isinstance(values, list) else [] for _, values in first], named)
    columns = clean_heading(heading.names, path)
    remarks = said_of(heading)
    remarks += [f"文件主要是 {_TITLES.get(encoding, encoding)} 编码，夹有其他编码的行。"] if mixed else []
    rows = itertools.chain(first[heading.rows :], rows)
    return Table("csv", columns, _rows(rows, columns, path, encoding), _guess_rows(path), remarks)


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
            if _UTF8_WORDS.search(line) and _valid(line, "utf-8"):
                utf8 += 1
            else:
                gbk += 1
    main = "utf-8" if utf8 >= gbk else "gb18030"
    return main, bool(utf8) or not _decodes(path, main)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
    return True


def _valid(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        yield from file


def _mixed_lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                yield line.decode()
            elif encoding == "utf-8":
                text = line.removeprefix(codecs.BOM_UTF8)
                yield (
                    text.decode()
                    if _valid(text, "utf-8")
                    else text.decode("utf-8", "ignore").rstrip("\r\n") + f"{_BAD}\n"
                )
            elif not _valid(line, encoding) or (_UTF8_WORDS.search(line) and _valid(line, "utf-8")):
                yield line.decode(encoding, "ignore").rstrip("\r\n") + f"{_BAD}\n"
            else:
                yield line.decode(encoding)


def _numbered(reader: Any) -> Iterator[tuple[int, list[str] | Invalid]]:
    """Each row with the line at which it begins, or why it cannot be read."""
    while True:
        began = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield began, Invalid("bad_csv", f"这一行读不出来（{error}）。", "请检查引号是否成对。")
            continue
        if values is None:
            return
        yield began, values


def _rows(
    rows: Iterator[tuple[int, list[str] | Invalid]], columns: tuple[str, ...], path: Path, encoding: str
) -> Iterator[Row]:
    count = 0
    for number, values in rows:
        if isinstance(values, Invalid):
            yield Row(number, (), values)
            continue
        if not any(values):
            continue
        count += 1
        if count > limits.IMPORT_ROWS:
            raise too_many_rows(path)
        yield _row(number, values, len(columns), encoding)


def _row(number: int, values: list[str], width: int, encoding: str) -> Row:
    if any(_BAD in value for value in values):
        other = "GBK" if encoding == "utf-8" else "UTF-8"
        title = _TITLES.get(encoding, encoding)
        return Row(
            number, (), Invalid("mixed_encoding", f"这一行不是 {title} 编码，与文件其余部分不同。", f"可能是 {other}；请统一另存为 UTF-8。")
        )  # fmt: skip
    if len(values) > width and any(values[width:]):
        return Row(
            number,
            (),
            Invalid(
                "row_width", f"这一行有 {len(values)} 列，表头只有 {width} 列。", "内容里有逗号时，请用引号括起来。"
            ),
        )
    if len(values) < width:
        return Row(
            number,
            (),
            Invalid("row_width", f"这一行只有 {len(values)} 列，表头有 {width} 列。", "文件可能不完整，请重新导出。"),
        )
    return Row(number, tuple(values[:width]))


def _guess_rows(path: Path) -> int | None:
    """Rows as the line ends tell; a file with line ends inside its texts has fewer."""
    count = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
    return count or None
