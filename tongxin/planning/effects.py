"""What procedures do to the plan they run on."""

from __future__ import annotations

from datetime import date
from typing import Any

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import effects
from tongxin.planning.models import Plan
from tongxin.procedures.api import Context

STATUSES = ("draft", "submitted", "approved", "withdrawn")
LONGEST_DAYS = 366


def _set(context: Context, **values: Any) -> None:
    plans = Plan.objects.filter(pk=context.run.subject_id, district_id=context.district.id)
    plans.update(**values, changed_at=context.now)


@effects.register("set_plan_status", "改方案的状态", takes="text")
def set_plan_status(context: Context, argument: Any) -> None:
    """Let the plan be changed again (draft), hold it still (submitted), or lay it aside (withdrawn) (1 statement)."""
    if argument not in STATUSES:
        raise ValueError(f"no such status of a plan: {argument}")
    _set(context, status=argument)


@effects.register("set_effective_day", "批准方案并定生效日")
def set_effective_day(context: Context, argument: Any) -> None:
    """Approve the plan for the day in the form's field ``effective_on``, today at the earliest (1 statement)."""
    day = date.fromisoformat(str(context.form["effective_on"]))
    today = local(context.now).date()
    if not 0 <= (day - today).days <= LONGEST_DAYS:
        raise Invalid("effective_on", "生效日应在今天到一年之内。", "请改一个日期。", "effective_on")
    _set(context, status="approved", effective_on=day)


@effects.register("put_plan_in_force", "方案生效：新网格接替旧网格，在办件随之划转")
def put_plan_in_force(context: Context, argument: Any) -> None:
    """Let places succeed places, posts and cases follow, and tell staff, in the transaction of this step."""
    from tongxin.planning.actions import in_force

    plan, notes = in_force.put_in_force(
        district=context.district, plan_id=context.run.subject_id, actor=context.actor, now=context.now
    )
    context.notes += notes
    context.run.facts = {
        **context.run.facts,
        "in_force_on": f"{local(context.now):%Y-%m-%d}",
        "parts": plan.parts.count(),
    }
