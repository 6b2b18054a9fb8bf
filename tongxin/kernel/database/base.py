"""The database backend that settings name: PostgreSQL as Django has it, but for the health check and prepared statements."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import RawCursor


class Operations(DatabaseOperations):
    """Shows a statement with PostgreSQL's own placeholders as it was sent; Django would fill in ``%s``, which it has none."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return what counters and logs show of a statement."""
        return sql if isinstance(cursor, RawCursor) else super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(PostgreSQL):
    """Asks the socket first: a server that was stopped or killed has closed it, and an idle, living one has sent nothing.

    Django asks ``SELECT 1`` before the first statement of every request, which is one journey in three of a report's.
    """

    ops_class = Operations

    def is_usable(self) -> bool:
        """Whether the kept connection still answers; only when the socket has something to say is the server asked."""
        if self.connection is None:
            return False
        if self.connection.closed:
            return False
        asked = select.poll()
        asked.register(self.connection.fileno(), select.POLLIN | select.POLLPRI)
        return not asked.poll(0) or bool(super().is_usable())
