"""Writing for the hottest paths: one statement made of parts that several packages contribute, for many callers at once.

A report writes a matter, its run, the first log entry and a note: four tables of three packages. As four statements in a
transaction that is six journeys to the server; as one statement of four parts it is one, and all or nothing all the same.
The rows go in as one JSON value, so the same prepared statement takes one report or fifty, and reports that arrive while one is
being written go together with the next (``kernel.gathering``). Not a query builder: each part is SQL that the owner of its table wrote.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar, cast
from weakref import WeakKeyDictionary

import orjson
from django.db import InterfaceError, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.db.models.base import ModelState
from psycopg import RawCursor
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8
from psycopg.waiting import wait_async

from tongxin.kernel.database.base import DatabaseWrapper
from tongxin.kernel.gathering import Gathered
from tongxin.kernel.lines import own
from tongxin.kernel.looped import has_written, need_thread, on_loop, wait_for

M = TypeVar("M", bound=Model)


class Part(NamedTuple):
    """What one package contributes to a write: its SQL, and its rows for it.

    Args:
        name: under which the SQL finds the rows, see :func:`given`.
        sql: common table expressions, without ``WITH``; always the same text for the same kind of write.
        rows: values by column; bytes, times and JSON as they are.
    """

    name: str
    sql: str
    rows: Sequence[Mapping[str, Any]]


ALLOWED = "allowed"  # what a gate's part calls the numbers ``n`` of the writes that may be done


class Gate(NamedTuple):
    """A condition of a write, decided in the write's own statement: where it does not hold, nothing of it is written.

    Args:
        part: called ``gate``; its SQL gives :data:`ALLOWED`, with the ``n`` of each write that may be done.
        refusal: what to raise when it did not hold.
    """

    part: Part
    refusal: Callable[[], Exception]


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """Open a cursor of Django's connection whose statements the server binds, and prepares when they come again.

    Its placeholders are PostgreSQL's own, ``$1``: see :func:`numbered`.
    """
    connection.ensure_connection()
    connection.close_if_health_check_failed()
    with connection.wrap_database_errors:
        cursor = connection._prepare_cursor(RawCursor(connection.connection))  # type: ignore[attr-defined]
    with cursor:
        yield cursor


def given(name: str, model: type[Model], columns: Sequence[str], more: str = "") -> str:
    """Return the FROM item, called ``g``, that reads the rows of a part; its column ``n`` says which write a row belongs to.

    Args:
        columns: of the model's table; ``more``: further columns with their types, e.g. ``"ref_prefix text"``.
    """
    fields = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    shape = ", ".join(["n bigint", *(f"{column} {fields[column]}" for column in columns), *filter(None, [more])])
    return f"jsonb_to_recordset($1::jsonb -> '{name}') AS g({shape})"


def new_row(model: type[M], **values: Any) -> M:
    """Return an unsaved row with its defaults, as ``model(**values)`` does but ten times quicker; by column, e.g. ``area_id``."""
    row = model.__new__(model)
    plain, made = _defaults(model)
    row.__dict__.update(plain)
    row.__dict__.update((column, make()) for column, make in made if column not in values)
    row.__dict__.update(values)
    row._state = ModelState()
    return row


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    fields = model._meta.concrete_fields
    made = [(field.attname, field.get_default) for field in fields if field.has_default() and callable(field.default)]
    names = {name for name, _ in made}
    plain = {field.attname: field.get_default() for field in fields if field.attname not in names}
    return plain, made


@cache
def new_subject(model: type[Model], columns: tuple[str, ...], once: tuple[str, ...], *, gated: bool = False) -> str:
    """Return the SQL of the part ``subject``, which inserts what a write is about and gives ``n`` and ``id`` of what is new.

    Args:
        once: columns that must be new; the rows are written in their order, so that two processes which were sent the same
            requests do not wait for each other.
        gated: the part of a :class:`Gate` stands before it.
    """
    table, names = model._meta.db_table, ", ".join(columns)
    gate = f" JOIN {ALLOWED} USING (n)" if gated else ""
    return f"""subject_given AS MATERIALIZED (SELECT nextval('{table}_id_seq') AS id, g.* FROM {given("subject", model, columns)}{gate}),
