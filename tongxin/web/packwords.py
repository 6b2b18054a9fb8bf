"""A pack in the words of those who answer for it: who holds a step, what happens when it is late, where a limit comes from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongxin.kernel.registry import effects
from tongxin.kernel.worktime import Span
from tongxin.packs.api import Pack
from tongxin.packs.schema import Category, EffectCall, Grade, Holder, Procedure, Rule, RuledNumber, RuledSpan, State
from tongxin.registers import api as registers

CLOCKS = {"before": "未起算", "starts": "起算", "runs": "照走", "paused": "暂停", "stops": "停"}
CONFIDENCE = {"L": ("法条原文", "done"), "S": ("摘录", "wait"), "K": ("待核", "soon")}
WHO = {"reporter": "反映人", "anyone": "任何人", "system": "系统", "starter": "发起岗位"}


# a form asks 请哪个部门答复; what is chosen there is 选定的部门
_WHICH = re.compile(r"哪[个家](.+?)(?:申请|负责|买单|答复|实施|牵头)?$")


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state as the table of a procedure shows it."""

    title: str
    plain: str
    holder: str
    within: str
    clock: str
    late: tuple[str, ...]
    acts: tuple[tuple[str, str, str], ...]  # title, by whom (empty: the holder), where it leads
    final: bool


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A limit with its source. ``word``, ``tone``: how far the source may be trusted."""

    key: str
    title: str
    within: str
    source: str
    word: str
    tone: str


def say_holder(pack: Pack, procedure: Procedure, holder: Holder | None) -> str:
    """网格员（网格）, 主办单位的收件岗, 反映人."""
    if holder is None:
        return "—"
    if holder.who:
        return WHO[holder.who]
    if holder.unit:
        return f"{say_part(pack, procedure, holder.unit)}的收件岗"
    role = pack.units.roles.get(holder.role or "")
    levels = {level.key: level.title for level in pack.units.levels}
    title = role.title if role else str(holder.role)
    return f"{title}（{levels.get(holder.of, holder.of)}）" if holder.of else title


def say_part(pack: Pack, procedure: Procedure, part: str) -> str:
    """主办单位, 选定的融合体: as the field calls it in which the unit is chosen; 所请的单位 where no form of this procedure asks for it."""
    forms = [
        *([procedure.open.form] if procedure.open else []),
        *(spec.form for spec in procedure.transitions.values()),
    ]
    asked = next((form[part].title for form in forms if part in form), "") or pack.word(part, "所请的单位")
    which = _WHICH.search(asked)
    if which:
        return f"选定的{which[1]}"
    return "选定的单位" if "谁" in asked else asked


def say_within(state: State) -> str:
    """5 个工作日, 按时限档, 不限时：…"""
    if state.final:
        return "—"
    if state.within == "grade":
        return "按时限档"
    if state.within is not None:
        words = say_span(state.within)
        return f"最长 {words}，以填写的日期为准" if state.until else words
    return f"不限时：{state.open_ended}" if state.open_ended else "不另限时"


def say_effect(call: EffectCall) -> str:
    """The registered title of an effect with its plain argument."""
    title = effects[call.name].title if call.name in effects else call.name
    return f"{title}：{call.argument}" if isinstance(call.argument, str) and not call.argument.isascii() else title


def say_span(span: Span) -> str:
    """4个工作时, and 待核 where the rule it comes from has no source yet."""
    return (
        f"{span.words}（待核）"
        if isinstance(span, RuledSpan) and span.source and span.source.confidence == "K"
        else span.words
    )


def say_source(rule: Rule) -> str:
    """保定市接诉即办工作条例 第19条."""
    return " ".join(filter(None, (rule.source, rule.article)))


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule's value as the list of rules shows it; ``used``: where this pack refers to it."""

    key: str
    title: str
    value: str
    source: str
    jurisdiction: str
    from_on: date | None
    to_on: date | None
    word: str
    tone: str
    used: tuple[str, ...]
    grounds: tuple[registers.Ground, ...] = ()  # the documents it is written in


