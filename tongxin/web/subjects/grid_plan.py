"""网格划分方案 on the case page: what it wishes, how good it is, and everything that would change, before anybody signs."""

from __future__ import annotations

from django.utils.safestring import mark_safe

from tongxin.kernel.errors import Refusal
from tongxin.organization.api import access
from tongxin.packs.schema import Procedure
from tongxin.planning import api as planning
from tongxin.procedures.api import Run
from tongxin.territory import api as territory
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Panel, described

DRAWN = 12  # communities on one drawing; a whole county is looked at on the plan's own page


@described(planning.SUBJECT)
def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described:
    """Return the plan as the page shows it (about 12 statements)."""
    from tongxin.web.plan_picture import draw_plan

    district, tree = request.district, territory.tree(request.district)
    plan = planning.get_plan(district, run.subject_id)
    parts = planning.parts_of(plan)
    boards = planning.plan_boards(district, tree, plan)
    shown, why = None, ""
    if plan.status != "in_force":
        try:
            shown = planning.preview(district, plan, tree)
        except Refusal as refusal:
            why = refusal.sentence
    drawn = draw_plan(boards[:DRAWN], {n: p.name for n, p in parts.items()}, title=plan.title, lines=False)
    return Described(
        title=plan.title,
        about="方案",
        content="subjects/grid_plan_content.html",
        elements="subjects/grid_plan_elements.html",
        panels=(Panel("生效后会变什么", "subjects/grid_plan_changes.html"),) if shown is not None or why else (),
        context={
            "plan": plan, "whole": plan.score.get("whole", {}), "plan_picture": mark_safe(drawn), "shown": shown, "shown_why": why,  # noqa: S308 - escaped where drawn
            "changes": [one for one in shown.replacing if not one.nothing] if shown else [],
            "in_hand": shown.in_hand if shown else {}, "load_title": planning.LOADS[plan.load_by],
            "may_open": access.may(request.actor, "plan_grids", plan.under_id),
        },
    )  # fmt: skip
