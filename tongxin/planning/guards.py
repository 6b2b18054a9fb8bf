"""What a plan must be before a procedure lets it on. Each looks at the plan that the run is about."""

from __future__ import annotations

from typing import Any

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Refusal
from tongxin.kernel.registry import guards
from tongxin.packs.api import DistrictView
from tongxin.planning.models import Drafting, Plan
from tongxin.procedures.api import Context
from tongxin.territory import api as territory


def _plan(context: Context) -> Plan:
    from tongxin.planning.queries import get_plan

    return get_plan(context.district, context.run.subject_id)


def fault_of(district: DistrictView, plan: Plan) -> str:
    """Return why a plan cannot be sent on as it stands, or nothing (about 7 statements): norms G-04, G-05."""
    if Drafting.objects.filter(plan=plan, ended_at=None).exists():
        return "机器还在划分这个方案，请等它完成。"
    communities = plan.score.get("communities", {})
    if not communities:
        return "方案是空的，还没有划出一个格。"
    broken = [
        f"{c['name']}的{row['number']}号格（{row['away']}与其余不相连）"
        for c in communities.values()
        for row in c["broken"]
    ]
    if broken:
        return f"有 {len(broken)} 个格不相连：{'；'.join(broken[:3])}。请先改成连片的再报。"
    refused = [c["name"] for c in communities.values() if c.get("refused")]
    if refused:
        return f"{'、'.join(refused[:3])}还没有划好。"
    from tongxin.planning.actions.in_force import preview

    try:
        found = preview(district, plan)
    except Refusal as refusal:
        return refusal.sentence
    return "" if found.begun else "照这个方案什么都不会变，不用报送。"


@guards.register("plan_sound", "方案完整，每个格都连片")
def plan_sound(context: Context, argument: Any) -> str | None:
    """Refuse a plan with parts in pieces, unfinished communities or nothing to change."""
    return fault_of(context.district, _plan(context)) or None


@guards.register("plan_alone", "同一处没有另一个待生效的方案")
def plan_alone(context: Context, argument: Any) -> str | None:
    """Refuse while another plan for the same ground and level waits for its day (1–2 statements)."""
    plan, tree = _plan(context), territory.tree(context.district)
    others = Plan.objects.filter(district_id=context.district.id, status="approved", level=plan.level).exclude(
        pk=plan.pk
    )
    here = set(tree.path(plan.under_id))
    for other in others:
        if other.under_id in here or plan.under_id in tree.path(other.under_id):
            return f"同一处的方案“{other.title}”已批准、等着生效。请先办完那一个，或退回它。"
    return None


@guards.register("plan_day_come", "生效的日子到了")
def plan_day_come(context: Context, argument: Any) -> str | None:
    """Refuse before the day."""
    day = _plan(context).effective_on
    if day is None or day > local(context.now).date():
        return f"生效日是 {day:%Y-%m-%d}，还没有到。" if day else "还没有定生效日。"
    return None
