"""What comes round in the demo: the dates of the last months, most of them noted as done by the people of the place."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from tongxin.cadence import api as cadence
from tongxin.kernel.clock import LOCAL, local
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView

_KEPT = 0.85
_BACK = timedelta(days=200)
_MOST = 400  # notes a district: enough to see, quick to make
_HEADS = {"week": (12, 40), "month": (20, 60), "quarter": (40, 150), "season": (60, 200), "half_year": (60, 160)}


def set_up_rounds(district: DistrictView, *, now: datetime) -> int:
    """Make the dates of the last half year and those ahead, and note most of the past ones; return the number noted."""
    today = local(now).date()
    cadence.make_occurrences(district, now=now, since=today - _BACK)
    actor = organization.system_actor(district)
    demo = district.pack.demo
    chance = random.Random(demo.seed if demo else 1)  # noqa: S311 - a story, not a secret
    noted = []
    for which in ("missed", "open"):
        for row in cadence.list_occurrences(district, under=None, which=which, today=today, rows=_MOST):
            one = row.occurrence
            if one.due_on >= today or not _by_hand(row) or chance.random() > _KEPT:
                continue
            low, high = _HEADS.get(row.series.every if row.series else "", (5, 20))
            at = datetime.combine(one.due_on, time(17), LOCAL)
            noted.append((one.pk, one.due_on, at, chance.randint(low, high)))
    cadence.keep_many(district=district, kept=noted, actor=actor)
    return len(noted)


def take_over(district: DistrictView, *, before: date, now: datetime) -> list[date]:
    """Take over as kept what a day should have opened before the story begins; return the days from then on that open a case."""
    today, cases = local(now).date(), by_case(district)
    rows = [
        row.occurrence
        for which in ("missed", "open")
        for row in cadence.list_occurrences(district, under=None, series=cases, which=which, today=today, rows=_MOST)
        if cases
    ]
    old = [
        (one.pk, one.due_on, datetime.combine(one.due_on, time(17), LOCAL), 0) for one in rows if one.due_on < before
    ]
    cadence.keep_many(district=district, kept=old, actor=organization.system_actor(district))
    return sorted({one.due_on for one in rows if before <= one.due_on <= today})


def by_case(district: DistrictView) -> list[str]:
    """Return the series whose day opens a case that tells whether it was kept."""
    return [key for key, series in district.pack.cadence.items() if series.kept == "case"]


def _by_hand(row: cadence.Row) -> bool:
    return row.series is not None and row.series.kept == "record"
