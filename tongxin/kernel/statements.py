"""Writing for the hottest paths: one statement made of pieces that several packages contribute, bound and prepared by the server.

A report writes a matter, its run, the first log entry and a note: four tables of three packages. As four statements in a
transaction that is six journeys to the server; as one statement of four pieces it is one, and all or nothing all the same.
Not a query builder: each piece is SQL that the owner of its table wrote.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import RawCursor
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8


@dataclass(frozen=True, slots=True)
class Piece:
    """An insert or a select that is one part of a statement; ``name`` is how later pieces call its rows."""

    name: str
    sql: str
    values: list[Any] = field(default_factory=list)


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


def run_pieces(pieces: Sequence[Piece], answer: str) -> tuple[Any, ...] | None:
    """Run the pieces as one statement (1 statement, atomic by itself) and return the one row of ``answer``, if any.

    Args:
        answer: the final SELECT over the pieces' names.
    """
    sql = _joined(tuple((piece.name, piece.sql) for piece in pieces), answer)
    with prepared_cursor() as cursor:
        cursor.execute(sql, [bound(value) for piece in pieces for value in piece.values])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


@lru_cache(maxsize=256)
def _joined(pieces: tuple[tuple[str, str], ...], answer: str) -> str:
    return numbered("WITH " + ", ".join(f"{name} AS ({sql})" for name, sql in pieces) + " " + answer)


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
