"""The database backend that settings name: PostgreSQL as Django has it, but for the health check and prepared statements."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import RawCursor

from tongxin.kernel.looped import need_thread


class Operations(DatabaseOperations):
    """Shows a statement with PostgreSQL's own placeholders as it was sent; Django would fill in ``%s``, which it has none."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return what counters and logs show of a statement."""
        return sql if isinstance(cursor, RawCursor) else super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(PostgreSQL):
    """Asks the socket first: a server that was stopped or killed has closed it, and an idle, living one has sent nothing.

    Django asks ``SELECT 1`` before the first statement of every request, which is one journey in three of a report's.
    On an event loop it is not for use: what asks it there is done by a thread (``kernel.looped``).
    """

    ops_class = Operations

    def is_usable(self) -> bool:
        """Whether the kept connection still answers; only when the socket has something to say is the server asked."""
        if self.connection is None:
            return False
        return not self.connection.closed and (self.is_quiet() or bool(super().is_usable()))

    def is_quiet(self) -> bool:
        """Whether the kept connection is open and has nothing to say, as one that is idle and lives."""
        if self.connection.closed:
            return False
        asked = select.poll()
        asked.register(self.connection.fileno(), select.POLLIN | select.POLLPRI)
        return not asked.poll(0)

    def connect(self) -> None:
        """Connect; in a thread."""
        need_thread()
        super().connect()

    def ensure_connection(self) -> None:
        """Connect where it is not; in a thread."""
        need_thread()
        super().ensure_connection()

    def cursor(self) -> Any:
        """Open a cursor; in a thread."""
        need_thread()
        return super().cursor()

    def chunked_cursor(self) -> Any:
        """Open a cursor of the server's; in a thread."""
        need_thread()
        return super().chunked_cursor()
