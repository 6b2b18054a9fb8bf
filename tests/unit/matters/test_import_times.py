"""Times as files write them, and what is refused rather than guessed."""

from __future__ import annotations

import contextlib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.errors import Invalid
from tongxin.matters.imports.times import read_time

HOME = ZoneInfo("Asia/Shanghai")


def read(value, order="ymd", zone=HOME):
    found = read_time(value, zone, order, "reported_at")
    return found and found.isoformat()


@pytest.mark.parametrize(
    ("value", "means"),
    [
        ("2019/2/28 11:25:05", "2019-02-28T11:25:05+08:00"),
        ("2019-02-28", "2019-02-28T00:00:00+08:00"),
        ("2019.2.8 7:05", "2019-02-08T07:05:00+08:00"),
        ("2019年2月28日 11时25分", "2019-02-28T11:25:00+08:00"),
        ("2019年2月28日 下午3点05分", "2019-02-28T15:05:00+08:00"),
        ("2019年2月28日晚上8点", "2019-02-28T20:00:00+08:00"),
        ("2019年2月28日 中午12点", "2019-02-28T12:00:00+08:00"),
        ("2019年2月28日 中午1点20分", "2019-02-28T13:20:00+08:00"),
        ("2019年2月28日 中午11:40", "2019-02-28T11:40:00+08:00"),
        ("２０１９－０２－２８　上午 ９：０５", "2019-02-28T09:05:00+08:00"),
        ("2019-02-28T11:25:05Z", "2019-02-28T11:25:05+00:00"),
        ("2019-02-28 11:25:05+0530", "2019-02-28T11:25:05+05:30"),
        ("20190228", "2019-02-28T00:00:00+08:00"),
        ("20190228112505", "2019-02-28T11:25:05+08:00"),
        (43524, "2019-02-28T00:00:00+08:00"),
        (43524.475752, "2019-02-28T11:25:05+08:00"),
        ("43524.5", "2019-02-28T12:00:00+08:00"),
        (20190228.0, "2019-02-28T00:00:00+08:00"),
        (date(2019, 2, 28), "2019-02-28T00:00:00+08:00"),
        (datetime(2019, 2, 28, 11), "2019-02-28T11:00:00+08:00"),  # noqa: DTZ001 - Excel's have no zone
        (None, None),
        ("  ", None),
    ],
)
def test_forms(value, means):
    assert read(value) == means


def test_day_and_month_are_not_guessed():
    with pytest.raises(Invalid, match="分不清"):
        read("01/05/2015 12:40:41 PM")
    assert read("01/05/2015 12:40:41 PM", "mdy") == "2015-01-05T12:40:41+08:00"
    assert read("01/05/2015 12:00:00 AM", "dmy") == "2015-05-01T00:00:00+08:00"
    assert read("07/04/2015 01:02:03 PM", "mdy", ZoneInfo("America/New_York")) == "2015-07-04T13:02:03-04:00"


@pytest.mark.parametrize(
    "value",
    ["昨天", "2019-13-01", "2019-02-30", "2019-02-28 25:00", "2019-02-28 晚上1点", 7, "1200-01-01", "3000-01-01", True],
)
def test_what_is_no_time_is_told(value):
    with pytest.raises(Invalid):
        read(value)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_refusal(text):
    with contextlib.suppress(Invalid):  # anything else is a fault of ours
        read(text)


@given(st.datetimes(datetime(1992, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001 - made aware below
def test_what_is_written_is_read_back(moment):
    moment = moment.replace(microsecond=0)
    assert read(f"{moment:%Y/%m/%d %H:%M:%S}") == moment.replace(tzinfo=HOME).isoformat()
