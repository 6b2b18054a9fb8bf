"""The graph of a procedure: what leads where. Pure; states that are not declared are passed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tongxin.packs.schema import Procedure, Transition

STAY, BACK = "stay", "back"


@dataclass(frozen=True, slots=True)
class Edge:
    """One way a transition can lead."""

    source: str
    transition: str
    target: str


def edges(procedure: Procedure) -> list[Edge]:
    """All ways; ``stay`` leads to itself, ``back`` to every state from which the state is entered."""
    states = procedure.states
    plain = [
        Edge(source, key, source if step.to == STAY else step.to)
        for key, step in procedure.transitions.items()
        for source in step.from_
        if source in states and step.to != BACK and (step.to == STAY or step.to in states)
    ]
    back = [
        Edge(source, key, edge.source)
        for key, step in procedure.transitions.items()
        if step.to == BACK
        for source in step.from_
        for edge in plain
        if edge.target == source and edge.source != source
    ]
    return plain + back


def reach(starts: Iterable[str], ways: Iterable[tuple[str, str]]) -> set[str]:
    """Return the states that can be reached from ``starts`` (which are among them) along (from, to) pairs."""
    onward: dict[str, list[str]] = {}
    for source, target in ways:
        onward.setdefault(source, []).append(target)
    found, waiting = set(starts), list(starts)
    while waiting:
        for target in onward.get(waiting.pop(), []):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def sets_part(step: Transition, part: str) -> bool:
    """Whether after this transition the part is surely filled: a required field names it, or a guard asks for it."""
    field = step.form.get(part)
    asked = any(call.name == "has_part" and call.argument == part for call in step.guard)
    return asked or (field is not None and field.required)
