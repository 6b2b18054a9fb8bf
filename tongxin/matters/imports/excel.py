"""Reads Excel sheets by calamine, after a look into the archive (``kernel.workbooks``). Computes no formulas."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import python_calamine

from tongxin.kernel import limits, workbooks
from tongxin.kernel.errors import Invalid
from tongxin.kernel.ledgers import HEAD_ROWS, Heading, find_heading
from tongxin.matters.imports.readers import Row, Table, clean_heading, known_by, said_of, too_many_rows

MOST_SHEETS = 20  # looked through for a heading
MOST_MERGED = 1_000  # rows that one merged cell may stand for


def open_excel(path: Path, sheet: str | None, named: Collection[str] = ()) -> Table:
    """Open a sheet of an xlsx or xls file: the one asked for, else the first that has a heading."""
    remarks: list[str] = []
    if zipfile.is_zipfile(path):
        remarks = workbooks.inspect(path)
    elif path.open("rb").read(2) == b"PK":
        raise workbooks.broken(path)
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
        heading = find_heading(list(itertools.islice(found.iter_rows(), HEAD_ROWS)), known_by(named))
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


def _unreadable(path: Path, error: Exception) -> Invalid:
    locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
    if locked:
        return Invalid("locked_file", f"“{path.name}”有密码。", "请去掉密码再导入。", "file")
    return Invalid(
        "broken_file", f"“{path.name}”打不开，可能已损坏或不是 Excel 文件。", "请在 Excel 里打开，另存为 xlsx。", "file"
    )
