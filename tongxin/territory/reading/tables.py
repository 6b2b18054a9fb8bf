"""Excel and CSV: one place a row, its outline as WKT, as a list of points, as two lists, or not at all."""

from __future__ import annotations

import csv
import itertools
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import python_calamine
import shapely
import shapely.errors

from tongxin.kernel import ledgers, limits, workbooks
from tongxin.kernel.errors import Invalid
from tongxin.territory.reading.rows import LAT, LON, RawFile, RawRow, word

OUTLINE_COLUMNS = ("wkt", "边界", "geometry", "geom", "the_geom", "范围", "边界坐标", "坐标串")
LON_COLUMNS = ("经度列表", "经度串", "lons", "lon_list")
LAT_COLUMNS = ("纬度列表", "纬度串", "lats", "lat_list")
LEAST_CORNERS = 3
_ALWAYS = (*OUTLINE_COLUMNS, *LON_COLUMNS, *LAT_COLUMNS, LON, LAT)
MOST_CELLS = 10_000_000  # of a sheet; all of them are held at once


def read_csv(path: Path, named: Iterable[str] = ()) -> RawFile:
    """Read a CSV or tab-separated file in UTF-8, UTF-16 or GBK (see ``kernel.ledgers``).

    Raises:
        Invalid: several encodings in one file, quotes that are not closed, doubled columns, too many rows.
    """
    encoding, mixed = ledgers.encoding_of(path)
    if mixed:
        raise Invalid(
            "file_encoding", "文件的文字编码不是 UTF-8、UTF-16 或 GBK，或者几种混在一起。", "请另存为 UTF-8 再导入。", "file"
        )  # fmt: skip
    csv.field_size_limit(limits.IMPORT_BYTES)
    lines, known = ledgers.lines_of(path, encoding), _known_by(named)
    try:
        begun = list(itertools.islice(lines, ledgers.HEAD_ROWS))
        mark = ledgers.separator_of(begun, known)
        return from_table(csv.reader(itertools.chain(begun, lines), delimiter=mark, strict=True), named)
    except UnicodeError:
        raise Invalid("file_encoding", "文件的文字不完整。", "请重新导出，或另存为 UTF-8 再导入。", "file") from None
    except csv.Error as error:
        raise Invalid(
            "csv_broken", f"CSV 读到一半出错（{error}），多半是引号没有成对。", "请在 Excel 里另存为 CSV 再试。", "file"
        ) from error


def read_workbook(path: Path, named: Iterable[str] = ()) -> RawFile:
    """Read the first sheet of a workbook that has rows."""
    if zipfile.is_zipfile(path):
        workbooks.inspect(path, MOST_CELLS)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                return from_table(rows, named)
    except (python_calamine.CalamineError, OSError) as error:
        raise Invalid(
            "workbook_broken", "这个文件打不开，不像是 Excel 文件。", "请用 Excel 另存为 .xlsx 再试。", "file"
        ) from error
    return RawFile((), ())


def from_table(rows: Iterable[Sequence[Any]], named: Iterable[str] = ()) -> RawFile:
    """Return rows of cells as rows of words, below the heading; the outline is taken from the columns that hold it.

    Args:
        named: columns that are looked for, several in one string too; the heading is told by them from the titles above it.
    """
    found: list[RawRow] = []
    rest = iter(rows)
    begun = [[word(cell) for cell in cells] for cells in itertools.islice(rest, ledgers.HEAD_ROWS)]
    heading = ledgers.find_heading(begun, _known_by(named))
    columns = [str(name) for name in heading.names]
    doubled = sorted({name for name in columns if name and columns.count(name) > 1})
    if doubled:
        raise Invalid("columns_doubled", f"表头有重复的列名：{'、'.join(doubled)[:80]}。", "请改成不同的名称。", "file")
    for number, cells in enumerate(itertools.chain(begun, rest), start=1):
        values = [word(cell) for cell in cells]
        if number <= heading.rows or not any(values):
            continue
        if number > limits.IMPORT_ROWS:
            raise Invalid("file_rows", f"表格超过 {limits.IMPORT_ROWS:,} 行。", "请分开导入。", "file")
        words = {name: value for name, value in zip(columns, values, strict=False) if name}
        found.append(RawRow(number, words, _outline(words, number)))
    names = tuple(name for name in columns if name)
    return RawFile(tuple(found), names)


def _known_by(named: Iterable[str]) -> ledgers.Known:
    sought = {name.lower() for text in (*named, *_ALWAYS) for name in text.split()}
    return lambda words: len({name.lower() for name in words} & sought)


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
