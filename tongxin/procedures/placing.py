"""A run whose place is told by who brought it in, not by a desk: the same step that desks take where the state has one.

Where it is and whether it may be told so is the subject's to decide (``matters.placing``); here is what follows for the case.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongxin.notices import api as notices
from tongxin.notices.api import Note
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import store
from tongxin.procedures.actions import check_guards, procedure_of, take, write_entry
from tongxin.procedures.context import Context, target_of
from tongxin.procedures.models import LogEntry, Run

PLACED = "placed"  # the transition of the entry where the state has no step of the pack's for it


def place_run(
    *,
    district: DistrictView,
    run: Run,
    step: str,
    form: dict[str, Any],
    place: str,
    says: str,
    actor: Actor,
    now: datetime,
    request_key: str | None,
) -> LogEntry:
    """Put a locked run where ``form["area"]`` says, and tell who held it (2 statements plus what the step's effects cost).

    Args:
        step: the pack's step by which desks say the place, taken whoever the actor is; "" where this state has none: then state,
            holder and deadlines stay as they are.
        form: kept in the entry and sealed in the chain. place: the full name. says: the line of the resident's timeline.

    Raises:
        NotAllowed: a guard of the step says no; nothing is changed.
    """
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    spec = procedure.transitions[step] if step else None
    target, held = target_of(run, spec) if spec is not None else run.state, run.holder_post_id
    context = Context(district, pack, procedure, run, step or PLACED, spec, form, actor, now, to_state=target)
    if spec is not None:
        check_guards(context)
        entry = take(context, request_key=request_key, says=says)
    else:
        run.area_id, run.card = form["area"], {**run.card, "place": place}
        entry = write_entry(context, from_state=run.state, says=says, request_key=request_key, stored_form=form)
        store.update_run(run, entry)
    notices.notify_posts(_notes(context, held, place), district_id=district.id, now=now)
    return entry


def _notes(context: Context, held: int | None, place: str) -> list[Note]:
    """What the step leaves, with one note to who held it before in place of the usual "has come to you"."""
    notes, context.notes = [note for note in context.notes if note.post_id is None or note.post_id != held], []
    if held is not None:
        now_at = context.run.holder_post_id
        desk = organization.desk(context.district, now_at) if now_at is not None and now_at != held else None
        body = f"{place}；现由{desk.title}承办" if desk is not None else place
        context.note(held, "placed", f"反映人补充了地点：{context.run.card.get('title', '')}", body)
    return [*notes, *context.notes]
