"""Files of places as they come: GeoJSON, Excel and CSV, zipped Shapefile and GeoPackage. Reads only; keeps nothing.

Every reader gives :class:`~tongxin.territory.reading.rows.RawFile`: rows of plain words with an outline each, and the
coordinate system the file itself states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.territory.reading.geojson import read_geojson
from tongxin.territory.reading.rows import RawFile
from tongxin.territory.reading.tables import read_csv, read_workbook
from tongxin.territory.reading.vectors import read_vectors

_READERS = {
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".xlsx": read_workbook,
    ".xls": read_workbook,
    ".zip": read_vectors,
    ".gpkg": read_vectors,
}

_TABLES = {suffix: reader for suffix, reader in _READERS.items() if reader in (read_csv, read_workbook)}


def read_areas(path: Path, name: str = "", most_rows: int | None = None, named: Iterable[str] = ()) -> RawFile:
    """Read a file of places.

    Args:
        path: where it lies. name: what it was called, when that differs (uploads). most_rows: for whoever reads while a page waits.
        named: columns that are looked for, several in one string too; of a table the heading is told by them from the titles above it.

    Raises:
        Invalid: missing, too large, with too many rows, of an unknown kind, or unreadable; the sentence says where and what.
    """
    found = _read(path, name, _READERS, "Shapefile 请打成 zip。", named)
    if most_rows is not None and len(found.rows) > most_rows:
        raise Invalid(
            "too_many_rows", f"文件有 {len(found.rows):,} 行，页面上一次最多 {most_rows:,} 行。",
            "请分成几个文件；或请运维在服务器上用命令行导入。", "file", limit=most_rows,
        )  # fmt: skip
    return found


def read_table(path: Path, name: str = "", named: Iterable[str] = ()) -> RawFile:
    """Read an Excel or CSV file; the same limits, encodings, headings and refusals as :func:`read_areas`."""
    return _read(path, name, _TABLES, "", named)


def _read(
    path: Path, name: str, readers: Mapping[str, Callable[..., RawFile]], hint: str, named: Iterable[str]
) -> RawFile:
    shown = (name or path.name)[:80]
    reader = readers.get(Path(shown).suffix.lower())
    if reader is None:
        known = "、".join(sorted(readers))
        raise Invalid("file_kind", f"不认识文件“{shown}”的类型。", f"可用 {known}。{hint}", "file")
    if not path.is_file():
        raise Invalid("file_missing", f"找不到文件“{shown}”。", "请核对路径。", "file")
    length = path.stat().st_size
    if length > limits.IMPORT_BYTES:
        most, here = limits.IMPORT_BYTES // 2**20, length / 2**20
        raise Invalid(
            "file_too_large", f"文件有 {here:,.0f} MB，上限是 {most} MB。", "请分成几个文件再导入。", "file", limit=most
        )
    if length == 0:
        raise Invalid("file_empty", f"文件“{shown}”是空的。", "请重新导出。", "file")
    found = reader(path, named) if reader in _TABLES.values() else reader(path)
    if not found.rows:
        raise Invalid("file_no_rows", f"文件“{shown}”里没有内容行。", "请核对导出的内容。", "file")
    return found
