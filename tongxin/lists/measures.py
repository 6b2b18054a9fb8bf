"""Figures of lists that other pages may count: (numerator, denominator or None). Each costs one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongxin.kernel.registry import measures
from tongxin.lists.queries import list_lists
from tongxin.packs.api import DistrictView


@measures.register("list_items", "清单现行版的条目数", takes="list")
def list_items(district: DistrictView, argument: Any, now: datetime) -> tuple[int, int | None]:
    """Items on the editions in force of the named list."""
    return next(((row.items, None) for row in list_lists(district) if row.key == argument), (0, None))


@measures.register("list_done", "清单现行版已办结的条目", takes="list")
def list_done(district: DistrictView, argument: Any, now: datetime) -> tuple[int, int | None]:
    """Items done of those on the editions in force of the named list."""
    return next(((row.done, row.items) for row in list_lists(district) if row.key == argument), (0, 0))
