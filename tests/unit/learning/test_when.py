"""When something happens, as texts tell it. The day of writing is a Wednesday, 18 March 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.learning.when import times_agree, understand

WRITTEN = date(2026, 3, 18)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("每天凌晨2点到5点施工", ["每天凌晨 2–5 点"]),
        ("昨晚11点左右还在唱", ["3月17日晚上 11 点"]),
        ("昨晚23:30还在唱", ["3月17日晚上 11:30"]),
        ("上周三停水", ["3月11日"]),
        ("周三停水", ["3月18日"]),
        ("周六下午漏水，今早又漏", ["3月14日下午", "3月18日早上"]),
        ("下周一开会", ["3月23日"]),
        ("3月5日下午漏水", ["3月5日下午"]),
        ("3月5号晚停电", ["3月5日晚上"]),
        ("2025年3月15日晚上9点左右停电", ["2025年3月15日晚上 9 点"]),
        ("12月30日停电", ["2025年12月30日"]),
        ("2019.3.4以来", ["2019年3月4日"]),
        ("每周三上午9点到11点半", ["每周三上午 9 点–11:30"]),
        ("每晚十点到次日凌晨两点", ["每天晚上 10 点–次日凌晨 2 点"]),
        ("晚上10点到早上6点", ["晚上 10 点–次日早上 6 点"]),
        ("从早上7点至晚上8点", ["早上 7 点–晚上 8 点"]),
        ("每天18:00-23:30", ["每天晚上 6 点–11:30"]),
        ("每天晚上8~10点", ["每天晚上 8–10 点"]),
        ("凌晨两点半", ["凌晨 2:30"]),
        ("中午1点", ["中午 1 点"]),
        ("周末晚上", ["周末晚上"]),
        ("半夜裝修", ["深夜"]),
        ("夜间施工，每天凌晨2点打桩", ["每天凌晨 2 点"]),
        ("每天吵，每天晚上吵，3月5日到3月5日晚", ["每天晚上", "3月5日晚上"]),
        ("每天早餐店排油烟", ["每天"]),
        ("４月３１日", []),
        ("13月40日", []),
        ("三点建议", []),
        ("3-5点", []),
        ("周边环境差，时间很长，已经20多天", []),
        ("拨打12345，住3楼2单元", []),
        ("近日、长期、一直", []),
        ("", []),
        ("😀 hello", []),
    ],
)
def test_times_in_plain_words(text: str, words: list[str]) -> None:
    assert [when.words for when in understand(text, WRITTEN)] == words


def test_a_time_is_given_as_numbers_too() -> None:
    (when,) = understand("每晚10点到凌晨1点", WRITTEN)
    assert (when.repeated, when.on, when.begins, when.ends) == ("每天", None, 22 * 60, 25 * 60)
    assert when.hours == (22 * 60, 25 * 60)
    (when,) = understand("3月5日下午", WRITTEN)
    assert (when.on, when.begins, when.hours) == (date(2026, 3, 5), None, (12 * 60, 18 * 60))


@given(st.text(alphabet="今昨每上周三3月5日晚凌晨点到半:2-至号天 年一十", max_size=40))
def test_any_text_gives_sound_times(text: str) -> None:
    for when in understand(text, WRITTEN):
        assert when.words
        assert when.words == when.words.strip()
        assert when.begins is None or 0 <= when.begins <= 1440
        assert when.ends is None or (when.begins is not None and when.begins < when.ends <= when.begins + 1440)


def test_what_two_texts_tell_of_time_in_common() -> None:
    def common(one: str, other: str) -> str:
        return times_agree(understand(one, WRITTEN), understand(other, WRITTEN))

    assert common("每天凌晨2点施工", "每天凌晨都在施工") == "每天凌晨 2 点"
    assert common("昨晚停电", "3月17日停电") == "3月17日晚上"
    assert common("昨晚停电", "今晚停电") == ""
    assert common("每天停电", "每天停电") == ""
