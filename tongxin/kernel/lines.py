"""This thread's line to the database. Django's ``connection`` asks its way to it anew at every use, which the hottest paths feel."""

from __future__ import annotations

from threading import local

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


class _Own(local):
    def __init__(self) -> None:
        self.line: BaseDatabaseWrapper = connections[DEFAULT_DB_ALIAS]


own = _Own()  # ``own.line`` is Django's ``connection`` of the thread
