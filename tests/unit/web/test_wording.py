"""Times and numbers as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from tongxin.kernel.clock import LOCAL
from tongxin.web import wording

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=LOCAL)  # a Wednesday


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (at(3, 4, 16, 30), "今天 16:30 前"),
        (at(3, 5, 9), "明天 09:00 前"),
        (at(3, 6, 9), "后天 09:00 前"),
        (at(3, 7, 9), "周六 09:00 前"),
        (at(3, 9, 9), "3月9日 09:00 前"),
        (at(1, 2, 9, year=2027), "2027年1月2日 09:00 前"),
        (at(3, 4, 9, 59), "已超时 1 分钟"),
        (NOW - timedelta(seconds=20), "已超时 不到 1 分钟"),
        (at(3, 4, 8), "已超时 2 小时"),
        (at(3, 1, 8), "已超时 3 天"),
    ],
)
def test_deadlines(due: datetime, words: str) -> None:
    assert wording.say_due(due, NOW) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "刚刚"),
        (NOW - timedelta(minutes=12), "12 分钟前"),
        (at(3, 4, 8, 5), "今天 08:05"),
        (at(3, 3, 23, 59), "昨天 23:59"),
        (at(3, 2, 8), "前天 08:00"),
        (at(2, 27, 8), "2月27日 08:00"),
        (at(12, 31, 8, year=2025), "2025年12月31日 08:00"),
        (NOW + timedelta(minutes=5), "今天 10:05"),
    ],
)
def test_moments(moment: datetime, words: str) -> None:
    assert wording.say_when(moment, NOW) == words


def test_an_english_reader_reads_english_times_and_units() -> None:
    with translation.override("en"):
        said = [
            wording.say_due(due, NOW) for due in (at(3, 4, 16, 30), at(3, 7, 9), at(1, 2, 9, year=2027), at(3, 4, 8))
        ]
        assert said == ["due Today 16:30", "due Sat 09:00", "due 2 Jan 2027 09:00", "overdue by 2 h"]
        assert wording.say_when(NOW - timedelta(minutes=12), NOW) == "12 min ago"
        assert wording.say_exact(NOW) == "2026-03-04 Wed 10:00"
        assert (wording.say_unit("户"), wording.say_unit("个"), wording.say_unit("℃")) == ("households", "", "")
        assert wording.say_number(None) == "not applicable"
    assert wording.say_unit("个") == "个"


def test_exact_times_name_the_weekday() -> None:
    assert wording.say_exact(NOW) == "2026-03-04 周三 10:00"


@pytest.mark.parametrize(
    ("value", "words"), [(1284, "1,284"), (0, "0"), (None, "不适用"), (Decimal("1234.5"), "1,234.5")]
)
def test_numbers(value: int | Decimal | None, words: str) -> None:
    assert wording.say_number(value) == words


@pytest.mark.parametrize(("hours", "tone"), [(-1, "late"), (1, "soon"), (4, "soon"), (5, "calm"), (None, "calm")])
def test_urgency(hours: int | None, tone: str) -> None:
    due = None if hours is None else NOW + timedelta(hours=hours)
    assert wording.urgency(due, NOW) == tone