def rule_rows(pack: Pack) -> list[RuleRow]:
    """All rules of a pack, each value a row, those that are used first."""
    used, where = dict[str, list[str]](), registers.grounds(pack)
    for title, span in _ruled(pack):
        if title not in used.setdefault(span.rule, []):
            used[span.rule].append(title)
    rows = []
    for key, values in pack.rules.items():
        for rule in values:
            word, tone = CONFIDENCE[rule.confidence]
            rows.append(
                RuleRow(
                    key, rule.title, rule.words, say_source(rule), rule.jurisdiction, rule.from_, rule.to, word, tone,
                    tuple(used.get(key, ())), where.get(("rules", key), ()),
                )
            )  # fmt: skip
    return sorted(rows, key=lambda row: not row.used)


def _ruled(pack: Pack) -> Iterator[tuple[str, RuledSpan | RuledNumber]]:
    for grade in pack.catalogue.grades.values():
        if isinstance(grade.within, RuledSpan):
            yield f"时限档“{grade.title}”", grade.within
    for procedure in pack.procedures.values():
        found: list[RuledSpan | RuledNumber] = [*procedure.ruled, *procedure.ruled_numbers]
        yield from ((procedure.title, span) for span in found)


def state_rows(pack: Pack, procedure: Procedure) -> list[StateRow]:
    """The table of a procedure, in the order of the pack."""
    rows = []
    for key, state in procedure.states.items():
        acts = [
            (spec.title, "、".join(say_holder(pack, procedure, by) for by in spec.by), _target(procedure, spec.to))
            for spec in procedure.transitions.values()
            if key in spec.from_
        ]
        late = [
            f"{'到期时' if step.after.amount == 0 else f'到期后 {step.after.words}'}：{'、'.join(say_effect(call) for call in step.do)}"
            for step in state.late
        ]
        rows.append(
            StateRow(
                state.title, state.plain, say_holder(pack, procedure, state.holder), say_within(state), CLOCKS[state.clock],
                tuple(late), tuple(acts), state.final is not None,
            )
        )  # fmt: skip
    return rows


def _target(procedure: Procedure, to: str) -> str:
    return (
        {"stay": "不变", "back": "回到上一环节"}.get(to) or procedure.states[to].title
        if to in procedure.states or to in ("stay", "back")
        else to
    )


def say_limit(procedure: Procedure) -> str:
    """The limit of the whole procedure."""
    if procedure.limit is None:
        return "不设全程时限"
    return "全程按时限档" if procedure.limit == "grade" else f"全程 {say_span(procedure.limit)}"


def grade_rows(pack: Pack) -> list[GradeRow]:
    """The limits with their sources; a limit without one is still to be checked."""

    def row(key: str, grade: Grade) -> GradeRow:
        if isinstance(grade.within, RuledSpan) and (rule := grade.within.source) is not None:
            word, tone = CONFIDENCE[rule.confidence]
            return GradeRow(key, grade.title, grade.within.words, say_source(rule), word, tone)
        if grade.source is None:
            return GradeRow(key, grade.title, grade.within.words, "", "没有写出处", "soon")
        word, tone = CONFIDENCE[grade.source.confidence]
        return GradeRow(key, grade.title, grade.within.words, grade.source.title, word, tone)

    return [row(key, grade) for key, grade in pack.catalogue.grades.items()]


def category_rows(pack: Pack) -> list[tuple[Category, int, str, str, str]]:
    """(category, depth, limit in words, grade, usual unit), in order."""
    bodies, grades = {body.key: body.name for body in pack.bodies}, pack.catalogue.grades
    rows: list[tuple[Category, int, str, str, str]] = []
    for category, above in pack.catalogue.walk():
        grade: Any = grades.get(category.grade or pack.catalogue.default_grade)
        rows.append(
            (
                category,
                len(above),
                grade.within.words if grade else "",
                grade.title if grade else "",
                bodies.get(category.unit or "", ""),
            )
        )
    return rows
