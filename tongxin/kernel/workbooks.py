"""A look into an Excel file before anything reads it: bombs, torn archives, and sheets that one stray cell makes enormous.

calamine lays a sheet out as a full rectangle, so one cell at the far corner costs as much as a full sheet, and where memory does not
suffice the whole process ends: the corner is found first, by reading the sheets' own text in pieces.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid

MOST_COLUMNS = 702  # A … ZZ
MOST_CELLS = 60_000_000
_CELL = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,9})["']""")
_UNCOMPUTED = re.compile(rb"<f\b[^>]*>[^<]*</f></c>|<f\b[^>]*/></c>")
_BLOCK = 1 << 20
_OVERLAP = 64


def inspect(path: Path, most_cells: int = MOST_CELLS) -> list[str]:
    """Read the archive through, in pieces and without keeping it; refuse bombs, lies, far corners and torn files.

    Args:
        most_cells: of the rectangle of one sheet, from its first cell to its last.

    Returns:
        Remarks for the person, e.g. formulas that nobody computed.
    """
    uncomputed = 0
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            said = sum(part.file_size for part in parts)
            if said > limits.EXCEL_UNPACKED_BYTES:
                raise _bomb(path, said)
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:  # of xlsb and ods no corner can be told beforehand
                raise Invalid(
                    "not_a_table",
                    f"“{path.name}”是压缩包或别的格式，不是 xlsx。",
                    "请先解压，或在 Excel 里另存为 xlsx。",
                    "file",
                )
            for part in parts:
                uncomputed += _read_part(archive, part, path, most_cells)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise broken(path) from None
    return [f"有 {uncomputed} 个公式还没有算出值，按空白处理；请在 Excel 里打开并保存一次。"] if uncomputed else []


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, most_cells: int) -> int:
    """Read one file of the archive; its own claim of size and its check sum are held by ``zipfile``."""
    is_sheet = part.filename.endswith(".xml") and not part.filename.endswith(("sharedStrings.xml", "styles.xml"))
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
            if lowest * widest > most_cells:
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


def broken(path: Path) -> Invalid:
    """The refusal of a file that is cut off or changed."""
    return Invalid("broken_file", f"“{path.name}”不完整或已损坏。", "请重新下载或重新导出。", "file")
