"""The database backend that settings name: PostgreSQL as Django has it, but for the health check of kept connections."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.postgresql.operations import DatabaseOperations as PostgreSQLOperations
from psycopg import ProgrammingError


class DatabaseOperations(PostgreSQLOperations):
    """Tells a captured statement as it was sent when the driver cannot fill in its ``$1`` (see ``kernel.statements``)."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return the statement for tests and debugging."""
        try:
            return super().last_executed_query(cursor, sql, params)
        except ProgrammingError:
            return sql


class DatabaseWrapper(PostgreSQL):
    """Asks the socket first: a server that was stopped or killed has closed it, and an idle, living one has sent nothing.

    Django asks ``SELECT 1`` before the first statement of every request, which is one journey in three of a report's.
    """

    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Whether the kept connection still answers; only when the socket has something to say is the server asked."""
        if self.connection is None:
            return False
        if self.connection.closed:
            return False
        asked = select.poll()
        asked.register(self.connection.fileno(), select.POLLIN | select.POLLPRI)
        return not asked.poll(0) or bool(super().is_usable())
