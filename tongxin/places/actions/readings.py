"""A walking network sent in by page: kept as a file, read by a worker with its progress told, refused in words, called off.

``load_walk_map`` does the reading itself; the command calls it directly.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from tongxin.kernel.errors import Conflict, NotFound
from tongxin.kernel.once import write_once
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places.actions.networks import load_walk_map
from tongxin.places.models import WalkMap, WalkReading
from tongxin.records import api as records

MANAGE = "manage_facilities"
_LOCKS = 0x0C19C20  # the class of our advisory locks


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
    if not records.stop_readings(WalkReading, now, district_id=district.id):
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

    def read(row: WalkReading, district: packs.DistrictView, tell: Callable[[int], bool]) -> None:
        load_walk_map(
            district=district, path=Path(row.path), name=row.file, actor_label=row.asked_by, user_id=row.user_id, now=clock(),
            progress=tell,
        )  # fmt: skip

    fault = "读路网时程序出了错，已记入日志，原来的路网没有动。请把文件名称告诉运维。"
    return records.read_waiting(WalkReading, read, lock=_LOCKS, clock=clock, fault=fault)
