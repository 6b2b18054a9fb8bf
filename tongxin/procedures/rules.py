"""Pure decisions of the engine: when a state is due, how a pause shifts the limit, what the chain's public part holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from tongxin.kernel.clock import local
from tongxin.kernel.worktime import Span, WorkCalendar
from tongxin.packs.schema import Catalogue, FormField, Procedure, RuledNumber, RuledSpan, State

DAY, PINNED = (
    "rules_on",
    "rules",
)  # facts of a run: the day whose rules hold, and the values that its version would say otherwise
WORK_UNITS = ("work_hours", "work_days")


class Clock(NamedTuple):
    """The times of a run: its handling clock, its pauses and its limits."""

    started_at: datetime | None = None
    paused_at: datetime | None = None
    paused_seconds: int = 0
    limit_at: datetime | None = None
    due_at: datetime | None = None
    next_timer_at: datetime | None = None
    provisional: bool = False


def pin_rules(facts: dict[str, Any], procedure: Procedure, catalogue: Catalogue, begun: datetime) -> dict[str, Any]:
    """Return a run's facts with the day whose rules it is judged by.

    The version of the pack that the run holds has every rule's values with their days and never changes, so the day is enough;
    ``carry_rules`` writes out what differs when a run moves to another version.
    """
    kept = {key: value for key, value in facts.items() if key not in (PINNED, DAY)}
    ruled = procedure.ruled or catalogue.ruled or procedure.ruled_numbers
    return {**kept, DAY: local(begun).date().isoformat()} if ruled else kept


def carry_rules(
    facts: dict[str, Any], *, old: tuple[Procedure, Catalogue], new: tuple[Procedure, Catalogue], begun: datetime
) -> dict[str, Any]:
    """Return the facts of a run that moves to another version: what it is judged by stays as it was.

    Only what the new version would say otherwise for its day is written out; what the old one did not know comes from the new.
    """
    facts = facts if DAY in facts else {**facts, DAY: local(begun).date().isoformat()}
    day = date.fromisoformat(facts[DAY])
    judged, said = values_on(day, *old) | facts.get(PINNED, {}), values_on(day, *new)
    differs = {rule: value for rule, value in judged.items() if said.get(rule) != value}
    kept = {key: value for key, value in facts.items() if key != PINNED}
    return {**kept, PINNED: differs} if differs else kept


def values_on(day: date, procedure: Procedure, catalogue: Catalogue) -> dict[str, Any]:
    """Return rule → its value on a day, of all that a procedure names: spans as written, numbers as they are."""
    values: dict[str, Any] = {span.rule: str(span.on(day)) for span in (*procedure.ruled, *catalogue.ruled)}
    return values | {number.rule: number.on(day) for number in procedure.ruled_numbers}


def in_force(span: Span, facts: Mapping[str, Any]) -> Span:
    """Return what a span means for a run: of one that a rule gives, the value by which the run is judged."""
    if not isinstance(span, RuledSpan):
        return span
    pinned = facts.get(PINNED, {}).get(span.rule)
    if isinstance(pinned, str):
        return Span.parse(pinned)
    return span.on(date.fromisoformat(facts[DAY])) if DAY in facts else span


def numbers_in_force(form: Mapping[str, FormField], facts: Mapping[str, Any]) -> Mapping[str, FormField]:
    """Return a form whose bounds are the ones by which the run is judged."""
    if not any(isinstance(number, RuledNumber) for field in form.values() for number in (field.min, field.max)):
        return form
    pinned, day = facts.get(PINNED, {}), facts.get(DAY)

    def bound(number: int | None) -> int | None:
        if not isinstance(number, RuledNumber):
            return number
        if number.rule in pinned:
            return int(pinned[number.rule])
        return number.on(date.fromisoformat(day)) if day else int(number)

    return {
        key: field.model_copy(update={"min": bound(field.min), "max": bound(field.max)}) for key, field in form.items()
    }


def written_span(within: Span | str | None, facts: Mapping[str, Any], catalogue: Catalogue) -> Span | None:
    """Return the span as the pack writes it; ``grade`` is looked up by the run's facts."""
    if within == "grade":
        grade = facts.get("grade") or catalogue.default_grade
        return catalogue.grades.get(grade, catalogue.grades[catalogue.default_grade]).within
    return within if isinstance(within, Span) else None


