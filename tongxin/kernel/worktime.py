"""Working time: natural and working minutes, hours and days over a table of days. Pure; the table itself is kept by ``packs``.

Norms §2 "Time units" (自然时, 工作时, 工作日) and D-04. A work day counts whole days: ``1 work_days`` from Monday 15:00 ends at the
close of Tuesday's work. A year whose holidays are not published is counted Monday to Friday and the answer says so.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from tongxin.kernel.clock import LOCAL

Unit = Literal["minutes", "hours", "days", "work_hours", "work_days"]
UNIT_TITLES: dict[str, str] = {
    "minutes": "分钟",
    "hours": "小时",
    "days": "天",
    "work_hours": "个工作时",
    "work_days": "个工作日",
}
_SPAN = re.compile(r"^(\d{1,5}) ?(" + "|".join(get_args(Unit)) + r")$")
_CLOCK = r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*"
_HOURS = re.compile(f"^{_CLOCK}-{_CLOCK}$")
MAX_WORK_DAYS_AHEAD = 3_660
MAX_KEPT = 20_000  # days of which something is kept


@dataclass(frozen=True)
class Span:
    """An amount of time, e.g. ``2 work_hours``."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read ``2 work_hours``; raises ValueError with the accepted units."""
        match = _SPAN.match(text.strip())
        if match is None:
            raise ValueError(
                f"{text!r} 不是时长；写作“数字 单位”，单位为 {'、'.join(get_args(Unit))}，例如 2 work_hours"
            )
        return cls(int(match[1]), match[2])  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"

    @property
    def words(self) -> str:
        """As people say it: 2个工作时."""
        return f"{self.amount}{UNIT_TITLES[self.unit]}"

    @cached_property
    def natural(self) -> timedelta | None:
        """The plain duration, or None for working units."""
        if self.unit in ("work_hours", "work_days"):
            return None
        return timedelta(**{self.unit: self.amount})


class Deadline(NamedTuple):
    """A computed moment; ``provisional`` says that it leans on a year whose holidays are not published yet."""

    at: datetime
    provisional: bool


@dataclass(frozen=True)
class WorkCalendar:
    """Opening hours of a working day and the days that differ from Monday–Friday.

    Args:
        hours: (from, to) local times of a working day, ascending, not overlapping.
        days: date → is a working day; only the days that published tables name.
        years: years whose table is published.
    """

    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))
    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    # the same for every case of a day: where a number of working days from it ends, and when people work on it
    _ends: dict[tuple[date, int], tuple[datetime, bool]] = field(default_factory=dict, compare=False, repr=False)
    _open: dict[date, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def minutes_per_day(self) -> int:
        """Working minutes of one working day."""
        return sum(_minutes(end) - _minutes(start) for start, end in self.hours)

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day; an unnamed day follows Monday–Friday."""
        known = self.days.get(day)
        return day.weekday() < 5 if known is None else known

    def add(self, start: datetime, span: Span) -> Deadline:
        """Return the moment ``span`` after ``start`` (aware); no time at all is ``start`` itself, at work or not."""
        if span.amount == 0:
            return Deadline(start, False)
        if span.natural is not None:
            return Deadline(start + span.natural, False)
        at = start.astimezone(LOCAL)
        if span.unit == "work_days":
            end, provisional = self._add_days(at, span.amount)
        else:
            end, provisional = self._add_minutes(at, timedelta(hours=span.amount))
        return Deadline(end.astimezone(start.tzinfo), provisional)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two moments; negative spans count as zero."""
        a, b = start.astimezone(LOCAL), end.astimezone(LOCAL)
        total, day = 0.0, a.date()
        while day <= b.date():
            for opens, closes in self._open_on(day):
                total += max((min(b, closes) - max(a, opens)).total_seconds(), 0.0)
            day += timedelta(days=1)
        return timedelta(seconds=total)

    def shift(self, moment: datetime, working: timedelta) -> Deadline:
        """Return ``moment`` moved later by an amount of working time (used when an approved pause ends)."""
        if working <= timedelta(0):
            return Deadline(moment, False)
        end, provisional = self._add_minutes(moment.astimezone(LOCAL), working)
        return Deadline(end.astimezone(moment.tzinfo), provisional)

    def _next_workday(self, day: date) -> date:
        for _ in range(MAX_WORK_DAYS_AHEAD):
            if self.is_workday(day):
                return day
            day += timedelta(days=1)
        raise ValueError("工作日历里连续十年没有工作日，请检查节假日表")

    def _add_days(self, at: datetime, amount: int) -> tuple[datetime, bool]:
        first = at.date()
        found = self._ends.get((first, amount))
        if found is None:
            day = first
            for _ in range(amount):
                day = self._next_workday(day + timedelta(days=1))
            found = datetime.combine(day, self.hours[-1][1], LOCAL), self._leans_on_guess(first, day)
            if len(self._ends) < MAX_KEPT:
                self._ends[first, amount] = found
        return found

    def _open_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The spans in which people work on a day; none on a day off."""
        found = self._open.get(day)
        if found is None:
            hours = self.hours if self.is_workday(day) else ()
            found = tuple(
                (datetime.combine(day, opens, LOCAL), datetime.combine(day, closes, LOCAL)) for opens, closes in hours
            )
            if len(self._open) < MAX_KEPT:
                self._open[day] = found
        return found

    def _add_minutes(self, at: datetime, left: timedelta) -> tuple[datetime, bool]:
        first, day = at.date(), at.date()
        while True:
            for opens, closes in self._open_on(day):
                if closes <= at:
                    continue
                begins = max(at, opens)
                room = closes - begins
                if left <= room:
                    return begins + left, self._leans_on_guess(first, day)
                left -= room
            day = self._next_workday(day + timedelta(days=1))

    def _leans_on_guess(self, first: date, last: date) -> bool:
        return not self.years.issuperset(range(first.year, last.year + 1))


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def parse_hours(texts: Iterable[str]) -> tuple[tuple[time, time], ...]:
    """Read ``["08:30-12:00", "14:30-17:30"]``; raises ValueError when they overlap or run backwards."""
    spans: list[tuple[time, time]] = []
    for text in texts:
        match = _HOURS.match(text)
        if match is None:
            raise ValueError(f"{text!r} 不是工作时段；写作“时:分-时:分”，例如 08:30-12:00，最晚到 23:59")
        numbers = [int(number) for number in match.groups()]
        spans.append((time(numbers[0], numbers[1]), time(numbers[2], numbers[3])))
    flat = [moment for span in spans for moment in span]
    if not spans or any(a >= b for a, b in itertools.pairwise(flat)):
        raise ValueError("工作时段须从早到晚、互不重叠，例如 08:30-12:00")
    return tuple(spans)
