"""What can be counted of what comes round. Each measure answers all that is asked of it at once, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tongxin.cadence.queries import count_heads, monitor
from tongxin.kernel.clock import local
from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.packs.api import DistrictView


@measures.register("cadence_kept", "近一年按频次做到的", takes="series")
def cadence_kept(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """How often a series was kept of how often its time was up, in the last year (1 statement)."""
    today = local(now).date()
    found = monitor(
        district, series=[str(given["series"]) for given in asked], under=None, since=today - timedelta(days=366), until=today,
        today=today,
    )  # fmt: skip
    out = []
    for given in asked:
        rows = [row[given["series"]] for row in found.values() if given["series"] in row]
        out.append(Measured(sum(row.kept for row in rows), sum(row.total for row in rows), "percent"))
    return out


@measures.register("cadence_times", "记下做到的次数", takes="series")
def cadence_times(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """How many notes a series has (1 statement)."""
    found = count_heads(district)
    return [Measured(found.get(str(given["series"]), (0, 0))[0]) for given in asked]


@measures.register("cadence_heads", "记下的参加人次", takes="series")
def cadence_heads(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """How many came, over all notes of a series (1 statement)."""
    found = count_heads(district)
    return [Measured(found.get(str(given["series"]), (0, 0))[1]) for given in asked]
