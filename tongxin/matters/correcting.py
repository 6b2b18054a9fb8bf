"""What staff put right of a matter without a step of its procedure: when it happens. Kept in the chain of its case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tongxin.kernel.errors import NotAllowed
from tongxin.matters.models import Matter
from tongxin.matters.rules import told_time
from tongxin.organization.api import Actor, access
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run

RETIMED = "retimed"  # the transition of the entry


def may_retime(actor: Actor, run: Run) -> bool:
    """Whether the actor may put the time right: who holds the case, or takes reports there (0 statements)."""
    return actor.kind == "user" and (
        run.holder_post_id in actor.post_ids or access.may(actor, "report_for_others", run.area_id)
    )


def retime_matter(*, district: DistrictView, run_id: int, happened: str, actor: Actor, now: datetime) -> Run | None:
    """Put right when a matter happens, with an entry in its case's chain (5 statements, one transaction).

    Args:
        happened: in words, e.g. 每天凌晨 2–5 点; empty: it tells no time. The same words again change nothing.

    Returns:
        The case, None when the district has no such matter.

    Raises:
        NotAllowed: neither holder nor a desk that takes reports there. Invalid: too long; nothing is changed.
    """
    told = told_time(happened)
    with transaction.atomic():
        locked = procedures.Run.objects.select_for_update(of=("self",))
        run = locked.filter(id=run_id, district_id=district.id, subject_kind="matter", parent=None).first()
        if run is None:
            return None
        if not may_retime(actor, run):
            raise NotAllowed("not_your_case", "这一件的时间不由您的岗位更正。", "请由承办人或接待岗位更正。")
        matter = Matter.objects.get(pk=run.subject_id)
        before = matter.extra.get("happened")
        if before != told["happened"]:
            matter.extra = {**matter.extra, **told, "happened_by": "staff"}
            matter.save(update_fields=["extra"])
            post = access.post_for(actor, "report_for_others", run.area_id)
            held = run.holder_post_id if run.holder_post_id in actor.post_ids else post.id if post else None
            to = procedures.Restated(run.facts, run.card, {**told, "before": before or ""}, held)
            procedures.restate_runs(
                district=district, runs=[run], to={run.id: to}, transition=RETIMED, actor=actor, now=now
            )
    return run