def span_of(within: Span | str | None, facts: Mapping[str, Any], catalogue: Catalogue) -> Span | None:
    """Return the span a state or a procedure allows a run."""
    span = written_span(within, facts, catalogue)
    return None if span is None else in_force(span, facts)


def enter(
    clock: Clock,
    *,
    procedure: Procedure,
    state: State,
    facts: Mapping[str, Any],
    catalogue: Catalogue,
    calendar: WorkCalendar,
    now: datetime,
    count_pause: bool = False,
    until: datetime | None = None,
) -> Clock:
    """Return the clock of a run that enters ``state`` at ``now``.

    The handling clock begins at the first state that says ``starts`` and is never begun again by rework (norm D-04). A pause
    shifts the limit by the time it took, unless ``count_pause`` (a rejected objection) says that the time counts.

    Args:
        until: a moment that a person set for this state (a hold ends on a date); it counts when it is earlier than ``within``.
    """
    whole = span_of(procedure.limit, facts, catalogue)
    provisional = False
    if clock.paused_at is not None and state.clock != "paused":
        clock = _resume(clock._replace(provisional=False), whole, calendar, now, count_pause)
        provisional = clock.provisional
    started_at, paused_at, limit_at = clock.started_at, clock.paused_at, clock.limit_at
    if state.clock == "starts" and started_at is None:
        started_at = now
        if whole is not None:
            limit = calendar.add(now, whole)
            limit_at, provisional = limit.at, limit.provisional
    if state.final is not None:
        return Clock(started_at, None, clock.paused_seconds, limit_at, provisional=provisional)
    if state.clock == "paused" and paused_at is None:
        paused_at = now
    due = None
    span = span_of(state.within, facts, catalogue)
    if span is not None:
        computed = calendar.add(now, span)
        due, provisional = computed.at, provisional or computed.provisional
        if until is not None:
            due = min(due, until)
        if limit_at is not None and limit_at > now and state.clock in ("starts", "runs"):
            due = min(due, limit_at)
    next_timer_at = timer_at(state, due, 0, calendar, facts)
    return Clock(started_at, paused_at, clock.paused_seconds, limit_at, due, next_timer_at, provisional)


def _resume(clock: Clock, whole: Span | None, calendar: WorkCalendar, now: datetime, count_pause: bool) -> Clock:
    assert clock.paused_at is not None
    if count_pause:
        return clock._replace(paused_at=None)
    working = whole is not None and whole.unit in WORK_UNITS
    took = calendar.elapsed(clock.paused_at, now) if working else max(now - clock.paused_at, timedelta(0))
    limit, provisional = clock.limit_at, clock.provisional
    if limit is not None:
        if working:
            shifted = calendar.shift(limit, took)
            limit, provisional = shifted.at, provisional or shifted.provisional
        else:
            limit += took
    seconds = clock.paused_seconds + int(took.total_seconds())
    return clock._replace(paused_at=None, paused_seconds=seconds, limit_at=limit, provisional=provisional)


def timer_at(
    state: State, due_at: datetime | None, step: int, calendar: WorkCalendar, facts: Mapping[str, Any]
) -> datetime | None:
    """Return when the late step number ``step`` of a run in a state fires, or None when there is none."""
    if due_at is None or step >= len(state.late):
        return None
    return calendar.add(due_at, in_force(state.late[step].after, facts)).at


def stamp(moment: datetime) -> str:
    """Return a moment as the chain writes it: UTC with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def public_part(
    *,
    seq: int,
    at: datetime,
    transition: str,
    from_state: str,
    to_state: str,
    actor_label: str,
    says: str,
    commitment: str,
) -> dict[str, Any]:
    """Return the part of a log entry that the chain is made of and that the holder of a receipt may read."""
    return {
        "seq": seq,
        "at": stamp(at),
        "transition": transition,
        "from": from_state,
        "to": to_state,
        "actor": actor_label,
        "says": says,
        "commitment": commitment,
    }


def told(template: str, names: Mapping[str, str]) -> str:
    """Fill ``{…}`` of a resident's sentence; a name without a value is left out rather than shown in braces."""
    out, rest = "", template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        out += before + names.get(name, "")
    return (out + rest)[:400]
