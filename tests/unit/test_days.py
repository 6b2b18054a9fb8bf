"""Which days may be given: what has happened, what is planned, what may be either."""

from __future__ import annotations

from datetime import date

import pytest

from tongxin.kernel.days import find_day, read_day, read_loose_day, span_of
from tongxin.kernel.errors import Invalid

TODAY = date(2026, 3, 2)

REFUSED = [
    ("2026-03-03", "past", "day_ahead", "今天或以前"),
    ("9999-12-31", "past", "day_ahead", "今天或以前"),
    ("2026-03-01", "coming", "day_over", "今天或以后"),
    ("2037-01-01", "coming", "day_far", "最远到 2036-12-31"),
    ("9999-12-31", "any", "day_far", "最远到 2036-12-31"),
    ("1899-12-31", "any", "day_far", "最早到 1900-01-01"),
    ("0001-01-01", "past", "day_far", "请核对年份"),
    ("2026-02-31", "any", "date", "请写成 2026-01-31 的样子"),
    ("明天", "any", "date", "请写成 2026-01-31 的样子"),
]


@pytest.mark.parametrize(("text", "days", "code", "words"), REFUSED)
def test_a_day_that_cannot_be_meant_is_refused_with_the_mend(text: str, days: str, code: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_day(text, "哪天", "on", today=TODAY, days=days)
    assert (refused.value.code, refused.value.field) == (code, "on")
    assert words in refused.value.sentence
    assert "哪天" in refused.value.what


def test_the_bounds_themselves_may_be_given() -> None:
    for days in ("past", "coming", "any"):
        for day in span_of(days, TODAY):
            assert read_day(day.isoformat(), "哪天", "on", today=TODAY, days=days) == day
    assert find_day("", "哪天", "on", today=TODAY) is None
    assert find_day(None, "哪天", "on", today=TODAY) is None


@pytest.mark.parametrize("text", ["2026/3/1", "2026.3.1", "2026-03-01", " 2026-3-1 08:00:00", "2026/3/1 0:00"])
def test_cells_are_written_in_several_ways(text: str) -> None:
    assert read_loose_day(text, "自", "", today=TODAY) == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["2026", "3/1", "2026/13/1", "2026-3-1-1", "99999/1/1", "一月"])
def test_a_cell_that_names_no_day_is_told(text: str) -> None:
    with pytest.raises(Invalid, match="不是日期"):
        read_loose_day(text, "自", "", today=TODAY)
