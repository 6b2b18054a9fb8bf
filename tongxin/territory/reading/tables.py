"""Excel and CSV: one place a row, its outline as WKT, as a list of points, as two lists, or not at all."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import python_calamine
import shapely
import shapely.errors

from tongxin.kernel import limits, workbooks
from tongxin.kernel.errors import Invalid
from tongxin.territory.reading.rows import RawFile, RawRow, decode, word

OUTLINE_COLUMNS = ("wkt", "边界", "geometry", "geom", "the_geom", "范围", "边界坐标", "坐标串")
LON_COLUMNS = ("经度列表", "经度串", "lons", "lon_list")
LAT_COLUMNS = ("纬度列表", "纬度串", "lats", "lat_list")
LEAST_CORNERS = 3
TITLE_ROWS = 9  # may stand above the heading
MOST_CELLS = 10_000_000  # of a sheet; all of them are held at once


def read_csv(path: Path) -> RawFile:
    """Read a CSV or tab-separated file in UTF-8, UTF-16 or GBK; the first row that is not empty names the columns."""
    text = decode(path.read_bytes())
    csv.field_size_limit(limits.IMPORT_BYTES)
    head = text[:20_000].splitlines()
    first = next((line for line in head if line.strip()), "")
    delimiter = max(",\t;|，", key=first.count)
    try:
        return from_table(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Invalid(
            "csv_broken", f"CSV 读到一半出错（{error}），多半是引号没有成对。", "请在 Excel 里另存为 CSV 再试。", "file"
        ) from error


def read_workbook(path: Path) -> RawFile:
    """Read the first sheet of a workbook that has rows."""
    if zipfile.is_zipfile(path):
        workbooks.inspect(path, MOST_CELLS)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                return from_table(rows)
    except (python_calamine.CalamineError, OSError) as error:
        raise Invalid(
            "workbook_broken", "这个文件打不开，不像是 Excel 文件。", "请用 Excel 另存为 .xlsx 再试。", "file"
        ) from error
    return RawFile((), ())


def from_table(rows: Iterable[Sequence[Any]]) -> RawFile:
    """Return rows of cells as rows of words; the outline is taken from the columns that hold it.

    Rows of one filled cell above the heading are the title of the ledger and who sent it, where any of the next rows has more.
    """
    columns: list[str] = []
    found: list[RawRow] = []
    rest = iter(rows)
    begun = [[word(cell) for cell in cells] for cells in itertools.islice(rest, TITLE_ROWS + 1)]
    titled = any(_filled(values) > 1 for values in begun)
    number = 0
    for number, cells in enumerate(itertools.chain(begun, rest), start=1):
        values = [word(cell) for cell in cells]
        if not any(values) or (titled and not columns and number <= TITLE_ROWS and _filled(values) == 1):
            continue
        if not columns:
            columns = values
            doubled = sorted({name for name in values if name and values.count(name) > 1})
            if doubled:
                raise Invalid(
                    "columns_doubled", f"表头有重复的列名：{'、'.join(doubled)[:80]}。", "请改成不同的名称。", "file"
                )
            continue
        if number > limits.IMPORT_ROWS:
            raise Invalid("file_rows", f"表格超过 {limits.IMPORT_ROWS:,} 行。", "请分开导入。", "file")
        words = {name: value for name, value in zip(columns, values, strict=False) if name}
        found.append(RawRow(number, words, _outline(words, number)))
    names = tuple(name for name in columns if name)
    return RawFile(tuple(found), names)


def _filled(values: Sequence[str]) -> int:
    return sum(map(bool, values))


def _pick(words: dict[str, str], names: Sequence[str]) -> str:
    return next((value for key, value in words.items() if key.strip().lower() in names and value), "")


def _outline(words: dict[str, str], number: int) -> Any | None:
    text = _pick(words, OUTLINE_COLUMNS)
    lons, lats = _pick(words, LON_COLUMNS), _pick(words, LAT_COLUMNS)
    try:
        if re.match(r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?POLYGON", text, re.IGNORECASE):
            return shapely.force_2d(shapely.from_wkt(text.split(";", 1)[-1]))
        if text:
            return _ring(_numbers(text)[0::2], _numbers(text)[1::2])
        if lons or lats:
            return _ring(_numbers(lons), _numbers(lats))
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise Invalid(
            "outline_broken",
            f"第 {number} 行的边界读不出来（{str(error)[:80]}）。",
            "边界写作 WKT（POLYGON((经度 纬度, …))），或“经度,纬度;经度,纬度;…”，或经度、纬度各一列。",
            "file",
        ) from error
    return None


def _numbers(text: str) -> list[float]:
    return [float(part) for part in re.split(r"[\s,，;；|、\[\]()（）]+", text) if part]


def _ring(lons: list[float], lats: list[float]) -> Any:
    if len(lons) != len(lats):
        raise ValueError(f"经度 {len(lons)} 个，纬度 {len(lats)} 个，数目不同")
    if len(lons) < LEAST_CORNERS:
        raise ValueError(f"只有 {len(lons)} 个点，围不成面")
    return shapely.Polygon(list(zip(lons, lats, strict=True)))