subject_new AS (INSERT INTO {table} (id, {names}) SELECT id, {names} FROM subject_given ORDER BY {", ".join(once)}
ON CONFLICT DO NOTHING RETURNING id),
subject AS (SELECT n, id FROM subject_given JOIN subject_new USING (id))"""  # noqa: S608 - column names only


def write_parts(parts: Sequence[Part], answer: str) -> tuple[Any, ...] | None:
    """Write the parts as one statement, together with what other threads are writing just then (1 statement, atomic by itself).

    Args:
        answer: the final SELECT over the parts' names, of whole numbers; its first is ``n``, and it gives one row for a write that
            was done.

    Returns:
        The row without ``n``, or None when the write gave none.
    """
    if on_loop() and not _line.ready():
        need_thread()
    n = next(_numbers)
    rows = [orjson.dumps([{"n": n, **row} for row in part.rows], default=_bytes)[1:-1] for part in parts]
    row = _together(_Write(n, tuple([(part.name, part.sql) for part in parts]), answer, rows))
    if row is not None:
        has_written()
    return row


class _Write(NamedTuple):
    n: int
    shape: tuple[tuple[str, str], ...]
    answer: str
    rows: list[bytes]  # of each part, as JSON objects with commas between


_numbers = itertools.count(1)


def _write_together(writes: Sequence[_Write]) -> list[tuple[Any, ...] | None]:
    """Run one statement for all writes of one shape (1 statement for each shape) and return each one's row."""
    rows: dict[int, tuple[Any, ...]] = {}
    for shape, answer in dict.fromkeys((write.shape, write.answer) for write in writes):
        alike = [write.rows for write in writes if (write.shape, write.answer) == (shape, answer)]
        parts = (b",".join(filter(None, part)) for part in zip(*alike, strict=True))
        value = b",".join(b'"%s":[%s]' % (name.encode(), part) for (name, _), part in zip(shape, parts, strict=True))
        rows |= {row[0]: row[1:] for row in _ask(_joined(shape, answer), b"{%s}" % value)}
    return [rows.get(write.n) for write in writes]


_together = Gathered(_write_together)
_LOOK_SECONDS = 1.0  # how often psycopg looks up while it waits for the server


def _ask(sql: str, value: bytes) -> list[tuple[int, ...]]:
    """Run a statement of one JSON value that answers in whole numbers.

    Outside a transaction it goes to libpq at once, on the process's own line: what a cursor does around it costs four times as much
    as the journey, and one server process that does it all has everything near.
    """
    here = own.line
    asked = here.connection  # None while this thread has asked for nothing
    if here.in_atomic_block or here.queries_logged or (asked is not None and not asked.autocommit):
        with prepared_cursor() as cursor:
            cursor.execute(sql, [bound(Jsonb(value, dumps=_as_is))])
            return list(cursor.fetchall())
    shared = _line.as_it_is() if on_loop() else _line.open()
    with shared.wrap_database_errors:
        line = shared.connection
        names = _prepared.setdefault(line, {})
        result = _run(line.pgconn, names, sql, value)
        if result.error_field(DiagnosticField.SQLSTATE) == b"26000":  # somebody let go of all that was prepared
            names.clear()
            result = _run(line.pgconn, names, sql, value)
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result, encoding="utf-8")
        columns = range(result.nfields)
        return [tuple(int(result.get_value(row, column)) for column in columns) for row in range(result.ntuples)]  # type: ignore[arg-type]


