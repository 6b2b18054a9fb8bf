"""Counting the SQL statements that a piece of work costs, as a user's request would run them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxin.packs import queries

_FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Fail when the block runs more than ``most`` statements; the frames of transactions are not counted.

    A test runs inside a transaction, so what is BEGIN and COMMIT in service shows here as savepoints. The look at the
    districts that a process takes once a second is left out: on a slow machine it would fall into any block.
    """
    with mock.patch.object(queries, "FRESH_SECONDS", float("inf")), CaptureQueriesContext(connection) as caught:
        yield
    real = [query["sql"] for query in caught.captured_queries if not query["sql"].startswith(_FRAME)]
    assert len(real) <= most, f"{len(real)} statements, at most {most}:\n" + "\n".join(sql[:200] for sql in real)
