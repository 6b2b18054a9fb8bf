"""A file that was sent in by page and that a worker reads: it waits, is read with its progress told, is called off, or fails in words.

What is read of it is the business of the package whose table it is; the way it goes is the same for each and stands here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError

from tongxin.kernel.errors import Cancelled, Refusal
from tongxin.kernel.turns import our_turn
from tongxin.packs import api as packs
from tongxin.records.models import Reading

R = TypeVar("R", bound=Reading)
Tell = Callable[[int], bool]
_TELL_EVERY_SECONDS = 0.5
_BYTES_A_WAY = 120  # of an extract, about; only the bar is drawn by it

log = logging.getLogger(__name__)


def stop_readings(model: type[R], now: datetime, **whose: Any) -> bool:
    """Call off what waits or is read (2 statements); return whether there was any."""
    mine = model._default_manager.filter(**whose)
    stopped = mine.filter(state=Reading.WAITING).update(state=Reading.STOPPED, ended_at=now)
    running = mine.filter(state=Reading.RUNNING).update(stop=True)
    return bool(stopped or running)


def read_waiting(
    model: type[R],
    read: Callable[[R, packs.DistrictView, Tell], None],
    *,
    lock: int,
    clock: Callable[[], datetime],
    fault: str,
) -> int:
    """Read every file that waits, and those whose worker died; return how many (1 statement when none).

    Args:
        read: reads one; told how to tell how far it is, which answers False when it is called off (``Cancelled``).
        lock: the class of advisory locks of this table. fault: what people are told when the fault is ours.
    """
    done = 0
    waiting = model._default_manager.filter(state__in=Reading.OPEN)
    for ident in waiting.order_by("asked_at").values_list("id", flat=True):
        with our_turn(lock, ident) as mine:
            row = waiting.filter(pk=ident).first() if mine else None
            district = next((v for v in packs.list_districts() if row is not None and v.id == row.district_id), None)
            if row is not None and district is not None:
                _read(row, district, read, clock, fault)
                done += 1
    return done


def _read(
    row: R,
    district: packs.DistrictView,
    read: Callable[[R, packs.DistrictView, Tell], None],
    clock: Callable[[], datetime],
    fault: str,
) -> None:
    rows = type(row)._default_manager.filter(pk=row.pk)
    rows.update(state=Reading.RUNNING, began_at=clock(), ways=0, percent=1)
    path = Path(row.path)
    state, trouble = Reading.DONE, ""
    try:
        read(row, district, _teller(row, path.stat().st_size if path.is_file() else 0))
    except Cancelled:
        state = Reading.STOPPED
    except Refusal as refusal:
        state, trouble = Reading.FAILED, refusal.sentence.replace(path.name, row.file)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the worker waits and begins anew
    except Exception:
        # a fault of ours in one file must not stop the worker, which would meet the same file again and again
        log.exception("reading %s %s failed", row._meta.label_lower, row.pk)
        state, trouble = Reading.FAILED, fault
    rows.update(state=state, trouble=trouble[:400], ended_at=clock(), percent=100)
    path.unlink(missing_ok=True)


def _teller(row: Reading, size: int) -> Tell:
    """Write how many ways have been read, twice a second at most, and read whether it is to stop."""
    last = [0.0]
    expected = max(size / _BYTES_A_WAY, 1.0)

    def tell(ways: int) -> bool:
        if time.monotonic() - last[0] < _TELL_EVERY_SECONDS:
            return True
        last[0] = time.monotonic()
        mine = type(row)._default_manager.filter(pk=row.pk)
        mine.update(ways=ways, percent=min(95, 5 + round(90 * ways / expected)))
        return not mine.filter(stop=True).exists()

    return tell
