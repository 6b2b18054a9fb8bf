"""One worker at a time: an advisory lock of the database on this connection; another passes by, and a worker that dies lets go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def our_turn(kind: int, ident: int) -> Iterator[bool]:
    """Hold the lock of a thing, or say that somebody else does (2 statements)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, ident % 2**31])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, ident % 2**31])
