"""An OSM extract of barrier lines sent in by page: a worker finds the roads, rivers and railways, and the page shows what was found.

Nothing is taken in here: what was found lies beside the file, small, and is looked at and confirmed like any other file of lines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import orjson
from shapely.geometry import mapping

from tongxin.kernel.errors import Conflict, NotFound
from tongxin.kernel.once import write_once
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.planning.models import LineReading
from tongxin.records import api as records
from tongxin.territory import api as territory

PLAN = "plan_grids"
FOUND = "lines.geojson"  # what lies beside the extract when it has been read
_LOCKS = 0x0C19C21  # the class of our advisory locks


def found_beside(path: Path) -> Path:
    """Return where the lines of an extract lie once it has been read."""
    return path.with_name(f"{path.stem}.{FOUND}")


def ask_lines(*, district: DistrictView, path: Path, name: str, actor: Actor, now: datetime) -> int:
    """Let a worker find the lines of an extract; return the reading's id (3 statements).

    Raises:
        NotAllowed: plan_grids is missing everywhere. Conflict: one of this person's waits or is being read.
    """
    organization.demand(actor, PLAN)
    there = Conflict("reading_open", "您上传的另一个文件还在读。", "请等它读完，或先取消。")
    with write_once(there, "line_reading_one_at_a_time"):
        made = LineReading.objects.create(
            district_id=district.id, path=str(path), file=name[:120], asked_by=actor.label[:120], user_id=actor.user_id, asked_at=now
        )  # fmt: skip
    return made.pk


def stop_lines(*, district: DistrictView, actor: Actor, now: datetime) -> None:
    """Call off this person's reading (2 statements). Raises NotAllowed, NotFound."""
    organization.demand(actor, PLAN)
    if not records.stop_readings(LineReading, now, district_id=district.id, user_id=actor.user_id):
        raise NotFound("no_reading", "没有正在读的文件。", "请刷新后再看。")


def find_line_reading(district: DistrictView, path: Path) -> LineReading | None:
    """Return the reading of a file, the newest where it was asked for again (1 statement)."""
    found = LineReading.objects.filter(district_id=district.id, path=str(path))
    return found.order_by("-asked_at", "-id").first()


def read_waiting_lines(clock: Callable[[], datetime]) -> int:
    """Find the lines of every extract that waits, and of those whose worker died; return how many (1 statement when none)."""
    fault = "读文件时程序出了错，已记入日志，没有写入任何界线。请把文件名称告诉运维。"
    return records.read_waiting(LineReading, _find, lock=_LOCKS, clock=clock, fault=fault)


def _find(row: LineReading, district: DistrictView, tell: Callable[[int], bool]) -> None:
    path = Path(row.path)
    found = territory.read_osm_lines(path, territory.tree(district).bounds(), tell)
    features = [{"type": "Feature", "properties": one.words, "geometry": mapping(one.outline)} for one in found.rows]
    found_beside(path).write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
