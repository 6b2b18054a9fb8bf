"""Writing down categories that a person stands for, many at once. One at a time is a step of the case (``effects.set_category``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures

SORTED = "sorted"  # the transition of the entry in the case's chain
_SET = (
    "UPDATE matters_matter m SET category = v.code FROM unnest(%s::bigint[], %s::text[]) AS v(id, code) "
    "WHERE m.id = v.id AND m.district_id = %s"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A category that somebody stands for: ``corrected`` when it stands in place of another guess; ``post_id`` from which post."""

    code: str
    corrected: bool
    post_id: int | None = None


def set_categories(*, district: DistrictView, chosen: Mapping[int, Chosen], actor: Actor, now: datetime) -> list[int]:
    """Give matters their category and their cases the grade that follows from it, with an entry in each case's chain.

    4 statements whatever their number; call it in a transaction.

    Args:
        chosen: matter → category of today's catalogue.

    Returns:
        The matters that were changed: those whose category no person stood for till now.
    """
    catalogue = {category.code: category for category, _ in district.pack.catalogue.walk()}
    runs = procedures.Run.objects.select_for_update().filter(
        district_id=district.id, subject_kind="matter", subject_id__in=list(chosen), parent=None
    )
    open_ones = [run for run in runs.order_by("id") if run.facts.get("guessed") or not run.facts.get("category")]
    to = {}
    for run in open_ones:
        one = chosen[run.subject_id]
        category = catalogue[one.code]
        grade = category.grade or district.pack.catalogue.default_grade
        facts = {**run.facts, "category": one.code, "grade": grade, "guessed": False}
        to[run.id] = procedures.Restated(
            {**facts, "corrected": True} if one.corrected else facts,
            {**run.card, "category": category.title},
            {"category": one.code, "before": run.facts.get("category", ""), "corrected": one.corrected},
            one.post_id,
        )
    procedures.restate_runs(district=district, runs=open_ones, to=to, transition=SORTED, actor=actor, now=now)
    done = [run.subject_id for run in open_ones]
    with connection.cursor() as cursor:
        cursor.execute(_SET, [done, [chosen[ident].code for ident in done], district.id])
    return done
