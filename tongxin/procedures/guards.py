"""Conditions any procedure may name. A guard gets the step's context and its argument, and returns a sentence to refuse, or nothing."""

from __future__ import annotations

from typing import Any

from tongxin.kernel.clock import local
from tongxin.kernel.registry import guards
from tongxin.kernel.worktime import Span
from tongxin.packs import api as packs
from tongxin.packs.schema.base import as_list
from tongxin.procedures.context import Context
from tongxin.procedures.models import Run
from tongxin.procedures.permissions import unit_of

# guards over the unit that the step's own form names, and over anything it names: they cannot be judged before it is filled in
ABOUT_UNITS = frozenset({"main_unit_may_handle"})
ABOUT_FORM = ABOUT_UNITS | {"seats_present"}


@guards.register("tasks_done", "协办任务都已完成")
def tasks_done(context: Context, argument: Any) -> str | None:
    """Refuse while co-units still work (1 statement)."""
    waiting = Run.objects.filter(parent_id=context.run.id, finished_at=None).count()
    return f"还有 {waiting} 个协办单位没有办完。请等协办完成，或先撤回协办。" if waiting else None


@guards.register("has_part", "已指定参与单位", takes="part")
def has_part(context: Context, argument: Any) -> str | None:
    """Refuse while a participant is not named."""
    return None if context.run.parts.get(argument) else "还没有指定单位。请先选定单位再继续。"


@guards.register("fact", "记有某个事实", takes="mapping")
def fact(context: Context, argument: Any) -> str | None:
    """Refuse unless each named fact of the run has the given value."""
    wrong = [key for key, value in dict(argument).items() if context.run.facts.get(key) != value]
    return f"条件不满足（{'、'.join(wrong)}）。" if wrong else None


@guards.register("not_after", "日期不晚于记下的另一个日期", takes="mapping")
def not_after(context: Context, argument: Any) -> str | None:
    """Refuse a date of the form that is later than a date kept as a fact: ``{next_on: resume_on}``."""
    for field, kept in dict(argument).items():
        given, most = context.form.get(field), context.run.facts.get(kept)
        if isinstance(given, str) and isinstance(most, str) and given > most:
            title = context.spec.form[field].title if context.spec and field in context.spec.form else field
            return f"“{title}”{given} 晚于批准的 {most}。请填更早的日期，或先恢复办理。"
    return None


@guards.register("not_same_unit_as", "与某一步不是同一单位", takes="transition")
def not_same_unit_as(context: Context, argument: Any) -> str | None:
    """Refuse when the actor's unit took the named step; the step must stand in a ``separate`` pair (norm D-01)."""
    if unit_of(context) in context.run.facts.get("did", {}).get(argument, []):
        return "这一步不能由办理单位自己做。请由核查岗位来做。"
    return None


@guards.register("stayed", "在本环节已满一定时间（公示满期）", takes="span")
def stayed(context: Context, argument: Any) -> str | None:
    """Refuse until the run has been in its state for a span: a notice must hang for its days."""
    ends = packs.working_calendar(context.district).add(context.run.entered_at, Span.parse(str(argument))).at
    if context.now >= ends:
        return None
    return f"“{context.state.title}”要满 {Span.parse(str(argument)).words}，到 {local(ends):%m月%d日 %H:%M} 才能继续。"


@guards.register("seats_present", "必须到会的各方都到了", takes="seats")
def seats_present(context: Context, argument: Any) -> str | None:
    """Refuse when a party that the procedure needs is not among those ticked in the step's form."""
    spec = context.spec
    for key, wanted in dict(argument).items():
        field = spec.form.get(key) if spec is not None else None
        titles = (field.choices if field is not None else None) or {}
        missing = [str(one) for one in as_list(wanted) if one not in (context.form.get(key) or ())]
        if missing:
            return f"还缺{'、'.join(titles.get(one, one) for one in missing)}，人没到齐不能开会。请到齐后再记录。"
    return None


@guards.register("steps_done", "本环节里已做过某几步", takes="steps")
def steps_done(context: Context, argument: Any) -> str | None:
    """Refuse until each named step was taken since this state was entered (1 statement): gates that cannot be skipped."""
    wanted = [str(name) for name in as_list(argument)]
    entries = context.run.log.filter(at__gte=context.run.entered_at, transition__in=wanted)
    done = set(entries.values_list("transition", flat=True))
    missing = [context.procedure.transitions[name].title for name in wanted if name not in done]
    return f"先要“{'”“'.join(missing)}”，这一步才能做。" if missing else None
