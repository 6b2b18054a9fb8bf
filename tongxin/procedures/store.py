"""The two statements by which a run and its log entry are written together. Not for reading, not for deciding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection
from psycopg.types.json import Jsonb

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


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value)


def _values(row: Run | LogEntry, columns: Sequence[str]) -> list[Any]:
    return [
        Jsonb(getattr(row, column), dumps=_dumps) if column in JSON_COLUMNS else getattr(row, column)  # type: ignore[arg-type]
        for column in columns
    ]


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


# A literal in a SELECT list has no type of its own; the columns that may be NULL or JSON say theirs.
_TYPES = {
    "at": "timestamptz", "due_at": "timestamptz", "form": "jsonb", "seq": "integer", "actor_user_id": "bigint",
    "actor_post_id": "bigint", "holder_post_id": "bigint",
}  # fmt: skip
_ENTRY_MARKS = ", ".join(f"%s::{_TYPES.get(column, 'text')}" for column in _ENTRY)

_INSERT = f"""
WITH r AS (INSERT INTO procedures_run ({", ".join(_BEGUN + _MOVING)}) VALUES ({_marks(len(_BEGUN) + len(_MOVING))}) RETURNING id)
INSERT INTO procedures_logentry (run_id, {", ".join(_ENTRY)}) SELECT r.id, {_ENTRY_MARKS} FROM r RETURNING run_id, id
"""  # noqa: S608 - column names only
_UPDATE = f"""
WITH r AS (UPDATE procedures_run SET {", ".join(f"{column} = %s" for column in _MOVING)} WHERE id = %s RETURNING id)
INSERT INTO procedures_logentry (run_id, {", ".join(_ENTRY)}) SELECT r.id, {_ENTRY_MARKS} FROM r RETURNING run_id, id
"""  # noqa: S608 - column names only


def insert_run(run: Run, entry: LogEntry) -> None:
    """Write a new run with its first entry (1 statement) and set their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, _values(run, _BEGUN + _MOVING) + _values(entry, _ENTRY))
        run.id, entry.id = cursor.fetchone()
    entry.run_id = run.id


def update_run(run: Run, entry: LogEntry) -> None:
    """Write a step: the run as it now is and the entry that says why (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [*_values(run, _MOVING), run.id, *_values(entry, _ENTRY)])
        entry.run_id, entry.id = cursor.fetchone()
