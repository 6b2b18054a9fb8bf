"""How the log is written: one line an event on standard error, without the rows' values. It stores nothing.

PostgreSQL repeats the offending row in the DETAIL of an error ("Key (phone)=(138…) already exists"); in a log that is
personal data without a purpose, so those lines are left out.
"""

import logging
import re

_VALUES = re.compile(r"^(DETAIL|CONTEXT|Params):.*$\n?", re.MULTILINE)


class PlainFormatter(logging.Formatter):
    """A log line with its traceback, with the database's row values taken out."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of one record."""
        return _VALUES.sub("", super().format(record)).rstrip()
