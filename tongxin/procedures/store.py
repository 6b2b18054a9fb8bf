"""The two statements by which a run and its log entry are written together. Not for reading, not for deciding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tongxin.kernel.statements import Piece, bound, jsonb, marks, numbered, prepared_cursor, run_pieces
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
_NEW = tuple(column for column in _BEGUN + _MOVING if column not in ("subject_id", "card"))
_RUN = f"""INSERT INTO procedures_run ({", ".join(_NEW)}, card, subject_id)
SELECT {marks(_NEW, _TYPES)}, %s::jsonb || jsonb_strip_nulls(jsonb_build_object('ref', %s::text || subject.id)), subject.id
FROM subject RETURNING id"""  # noqa: S608 - column names only
_FIRST_ENTRY = f"""INSERT INTO procedures_logentry (run_id, {", ".join(_ENTRY)})
SELECT run.id, {marks(_ENTRY, _TYPES)} FROM run RETURNING id"""  # noqa: S608 - column names only
_UPDATE = f"""
WITH r AS (UPDATE procedures_run SET {", ".join(f"{column} = %s" for column in _MOVING)} WHERE id = %s RETURNING id)
INSERT INTO procedures_logentry (run_id, {", ".join(_ENTRY)}) SELECT r.id, {marks(_ENTRY, _TYPES)} FROM r RETURNING run_id, id
"""  # noqa: S608 - column names only


def insert_run(
    run: Run,
    entry: LogEntry,
    *,
    besides: Sequence[Piece] = (),
    subject: Piece | None = None,
    ref_prefix: str | None = None,
) -> bool:
    """Write a new run with its first entry and what belongs to it (1 statement) and set their ids.

    Args:
        besides: further pieces of the statement; they may read the subject's id from ``subject``.
        subject: the piece, called ``subject``, that inserts the subject itself and gives its ``id``; without it the subject is
            there already. ref_prefix: the card's ``ref`` is this and the subject's id.

    Returns:
        False when the subject's insert gave no row (it was there before); nothing is written then.
    """
    first = subject or Piece("subject", "SELECT %s::bigint AS id", [run.subject_id])
    pieces = [
        first,
        Piece("run", _RUN, [*_values(run, _NEW), jsonb(run.card), ref_prefix]),
        Piece("entry", _FIRST_ENTRY, _values(entry, _ENTRY)),
        *besides,
    ]
    row = run_pieces(pieces, "SELECT subject.id, run.id, entry.id FROM subject, run, entry")
    if row is None:
        return False
    run.subject_id, run.id, entry.id = row
    entry.run_id = run.id
    if ref_prefix is not None:
        run.card = {**run.card, "ref": f"{ref_prefix}{run.subject_id}"}
    return True


def update_run(run: Run, entry: LogEntry) -> None:
    """Write a step: the run as it now is and the entry that says why (1 statement)."""
    with prepared_cursor() as cursor:
        cursor.execute(numbered(_UPDATE), [bound(v) for v in (*_values(run, _MOVING), run.id, *_values(entry, _ENTRY))])
        entry.run_id, entry.id = cursor.fetchone()
