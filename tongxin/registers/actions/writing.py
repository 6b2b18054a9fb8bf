"""What all writes of registers share: the permission, a day that has been, the record."""

from __future__ import annotations

from datetime import date, datetime

from tongxin.kernel.days import check_day, today_of

KEEP = "keep_registers"
NAMES = "manage_people"
BATCH = 2_000


def past_day(on: date | None, now: datetime, field: str) -> date:
    """Return the day given, today where none is. Raises Invalid for one to come."""
    today = today_of(now)
    return today if on is None else check_day(on, "哪天", field, today=today, days="past")
