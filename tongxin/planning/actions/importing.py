"""Take in buildings and barrier lines from a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from django.db import transaction

from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.planning.models import BarrierLine, PlanUnit
from tongxin.planning.taking_in import ReadFile, ReadLine, ReadUnit, names_of, read_lines, read_units, spots_along
from tongxin.records import api as records
from tongxin.territory import api as territory

PLAN = "plan_grids"
BATCH = 3_000
_UNIT_FIELDS = ["name", "lon", "lat", "outline", "households", "people", "schematic", "source"]
_LINE_FIELDS = ["name", "kind", "line", "impassable", "source"]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What an import did, or (``written`` false) would do or why it did not."""

    written: bool
    created: int
    changed: int
    unchanged: int
    read: ReadFile


def import_units(
    *,
    district: DistrictView,
    path: Path,
    what: Literal["units", "lines"] = "units",
    name: str = "",
    crs: str = "auto",
    columns: dict[str, str] | None = None,
    schematic: bool = False,
    source: str = "",
    dry_run: bool = False,
    most_rows: int | None = None,
    actor: Actor,
    now: datetime,
) -> TakenIn:
    """Take in buildings (or barrier lines); the same code is the same building, and the same file twice changes nothing.

    About 5 statements, and one for each 3,000 rows.

    Args:
        path, name: the file, and what it was called where that differs. crs, columns: see ``taking_in.read_units``.
        schematic: they are made up or estimated, and pages say so.

    Raises:
        NotAllowed: plan_grids is missing where some of them lie. Invalid: the file cannot be read at all.
    """
    tree = territory.tree(district)
    if (name or path.name).lower().endswith(".pbf"):
        if what != "lines":
            raise Invalid("osm_units", "OSM 文件里没有户数，不能当楼栋导入。", "请选“道路、河流、铁路”。", "what")
        file, crs = territory.read_osm_lines(path, tree.bounds()), "file"  # always WGS84
    else:
        file = territory.read_areas(path, name, most_rows, names_of(columns))
    read = (read_units if what == "units" else read_lines)(file, tree=tree, crs=crs, columns=columns)
    return take_in(
        district=district,
        read=read,
        name=name or path.name,
        schematic=schematic,
        source=source,
        dry_run=dry_run,
        actor=actor,
        now=now,
    )


def take_in(
    *,
    district: DistrictView,
    read: ReadFile,
    name: str,
    schematic: bool = False,
    source: str = "",
    dry_run: bool = False,
    actor: Actor,
    now: datetime,
) -> TakenIn:
    """Write what was read, see :func:`import_units`."""
    _demand(district, read, actor)
    with transaction.atomic():
        units, lines = _units(district.id, read.units, schematic, source), _lines(district.id, read.lines, source)
        created, changed = len(units[0]) + len(lines[0]), len(units[1]) + len(lines[1])
        unchanged = len(read.units) + len(read.lines) - created - changed
        if dry_run or read.blocking:
            return TakenIn(False, created, changed, unchanged, read)
        PlanUnit.objects.bulk_create(units[0], batch_size=BATCH)
        PlanUnit.objects.bulk_update(units[1], _UNIT_FIELDS, batch_size=BATCH)
        BarrierLine.objects.bulk_create(lines[0], batch_size=BATCH)
        BarrierLine.objects.bulk_update(lines[1], _LINE_FIELDS, batch_size=BATCH)
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="planning.import_units",
            target=name[:120], detail={"created": created, "changed": changed, "crs": read.system, "source": source}, now=now,
        )  # fmt: skip
    return TakenIn(True, created, changed, unchanged, read)


def _demand(district: DistrictView, read: ReadFile, actor: Actor) -> None:
    """Refuse whoever may not plan where these lie; what lies nowhere is for those who plan everywhere."""
    organization.demand(actor, PLAN)
    if read.blocking or organization.scope(actor, PLAN).everywhere:
        return  # what is not written harms nobody
    spots = [(unit.lon, unit.lat) for unit in read.units]
    for line in read.lines:  # every stretch of it: a road that runs through another street is that street's too
        spots += [tuple(xy) for xy in spots_along(line.line).tolist()]
    points = np.array(spots, dtype=np.float64).reshape(-1, 2)
    found: list[int] = np.unique(territory.tree(district).locate_many(points[:, 0], points[:, 1])).tolist()
    if any(area_id == -1 or not organization.may(actor, PLAN, area_id) for area_id in found):
        if read.lines:
            raise NotAllowed(
                "lines_beyond", "文件里有线穿过您管的范围之外。", "请先裁到本街道、乡镇之内，或请区县导入全区的。"
            )
        raise organization.access.refusal(PLAN)


def _units(
    district_id: int, read: Sequence[ReadUnit], schematic: bool, source: str
) -> tuple[list[PlanUnit], list[PlanUnit]]:
    """Rows to make, rows that differ (1 statement)."""
    known = {row.code: row for row in PlanUnit.objects.filter(district_id=district_id, code__in=[u.code for u in read])}
    fresh: list[PlanUnit] = []
    changed: list[PlanUnit] = []
    for unit in read:
        row = known.get(unit.code)
        outline = None if unit.outline is None else shapely.to_wkb(unit.outline)
        given: dict[str, Any] = {
            "name": unit.name, "lon": unit.lon, "lat": unit.lat, "outline": outline, "households": unit.households,
            "people": unit.people, "schematic": schematic, "source": source,
        }  # fmt: skip
        if row is None:
            fresh.append(PlanUnit(district_id=district_id, code=unit.code, **given))
        elif any(_plain(getattr(row, key)) != value for key, value in given.items()):
            for key, value in given.items():
                setattr(row, key, value)
            changed.append(row)
    return fresh, changed


def _lines(district_id: int, read: Sequence[ReadLine], source: str) -> tuple[list[BarrierLine], list[BarrierLine]]:
    keys = [line.key for line in read]
    known = {row.key: row for row in BarrierLine.objects.filter(district_id=district_id, key__in=keys)} if keys else {}
    fresh: list[BarrierLine] = []
    changed: list[BarrierLine] = []
    for line in read:
        row = known.get(line.key)
        given: dict[str, Any] = {
            "name": line.name, "kind": line.kind, "line": shapely.to_wkb(line.line), "impassable": line.impassable, "source": source,
        }  # fmt: skip
        if row is None:
            fresh.append(BarrierLine(district_id=district_id, key=line.key, **given))
        elif any(_plain(getattr(row, key)) != value for key, value in given.items()):
            for key, value in given.items():
                setattr(row, key, value)
            changed.append(row)
    return fresh, changed


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
