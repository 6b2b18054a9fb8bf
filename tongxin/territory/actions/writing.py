"""What all writes of places share: one at a time in a district, rows with their paths, the record, the version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from django.db import connection, transaction

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.packs import api as packs
from tongxin.records import api as records
from tongxin.territory.models import Area
from tongxin.territory.rules.shapes import area_cm2, label_point, ring_fault

NAME_CHARS = 80
BATCH = 3_000  # rows a statement: PostgreSQL takes 65,535 values at once


@dataclass(frozen=True, slots=True)
class NewArea:
    """A place to be made.

    Args:
        code: empty to take the next one of the pack's scheme.
        outline: polygon or multipolygon in WGS84, or None. lon, lat: label point, from the outline where not given.
    """

    name: str
    code: str = ""
    outline: Any | None = None
    lon: float | None = None
    lat: float | None = None
    households: int | None = None
    people: int | None = None
    schematic: bool = False
    source: str = ""


@contextmanager
def writing(district_id: int) -> Iterator[None]:
    """One transaction, one writer of a district at a time; the version rises at the end (2 statements)."""
    with transaction.atomic():
        if not packs.District.objects.select_for_update().filter(pk=district_id).values_list("pk").first():
            raise NotFound("no_district", "没有这个地方。", "请核对地方的键。")
        yield
        packs.bump_territory(district_id)
        transaction.on_commit(packs.forget_districts)


def note(
    district_id: int,
    action: str,
    target: str,
    detail: dict[str, Any],
    *,
    actor_label: str,
    user_id: int | None,
    now: datetime,
) -> None:
    """Write the record of an act (1 statement)."""
    records.audit(
        district_id=district_id, user_id=user_id, actor_label=actor_label,
        action=f"territory.{action}", target=target, detail=detail, now=now,
    )  # fmt: skip


def get_living(district_id: int, area_id: int) -> Area:
    """Return a living place of the district, without its outline (1 statement). Raises NotFound."""
    area = Area.objects.filter(district_id=district_id, pk=area_id, ended_on=None).defer("outline").first()
    if area is None:
        raise NotFound("no_area", "没有这个地域，或者它已经停用。", "请刷新后再选。", "area_id")
    return area


def clean_name(name: str) -> str:
    """Return the name without outer spaces; refuses an empty or over-long one."""
    name = name.strip()
    if not 0 < len(name) <= NAME_CHARS:
        raise Invalid(
            "area_name", f"地域名称应为 1–{NAME_CHARS} 个字，现有 {len(name)} 个。", "", "name", limit=NAME_CHARS
        )
    return name


def check_outline(name: str, outline: Any | None) -> None:
    """Refuse an outline that is not a sound polygon."""
    fault = ring_fault(outline) if outline is not None else None
    if fault is not None:
        words, where = fault
        spot = f"，在 {where[0]:.6f}, {where[1]:.6f} 附近" if where else ""
        raise Invalid("outline_invalid", f"“{name}”{words}{spot}。", "请修正边界后再保存。", "outline")


def drawn(area: Area, outline: Any | None, lon: float | None = None, lat: float | None = None) -> None:
    """Put an outline and what follows from it (area, label point) on a row that is not saved yet."""
    area.outline = None if outline is None else shapely.to_wkb(shapely.force_2d(outline))
    area.area_cm2 = None if outline is None else area_cm2(outline)
    if lon is not None and lat is not None:
        area.lon, area.lat = lon, lat
    elif outline is not None:
        area.lon, area.lat = label_point(outline)


def insert(
    district_id: int,
    level: str,
    rows: Sequence[tuple[NewArea, str, Area | None]],
    *,
    now: datetime,
    since: date | None = None,
) -> list[Area]:
    """Insert places (what, code, parent) of one level with their paths (1 statement, and 1 for each 3,000)."""
    made = []
    for key, (new, code, parent) in zip(_next_ids(len(rows)), rows, strict=True):
        area = Area(
            pk=key, district_id=district_id, level=level, code=code, name=new.name, parent=parent, households=new.households,
            people=new.people, schematic=new.schematic, source=new.source, began_on=since or local(now).date(),
            path=[*(parent.path if parent else []), key],
        )  # fmt: skip
        drawn(area, new.outline, new.lon, new.lat)
        made.append(area)
    Area.objects.bulk_create(made, batch_size=BATCH)
    return made


def _next_ids(count: int) -> list[int]:
    """Take ids from the table's sequence, because a path ends with its own area's id."""
    if not count:
        return []
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(sequence, [Area._meta.db_table, count])
        return [row[0] for row in cursor.fetchall()]


def codes_ever(district_id: int) -> dict[int | None, frozenset[str]]:
    """Return all codes ever given, by parent id, of ended places too (1 statement)."""
    codes: dict[int | None, set[str]] = {}
    for parent_id, code in Area.objects.filter(district_id=district_id).values_list("parent_id", "code"):
        codes.setdefault(parent_id, set()).add(code)
    return {parent_id: frozenset(found) for parent_id, found in codes.items()}
