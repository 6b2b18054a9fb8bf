"""Which days may be given, at every door alike: what has happened lies not ahead, what is planned not far ahead, nothing before 1900.

Not working time (``worktime``), and not the reading of times in files of other systems (``matters.imports.times``).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid

Days = Literal["past", "coming", "lasting", "any"]
DAYS = ("past", "coming", "lasting", "any")
FIRST = date(limits.EARLIEST_YEAR, 1, 1)
FORM = "请写成 2026-01-31 的样子。"


def today_of(now: datetime) -> date:
    """Return the day that the district's wall clock shows."""
    return local(now).date()


def span_of(days: str, today: date) -> tuple[date, date]:
    """Return the first and the last day that may be given."""
    last = date(today.year + (limits.LASTING_YEARS if days == "lasting" else limits.PLANNED_YEARS), 12, 31)
    return (today if days == "coming" else FIRST), (today if days == "past" else last)


def check_day(day: date, title: str, field: str, *, today: date, days: str = "any") -> date:
    """Return the day.

    Args:
        title: what people call it, said in the refusal.
        days: ``past`` for what has happened, ``coming`` for what is to be done, ``lasting`` for the end of a term (a
            certificate, a lease), ``any`` for what may be past or coming.

    Raises:
        Invalid: it lies ahead, is over, or is so far off that the year must be a slip.
    """
    first, last = span_of(days, today)
    if first <= day <= last:
        return day
    said = f"“{title}”写的是 {day:%Y-%m-%d}，"
    if day > last and days == "past":
        raise Invalid("day_ahead", f"{said}那天还没有到。", "已经做了的事，请写今天或以前的日期。", field)
    if day < first and days == "coming":
        raise Invalid("day_over", f"{said}那天已经过去。", "请写今天或以后的日期。", field)
    what = f"最早到 {first:%Y-%m-%d}" if day < first else f"最远到 {last:%Y-%m-%d}"
    raise Invalid("day_far", f"{said}太{'早' if day < first else '远'}了，{what}。", "请核对年份。", field)


def read_day(text: object, title: str, field: str, *, today: date, days: str = "any") -> date:
    """Return the day that a text of the form 2026-01-31 names, see :func:`check_day`.

    Raises:
        Invalid: not a day, or not one that may be given.
    """
    try:
        day = date.fromisoformat(str(text).strip())
    except ValueError:
        raise Invalid("date", f"“{title}”不是日期。", FORM, field) from None
    return check_day(day, title, field, today=today, days=days)


def find_day(text: object, title: str, field: str, *, today: date, days: str = "any") -> date | None:
    """Return the day of a field that may be left empty, None where it is."""
    return read_day(text, title, field, today=today, days=days) if text not in (None, "") else None


def read_loose_day(text: str, title: str, field: str, *, today: date, days: str = "any") -> date | None:
    """Return the day that a cell of a file names: also 2026/1/31, 2026.1.31 and with a time behind it; None for an empty one."""
    parts = text.strip().replace("/", "-").replace(".", "-")[:10].split(" ")[0].split("-")
    if parts == [""]:
        return None
    year, month, day = parts if len(parts) == 3 else ("", "", "")
    return read_day(f"{year:0>4}-{month:0>2}-{day:0>2}", title, field, today=today, days=days)
