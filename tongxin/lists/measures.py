"""What can be counted of lists. Each measure answers all that is asked of it at once, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.lists.queries import count_items
from tongxin.packs.api import DistrictView


@measures.register("list_items", "清单现行版的条目", takes="list class?", nothing="清单发布条目后才数得出")
def list_items(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Items on the editions in force of a list, all or those of one class (1 statement)."""
    found = count_items(district)
    return [Measured(sum(n for n, _ in _mine(found, given))) for given in asked]


@measures.register("list_items_before", "清单前一版的条目", takes="list", nothing="清单有了前一版才数得出")
def list_items_before(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Items on the edition before the one in force of a list (1 statement)."""
    found = count_items(district, back=1)
    return [Measured(sum(n for n, _ in _mine(found, given))) for given in asked]


@measures.register("list_done_share", "清单现行版已办结的条目", takes="list class?")
def list_done_share(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Items done of those on the editions in force of a list (1 statement)."""
    found = count_items(district)
    return [
        Measured(sum(d for _, d in _mine(found, given)), sum(n for n, _ in _mine(found, given)), "percent")
        for given in asked
    ]


def _mine(found: Mapping[tuple[str, str], tuple[int, int]], given: Mapping[str, Any]) -> list[tuple[int, int]]:
    return [
        counts for (key, klass), counts in found.items() if key == given["list"] and given.get("class") in (None, klass)
    ]
