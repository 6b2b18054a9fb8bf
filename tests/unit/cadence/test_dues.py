"""Dates that come round: one a period, in the period, on working days, the same however they are asked for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.cadence.rules import DAY, dues, host_of, period_at, periods, words_of
from tongxin.kernel.worktime import WorkCalendar
from tongxin.packs.schema.cadence import Series

EVERY = ["day", "week", "month", "quarter", "half_year", "season", "year"]
NATIONAL_DAY = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 9, 20): True, date(2026, 10, 10): True}
CALENDAR = WorkCalendar(days=NATIONAL_DAY, years=frozenset({2025, 2026}))

days = st.dates(date(2004, 1, 1), date(2098, 12, 31))
spans = st.integers(0, 900)


@st.composite
def series(draw: st.DrawFn) -> Series:
    every = draw(st.sampled_from(EVERY))
    on: dict[str, int] = {}
    if every == "week":
        on = {"weekday": draw(st.integers(1, 7))}
    elif every != "day":
        most = {"month": 1, "quarter": 3, "half_year": 6, "season": 3, "year": 12}[every]
        on = {"month": draw(st.integers(1, most))}
        if draw(st.booleans()):
            on |= {"nth": draw(st.sampled_from([-1, 1, 2, 3, 4, 5])), "weekday": draw(st.integers(1, 7))}
        else:
            on |= {"day": draw(st.sampled_from([-1, 1, 15, 28, 29, 30, 31]))}
    window = draw(st.none() | st.integers(0, 20))
    return Series.model_validate(
        {
            "title": "x", "every": every, "on": on, "level": "community", "shift": draw(st.sampled_from(["next", "previous", "none"])),
            "workdays_only": every == "day" and draw(st.booleans()), "window_days": window,
            "span": draw(st.sampled_from([1, 1, 1, 2, 5])), "since": draw(days),
        }
    )  # fmt: skip


@given(st.sampled_from(EVERY), days)
def test_periods_tile_the_days(every: str, day: date) -> None:
    period = period_at(every, day)
    assert period.first <= day <= period.last
    after = period_at(every, period.last + DAY)
    assert after.number == period.number + 1
    assert after.first == period.last + DAY
    assert after.key != period.key


@given(series(), days, spans)
def test_each_period_has_its_one_day_inside_it(one: Series, start: date, length: int) -> None:
    found = dues(one, start, start + timedelta(days=length), CALENDAR)
    assert len({due.period for due in found}) == len(found)
    for due in found:
        assert due.first_on <= due.due_on <= due.last_on
        assert due.due_on <= due.closes_on
        assert one.since is not None
        assert due.last_on >= one.since
    assert [due.due_on for due in found] == sorted(due.due_on for due in found)


@given(series(), days, spans, spans)
def test_asking_in_pieces_gives_the_same(one: Series, start: date, left: int, right: int) -> None:
    middle, end = start + timedelta(days=left), start + timedelta(days=left + right)
    whole = dues(one, start, end, CALENDAR)
    pieces = {due.period: due for part in ((start, middle), (middle, end)) for due in dues(one, *part, CALENDAR)}
    assert list(pieces.values()) == whole


@given(series(), days, spans)
def test_a_shifted_day_is_a_working_day_where_the_period_has_one(one: Series, start: date, length: int) -> None:
    if one.shift == "none" or one.every == "day":
        return
    for due in dues(one, start, start + timedelta(days=length), CALENDAR):
        assert CALENDAR.is_workday(due.due_on)


@given(days, spans)
def test_a_year_that_is_not_published_is_said_to_be_a_guess(start: date, length: int) -> None:
    one = Series.model_validate({"title": "x", "every": "month", "on": {"day": 1}, "level": "community"})
    for due in dues(one, start, start + timedelta(days=length), CALENDAR):
        assert due.provisional == (due.due_on.year not in CALENDAR.years)


def due_on(day: date, **given: object) -> date:
    one = Series.model_validate({"title": "x", "level": "community", **given})
    (due,) = dues(one, day, day, CALENDAR)
    return due.due_on


@pytest.mark.parametrize(
    ("given", "day", "expected"),
    [
        ({"every": "month", "on": {"day": 1}}, date(2026, 10, 5), date(2026, 10, 8)),  # after the holidays
        ({"every": "month", "on": {"day": 1}, "shift": "previous"}, date(2026, 10, 5), date(2026, 10, 8)),  # not before the month
        ({"every": "week", "on": {"weekday": 7}}, date(2026, 9, 16), date(2026, 9, 20)),  # a made-up working Sunday
        ({"every": "week", "on": {"weekday": 7}}, date(2026, 3, 4), date(2026, 3, 6)),  # back into the week
        ({"every": "month", "on": {"nth": -1, "weekday": 5}}, date(2026, 2, 1), date(2026, 2, 27)),
        ({"every": "month", "on": {"nth": 5, "weekday": 1}}, date(2026, 2, 10), date(2026, 2, 23)),  # four Mondays only
        ({"every": "month", "on": {"day": 31}}, date(2028, 2, 2), date(2028, 2, 29)),
        ({"every": "quarter", "on": {"month": 2, "day": 15}}, date(2026, 12, 31), date(2026, 11, 16)),
        ({"every": "half_year", "on": {"month": 6, "day": -1}}, date(2026, 1, 1), date(2026, 6, 30)),
        ({"every": "season"}, date(2027, 1, 15), date(2026, 12, 1)),
        ({"every": "year", "on": {"month": 12, "day": 20}}, date(2026, 1, 1), date(2026, 12, 21)),
    ],
)  # fmt: skip
def test_days_worked_out_by_hand(given: dict[str, object], day: date, expected: date) -> None:
    assert due_on(day, **given) == expected


def test_a_five_year_action_is_one_period() -> None:
    found = list(periods("year", 5, date(2021, 3, 1), date(2024, 1, 1), date(2027, 1, 1)))
    assert [(p.key, p.first, p.last) for p in found] == [
        ("2021+5", date(2021, 1, 1), date(2025, 12, 31)), ("2026+5", date(2026, 1, 1), date(2030, 12, 31)),
    ]  # fmt: skip
    assert words_of("year", "2021+5", date(2021, 1, 1)) == "2021–2025年"


@pytest.mark.row("XN-06")
def test_four_hosts_take_turns_over_the_year() -> None:
    numbers = [period_at("month", date(2026, month, 1)).number for month in range(1, 13)]
    turns = [host_of([11, 12, 13, 14], number) for number in numbers]
    assert all(turns.count(host) == 3 for host in (11, 12, 13, 14))
    assert all(turns[i] != turns[i + 1] for i in range(11))
    assert host_of([], 5) is None


@given(st.sampled_from(EVERY), days)
def test_every_period_can_be_said(every: str, day: date) -> None:
    period = period_at(every, day)
    assert words_of(every, period.key, period.first)
