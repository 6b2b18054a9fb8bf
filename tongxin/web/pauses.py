"""A fault that is a pause: the database is away, or it is there and was too busy. Told apart by its SQLSTATE; anything else is ours.

Both are 503 with Retry-After, which RFC 9110 (§15.6.4) means for overload as well as for maintenance; the sentences differ, for of a
request that ran out of time it is known that nothing was written, of one whose line broke it is not.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

STATUS = 503


@dataclass(frozen=True, slots=True)
class Pause:
    """What to tell, and in how many seconds it is worth asking again."""

    code: str
    what: str
    mend: str
    english: str
    seconds: int


AWAY = Pause(
    "away", "系统的数据库暂时连不上，这次可能没有办成。", "请过一会儿再试；用同一个 request_key 再发一次，只算一次。",
    "Our database cannot be reached just now, and this may not have been done.", 15,  # a restart of the database
)  # fmt: skip
BUSY = Pause(
    "busy", "系统现在很忙，等了太久，这次没有办成。", "请过几秒再试一次。",
    "The system is very busy; this took too long and was not done.", 5,
)  # fmt: skip
# statement_timeout (or called off by an operator), lock_timeout, transaction_timeout, deadlock, serialization, too many connections:
# the server undid what it had begun
_BUSY = frozenset({"57014", "55P03", "25P04", "40P01", "40001", "53300"})


def pause_of(error: BaseException | None) -> Pause | None:
    """Return the pause that an error means, None where the fault is ours."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    return BUSY if getattr(error.__cause__, "sqlstate", None) in _BUSY else AWAY


class InOneLine(logging.Filter):
    """Tells a pause in the log by one line: where our code stood says nothing, and while it lasts every request would say it again."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without its traceback where it tells a pause."""
        error = record.exc_info[1] if record.exc_info else None
        if (pause := pause_of(error)) is not None:
            because = str(error).strip().partition("\n")[0]
            record.msg, record.args = f"{record.getMessage()} (database {pause.code}: {because})", ()
            record.exc_info = record.exc_text = None
        return True
