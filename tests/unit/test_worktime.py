"""Working time: holidays, make-up days, years nobody has published, and that adding and counting agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongxin.kernel.clock import LOCAL
from tongxin.kernel.worktime import Span, WorkCalendar, parse_hours

DAYS = dict.fromkeys(chinese_calendar.constants.holidays, False) | dict.fromkeys(
    chinese_calendar.constants.workdays, True
)
CALENDAR = WorkCalendar(days=DAYS, years=frozenset(range(2004, 2027)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-02 09:00", "2 work_hours", "2026-03-02 11:00"),
        ("2026-03-02 11:00", "2 work_hours", "2026-03-02 15:30"),
        ("2026-03-02 11:00", "1 work_hours", "2026-03-02 12:00"),
        ("2026-03-02 17:00", "1 work_hours", "2026-03-03 09:00"),
        ("2026-03-06 17:00", "2 work_hours", "2026-03-09 10:00"),
        ("2026-03-07 10:00", "1 work_hours", "2026-03-09 09:30"),
        ("2026-03-02 06:00", "1 work_hours", "2026-03-02 09:30"),
        ("2026-03-02 23:00", "7 work_hours", "2026-03-04 09:00"),
        ("2026-03-02 15:00", "1 work_days", "2026-03-03 17:30"),
        ("2026-03-06 15:00", "5 work_days", "2026-03-13 17:30"),
        ("2026-03-07 15:00", "1 work_days", "2026-03-09 17:30"),
        ("2026-03-02 22:00", "90 minutes", "2026-03-02 23:30"),
        ("2026-03-06 15:00", "24 hours", "2026-03-07 15:00"),
        ("2026-03-06 15:00", "7 days", "2026-03-13 15:00"),
        # 2026: national day from 1 to 7 October, Saturday 10 October is worked
        ("2026-09-30 16:30", "2 work_hours", "2026-10-08 09:30"),
        ("2026-10-09 17:00", "2 work_hours", "2026-10-10 10:00"),
        ("2026-09-30 10:00", "3 work_days", "2026-10-10 17:30"),
        ("2026-03-02 20:00", "0 work_days", "2026-03-02 20:00"),
        ("2026-03-07 20:00", "0 work_hours", "2026-03-07 20:00"),
    ],
)
def test_the_end_of_a_span(start: str, span: str, end: str) -> None:
    calendar = WorkCalendar(hours=parse_hours(["08:30-12:00", "14:30-17:30"]), days=DAYS, years=CALENDAR.years)
    deadline = calendar.add(at(start), Span.parse(span))
    assert deadline.at == at(end)
    assert not deadline.provisional


def test_a_year_that_is_not_published_is_marked_only_where_working_time_leans_on_it() -> None:
    eve = at("2026-12-31 15:00")
    assert CALENDAR.add(eve, Span.parse("1 work_days")).provisional
    assert not CALENDAR.add(eve, Span.parse("1 work_hours")).provisional
    assert not CALENDAR.add(eve, Span.parse("30 days")).provisional


def test_the_answer_keeps_the_zone_of_the_question() -> None:
    deadline = CALENDAR.add(datetime(2026, 3, 2, 1, 0, tzinfo=UTC), Span.parse("2 work_hours"))
    assert deadline.at == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    assert deadline.at.tzinfo is UTC


def test_a_table_without_working_days_is_refused_and_not_searched_for_ever() -> None:
    never = WorkCalendar(days={date(2020, 1, 1) + timedelta(days=n): False for n in range(20_000)})
    with pytest.raises(ValueError, match="连续十年没有工作日"):
        never.add(at("2026-03-02 09:00"), Span.parse("1 work_days"))


@pytest.mark.parametrize(
    "text", ["", "2", "work_hours", "-1 hours", "2 weeks", "1.5 hours", "999999 days", "2  hours", "二 hours"]
)
def test_what_is_no_span_is_refused_with_the_units(text: str) -> None:
    with pytest.raises(ValueError, match="work_days"):
        Span.parse(text)


def test_spans_are_written_as_read_and_said_as_people_say() -> None:
    assert str(Span.parse("2 work_hours")) == "2 work_hours"
    assert (Span.parse("2work_hours").words, Span.parse("5 work_days").words) == ("2个工作时", "5个工作日")
    assert Span.parse("2 work_hours").natural is None
    assert Span.parse("3 days").natural == timedelta(days=3)


def test_hours_are_read_strictly() -> None:
    assert parse_hours(["8:30-12:00", " 14:30 - 17:30 "]) == ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))
    for wrong in (
        [],
        ["9"],
        ["09:00"],
        ["24:00-25:00"],
        ["9-10"],
        ["12:00-08:00"],
        ["08:00-12:00", "11:00-13:00"],
        ["08:00-08:00"],
        [""],
    ):
        with pytest.raises(ValueError, match=r"[一-鿿]"):
            parse_hours(wrong)


def _hours(minutes: list[int]) -> tuple[tuple[time, time], ...]:
    ordered = [time(*divmod(minute, 60)) for minute in sorted(minutes)]
    return tuple(zip(ordered[::2], ordered[1::2], strict=False))


moments = st.datetimes(
    datetime(2006, 1, 1),  # noqa: DTZ001 the strategy wants plain bounds
    datetime(2026, 6, 1),  # noqa: DTZ001
    timezones=st.just(LOCAL),
)
hours = st.lists(st.integers(0, 23 * 60 + 59), min_size=2, max_size=6, unique=True).map(_hours)


@given(moments, st.integers(0, 60), hours)
def test_what_is_added_is_what_has_passed(start: datetime, amount: int, table: tuple[tuple[time, time], ...]) -> None:
    calendar = WorkCalendar(hours=table, days=DAYS, years=CALENDAR.years)
    assume(calendar.minutes_per_day >= 30)
    end = calendar.add(start, Span(amount, "work_hours")).at
    assert calendar.elapsed(start, end) == timedelta(hours=amount)


@given(moments, st.integers(0, 40), st.integers(0, 40))
def test_adding_in_two_goes_is_adding_at_once(start: datetime, first: int, second: int) -> None:
    whole = CALENDAR.add(start, Span(first + second, "work_hours")).at
    middle = CALENDAR.add(start, Span(first, "work_hours")).at
    assert CALENDAR.add(middle, Span(second, "work_hours")).at == whole
    assert CALENDAR.shift(middle, timedelta(hours=second)).at == whole


@given(moments, st.timedeltas(timedelta(0), timedelta(days=60)), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_working_time_adds_up_and_never_runs_backwards(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    assert CALENDAR.elapsed(start, middle) + CALENDAR.elapsed(middle, end) == CALENDAR.elapsed(start, end)
    assert CALENDAR.elapsed(end, start) == timedelta(0)
    assert CALENDAR.elapsed(start, end) <= end - start


@given(moments, st.integers(0, 30))
def test_work_days_are_counted_from_the_next_one(start: datetime, amount: int) -> None:
    end = CALENDAR.add(start, Span(amount, "work_days")).at
    between = [start.date() + timedelta(days=n) for n in range(1, (end.date() - start.date()).days + 1)]
    assert sum(CALENDAR.is_workday(day) for day in between) == amount
    assert amount == 0 or (CALENDAR.is_workday(end.date()) and end.timetz() == time(17, 30, tzinfo=LOCAL))
