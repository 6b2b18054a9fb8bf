"""What guards and effects see of a step. Built by ``actions``; nothing here touches the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongxin.notices.api import Note
from tongxin.organization.api import Actor, Desk
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack, Procedure, State, Transition
from tongxin.procedures.models import Run


def target_of(run: Run, spec: Transition) -> str:
    """Return the state that a step leads to from where the run is."""
    return {"stay": run.state, "back": run.came_from or run.state}.get(spec.to, spec.to)


@dataclass
class Context:
    """One step of one run while it is being taken.

    Effects may change ``run.facts``, ``run.card`` and ``run.parts`` and add ``notes``; the step is written once, after them.
    """

    district: DistrictView
    pack: Pack
    procedure: Procedure
    run: Run
    transition: str
    spec: Transition | None
    form: dict[str, Any]
    actor: Actor
    now: datetime
    to_state: str
    acting_as: int | None = None  # the post the actor acts from
    desk: Desk | None = None  # the holder after the step
    count_pause: bool = False  # the pause that ends with this step counts as handling time
    take_holder: Desk | None = None  # an effect (escalate) names the next holder itself
    move: str | None = None  # a late action asks for this transition to follow
    notes: list[Note] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The state the run is in before the step."""
        return self.procedure.states[self.run.state]

    def note(self, post_id: int, kind: str, title: str, body: str = "") -> None:
        """Leave a note in the tray of a post."""
        self.notes.append(
            Note(
                post_id=post_id,
                kind=kind,
                title=title[:160],
                body=body[:400],
                subject_kind=self.run.subject_kind,
                subject_id=self.run.subject_id,
            )
        )
