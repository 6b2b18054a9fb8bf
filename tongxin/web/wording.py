"""Times and numbers as people say them, and what stands for a missing number, in the reader's language. ``now`` is an argument."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongxin.kernel.clock import local
from tongxin.kernel.figures import Measured

_WEEKDAYS = "一二三四五六日"
BARE_UNITS = frozenset("个份方张支名")  # measure words that other languages do without


def in_chinese() -> bool:
    """Whether the reader reads Chinese, whose days, measure words and brackets are its own."""
    return (get_language() or "zh").startswith("zh")


def say_span(span: timedelta) -> str:
    """A length of time, coarse: 25 分钟, 3 小时, 2 天."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 1:
        return _("不到 1 分钟")
    if minutes < 60:
        return _("%(n)s 分钟") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s 小时") % {"n": minutes // 60}
    return _("%(n)s 天") % {"n": minutes // (24 * 60)}


def say_day(moment: datetime, now: datetime) -> str:
    """A day seen from today: 今天, 明天, 昨天, 周五 (this week ahead), 3月2日, 2025年3月2日."""
    day, today = local(moment).date(), local(now).date()
    apart = (day - today).days
    named = {0: _("今天"), 1: _("明天"), -1: _("昨天"), **({2: "后天", -2: "前天"} if in_chinese() else {})}
    if apart in named:
        return named[apart]
    if 0 < apart < 7 and day.isocalendar()[:2] == today.isocalendar()[:2]:
        return say_weekday(day)
    return say_date(day, year=day.year != today.year)


def say_weekday(day: date) -> str:
    """周五, Fri."""
    return "周" + _WEEKDAYS[day.weekday()] if in_chinese() else format_date(day, "D")


def say_date(day: date, *, year: bool = True) -> str:
    """2026年3月2日, 2 Mar 2026; without the year 3月2日, 2 Mar."""
    if in_chinese():
        return f"{day.year}年{day.month}月{day.day}日" if year else f"{day.month}月{day.day}日"
    return format_date(day, "j M Y" if year else "j M")


def say_due(due: datetime, now: datetime) -> str:
    """A deadline: 今天 16:30 前, 已超时 2 小时."""
    if due < now:
        return _("已超时 %(span)s") % {"span": say_span(now - due)}
    return _("%(when)s 前") % {"when": f"{say_day(due, now)} {local(due):%H:%M}"}


def say_when(moment: datetime, now: datetime) -> str:
    """A moment: 刚刚, 12 分钟前, 今天 09:12, 3月2日 09:12."""
    ago = now - moment
    if timedelta(0) <= ago < timedelta(minutes=1):
        return _("刚刚")
    if timedelta(0) <= ago < timedelta(hours=1):
        return _("%(n)s 分钟前") % {"n": int(ago.total_seconds() // 60)}
    return f"{say_day(moment, now)} {local(moment):%H:%M}"


def say_exact(moment: datetime) -> str:
    """The moment to the minute with its weekday: 2026-03-02 周一 16:30."""
    there = local(moment)
    return f"{there:%Y-%m-%d} {say_weekday(there)} {there:%H:%M}"


def say_nothing(measured: Measured, *, entered: bool) -> str:
    """Return what stands in place of a figure that cannot be known yet; empty where there is one to show.

    A rate of nothing is no rate, and none of what people enter tells only that nobody has entered it: neither is a 0.

    Args:
        entered: whether it counts what people enter, not what has happened.
    """
    if measured.value is None:
        return _("还没有可算的")
    return _("尚未登记") if measured.shape != "percent" and not measured.part and entered else ""


def say_unit(unit: str) -> str:
    """A measure word as the reader's language has it; a Chinese one without a translation is left out elsewhere (3 个 is 3)."""
    if in_chinese() or unit.isascii():
        return unit
    said = "" if unit in BARE_UNITS else _(unit)
    return said if said != unit else ""


def say_number(value: int | float | Decimal | None) -> str:
    """A number with thousands separators; None is 不适用 (a rate with nothing to divide by)."""
    if value is None:
        return _("不适用")
    return f"{value:,}"


def urgency(due: datetime | None, now: datetime, soon: timedelta = timedelta(hours=4)) -> str:
    """``late``, ``soon`` or ``calm``: how a deadline is coloured."""
    if due is None:
        return "calm"
    return "late" if due < now else "soon" if due - now <= soon else "calm"
