"""Take in a file of places, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tongxin.kernel.errors import Conflict
from tongxin.packs import api as packs
from tongxin.territory.actions.writing import NewArea, codes_ever, drawn, insert, note, writing
from tongxin.territory.models import Area
from tongxin.territory.queries.copies import load_tree
from tongxin.territory.reading import read_areas
from tongxin.territory.rules.codes import scheme
from tongxin.territory.rules.importing import Columns, ImportPlan, PlannedArea, names_of, plan_import
from tongxin.territory.rules.topology import TopologyReport

FIELDS = ["name", "outline", "area_cm2", "lon", "lat", "households", "people", "schematic", "source"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or (``written`` false) would do or why it did not."""

    written: bool
    created: int
    changed: int
    unchanged: int
    system: str
    notes: tuple[str, ...]
    report: TopologyReport
    drawn: tuple[tuple[str, Any | None], ...] = ()  # name and outline of every place of the file, for the map


def import_areas(
    *,
    district: packs.DistrictView,
    path: Path,
    level: str,
    columns: Columns | None = None,
    name: str = "",
    crs: str = "",
    dry_run: bool = False,
    repair: bool = False,
    schematic: bool = False,
    source: str = "",
    most_rows: int | None = None,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> Imported:
    """Take in the places of one level from a file; a second run of the same file changes nothing.

    A place is the same when its code is, or without a code when its name and parent are. Nothing is written when the
    report holds a blocking fault, nor with ``dry_run``. About 9 statements, whatever the number of rows.

    Args:
        path, name: the file, and what it was called where that differs. crs, repair: see ``plan_import``.
        schematic: the outlines are sketches, not borders. source: where they come from, shown on maps.

    Raises:
        Invalid: the file cannot be read; see ``reading.read_areas``.
    """
    file = read_areas(path, name, most_rows, names_of(columns))
    settings, levels = district.pack.settings, district.pack.units.level_keys()

    def plan() -> ImportPlan:
        return plan_import(
            file, tree=load_tree(district.id, levels), level=level, columns=columns or Columns(), scheme=scheme(settings.code_scheme),
            region=settings.region, ever=codes_ever(district.id), crs=crs, repair=repair,
        )  # fmt: skip

    if dry_run:
        return _told(plan(), written=False)
    try:
        with writing(district.id):
            planned = plan()
            if planned.report.blocking:
                raise _Stopped
            changed = _write(district.id, level, planned.areas, schematic=schematic, source=source, now=now)
            done = _told(planned, written=True, changed=changed)
            detail = {
                "level": level, "file": (name or path.name)[:120], "created": done.created, "changed": changed,
                "crs": planned.system, "repair": repair, "notes": list(planned.notes)[:50], "found": planned.report.summary(),
            }  # fmt: skip
            target = source or name or path.name
            note(district.id, "import_areas", target, detail, actor_label=actor_label, user_id=user_id, now=now)
    except _Stopped:
        return _told(planned, written=False)
    return done


class _Stopped(Exception):
    """Leaves the transaction without a new version; never seen outside."""


def _told(planned: ImportPlan, *, written: bool, changed: int | None = None) -> Imported:
    created = sum(1 for area in planned.areas if area.existing is None)
    known = len(planned.areas) - created
    changed = known if changed is None else changed
    drawn = tuple((area.name, area.outline) for area in planned.areas)
    return Imported(written, created, changed, known - changed, planned.system, planned.notes, planned.report, drawn)


def _write(
    district_id: int, level: str, areas: Sequence[PlannedArea], *, schematic: bool, source: str, now: datetime
) -> int:
    """Insert what is new, update what differs; return how many differed (5 statements)."""
    levels = {area.parent.level for area in areas if area.parent is not None}
    parents = {p.pk: p for p in Area.objects.filter(district_id=district_id, level__in=levels).defer("outline")}
    rows = [
        (
            NewArea(
                area.name,
                "",
                area.outline,
                lon=area.point[0] if area.point else None,
                lat=area.point[1] if area.point else None,
                households=area.households,
                people=area.people,
                schematic=schematic,
                source=source,
            ),
            area.code,
            parents[area.parent_id] if area.parent_id is not None else None,
        )
        for area in areas
        if area.existing is None
    ]
    insert(district_id, level, rows, now=now)
    known = any(area.existing is not None for area in areas)
    old = {a.pk: a for a in Area.objects.filter(district_id=district_id, level=level, ended_on=None)} if known else {}
    changed = []
    for area in areas:
        if area.existing is None:
            continue
        row = old[area.existing.id]
        if row.parent_id != area.parent_id:
            raise Conflict(
                "area_moved",
                f"第 {area.row} 行：“{area.name}”（{row.code}）在系统里属于另一个上级。",
                "划转地域要新编代码，请用“调整地域”办理。",
            )
        before = [_plain(getattr(row, field)) for field in FIELDS]
        row.name = area.name
        if area.outline is not None:
            drawn(row, area.outline)
            row.schematic, row.source = schematic, source
        elif area.point is not None and row.outline is None:
            row.lon, row.lat = area.point
        row.households = row.households if area.households is None else area.households
        row.people = row.people if area.people is None else area.people
        if before != [_plain(getattr(row, field)) for field in FIELDS]:
            changed.append(row)
    Area.objects.bulk_update(changed, FIELDS, batch_size=1_000)
    return len(changed)


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
