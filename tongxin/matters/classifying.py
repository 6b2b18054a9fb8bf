"""Writing down categories that a person stands for, many at once. One at a time is a step of the case (``effects.set_category``)."""

from __future__ import annotations

from collections.abc import Mapping

from tongxin.matters.models import Matter
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures


def set_categories(district: DistrictView, codes: Mapping[int, tuple[str, bool]]) -> list[int]:
    """Give matters their category, and their cases the grade that follows from it (4 statements; call it in a transaction).

    Args:
        codes: matter → (code of the catalogue, whether it stands in place of another guess).

    Returns:
        The matters that were changed: those whose category no person stood for till now.
    """
    catalogue = {category.code: category for category, _ in district.pack.catalogue.walk()}
    runs = procedures.Run.objects.select_for_update().filter(
        district_id=district.id, subject_kind="matter", subject_id__in=list(codes), parent=None
    )
    changed = []
    for run in runs:
        code, corrected = codes[run.subject_id]
        if run.facts.get("category") and not run.facts.get("guessed"):
            continue  # a person was first
        category = catalogue[code]
        grade = category.grade or district.pack.catalogue.default_grade
        run.facts = {**run.facts, "category": code, "grade": grade, "guessed": False}
        if corrected:
            run.facts["corrected"] = True
        run.card = {**run.card, "category": category.title}
        changed.append(run)
    procedures.Run.objects.bulk_update(changed, ["facts", "card"], batch_size=500)
    done = [run.subject_id for run in changed]
    found = list(Matter.objects.filter(id__in=done))
    for matter in found:
        matter.category = codes[matter.id][0]
    Matter.objects.bulk_update(found, ["category"], batch_size=2_000)
    return done
