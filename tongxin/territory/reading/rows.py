"""The one form in which rows of any file arrive, and how bytes become text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tongxin.kernel.errors import Invalid

LON = "经度 lon lng longitude x 经度wgs84 wgs84_lon"  # usual names of columns
LAT = "纬度 lat latitude y 纬度wgs84 wgs84_lat"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row: its number in the file from 1, its words by column, its outline in the file's own coordinates."""

    number: int
    words: dict[str, str]
    outline: Any | None


@dataclass(frozen=True, slots=True)
class RawFile:
    """What a file says. ``system``: the coordinate system it states, empty when it states none; ``notes``: what is odd about it."""

    rows: tuple[RawRow, ...]
    columns: tuple[str, ...]
    system: str = ""
    notes: tuple[str, ...] = ()


def decode(data: bytes) -> str:
    """Return text of bytes in UTF-8, UTF-16 with its mark, or GB18030 (GBK, GB2312), as Excel and GIS tools write them.

    Raises:
        Invalid: none of them.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("file_encoding", "文件的文字编码不是 UTF-8、UTF-16 或 GBK。", "请另存为 UTF-8 再导入。", "file")


def word(value: Any) -> str:
    """Return a cell as a word: whole numbers without ``.0``, so that codes stay codes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()
