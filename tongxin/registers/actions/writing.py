"""What all writes of registers share: the permission, a day that has been, the record."""

from __future__ import annotations

from datetime import date, datetime

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid

KEEP = "keep_registers"
NAMES = "manage_people"
BATCH = 2_000


def past_day(on: date | None, now: datetime) -> date:
    """Return the day given, today where none is. Raises Invalid for one to come."""
    today = local(now).date()
    if on is not None and on > today:
        raise Invalid("day_ahead", "日期在将来。", "请写已经发生的日期。", "on")
    return on or today
