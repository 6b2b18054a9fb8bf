"""A walking network sent in by page: kept as a file, read by a worker with its progress told, refused in words, called off.

``load_walk_map`` does the reading itself; the command calls it directly.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError, transaction

from tongxin.kernel.errors import Conflict, NotFound, Refusal
from tongxin.kernel.once import write_once
from tongxin.kernel.turns import our_turn
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places.actions.networks import load_walk_map
from tongxin.places.models import WalkMap, WalkReading
from tongxin.places.rules.findings import Cancelled
from tongxin.records import api as records

MANAGE = "manage_facilities"
_LOCKS = 0x0C19C20  # the class of our advisory locks
_TELL_EVERY_SECONDS = 0.5
_BYTES_A_WAY = 120  # of an extract, about; only the bar is drawn by it

log = logging.getLogger(__name__)


def ask_reading(
    *, district: packs.DistrictView, path: Path, name: str, actor: organization.Actor, now: datetime
) -> int:
    """Let a worker read an extract and put it in place of today's network; return the reading's id (3 statements).

    Raises:
        NotAllowed: manage_facilities is missing somewhere in the district. Conflict: one waits or is being read.
    """
    organization.demand_all(actor, MANAGE, ())
    there = Conflict("reading_open", "已经有一个路网在读了。", "请等它读完，或先取消。")
    with write_once(there, "walk_reading_one_at_a_time"):
        made = WalkReading.objects.create(
            district_id=district.id, path=str(path), file=name[:120], asked_by=actor.label[:120], user_id=actor.user_id, asked_at=now
        )  # fmt: skip
    return made.pk


def stop_reading(*, district: packs.DistrictView, actor: organization.Actor, now: datetime) -> None:
    """Call off what waits or is read (3 statements). Raises NotAllowed, NotFound."""
    organization.demand_all(actor, MANAGE, ())
    mine = WalkReading.objects.filter(district_id=district.id)
    stopped = mine.filter(state=WalkReading.WAITING).update(state=WalkReading.STOPPED, ended_at=now)
    running = mine.filter(state=WalkReading.RUNNING).update(stop=True)
    if not stopped and not running:
        raise NotFound("no_reading", "没有正在读的路网。", "")


def drop_walk_map(*, district: packs.DistrictView, actor: organization.Actor, now: datetime) -> None:
    """Go without a network: walks are estimated by straight lines again (3 statements). Raises NotAllowed, NotFound."""
    organization.demand_all(actor, MANAGE, ())
    with transaction.atomic():
        found = WalkMap.objects.filter(district_id=district.id)
        name = found.values_list("file", flat=True).first()
        if name is None:
            raise NotFound("no_network", "现在没有路网。", "")
        found.delete()
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="places.drop_walk_map", target=name,
            detail={}, now=now,
        )  # fmt: skip


def read_waiting(clock: Callable[[], datetime]) -> int:
    """Read every extract that waits, and those whose worker died; return how many (1 statement when none)."""
    done = 0
    for ident in (
        WalkReading.objects.filter(state__in=WalkReading.OPEN).order_by("asked_at").values_list("id", flat=True)
    ):
        with our_turn(_LOCKS, ident) as mine:
            row = WalkReading.objects.filter(pk=ident, state__in=WalkReading.OPEN).first() if mine else None
            district = next((v for v in packs.list_districts() if row is not None and v.id == row.district_id), None)
            if row is not None and district is not None:
                _read(row, district, clock)
                done += 1
    return done


def _read(row: WalkReading, district: packs.DistrictView, clock: Callable[[], datetime]) -> None:
    WalkReading.objects.filter(pk=row.pk).update(state=WalkReading.RUNNING, began_at=clock(), ways=0, percent=1)
    path = Path(row.path)
    state, trouble = WalkReading.DONE, ""
    try:
        load_walk_map(
            district=district, path=path, name=row.file, actor_label=row.asked_by, user_id=row.user_id, now=clock(),
            progress=_teller(row.pk, path.stat().st_size if path.is_file() else 0),
        )  # fmt: skip
    except Cancelled:
        state = WalkReading.STOPPED
    except Refusal as refusal:
        state, trouble = WalkReading.FAILED, refusal.sentence.replace(path.name, row.file)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the worker waits and begins anew
    except Exception:
        # a fault of ours in one file must not stop the worker, which would meet the same file again and again
        log.exception("reading network %s failed", row.pk)
        state, trouble = WalkReading.FAILED, "读路网时程序出了错，已记入日志，原来的路网没有动。请把文件名称告诉运维。"
    WalkReading.objects.filter(pk=row.pk).update(state=state, trouble=trouble[:400], ended_at=clock(), percent=100)
    path.unlink(missing_ok=True)


def _teller(ident: int, size: int) -> Callable[[int], bool]:
    """Write how many ways have been read, twice a second at most, and read whether it is to stop."""
    last = [0.0]
    expected = max(size / _BYTES_A_WAY, 1.0)

    def tell(ways: int) -> bool:
        if time.monotonic() - last[0] < _TELL_EVERY_SECONDS:
            return True
        last[0] = time.monotonic()
        mine = WalkReading.objects.filter(pk=ident)
        mine.update(ways=ways, percent=min(95, 5 + round(90 * ways / expected)))
        return not mine.filter(stop=True).exists()

    return tell
