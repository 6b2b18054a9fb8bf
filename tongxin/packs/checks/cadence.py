"""Cadence: levels, hosts and roles exist, days fit their period, what is opened is registered."""

from __future__ import annotations

from tongxin.kernel.registry import openers
from tongxin.packs.checks.places import check_words
from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Pack, Series

# what texts of an opened form may put in; made by cadence.actions
WORDS = ["title", "period", "place", "first", "last", "due"]
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
        _check_opens(pack, series, at, report)
        if series.seasons and (series.every != "season" or len(series.seasons) != 4):
            report.add((*at, "seasons"), "四季的称呼只用于 every: season，并写满四个。", "请补全或删去。")
        if series.workdays_only and series.every != "day":
            report.add((*at, "workdays_only"), "workdays_only 只用于每日的事。", "其他频次用 shift。")
        if series.span > 1 and series.since is None:
            report.add((*at, "span"), f"每 {series.span} 个周期一次，却没有写从哪天数起。", "请写 since。")


def _check_opens(pack: Pack, series: Series, at: Keys, report: Report) -> None:
    for name, argument in series.opens.items():
        if not report.need(name, openers.names(), "可打开的东西", (*at, "opens")):
            continue
        if openers[name].takes == "list":
            report.need(str(argument), pack.lists, "清单", (*at, "opens", name), "清单写在 lists.yaml。")
        elif openers[name].takes == "dated_affair":
            _check_affair(pack, series, argument, (*at, "opens", name), report)
    if series.kept == "case" and not any(openers[n].takes == "dated_affair" for n in series.opens if n in openers):
        report.add(
            (*at, "kept"), "kept: case 要有到日子打开的事。", "请写 opens: {affair: {procedure: …, form: {…}}}。"
        )


def _check_affair(pack: Pack, series: Series, argument: object, at: Keys, report: Report) -> None:
    """What a date opens: a procedure that is opened at the series' level, its required fields given, and an end that tells."""
    if not isinstance(argument, dict) or not {"procedure"} <= set(argument) <= {"procedure", "form"}:
        report.add(at, "写法不对。", "请写 affair: {procedure: 流程的键, form: {项目: 值}}。")
        return
    if not report.need(str(argument["procedure"]), pack.procedures, "流程", (*at, "procedure")):
        return
    procedure = pack.procedures[str(argument["procedure"])]
    if procedure.open is None:
        report.add((*at, "procedure"), f"流程 {procedure.procedure} 没有写 open，开不了。", "请在那个流程里写 open。")
        return
    levels = pack.units.level_keys()
    wanted = procedure.open.at or levels[-1]
    if {wanted, series.level} <= set(levels) and levels.index(series.level) < levels.index(wanted):
        what = f"这一项在 {series.level} 一级，流程 {procedure.procedure} 要到 {wanted} 一级才开得了。"
        report.add((*at, "procedure"), what, f"请把 level 改为 {wanted}，或换一个流程。")
    form = argument.get("form") or {}
    for field, value in form.items():
        if report.need(str(field), procedure.open.form, "项目", (*at, "form", field)) and isinstance(value, str):
            check_words(value, WORDS, report, (*at, "form", field))
    missing = [
        f"“{one.title}”（{key}）" for key, one in procedure.open.form.items() if one.required and key not in form
    ]
    if missing:
        report.add((*at, "form"), f"流程 {procedure.procedure} 要填的 {'、'.join(missing)} 没有给。", "请写 项目: 值。")
    tells = any(call.name == "keep_occurrence" for step in procedure.transitions.values() for call in step.do)
    if series.kept == "case" and not tells:
        what = f"流程 {procedure.procedure} 没有一步说“这一期做到了”，永远算没有做到。"
        report.add((*at, "procedure"), what, "请在办成的那一步写 do: [keep_occurrence]。")


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
