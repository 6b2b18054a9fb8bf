"""Plain values of many runs set at once by somebody, with an entry in the chain of each. No state, desk or deadline changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures.actions import procedure_of, write_entry
from tongxin.procedures.bulk import write_steps
from tongxin.procedures.context import Context
from tongxin.procedures.models import Run


@dataclass(frozen=True, slots=True)
class Restated:
    """What becomes of one run: ``facts`` and ``card`` whole; ``form`` is kept in the entry and sealed in the chain.

    ``post_id`` the post that stands for it, of the actor's.
    """

    facts: dict[str, Any]
    card: dict[str, Any]
    form: dict[str, Any]
    post_id: int | None = None


def restate_runs(
    *,
    district: DistrictView,
    runs: Sequence[Run],
    to: Mapping[int, Restated],
    transition: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Set facts and card of runs that the caller has locked, ended ones too (2 statements; call it in a transaction).

    Args:
        to: run → what it becomes. transition: the entry's, one of the engine's own (``queries.cases``); it says nothing to the reporter.
    """
    entries = []
    for run in runs:
        one, pack = to[run.id], packs.get_pack(run.pack_id)
        run.facts, run.card = one.facts, one.card
        context = Context(
            district, pack, procedure_of(pack, run.procedure), run, transition, None, one.form, actor, now, to_state=run.state,
            acting_as=one.post_id,
        )  # fmt: skip
        entries.append(write_entry(context, from_state=run.state, says="", request_key=None, stored_form=one.form))
    write_steps(runs, entries, ("facts", "card"))
