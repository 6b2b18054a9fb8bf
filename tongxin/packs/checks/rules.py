"""Rules with a source: every reference names one, spans have units of time, the values of a rule neither overlap nor leave a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tongxin.kernel.worktime import UNIT_TITLES
from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Pack, RuledNumber, RuledSpan


def check_rules(pack: Pack, report: Report) -> None:
    """Check rules.yaml and what refers to it."""
    for key, values in pack.rules.items():
        at: Keys = ("rules", key)
        for rule in values:
            if rule.confidence != "K" and not rule.source:
                report.add(
                    at, f"规则 {key} 不是待核的，却没有写出处。", "请写 source 和 article；没有依据的写 confidence: K。"
                )
        for before, after in pairwise(sorted(values, key=lambda rule: rule.from_ or date.min)):
            if before.to is None or after.from_ is None or after.from_ <= before.to:
                what = f"规则 {key} 的两个值在时间上重叠。"
                report.add(at, what, "请给前一个写 to、给后一个写 from，首尾相接。")
            elif after.from_ != before.to + timedelta(days=1):
                report.add(
                    at, f"规则 {key} 的两个值之间空了 {before.to} 以后的几天。", "请让后一个的 from 紧接前一个的 to。"
                )
    for keys, found in _references(pack):
        if not report.need(found.rule, pack.rules, "规则", keys, "规则写在 rules.yaml。"):
            continue
        if isinstance(found, RuledSpan) and any(rule.span is None for rule in found.values):
            what = f"规则 {found.rule} 的单位不是时长。"
            report.add(keys, what, f"时限只能用单位为 {'、'.join(UNIT_TITLES)} 的规则。")


def _references(pack: Pack) -> Iterator[tuple[Keys, RuledSpan | RuledNumber]]:
    for keys, value in _spans(pack):
        if isinstance(value, RuledSpan | RuledNumber):
            yield keys, value


def _spans(pack: Pack) -> Iterator[tuple[Keys, Any]]:
    for name, grade in pack.catalogue.grades.items():
        yield ("catalogue", "grades", name, "within"), grade.within
    for key, procedure in pack.procedures.items():
        at: Keys = ("procedures", key)
        yield (*at, "limit"), procedure.limit
        for name, state in procedure.states.items():
            yield (*at, "states", name, "within"), state.within
            for index, late in enumerate(state.late):
                yield (*at, "states", name, "late", index, "after"), late.after
        for name, step in procedure.transitions.items():
            yield (*at, "transitions", name, "within"), step.within
            for field, spec in step.form.items():
                yield (*at, "transitions", name, "form", field, "min"), spec.min
                yield (*at, "transitions", name, "form", field, "max"), spec.max
