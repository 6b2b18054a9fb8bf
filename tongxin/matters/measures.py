"""What can be counted of matters. Each measure answers all that is asked of it at once, in one grouped statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.matters.models import Matter
from tongxin.packs.api import DistrictView

Counts = tuple[int, int, int, int]  # raised, closed, answered whether solved, solved


def _counts(district: DistrictView, asked: Sequence[Mapping[str, Any]]) -> list[Counts]:
    """The counts of what each asks: by category with all below it, by channel, or all; merged ones count once (1 statement)."""
    found = Matter.objects.filter(district_id=district.id, master=None).order_by()
    rows = list(
        found.values_list("category", "channel").annotate(
            raised=Count("id"), closed=Count("closed_at"), told=Count("solved"), solved=Count("id", filter=Q(solved=True))
        )
    )  # fmt: skip
    answers = []
    for given in asked:
        codes, channel = _codes(district, given.get("category")), given.get("channel")
        mine = [
            row[2:] for row in rows if (codes is None or row[0] in codes) and (channel is None or row[1] == channel)
        ]
        raised, closed, told, solved = (sum(row[i] for row in mine) for i in range(4))
        answers.append((raised, closed, told, solved))
    return answers


def _codes(district: DistrictView, code: str | None) -> set[str] | None:
    if code is None:
        return None
    for category, _ in district.pack.catalogue.walk():
        if category.code == code:
            waiting, codes = [category], set()
            while waiting:
                one = waiting.pop()
                codes.add(one.code)
                waiting += one.children
            return codes
    return {code}


@measures.register("matters", "收到的诉求", takes="category? channel?")
def matters(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count what was raised (1 statement)."""
    return [Measured(counts[0]) for counts in _counts(district, asked)]


@measures.register("closed_share", "办结的诉求", takes="category? channel?")
def closed_share(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Closed out of raised (1 statement)."""
    return [Measured(closed, raised, "percent") for raised, closed, _, _ in _counts(district, asked)]


@measures.register("solved_share", "反映人说解决了的", takes="category? channel?")
def solved_share(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Solved out of those whose reporter said whether it was (1 statement)."""
    return [Measured(solved, told, "percent") for _, _, told, solved in _counts(district, asked)]
