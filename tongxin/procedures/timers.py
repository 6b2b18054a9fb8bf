"""Late actions: one sweep over the index of due timers. Safe to run twice, late, or in several workers at once (guarantee 4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tongxin.kernel import registry
from tongxin.kernel.errors import Refusal
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import actions, rules, store
from tongxin.procedures.context import Context
from tongxin.procedures.models import Run

LATE = "late"


def sweep(now: datetime, rows: int = 200) -> int:
    """Fire the late steps that are due, oldest first; return how many runs were served.

    Each run is locked with SKIP LOCKED and written in one transaction with the advance of its timer, so a step fires exactly once.
    A run whose step cannot be taken keeps its log of why and does not block the others. Call again until it returns 0.
    """
    with transaction.atomic():
        due = list(
            Run.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(finished_at=None, next_timer_at__lte=now)
            .order_by("next_timer_at")[:rows]
        )
        views = {view.id: view for view in packs.list_districts()}
        gathered: dict[int, list[notices.Note]] = {}
        for run in due:
            context = _fire(views[run.district_id], run, now)
            gathered.setdefault(run.district_id, []).extend(context.notes)
        for district_id, notes in gathered.items():
            notices.notify_posts(notes, district_id=district_id, now=now)
    return len(due)


def _fire(district: DistrictView, run: Run, now: datetime) -> Context:
    pack = packs.get_pack(run.pack_id)
    procedure = actions.procedure_of(pack, run.procedure)
    state = procedure.states[run.state]
    actor = organization.system_actor(district)
    context = Context(district, pack, procedure, run, LATE, None, {}, actor, now, to_state=run.state)
    step = state.late[run.timer_step]
    for call in step.do:
        registry.effects[call.name].call(context, call.argument)
    run.timer_step += 1
    run.next_timer_at = rules.timer_at(state, run.due_at, run.timer_step, packs.working_calendar(district), run.facts)
    if context.take_holder is not None:
        run.holder_post_id = context.take_holder.post_id
    context.form = {"late_step": run.timer_step, "did": [call.name for call in step.do]}
    entry = actions.write_entry(context, from_state=run.state, says="", request_key=None, stored_form=context.form)
    store.update_run(run, entry)
    if context.move is not None:
        _move(context)
    return context


def _move(late: Context) -> None:
    """Take the transition that a late step asks for, as the system; a refusal stays in the run's log as an unmoved case."""
    spec = late.procedure.transitions[str(late.move)]
    target = {"stay": late.run.state, "back": late.run.came_from or late.run.state}.get(spec.to, spec.to)
    context = Context(
        late.district,
        late.pack,
        late.procedure,
        late.run,
        str(late.move),
        spec,
        {},
        late.actor,
        late.now,
        to_state=target,
    )
    context.notes = late.notes
    try:
        actions.check_guards(context)
    except Refusal as refusal:
        if late.run.holder_post_id is not None:
            late.note(
                late.run.holder_post_id,
                "late",
                f"未能自动“{spec.title}”：{late.run.card.get('title', '')}",
                refusal.what,
            )
        return
    actions.take(context)
