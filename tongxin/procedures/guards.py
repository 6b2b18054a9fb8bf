"""Conditions any procedure may name. A guard gets the step's context and its argument, and returns a sentence to refuse, or nothing."""

from __future__ import annotations

from typing import Any

from tongxin.kernel.registry import guards
from tongxin.organization import api as organization
from tongxin.procedures.context import Context
from tongxin.procedures.models import Run
from tongxin.procedures.permissions import unit_of

# guards over a unit that the step's own form names: they cannot be judged before it is filled in
ABOUT_UNITS = frozenset({"main_unit_may_handle"})


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


@guards.register("main_unit_may_handle", "主办单位可以承办这一类", takes="")
def main_unit_may_handle(context: Context, argument: Any) -> str | None:
    """Refuse a community as main handler of a category it only assists with (norms J-09, G-11), and a unit without a desk."""
    ident = context.run.parts.get("main_unit")
    body = organization.directory(context.district).body(ident) if isinstance(ident, int) else None
    if body is None:
        return None  # the form says itself that the unit is missing
    kind = context.pack.units.bodies.get(body.kind)
    if kind is None or kind.desk is None:
        return f"“{body.name}”没有设收件岗，不能作主办单位。请改派，或请管理员为它设岗。"
    category = next((c for c, _ in context.pack.catalogue.walk() if c.code == context.run.facts.get("category")), None)
    if category is not None and not category.community_may_handle and kind.family in ("community", "party"):
        return f"“{category.title}”不在社区职责清单内，社区只能协助，不能作主办单位。请派给主管部门，社区可列为协办。"
    return None
