"""Reads times as files write them: ISO, Chinese, slashes, a.m./p.m., Excel's day numbers. Pure; guesses no order of day and month."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tongxin.kernel.errors import Invalid

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's day 0, which has no zone
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_CLOCK = r"(?:[ T]*(凌晨|早上|上午|中午|下午|晚上)? *(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2})(?:\.\d+)?秒?)?分?\s*([AaPp][Mm])?\s*(Z|[+-]\d{2}:?\d{2})?)?"
_AFTERNOON = {"下午": 12, "晚上": 12, "pm": 12, "中午": 10}  # hours below are told from noon on: 中午一点 is 13:00
_YMD = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _CLOCK + "$")
_SOLID = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})(?:[ T]?()(\d{2})(\d{2})(\d{2})()())?$")
_OTHER = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _CLOCK + "$")
FORMS = "请写成 2024-01-31 或 2024-01-31 08:30:00 的样子。"


def read_time(value: Any, zone: ZoneInfo, order: str, field: str) -> datetime | None:
    """Return an aware time, None for an empty cell.

    Args:
        value: a cell: datetime, date, Excel's day number, or text.
        zone: the zone of times that do not say theirs.
        order: ``ymd``, ``mdy`` or ``dmy`` for dates that begin with day or month.

    Raises:
        Invalid: not a time, or one before 1990.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        found = value if value.tzinfo is not None else value.replace(tzinfo=zone)
    elif isinstance(value, date):
        found = datetime.combine(value, time(), zone)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _from_serial(float(value), zone, field)
    else:
        text = str(value).strip()
        if not text:
            return None
        found = _from_text(text, zone, order, field)
    if found < EARLIEST or found.year > 2100:
        raise Invalid("impossible_time", f"时间“{found:%Y-%m-%d}”不合情理。", "请核对年份。", field)
    return found


def _from_serial(value: float, zone: ZoneInfo, field: str) -> datetime:
    if 19_000_101 <= value <= 21_001_231 and value == int(value):
        return _from_text(str(int(value)), zone, "ymd", field)
    if not 30_000 <= value < 75_000:
        raise Invalid("not_a_time", f"“{value:g}”不是时间。", FORMS, field)
    return (_EXCEL_ZERO + timedelta(seconds=round(value * 86_400))).replace(tzinfo=zone)


@lru_cache(maxsize=20_000)
def _from_text(text: str, zone: ZoneInfo, order: str, field: str) -> datetime:
    text = unicodedata.normalize("NFKC", text)
    if _SERIAL.match(text):
        return _from_serial(float(text), zone, field)
    match = _YMD.match(text) or _SOLID.match(text)
    if match is not None:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    else:
        match = _OTHER.match(text)
        if match is None:
            raise Invalid("not_a_time", f"“{text[:40]}”不是时间。", FORMS, field)
        if order == "ymd":
            raise Invalid(
                "which_order", f"“{text[:40]}”分不清哪个是月、哪个是日。", "请在对应表里写 dates: mdy（月/日/年）或 dmy（日/月/年）。", field
            )  # fmt: skip
        year, month, day = int(match[3]), int(match[1]), int(match[2])
        if order == "dmy":
            month, day = day, month
    half, hour, minute, second, noon, offset = (match[i] for i in range(4, 10))
    half = (half or noon or "").lower()
    hours = int(hour or 0)
    if half == "晚上" and not 5 <= hours < 12 and hours < 18:  # 晚上一点: of this day or the next?
        raise Invalid("which_day", f"“{text[:40]}”分不清是当天还是第二天。", "请写成 24 小时制，例如 01:30。", field)
    if half in _AFTERNOON and hours < _AFTERNOON[half]:
        hours += 12
    elif half in ("凌晨", "上午", "am") and hours == 12:
        hours = 0
    try:
        return datetime(year, month, day, hours, int(minute or 0), int(second or 0), tzinfo=_zone(offset) or zone)
    except ValueError:
        raise Invalid("not_a_time", f"“{text[:40]}”不是真实的日期或时刻。", FORMS, field) from None


def _zone(offset: str | None) -> timezone | None:
    if not offset:
        return None
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
