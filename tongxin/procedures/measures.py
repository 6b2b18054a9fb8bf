"""What can be counted of runs. Each measure answers all that is asked of it at once, in one grouped statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count

from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.packs.api import DistrictView
from tongxin.procedures.models import Run

OPEN = ""


def _by_outcome(district: DistrictView) -> dict[tuple[str, str], int]:
    """(procedure, outcome) → runs, those of co-units left out; an open run has the outcome "" (1 statement)."""
    found = Run.objects.filter(district_id=district.id, parent=None).order_by()
    return {(procedure, outcome): n for procedure, outcome, n in found.values_list("procedure", "outcome").annotate(n=Count("id"))}  # fmt: skip


@measures.register("runs", "办过的件数", takes="procedure outcome?")
def runs(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count the runs of a procedure, all or those of one outcome (1 statement)."""
    found = _by_outcome(district)
    return [
        Measured(
            sum(
                n
                for (procedure, outcome), n in found.items()
                if procedure == given["procedure"] and given.get("outcome") in (None, outcome)
            )
        )
        for given in asked
    ]


@measures.register("finished_share", "办成的占多少", takes="procedure")
def finished_share(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Runs that ended well out of those begun and not merged or withdrawn (1 statement)."""
    found, shares = _by_outcome(district), []
    for given in asked:
        mine = {outcome: n for (procedure, outcome), n in found.items() if procedure == given["procedure"]}
        whole = sum(mine.get(outcome, 0) for outcome in (OPEN, "done", "refused"))
        shares.append(Measured(mine.get("done", 0), whole, "percent"))
    return shares
