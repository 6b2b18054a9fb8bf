"""Reads CSV as people export it: UTF-8 with or without BOM, GBK, UTF-16; comma, tab, semicolon or bar. Guesses no single row."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.kernel.ledgers import (
    HEAD_ROWS,
    UTF8_WORDS,
    decodes,
    encoding_of,
    find_heading,
    lines_of,
    separator_of,
)
from tongxin.matters.imports.readers import Row, Table, clean_heading, known_by, said_of, too_many_rows

_TITLES = {"utf-8": "UTF-8", "gb18030": "GBK"}
_BAD = "\ufffe"  # stands for a line of another encoding; never in real text


def open_csv(path: Path, named: Collection[str] = ()) -> Table:
    """Open a CSV file; rows of another encoding than the rest come with a fault."""
    csv.field_size_limit(16 * 2**20)
    encoding, mixed = encoding_of(path)
    lines = _mixed_lines(path, encoding) if mixed else lines_of(path, encoding)
    begun, known = list(itertools.islice(lines, HEAD_ROWS)), known_by(named)
    delimiter = separator_of(begun, known)
    rows = _numbered(csv.reader(itertools.chain(begun, lines), delimiter=delimiter))
    first = list(itertools.islice(rows, HEAD_ROWS))
    heading = find_heading([values if isinstance(values, list) else [] for _, values in first], known)
    columns = clean_heading(heading.names, path)
    remarks = said_of(heading)
    remarks += [f"文件主要是 {_TITLES.get(encoding, encoding)} 编码，夹有其他编码的行。"] if mixed else []
    rows = itertools.chain(first[heading.rows :], rows)
    return Table("csv", columns, _rows(rows, columns, path, encoding), _guess_rows(path), remarks)


def _mixed_lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                yield line.decode()
            elif encoding == "utf-8":
                text = line.removeprefix(codecs.BOM_UTF8)
                yield (
                    text.decode()
                    if decodes(text, "utf-8")
                    else text.decode("utf-8", "ignore").rstrip("\r\n") + f"{_BAD}\n"
                )
            elif not decodes(line, encoding) or (UTF8_WORDS.search(line) and decodes(line, "utf-8")):
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
