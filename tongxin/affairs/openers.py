"""What a date that comes round may open of affairs: one of a procedure, at the place of the date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongxin.affairs.actions import begin
from tongxin.affairs.queries import opening_of
from tongxin.affairs.rules import Start
from tongxin.kernel.registry import openers
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures


@openers.register("affair", "到日子开一件事项", takes="dated_affair")
def open_dated(
    district: DistrictView, argument: Any, *, area_id: int | None, on: date, actor: Actor, now: datetime,
    origin: tuple[str, int], words: Mapping[str, str],
) -> int:  # fmt: skip
    """Open an affair of the named procedure, linked to the date; return its run (2 statements). The same date opens it once.

    Args:
        argument: ``{procedure: …, form: {field: value}}``; texts may put in ``words``.
        origin: (kind, id) of what opens it; the affair keeps it as what it arose from.
    """
    opening = opening_of(procedures.procedure_of(district.pack, argument["procedure"]))
    form: dict[str, Any] = {}
    for key, value in dict(argument.get("form") or {}).items():
        text = value.format_map(words) if isinstance(value, str) else value
        most = opening.form[key].max if opening.form[key].type in ("text", "longtext") else None
        form[key] = text[:most] if isinstance(text, str) else text
    start = Start(argument["procedure"], form, area_id, parent=origin)
    key = f"{origin[0]}-{origin[1]}"
    return begin(
        district=district, pack=district.pack, start=start, actor=actor, now=now, request_key=key
    ).run_id  # fmt: skip
