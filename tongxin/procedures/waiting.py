"""How long nothing is due: the read by which the worker knows how long it may sleep."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from tongxin.procedures.models import Run


def next_timer(after: datetime | None = None) -> datetime | None:
    """Return when the next late step of any district is due, or None (1 statement, by the index of timers).

    Args:
        after: only steps later than this.
    """
    waiting = Run.objects.filter(finished_at=None, next_timer_at__isnull=False)
    if after is not None:
        waiting = waiting.filter(next_timer_at__gt=after)
    found: datetime | None = waiting.aggregate(first=Min("next_timer_at"))["first"]
    return found
