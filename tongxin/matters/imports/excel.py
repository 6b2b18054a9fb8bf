"""Reads Excel sheets by calamine, after a look into the archive that refuses bombs. Computes no formulas.

calamine lays a sheet out as a full rectangle, so one stray cell at the far corner costs as much as a full sheet: the
corner is found first, by reading the sheets' own text in pieces.
"""

from __future__ import annotations

import itertools
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import python_calamine

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.matters.imports.readers import (
    HEAD_ROWS,
    MOST_COLUMNS,
    Heading,
    Row,
    Table,
    clean_heading,
    find_heading,
    said_of,
    too_many_rows,
)

MOST_CELLS = 60_000_000
MOST_SHEETS = 20  # looked through for a heading
MOST_MERGED = 1_000  # rows that one merged cell may stand for
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,9})"')
_UNCOMPUTED = re.compile(rb"<f\b[^>]*>[^<]*</f></c>|<f\b[^>]*/></c>")
_BLOCK = 1 << 20
_OVERLAP = 64


def open_excel(path: Path, sheet: str | None, named: Collection[str] = ()) -> Table:
    """Open a sheet of an xlsx or xls file: the one asked for, else the first that has a heading."""
    remarks: list[str] = []
    if zipfile.is_zipfile(path):
        remarks = inspect(path)
    elif path.open("rb").read(2) == b"PK":
        raise _broken(path)
    try:
        book = python_calamine.load_workbook(str(path))
    except Exception as error:  # calamine has an exception for each of its many formats
        raise _unreadable(path, error) from None
    found, heading, others = _choose(book, path, sheet, named)
    if found.height > limits.IMPORT_ROWS + heading.rows:
        raise too_many_rows(path)
    if others:
        remarks.append(f"有 {others + 1} 个工作表，读的是“{found.name}”；用 --sheet 另选。")
    columns = clean_heading(heading.names, path)
    rows = itertools.islice(_filled_down(found, heading.rows), heading.rows, None)
    total = max((found.end or (0, 0))[0] + 1 - heading.rows, 0)
    return Table("excel", columns, _rows(rows, len(columns), heading.rows), total, [*said_of(heading), *remarks])


def _choose(
    book: python_calamine.CalamineWorkbook, path: Path, sheet: str | None, named: Collection[str]
) -> tuple[python_calamine.CalamineSheet, Heading, int]:
    """Return the sheet to read, its heading, and how many others there are to choose from."""
    with_rows = [meta for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
    names = [meta.name for meta in with_rows]
    if not names:
        raise Invalid("no_sheet", f"“{path.name}”里没有工作表。", "请重新导出。", "sheet")
    if sheet is not None and sheet not in names:
        raise Invalid(
            "no_sheet", f"“{path.name}”里没有工作表“{sheet[:40]}”。", f"有：{'、'.join(names[:20])}。", "sheet"
        )
    seen = [meta.name for meta in with_rows if meta.visible == python_calamine.SheetVisibleEnum.Visible] or names
    asked = [sheet] if sheet is not None else seen[:MOST_SHEETS]
    first: tuple[python_calamine.CalamineSheet, Heading] | None = None
    for name in asked:
        try:
            found = book.get_sheet_by_name(name)
        except Exception as error:
            raise _unreadable(path, error) from None
        heading = find_heading(list(itertools.islice(found.iter_rows(), HEAD_ROWS)), named)
        if heading.sure:
            return found, heading, 0 if sheet is not None else len(names) - 1
        first = first or (found, heading)
    assert first is not None
    return *first, 0 if sheet is not None else len(names) - 1


def _filled_down(sheet: python_calamine.CalamineSheet, heading_rows: int) -> Iterator[list[Any]]:
    """The rows; a cell that was merged downwards stands in each row that it covers."""
    covered = {
        (row, left): top
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
        if top >= heading_rows
        for row in range(top + 1, min(bottom, top + MOST_MERGED) + 1)
    }
    columns = sorted({column for _, column in covered})
    last: dict[int, Any] = {}
    for index, values in enumerate(sheet.iter_rows()):
        for column in columns:
            if column >= len(values):
                continue
            if (index, column) in covered and values[column] in ("", None):
                values[column] = last.get(column, "")
            else:
                last[column] = values[column]
        yield values


def _rows(rows: Iterator[list[Any]], width: int, above: int) -> Iterator[Row]:
    for number, values in enumerate(rows, above + 1):
        if any(value not in ("", None) for value in values):
            yield Row(number, tuple((*values, *[""] * (width - len(values)))[:width]))


def inspect(path: Path) -> list[str]:
    """Read the archive through, in pieces and without keeping it; refuse bombs, lies and torn files.

    Returns:
        Remarks for the person, e.g. formulas that nobody computed.
    """
    uncomputed = 0
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise Invalid(
                    "not_a_table", f"“{path.name}”是压缩包，不是 Excel 表格。", "请先解压，或另存为 xlsx。", "file"
                )
            said = sum(part.file_size for part in parts)
            if said > limits.EXCEL_UNPACKED_BYTES:
                raise _bomb(path, said)
            for part in parts:
                uncomputed += _read_part(archive, part, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise _broken(path) from None
    return [f"有 {uncomputed} 个公式还没有算出值，按空白处理；请在 Excel 里打开并保存一次。"] if uncomputed else []


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> int:
    """Read one file of the archive; its own claim of size and its check sum are held by ``zipfile``."""
    is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
    uncomputed, tail, widest, lowest = 0, b"", 1, 1
    with archive.open(part) as file:
        while block := file.read(_BLOCK):
            if not is_sheet:
                continue
            block = tail + block
            cells = _CELL.findall(block)
            widest = max(widest, *(_column(letters) for letters in {cell[0] for cell in cells} or {b"A"}))
            lowest = max(lowest, max((int(cell[1]) for cell in cells), default=1))
            uncomputed += len(_UNCOMPUTED.findall(block))
            if widest > MOST_COLUMNS:
                raise Invalid(
                    "too_many_columns",
                    f"“{path.name}”用到了第 {widest} 列，最多 {MOST_COLUMNS} 列。",
                    "请删去右边多余的内容。",
                    "file",
                )
            if lowest * widest > MOST_CELLS:
                raise Invalid(
                    "sheet_too_large",
                    f"“{path.name}”的工作表铺开有 {lowest:,} 行 × {widest} 列。",
                    "请删去远处多余的单元格，或改用 CSV。",
                    "file",
                )
            tail = block[-_OVERLAP:]
    return uncomputed


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _bomb(path: Path, said: int) -> Invalid:
    return Invalid(
        "zip_bomb",
        f"“{path.name}”解开有 {said / 2**20:,.0f} MB，最多 {limits.EXCEL_UNPACKED_BYTES // 2**20:,} MB，没有打开。",
        "请确认文件来源；确实有这么多数据时，请改用 CSV 或 Parquet。",
        "file",
    )


def _broken(path: Path) -> Invalid:
    return Invalid("broken_file", f"“{path.name}”不完整或已损坏。", "请重新下载或重新导出。", "file")


def _unreadable(path: Path, error: Exception) -> Invalid:
    locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
    if locked:
        return Invalid("locked_file", f"“{path.name}”有密码。", "请去掉密码再导入。", "file")
    return Invalid(
        "broken_file", f"“{path.name}”打不开，可能已损坏或不是 Excel 文件。", "请在 Excel 里打开，另存为 xlsx。", "file"
    )
