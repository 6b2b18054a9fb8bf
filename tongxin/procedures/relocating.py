"""Cases in hand follow when their place gives way to others: place, desk and a log entry in the chain of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model

from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures.actions import procedure_of, write_entry
from tongxin.procedures.bulk import write_steps
from tongxin.procedures.context import Context
from tongxin.procedures.models import LogEntry, Run
from tongxin.procedures.permissions import STARTER

RELOCATED = "relocated"


@dataclass(frozen=True, slots=True)
class InHand:
    """An open run somewhere: what it runs on, where, and at which desk."""

    run_id: int
    subject_kind: str
    subject_id: int
    area_id: int
    holder_post_id: int | None
    starter_post_id: int | None  # from which it was started, where later steps may come back to it

    @property
    def post_ids(self) -> tuple[int, ...]:
        """The posts that the case knows by number and that may have to be replaced."""
        return tuple({post for post in (self.holder_post_id, self.starter_post_id) if post is not None})


def list_in_hand(district: DistrictView, area_ids: Sequence[int]) -> list[InHand]:
    """Return the open runs in these places, tasks of co-units included (1 statement)."""
    found = Run.objects.filter(district_id=district.id, finished_at=None, area_id__in=list(area_ids)).order_by("id")
    names = ("id", "subject_kind", "subject_id", "area_id", "holder_post_id", f"facts__{STARTER}")
    return [InHand(*row) for row in found.values_list(*names)]


def move_subjects(model: type[Model], *, district: DistrictView, places: Mapping[int, int]) -> int:
    """Put what cases run on into other areas, subject → area, because places were drawn anew; return how many (1 statement).

    What was said about the place, and its point, stay; the log of its run tells of the move (:func:`relocate_runs`).
    """
    if not places:
        return 0
    sql = (
        f"UPDATE {model._meta.db_table} m SET area_id = v.area FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, area) "  # noqa: S608
        "WHERE m.id = v.id AND m.district_id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(places), list(places.values()), district.id])
        return int(cursor.rowcount)


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
            if (starter := desks.get((run.facts.get(STARTER, 0), area_id))) is not None:
                run.facts = {**run.facts, STARTER: starter}
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
        write_steps(runs, entries, ("area_id", "card", "facts", "holder_post_id"))
    return len(runs)
