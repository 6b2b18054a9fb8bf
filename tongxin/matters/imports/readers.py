"""Opens a file as rows under one heading, whatever its kind: CSV, Excel, Parquet. Refuses what it is not; maps nothing.

What a file is follows from its first bytes, never from its name. A file that cannot be trusted to fit into memory is
refused before the library that reads it sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.kernel.ledgers import Heading, Known
from tongxin.kernel.workbooks import MOST_COLUMNS
from tongxin.matters.imports.mapping import guess_columns

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_OTHERS = {
    b"%PDF": "PDF 文件",
    b"\xff\xd8\xff": "照片",
    b"\x89PNG": "图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"SQLite": "数据库文件",
}
_KINDS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".parquet": "parquet"}  # fmt: skip
_NAMES = {"csv": "文本表格（CSV）", "excel": "Excel 表格", "parquet": "Parquet 文件"}


@dataclass(frozen=True)
class Row:
    """One row as the file has it; ``fault`` says why it cannot be read at all."""

    number: int  # as a person counts in the file, the heading is 1
    values: tuple[Any, ...]
    fault: Invalid | None = None


@dataclass(frozen=True)
class Table:
    """The heading and the rows, read as they are asked for. ``total`` is None where only reading tells."""

    kind: str
    columns: tuple[str, ...]
    rows: Iterator[Row]
    total: int | None = None
    remarks: list[str] = field(default_factory=list)


def open_table(
    path: Path, *, sheet: str | None = None, columns: frozenset[str] | None = None, named: Collection[str] = ()
) -> Table:
    """Open a file.

    Args:
        sheet: name of the sheet of an Excel file; otherwise the first that has a heading.
        columns: the columns that will be used, so that the others of a Parquet file are not read; None reads all.
        named: columns that are known to be in the heading; it is told by them from the titles above it.

    Raises:
        Invalid: not a table, broken, too large, or no such sheet; the sentences say what to do.
    """
    kind = kind_of(path)
    if sheet is not None and kind != "excel":
        raise Invalid("no_sheets", f"“{path.name}”是{_NAMES[kind]}，没有工作表。", "请去掉 --sheet。", "sheet")
    if kind == "csv":
        from tongxin.matters.imports import csv_file

        return csv_file.open_csv(path, named)
    if kind == "excel":
        from tongxin.matters.imports import excel

        return excel.open_excel(path, sheet, named)
    from tongxin.matters.imports import parquet

    return parquet.open_parquet(path, columns)


def kind_of(path: Path) -> str:
    """Say whether a file is ``csv``, ``excel`` or ``parquet`` by its bytes; refuse everything else."""
    if not path.is_file():
        raise Invalid("no_file", f"没有文件“{path}”。", "请检查路径。", "file")
    size = path.stat().st_size
    if size == 0:
        raise Invalid("empty_file", f"“{path.name}”是空文件。", "请重新导出。", "file")
    if size > limits.IMPORT_BYTES:
        most = limits.IMPORT_BYTES // 2**20
        raise Invalid(
            "file_too_large", f"“{path.name}”有 {size / 2**20:.0f} MB，最多 {most} MB。", "请分成几个文件。", "file"
        )
    with path.open("rb") as file:
        head = file.read(4096)
    said = _KINDS.get(path.suffix.lower())
    found = _sniff(path, head)
    if said is not None and said != found:
        raise Invalid(
            "wrong_extension",
            f"“{path.name}”的扩展名是 {path.suffix}，内容却是{_NAMES[found]}。",
            "请改正扩展名，或重新导出。",
            "file",
        )
    return found


def _sniff(path: Path, head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "excel"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_PROGRAMS):
        raise Invalid(
            "program",
            f"“{path.name}”是程序，不是表格，没有打开。",
            "请确认文件来源，上传 CSV、Excel 或 Parquet。",
            "file",
        )
    for mark, what in _OTHERS.items():
        if head.startswith(mark):
            raise Invalid("not_a_table", f"“{path.name}”是{what}，不是表格。", "请上传 CSV、Excel 或 Parquet。", "file")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if b"\x00" in head:
        raise Invalid(
            "not_a_table", f"“{path.name}”不是文本，也不是 Excel 或 Parquet。", "请重新导出为 CSV 或 xlsx。", "file"
        )
    return "csv"


def known_by(named: Collection[str]) -> Known:
    """Return how a heading of reports is told: by the columns that are known to be in it, or by usual names."""
    sought = set(named)
    return lambda words: max(len(words & sought), len(guess_columns(sorted(words))))


def said_of(heading: Heading) -> list[str]:
    """What a person should know of where the heading was found."""
    return [f"前 {heading.rows - 1} 行是表题，从第 {heading.rows} 行的表头读起。"] if heading.rows > 1 else []


def clean_heading(raw: list[Any], path: Path) -> tuple[str, ...]:
    """Return the column names, empty ones called 列N, repeats numbered; refuse a heading without names."""
    names: list[str] = []
    for index, value in enumerate(raw, 1):
        name = " ".join(str(value if value is not None else "").replace("\ufeff", "").split()) or f"列{index}"
        names.append(f"{name} ({index})" if name in names else name)
    while names and names[-1] == f"列{len(names)}":
        names.pop()
    if not names:
        raise Invalid("no_heading", f"“{path.name}”的第一行没有列名。", "第一行须是列名，请补上。", "file")
    if len(names) > MOST_COLUMNS:
        raise Invalid(
            "too_many_columns",
            f"“{path.name}”有 {len(names)} 列，最多 {MOST_COLUMNS} 列。",
            "请只导出需要的列。",
            "file",
        )
    return tuple(names)


def too_many_rows(path: Path) -> Invalid:
    """The refusal of a file with more rows than one import takes."""
    return Invalid("too_many_rows", f"“{path.name}”超过 {limits.IMPORT_ROWS:,} 行。", "请分成几个文件。", "file")
