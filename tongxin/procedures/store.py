"""The two statements by which a run and its log entry are written together. Not for reading, not for deciding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from tongxin.kernel.statements import Part, bound, given, jsonb, marks, numbered, prepared_cursor, write_parts
from tongxin.procedures.models import LogEntry, Run

_BEGUN = ("district_id", "procedure", "subject_kind", "subject_id", "parent_id", "salt", "started_at")
_MOVING = (
    "pack_id", "area_id", "state", "entered_at", "came_from", "holder_post_id", "due_at", "limit_at", "provisional", "next_timer_at",
    "timer_step", "clock_started_at", "paused_at", "paused_seconds", "parts", "facts", "card", "seq", "head", "finished_at",
    "outcome",
)  # fmt: skip
_ENTRY = (
    "seq", "at", "transition", "from_state", "to_state", "actor_user_id", "actor_post_id", "actor_label", "holder_post_id",
    "due_at", "form", "says", "request_key", "commitment", "hash",
)  # fmt: skip
RUN_COLUMNS, ENTRY_COLUMNS = _BEGUN + _MOVING, _ENTRY
JSON_COLUMNS = frozenset({"parts", "facts", "card", "form"})


def _values(row: Run | LogEntry, columns: Sequence[str]) -> list[Any]:
    return [jsonb(getattr(row, column)) if column in JSON_COLUMNS else getattr(row, column) for column in columns]


# A literal in a SELECT list has no type of its own, so each column says its type.
_TYPES = {
    **dict.fromkeys(("parts", "facts", "card", "form"), "jsonb"),
    **dict.fromkeys(
        ("at", "due_at", "limit_at", "started_at", "entered_at", "next_timer_at", "clock_started_at", "paused_at", "finished_at"),
        "timestamptz",
    ),
    **dict.fromkeys(
        ("district_id", "pack_id", "parent_id", "area_id", "holder_post_id", "actor_user_id", "actor_post_id", "paused_seconds"),
        "bigint",
    ),
    "seq": "integer", "timer_step": "smallint", "provisional": "boolean", "salt": "bytea",
}  # fmt: skip
_UPDATE = f"""
WITH r AS (UPDATE procedures_run SET {", ".join(f"{column} = %s" for column in _MOVING)} WHERE id = %s RETURNING id)
INSERT INTO procedures_logentry (run_id, {", ".join(_ENTRY)}) SELECT r.id, {marks(_ENTRY, _TYPES)} FROM r RETURNING run_id, id
"""  # noqa: S608 - column names only


# What every new run and every first entry have alike; and what the entry says of its run, which the server knows by then.
_RUN_FIXED = {
    "entered_at": "started_at", "came_from": "''", "timer_step": "0", "paused_seconds": "0", "seq": "1",
}  # fmt: skip
_ENTRY_FIXED = {
    "seq": "1", "at": "started_at", "from_state": "''", "to_state": "state", "holder_post_id": "holder_post_id", "due_at": "due_at",
    "form": "'{}'", "request_key": "NULL", "hash": "head",
}  # fmt: skip
_NEW = tuple(name for name in _BEGUN + _MOVING if name != "subject_id" and name not in _RUN_FIXED)
_FIRST = tuple(name for name in _ENTRY if name not in _ENTRY_FIXED)
_new_of, _first_of = itemgetter(*_NEW), itemgetter(*_FIRST)
_PLAIN = tuple(column for column in _NEW if column != "card")
ANSWER = "SELECT n, subject_id, id FROM run_given"


@cache
def _subject_part() -> str:
    return f"subject AS (SELECT g.n, g.id FROM {given('subject', Run, ['id'])})"  # noqa: S608 - column names only


@cache
def _run_part() -> str:
    """The card's ``ref`` ends in the subject's id, which is known here for the first time."""
    columns = ", ".join(_PLAIN)
    return f"""run_given AS MATERIALIZED (SELECT nextval('procedures_run_id_seq') AS id, subject.id AS subject_id, g.*
FROM {given("run", Run, _NEW, "ref_prefix text")} JOIN subject USING (n)),
run AS (INSERT INTO procedures_run (id, subject_id, {columns}, card, {", ".join(_RUN_FIXED)})
SELECT id, subject_id, {columns}, card || jsonb_strip_nulls(jsonb_build_object('ref', ref_prefix || subject_id)),
    {", ".join(_RUN_FIXED.values())} FROM run_given)"""  # noqa: S608 - column names only


@cache
def _entry_part() -> str:
    return f"""entry AS (INSERT INTO procedures_logentry (run_id, {", ".join([*_FIRST, *_ENTRY_FIXED])})
SELECT run_given.id, {", ".join([*_FIRST, *_ENTRY_FIXED.values()])}
FROM {given("entry", LogEntry, _FIRST)} JOIN run_given USING (n))"""  # noqa: S608 - column names only


def insert_run(
    run: Run, entry: LogEntry, *, besides: Sequence[Part] = (), subject: Sequence[Part] | None = None, ref_prefix: str | None = None
) -> bool:  # fmt: skip
    """Write a new run with its first entry and what belongs to it (1 statement, shared by who writes just then), set the run's ids.

    Args:
        besides: further parts of the statement; they may read ``n`` and the subject's ``id`` from ``subject``.
        subject: parts of which the last, called ``subject``, inserts the subject itself and gives ``n`` and its ``id``; without
            them the subject is there already. ref_prefix: the card's ``ref`` is this and the subject's id.

    Returns:
        False when the subject's insert gave no row (it was there before, or a gate did not hold); nothing is written then.
    """
    first = subject or [Part("subject", _subject_part(), [{"id": run.subject_id}])]
    begun = {**dict(zip(_NEW, _new_of(run.__dict__), strict=True)), "ref_prefix": ref_prefix}
    logged = dict(zip(_FIRST, _first_of(entry.__dict__), strict=True))
    parts = [*first, Part("run", _run_part(), [begun]), Part("entry", _entry_part(), [logged]), *besides]
    row = write_parts(parts, ANSWER)
    if row is None:
        return False
    run.subject_id, run.id = row
    entry.run_id = run.id
    if ref_prefix is not None:
        run.card = {**run.card, "ref": f"{ref_prefix}{run.subject_id}"}
    return True


def update_run(run: Run, entry: LogEntry) -> None:
    """Write a step: the run as it now is and the entry that says why (1 statement)."""
    with prepared_cursor() as cursor:
        cursor.execute(numbered(_UPDATE), [bound(v) for v in (*_values(run, _MOVING), run.id, *_values(entry, _ENTRY))])
        entry.run_id, entry.id = cursor.fetchone()
