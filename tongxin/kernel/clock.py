"""The one clock. Everything below the web layer and the commands gets ``now`` as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def uptime_seconds() -> float:
    """Return how long the machine has been on, sleep included (Linux): nobody sets this clock, so it shows when the other one was."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def local(moment: datetime) -> datetime:
    """Return the same moment as the district's wall clock shows it."""
    return moment.astimezone(LOCAL)
