"""Cases in hand follow when their place gives way to others: place, desk and a log entry in the chain of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures.actions import procedure_of, write_entry
from tongxin.procedures.bulk import write_steps
from tongxin.procedures.context import Context
from tongxin.procedures.models import LogEntry, Run

RELOCATED = "relocated"


@dataclass(frozen=True, slots=True)
class InHand:
    """An open run somewhere: what it runs on, where, and at which desk."""

    run_id: int
    subject_kind: str
    subject_id: int
    area_id: int
    holder_post_id: int | None


def list_in_hand(district: DistrictView, area_ids: Sequence[int]) -> list[InHand]:
    """Return the open runs in these places, tasks of co-units included (1 statement)."""
    found = Run.objects.filter(district_id=district.id, finished_at=None, area_id__in=list(area_ids)).order_by("id")
    return [InHand(*row) for row in found.values_list("id", "subject_kind", "subject_id", "area_id", "holder_post_id")]


def relocate_runs(
    *,
    district: DistrictView,
    goals: Mapping[int, tuple[int, str]],
    desks: Mapping[tuple[int, int], int],
    says: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Let open runs follow to other places; state, deadline and clock stay (3 statements).

    Args:
        goals: run → (area, its full name). desks: (post that has ended, new area) → the post in its stead.
        says: the line of the resident's timeline; ``{place}`` is the new area's name.

    Returns:
        How many went; a run that ended meanwhile stays where it was.
    """
    if not goals:
        return 0
    with transaction.atomic():
        runs = list(
            Run.objects.select_for_update(of=("self",))
            .filter(district_id=district.id, id__in=list(goals), finished_at=None)
            .order_by("id")
        )
        entries: list[LogEntry] = []
        for run in runs:
            pack = packs.get_pack(run.pack_id)
            area_id, place = goals[run.id]
            form = {"from_area": run.area_id, "to_area": area_id}
            run.area_id = area_id
            run.card = {**run.card, "place": place}
            if run.holder_post_id is not None:
                run.holder_post_id = desks.get((run.holder_post_id, area_id), run.holder_post_id)
            context = Context(
                district,
                pack,
                procedure_of(pack, run.procedure),
                run,
                RELOCATED,
                None,
                form,
                actor,
                now,
                to_state=run.state,
            )
            entry = write_entry(
                context,
                from_state=run.state,
                says=says.replace("{place}", place)[:400],
                request_key=None,
                stored_form=form,
            )
            entries.append(entry)
        write_steps(runs, entries, ("area_id", "card", "holder_post_id"))
    return len(runs)
