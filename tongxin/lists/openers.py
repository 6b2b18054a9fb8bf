"""What a date that comes round may open of lists: the edition of its period."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from tongxin.kernel.errors import Conflict
from tongxin.kernel.registry import openers
from tongxin.lists.actions.editions import draft_edition
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView


@openers.register("edition", "起草清单在这一期的一版", takes="list")
def open_edition(
    district: DistrictView, argument: Any, *, area_id: int | None, on: date, actor: Actor, now: datetime,
    origin: tuple[str, int], words: Mapping[str, str],
) -> None:  # fmt: skip
    """Begin the period's edition of the named list, unless there is one."""
    spec = district.pack.lists.get(str(argument))
    if spec is not None:
        with suppress(Conflict):
            draft_edition(
                district=district,
                key=str(argument),
                area_id=area_id if spec.per else None,
                from_on=on,
                actor=actor,
                now=now,
            )
