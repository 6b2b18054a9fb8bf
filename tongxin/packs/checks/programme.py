"""The programme: keys once, what runs under a mechanism exists, printed figures can be read, derived ones come to what is printed,
counted ones name a measure and give it what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from tongxin.kernel import figures, registry
from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Counted, Figure, Pack

OUTCOMES = ("done", "refused", "merged", "withdrawn")
# the arguments a measure may take → what they may be
_ARGUMENTS: dict[str, tuple[str, Callable[[Pack], Iterable[str]]]] = {
    "level": ("级别", lambda pack: pack.units.level_keys()),
    "per_level": ("级别", lambda pack: pack.units.level_keys()),
    "kind": ("组织类别", lambda pack: pack.units.bodies),
    "role": ("角色", lambda pack: pack.units.roles),
    "procedure": ("流程", lambda pack: pack.procedures),
    "category": ("类别代码", lambda pack: [category.code for category, _ in pack.catalogue.walk()]),
    "channel": ("渠道", lambda pack: pack.settings.intake.channels if pack.settings.intake else ()),
    "list": ("清单", lambda pack: pack.lists),
    "series": ("频次", lambda pack: pack.cadence),
    "register": ("名册", lambda pack: pack.registers),
    "document": ("文件", lambda pack: pack.documents),
    "duty": ("联系、岗位或配备的规则", lambda pack: [*pack.units.links, *pack.units.required, *pack.units.staffing]),
    "outcome": ("结果", lambda pack: OUTCOMES),
}


def check_programme(pack: Pack, report: Report) -> None:
    """Check programme.yaml, where there is one."""
    programme = pack.programme
    if programme is None:
        return
    _check_keys(pack, report)
    known = {entry.name: entry.call(pack) for entry in registry.sections}
    for i, initiative in enumerate(programme.initiatives):
        for m, mechanism in enumerate(initiative.mechanisms):
            at: Keys = ("programme", "initiatives", i, "mechanisms", m, "runs")
            for section, names in mechanism.runs.items():
                if report.need(section, known, "种类", (*at, section)):
                    title = registry.sections[section].title
                    for index, name in enumerate(names):
                        report.need(name, known[section], title, (*at, section, index))
    values = _printed_values(pack, report)
    for figure, inside in programme.walk_figures():
        keys: Keys = ("programme", *inside)
        if figure.derived is not None:
            _check_derived(figure, values, keys, report)
        if figure.counted is not None:
            check_counted(pack, figure.counted, (*keys, "counted"), report)


def _check_keys(pack: Pack, report: Report) -> None:
    assert pack.programme is not None
    seen: dict[str, str] = {}
    found = [(figure.key, figure.title, ("programme", *inside)) for figure, inside in pack.programme.walk_figures()]
    for i, initiative in enumerate(pack.programme.initiatives):
        found.append((initiative.key, initiative.title, ("programme", "initiatives", i)))
        for m, mechanism in enumerate(initiative.mechanisms):
            found.append((mechanism.key, mechanism.title, ("programme", "initiatives", i, "mechanisms", m)))
    for key, title, at in found:
        if key in seen:
            report.add((*at, "key"), f"键 {key} 已经用在“{seen[key]}”。", "全文件唯一，请换一个。")
        seen[key] = title


def _printed_values(pack: Pack, report: Report) -> dict[str, Fraction]:
    """What each printed figure says; a fault for those that cannot be read."""
    assert pack.programme is not None
    values: dict[str, Fraction] = {}
    for figure, inside in pack.programme.walk_figures():
        if figure.printed is None:
            continue
        keys: Keys = ("programme", *inside, "printed")
        try:
            values[figure.key] = figures.read_printed(figure.printed.value).value
        except ValueError as error:
            report.add((*keys, "value"), f"{error}。", "请改写。")
            continue
        if figure.printed.value not in figure.printed.line:
            what = f"原文“{figure.printed.line}”里没有“{figure.printed.value}”。"
            report.add((*keys, "line"), what, "请照抄有这个数的那一句，数也照原文写。")
    return values


def _check_derived(figure: Figure, values: dict[str, Fraction], at: Keys, report: Report) -> None:
    derived = figure.derived
    assert derived is not None
    keys: Keys = (*at, "derived", "sum")
    try:
        for name in figures.names_in(derived.sum):
            if not report.need(name, values, "印出的数字", keys):
                return
        found = figures.work_out(derived.sum, values)
    except ValueError as error:
        report.add(keys, f"{error}。", "请改正算式。")
        return
    if figure.key in values:
        said = figures.say(values[figure.key], derived.as_, derived.places)
        reckoned = figures.say(found, derived.as_, derived.places)
        if said != reckoned:
            what = f"算式得 {reckoned}，印出的是 {said}。"
            report.add(keys, what, "请核对数字、小数位数或算式；原文自相矛盾的，去掉 derived 并在 means 里说明。")


def check_counted(pack: Pack, counted: Counted, at: Keys, report: Report) -> None:
    """Check that a measure is known and given what it takes."""
    if not report.need(counted.measure, registry.measures.names(), "量", (*at, "measure")):
        return
    takes = registry.measures[counted.measure].takes.split()
    wanted = {name.rstrip("?"): not name.endswith("?") for name in takes}
    for name, needed in wanted.items():
        if needed and name not in counted.with_:
            report.add(at, f"量 {counted.measure} 缺少参数 {name}。", f"请写 with: {{{name}: …}}。")
    for name, value in counted.with_.items():
        keys: Keys = (*at, "with", name)
        if name not in wanted:
            report.add(
                keys, f"量 {counted.measure} 不带参数 {name}。", f"可用的有：{'、'.join(wanted) or '（没有）'}。"
            )
        elif name == "since":
            _check_date(value, keys, report)
        elif name in _ARGUMENTS:
            title, known = _ARGUMENTS[name]
            report.need(str(value), [str(key) for key in known(pack)], title, keys)


def _check_date(value: Any, at: Keys, report: Report) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        report.add(at, f"“{value}”不是日期。", "请写成 2026-01-31。")
