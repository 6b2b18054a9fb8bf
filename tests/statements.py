"""Counting the SQL statements that a piece of work costs, as a user's request would run them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

_FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")
# The look at the districts, once a second however many requests there are: whose turn it falls to is chance.
_EVERY_SECOND = 'SELECT "packs_district"."id", "packs_district"."key", "packs_district"."title"'


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Fail when the block runs more than ``most`` statements, frames of transactions and what is asked once a second apart.

    A test runs inside a transaction, so what is BEGIN and COMMIT in service shows here as savepoints.
    """
    with CaptureQueriesContext(connection) as caught:
        yield
    asked = [query["sql"] for query in caught.captured_queries]
    real = [sql for sql in asked if not sql.startswith((*_FRAME, _EVERY_SECOND))]
    assert len(real) <= most, f"{len(real)} statements, at most {most}:\n" + "\n".join(sql[:200] for sql in real)
