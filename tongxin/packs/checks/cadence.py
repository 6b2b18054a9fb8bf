"""Cadence: levels, hosts and roles exist, days fit their period, what is opened is registered."""

from __future__ import annotations

from tongxin.kernel.registry import openers
from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Pack, Series

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "season": 3, "year": 12}


def check_cadence(pack: Pack, report: Report) -> None:
    """Check cadence.yaml."""
    for key, series in pack.cadence.items():
        at: Keys = ("cadence", key)
        report.need(series.level, pack.units.level_keys(), "级别", (*at, "level"))
        for kind in series.hosts:
            report.need(kind, pack.units.bodies, "组织类别", (*at, "hosts"))
        if series.role is not None:
            report.need(series.role, pack.units.roles, "角色", (*at, "role"))
        _check_day(series, at, report)
        for name in series.opens:
            report.need(name, openers.names(), "可打开的东西", (*at, "opens"))
        if series.seasons and (series.every != "season" or len(series.seasons) != 4):
            report.add((*at, "seasons"), "四季的称呼只用于 every: season，并写满四个。", "请补全或删去。")
        if series.workdays_only and series.every != "day":
            report.add((*at, "workdays_only"), "workdays_only 只用于每日的事。", "其他频次用 shift。")
        if series.span > 1 and series.since is None:
            report.add((*at, "span"), f"每 {series.span} 个周期一次，却没有写从哪天数起。", "请写 since。")


def _check_day(series: Series, at: Keys, report: Report) -> None:
    on, here = series.on, (*at, "on")
    if series.every == "day" and on != type(on)():
        report.add(here, "每日的事不用写 on。", "请删去。")
    if series.every == "week" and (on.nth is not None or on.month is not None or on.day is not None):
        report.add(here, "每周的事只写星期几。", "例如 on: {weekday: 3}。")
    months = MONTHS.get(series.every)
    if months is not None and on.month is not None and on.month > months:
        report.add(here, f"这个周期只有 {months} 个月，写了第 {on.month} 个月。", "month 是周期里的第几个月。")
    if months is not None and on.weekday is not None and on.nth is None:
        report.add(here, "写了星期几，没有写第几个。", "例如 on: {nth: 2, weekday: 5}，第二个星期五。")
