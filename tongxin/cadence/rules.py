"""When something that comes round is due: periods, the day in each, working days, hosts in turn. Pure; no clock, no database."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from tongxin.kernel.worktime import WorkCalendar

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "season": 3, "year": 12}
# how far ahead dates are made: the running period and at least the next one
AHEAD_DAYS = {"day": 7, "week": 21, "month": 62, "quarter": 100, "half_year": 190, "season": 100, "year": 370}
SEASONS = ("春", "夏", "秋", "冬")
WEEKDAYS = "一二三四五六日"


class OnLike(Protocol):
    """The day in a period, as the pack says it."""

    @property
    def weekday(self) -> int | None: ...
    @property
    def nth(self) -> int | None: ...
    @property
    def month(self) -> int | None: ...
    @property
    def day(self) -> int | None: ...


class SeriesLike(Protocol):
    """What is read of a series of the pack."""

    @property
    def every(self) -> str: ...
    @property
    def span(self) -> int: ...
    @property
    def since(self) -> date | None: ...
    @property
    def on(self) -> OnLike: ...
    @property
    def shift(self) -> str: ...
    @property
    def workdays_only(self) -> bool: ...
    @property
    def window_days(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days; ``number`` counts periods of its kind, one after the other."""

    key: str
    number: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Due:
    """One time of a series. ``provisional``: the day leans on a year whose holidays are not published."""

    period: str
    number: int
    first_on: date
    last_on: date
    due_on: date
    closes_on: date
    provisional: bool


def period_at(every: str, day: date) -> Period:
    """Return the period of that kind in which the day lies. Seasons begin with March, June, September and December."""
    if every == "day":
        return Period(day.isoformat(), day.toordinal(), day, day)
    if every == "week":
        first = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return Period(f"{year}-W{week:02d}", first.toordinal() // 7, first, first + timedelta(days=6))
    length = MONTHS[every]
    shifted = 2 if every == "season" else 0  # March is month 0 of the first season
    index = day.year * 12 + day.month - 1 - shifted
    number = index // length
    start = number * length + shifted
    first = date(start // 12, start % 12 + 1, 1)
    end = start + length - 1
    last = date(end // 12, end % 12 + 1, months.monthrange(end // 12, end % 12 + 1)[1])
    keys = {
        "month": f"{first:%Y-%m}", "quarter": f"{first.year}-Q{(first.month + 2) // 3}", "half_year": f"{first.year}-H{1 if first.month == 1 else 2}",
        "season": f"{first.year}-S{first.month // 3}", "year": f"{first.year}",
    }  # fmt: skip
    return Period(keys[every], number, first, last)


def periods(every: str, span: int, since: date | None, start: date, until: date) -> Iterator[Period]:
    """Yield in order the periods, each of ``span`` of their kind counted from ``since``, that touch the days from start to until."""
    if since is not None and start < since:
        start = since
    if start > until:
        return
    anchor = period_at(every, since).number if since is not None else 0
    one = period_at(every, start)
    if span > 1:
        first_number = anchor + (one.number - anchor) // span * span
        while one.number > first_number:
            one = period_at(every, one.first - DAY)
    while one.first <= until:
        last = one
        for _ in range(span - 1):
            last = period_at(every, last.last + DAY)
        key = one.key if span == 1 else f"{one.key}+{span}"
        yield Period(key, (one.number - anchor) // span if span > 1 else one.number, one.first, last.last)
        one = period_at(every, last.last + DAY)


def day_in(every: str, on: OnLike, period: Period) -> date:
    """Return the day of a period that the pack means, before working days are looked at; it always lies in the period."""
    if every == "day":
        return period.first
    if every == "week":
        return period.first + timedelta(days=(on.weekday or 1) - 1)
    index = period.first.year * 12 + period.first.month - 1 + (on.month or 1) - 1
    first = date(index // 12, index % 12 + 1, 1)
    last = date(first.year, first.month, months.monthrange(first.year, first.month)[1])
    if on.nth is not None:
        weekday = (on.weekday or 1) - 1
        if on.nth < 0:
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
        else:
            day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (on.nth - 1))
            if day > last:
                day -= 7 * DAY  # a fifth one that this month does not have is its last
    elif on.day is not None:
        day = last if on.day < 0 else min(first + timedelta(days=on.day - 1), last)
    else:
        day = first
    return min(max(day, period.first), period.last)


def shifted(day: date, period: Period, shift: str, calendar: WorkCalendar) -> date:
    """Return the working day of the period that stands for ``day``: the next, else the one before; the day itself where none is."""
    if shift == "none" or calendar.is_workday(day):
        return day
    later = _first(day, period.last, DAY, calendar)
    earlier = _first(day, period.first, -DAY, calendar)
    pair = (later, earlier) if shift == "next" else (earlier, later)
    return next((found for found in pair if found is not None), day)


def _first(day: date, end: date, step: timedelta, calendar: WorkCalendar) -> date | None:
    for _ in range(40):  # longer than any holiday
        if day == end:
            return None
        day += step
        if calendar.is_workday(day):
            return day
    return None


def dues(series: SeriesLike, start: date, until: date, calendar: WorkCalendar) -> list[Due]:
    """Return the times of a series whose period touches the days from start to until, in order.

    What a period gives does not depend on the days asked for: asking twice, or in pieces, gives the same (idempotent).
    """
    found = []
    for period in periods(series.every, series.span, series.since, start, until):
        if series.every == "day" and series.workdays_only and not calendar.is_workday(period.first):
            continue
        day = day_in(series.every, series.on, period)
        if series.every != "day":
            day = shifted(day, period, series.shift, calendar)
        closes = period.last if series.window_days is None else day + timedelta(days=series.window_days)
        guessed = series.every != "day" and series.shift != "none" and day.year not in calendar.years
        if series.workdays_only:
            guessed = day.year not in calendar.years
        found.append(Due(period.key, period.number, period.first, period.last, day, closes, guessed))
    return found


def host_of(hosts: Sequence[int], number: int) -> int | None:
    """Return whose turn it is: hosts in their order, one a period (XN-06)."""
    return hosts[number % len(hosts)] if hosts else None


def words_of(every: str, period: str, first: date, seasons: Sequence[str] = ()) -> str:
    """Return a period as people say it."""
    match every:
        case "day":
            return f"{first.month}月{first.day}日（周{WEEKDAYS[first.weekday()]}）"
        case "week":
            return f"{period[:4]}年第{int(period[6:8])}周"
        case "month":
            return f"{first.year}年{first.month}月"
        case "quarter":
            return f"{first.year}年第{'一二三四'[(first.month - 1) // 3]}季度"
        case "half_year":
            return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
        case "season":
            return f"{first.year}年{(seasons or SEASONS)[first.month // 3 - 1]}"
    if "+" in period:
        return f"{first.year}–{first.year + int(period.partition('+')[2]) - 1}年"
    return f"{first.year}年"
