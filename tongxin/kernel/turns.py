"""One at a time, by advisory locks of the database: a worker passes by what another does; a writer waits for its turn."""

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


def wait_our_turn(name: str) -> None:
    """Wait until nobody else is at a thing, and hold it until the transaction ends (1 statement).

    What is looked up afterwards is still so when the transaction writes, so that two clicks that arrive together act once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
