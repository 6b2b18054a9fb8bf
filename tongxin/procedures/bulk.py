"""Many runs written at once: begun for records that come from elsewhere with their own times (as history without timers and
notes, as live work with timers), or changed in one stroke with an entry in the chain of each.

The same rules as a single start decide state, holder and deadline, and the same chain binds the entries; only the writing is
in bulk (COPY), so that a hundred thousand cases take a minute.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from tongxin.kernel import chain
from tongxin.organization.api import Actor, Desk
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack
from tongxin.procedures import permissions, rules, store
from tongxin.procedures.actions import START, enter_state, procedure_of, write_entry
from tongxin.procedures.context import Context
from tongxin.procedures.models import LogEntry, Run

TAKEN_IN = "taken_in"  # the transition of the entry that ends a case which had ended elsewhere


@dataclass(frozen=True, slots=True)
class Ending:
    """How and when a case had ended before it came here."""

    at: datetime
    final: str = "done"  # nature of the final state: done, merged …
    says: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """One case to begin."""

    subject_id: int
    area_id: int | None
    at: datetime
    card: dict[str, Any]
    facts: dict[str, Any]
    sealed: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""
    ending: Ending | None = None


def start_runs(
    *,
    district: DistrictView,
    pack: Pack,
    procedure: str,
    subject_kind: str,
    beginnings: Sequence[Beginning],
    actor: Actor,
    now: datetime,
    live: bool = False,
) -> list[int]:
    """Begin a procedure on many subjects, each at its own time (3 statements whatever their number).

    Args:
        beginnings: in the order in which the runs get their numbers.
        now: the time of this import; desks are those of today.
        live: these cases begin now and their deadlines count; the caller tells the holders in one note, not one a case.

    Returns:
        The ids of the runs, in the same order.

    Raises:
        NotFound: the pack has no such procedure.
    """
    spec = procedure_of(pack, procedure)
    desks: dict[tuple[str, int | None], Desk | None] = {}
    finals: dict[str, str] = {state.final: key for key, state in reversed(spec.states.items()) if state.final}
    run_columns, entry_columns = ("id", *store.RUN_COLUMNS), ("run_id", *store.ENTRY_COLUMNS)
    run_rows: list[list[Any]] = []
    entry_rows: list[list[Any]] = []
    run = Run(
        district_id=district.id, pack_id=district.pack_id, procedure=procedure, subject_kind=subject_kind, parts={}
    )
    blank = dict(run.__dict__)
    with transaction.atomic():
        idents = next_ids(Run._meta.db_table, len(beginnings))
        for ident, one in zip(idents, beginnings, strict=True):
            # one object for all rows: making a model's instance costs more than all the rest of a row
            run.__dict__.update(
                blank, id=ident, subject_id=one.subject_id, area_id=one.area_id, state=spec.start, started_at=one.at, entered_at=one.at,
                facts=rules.pin_rules(one.facts, spec, pack.catalogue, one.at), card=one.card, salt=secrets.token_bytes(16), head=chain.GENESIS,
            )  # fmt: skip
            context = Context(
                district, pack, spec, run, START, None, dict(one.sealed), actor, one.at, to_state=spec.start
            )
            context.take_holder = _desk(desks, context, now)
            entry_rows.append(_values(_step(context, "", one.says), entry_columns))
            final = finals.get(one.ending.final, finals.get("done")) if one.ending is not None else None
            if one.ending is not None and final is not None:
                at = one.ending.at
                context = Context(district, pack, spec, run, TAKEN_IN, None, {}, actor, at, to_state=final)
                entry_rows.append(_values(_step(context, spec.start, one.ending.says), entry_columns))
            run.next_timer_at = run.next_timer_at if live and one.ending is None else None
            run_rows.append(_values(run, run_columns))
        copy_rows(Run._meta.db_table, run_columns, run_rows)
        copy_rows(LogEntry._meta.db_table, entry_columns, entry_rows)
    return idents


def _desk(desks: dict[tuple[str, int | None], Desk | None], context: Context, now: datetime) -> Desk | None:
    """The desk of the first state at a place, found once a place; of today, for it is today's holder who gets the case."""
    key = (context.to_state, context.run.area_id)
    if key not in desks:
        today = Context(
            context.district, context.pack, context.procedure, context.run, START, None, {}, context.actor, now, to_state=context.to_state
        )  # fmt: skip
        desks[key] = permissions.holder_of(today, context.procedure.states[context.to_state])
    return desks[key]


def _step(context: Context, from_state: str, says: str) -> LogEntry:
    enter_state(context, from_state=from_state)
    entry = write_entry(context, from_state=from_state, says=says, request_key=None, stored_form={})
    entry.run_id = context.run.id
    return entry


def _values(row: Run | LogEntry, columns: Iterable[str]) -> list[Any]:
    held = row.__dict__
    return [orjson.dumps(held[key]).decode() if key in store.JSON_COLUMNS else held[key] for key in columns]


def write_steps(runs: Sequence[Run], entries: Sequence[LogEntry], columns: Sequence[str]) -> None:
    """Write a step of many locked runs: these columns, seq and head of each, and its entry (2 statements whatever their number).

    Args:
        entries: one a run, in the same order, as ``write_entry`` gave them.
        columns: of the run, that changed besides.
    """
    if not runs:
        return
    named = [*columns, "seq", "head"]
    kinds = [_ARRAYS.get(column, "text[]") for column in named]
    sql = (
        f"UPDATE procedures_run r SET {', '.join(f'{column} = v.{column}' for column in named)} "  # noqa: S608 - names only
        f"FROM unnest(%s::bigint[], {', '.join(f'%s::{kind}' for kind in kinds)}) AS v(id, {', '.join(named)}) WHERE r.id = v.id"
    )
    rows = [_values(run, named) for run in runs]
    with connection.cursor() as cursor:
        cursor.execute(sql, [[run.id for run in runs], *map(list, zip(*rows, strict=True))])
    for run, entry in zip(runs, entries, strict=True):
        entry.run_id = run.id
    entry_columns = ("run_id", *store.ENTRY_COLUMNS)
    copy_rows(LogEntry._meta.db_table, entry_columns, [_values(entry, entry_columns) for entry in entries])


_ARRAYS = {
    "area_id": "bigint[]", "holder_post_id": "bigint[]", "seq": "integer[]", "facts": "text[]::jsonb[]", "card": "text[]::jsonb[]",
}  # fmt: skip


def next_ids(table: str, count: int) -> list[int]:
    """Take ``count`` numbers from a table's own sequence, so that rows that refer to each other can be written at once (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(s.seq) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS seq) s, generate_series(1, %s)",
            [table, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def copy_rows(table: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY (1 statement); JSON columns as text. Constraints and triggers hold as for any insert."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