class _Line:
    """A connection that the threads of a process share, one after the other: whoever writes for all has it to himself."""

    def __init__(self) -> None:
        self._kept: DatabaseWrapper | None = None

    def ready(self) -> bool:
        """Whether it can be used as it is, without what only a thread may do: connected, young, and not closed by the server."""
        kept = self._kept
        return (
            kept is not None
            and kept.connection is not None
            and not kept.errors_occurred
            and (kept.close_at is None or time.monotonic() < kept.close_at)
            and not own.line.queries_logged
            and (_together.busy or kept.is_quiet())  # while it is at work its socket tells nothing
        )

    def as_it_is(self) -> DatabaseWrapper:
        """Return it; where it was lost since it was ready, raise InterfaceError, and it is not ready any more."""
        kept = self._kept
        if kept is None or kept.connection is None:
            raise InterfaceError("the connection was closed")
        if not kept.is_quiet():
            kept.errors_occurred = True
            raise InterfaceError("the connection was lost")
        return kept

    def open(self) -> DatabaseWrapper:
        """Return it connected; whether the server is still there is seen without asking it."""
        kept = self._kept
        if kept is None or kept.settings_dict != own.line.settings_dict:
            self.close()
            kept = self._kept = cast(DatabaseWrapper, connection.copy())
            kept.inc_thread_sharing()
        kept.close_if_unusable_or_obsolete()
        kept.close_if_health_check_failed()
        kept.ensure_connection()
        return kept

    def close(self) -> None:
        """Let go of it; the next write opens it again."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None


_line = _Line()
_prepared: WeakKeyDictionary[Any, dict[str, bytes]] = (
    WeakKeyDictionary()
)  # of each connection: statement → its name there


def _run(line: PGconn, names: dict[str, bytes], sql: str, value: bytes) -> PGresult:
    name = names.get(sql)
    if name is None:
        name = b"tongxin_%d" % len(names)
        if on_loop():
            line.send_prepare(name, sql.encode())
            made = _awaited(line)
        else:
            made = line.prepare(name, sql.encode())
        if made.status != ExecStatus.COMMAND_OK:
            return made
        names[sql] = name
    if on_loop():
        line.send_query_prepared(name, [value])
        return _awaited(line)
    return line.exec_prepared(name, [value])


def _awaited(line: PGconn) -> PGresult:
    """Return the server's answer to what was sent; the event loop goes on with others meanwhile."""
    try:
        results: list[PGresult] = wait_for(wait_async(execute(line), line.socket, _LOOK_SECONDS))
    except BaseException:
        line.finish()  # nobody may take the rest of this answer for his
        raise
    return results[-1]


def _as_is(value: bytes) -> bytes:
    return value


def _bytes(value: Any) -> str:
    """Bytes as PostgreSQL reads them; anything else that JSON does not know is an error of ours."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{value.hex()}"
    raise TypeError(f"no JSON for {type(value).__name__}")


@lru_cache(maxsize=256)
def _joined(shape: tuple[tuple[str, str], ...], answer: str) -> str:
    return "WITH " + ", ".join(sql for _, sql in shape) + " " + answer


@lru_cache(maxsize=256)
def numbered(sql: str) -> str:
    """Return the statement with ``$1``, ``$2`` … for its ``%s``; the driver would do it anew for every long statement."""
    count = itertools.count(1)
    return re.sub("%s", lambda _: f"${next(count)}", sql)


def bound(value: Any) -> Any:
    """Return a value as it is bound: whole numbers all of one type, else each size of number would be prepared anew."""
    return Int8(value) if type(value) is int else value


def jsonb(value: Any) -> Jsonb:
    """Return a JSON value for a ``jsonb`` column."""
    return Jsonb(value, dumps=orjson.dumps)


def marks(columns: Sequence[str], types: dict[str, str]) -> str:
    """Return the placeholders of a SELECT list; each says its type, which a literal there does not have by itself."""
    return ", ".join(f"%s::{types.get(column, 'text')}" for column in columns)
