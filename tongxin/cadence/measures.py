"""Figures of what comes round: (numerator, denominator). One statement each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tongxin.cadence.queries import tally
from tongxin.kernel.clock import local
from tongxin.kernel.registry import measures
from tongxin.packs.api import DistrictView


@measures.register("cadence_kept", "按频次做到的次数，近一年", takes="text")
def cadence_kept(district: DistrictView, argument: Any, now: datetime) -> tuple[int, int | None]:
    """How often the named series was kept of how often its time was up, in the last year."""
    today = local(now).date()
    found = tally(district, str(argument), since=today - timedelta(days=366), until=today, today=today)
    return found.kept, found.total
