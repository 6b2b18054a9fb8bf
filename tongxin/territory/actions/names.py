"""Take in what people call places: estates, streets, landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tongxin.kernel.errors import Invalid
from tongxin.packs import api as packs
from tongxin.territory.actions.writing import clean_name, note, writing
from tongxin.territory.models import PlaceName
from tongxin.territory.queries.copies import load_tree
from tongxin.territory.reading import read_areas
from tongxin.territory.rules.points import RowFault, read_points, repeated, whole_number


@dataclass(frozen=True, slots=True)
class NewPlaceName:
    """A name to be known; ``area_id`` may be left out where the point tells it."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    area_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    households: int | None = None


@dataclass(frozen=True, slots=True)
class NamesTaken:
    """What an import of names did, or (``written`` false) would do. ``faults``: rows left out, each with its reason."""

    written: bool
    created: int
    changed: int
    unchanged: int
    faults: tuple[RowFault, ...]
    notes: tuple[str, ...]
    system: str


COLUMNS: dict[str, str] = {
    "name": "名称 name 小区名称 小区 楼栋 楼栋名称 地名",
    "address": "地址 address",
    "households": "户数 households 总户数 住户数",
    "aliases": "别名 aliases 曾用名",
    "kind": "种类 kind 类型",
}


def import_place_names(
    *,
    district: packs.DistrictView,
    path: Path,
    name: str = "",
    kind: str = "estate",
    crs: str = "auto",
    dry_run: bool = False,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> NamesTaken:
    """Take in compounds and buildings with households and points; a second run of the same file changes nothing.

    Rows with faults are left out and reported. The caller has asked for permission. About 8 statements.

    Args:
        kind: of rows that do not say theirs (estate, building, street, landmark). crs: see ``rules.points.read_points``.

    Raises:
        Invalid: the file cannot be read, or its positions show that the coordinate system is set wrongly.
    """
    tree = load_tree(district.id, district.pack.units.level_keys())
    points = read_points(read_areas(path, name, named=COLUMNS.values()), tree=tree, wanted=COLUMNS, crs=crs)
    known = {
        (row.kind, row.name, row.area_id): row for row in PlaceName.objects.filter(district_id=district.id)
    }  # fmt: skip
    rows: dict[tuple[str, str, int], NewPlaceName] = {}
    silent = created = changed = 0
    for row in points.rows:
        fine, households = whole_number(points, row, "households", "户数", 100_000)
        if not fine or row.area_id is None:
            continue
        silent += not households
        said = (row.words.get("kind") or kind)[:20]
        aliases = tuple(a for a in row.words.get("aliases", "").replace("、", " ").replace(",", " ").split() if a)
        key = (said, row.name, row.area_id)
        if key in rows:
            points.faults.append(
                RowFault(row.row, "名称", f"“{row.name}”在同一处出现了两次。", "请删去一行，或写得能分清。")
            )
            continue
        rows[key] = NewPlaceName(row.name, said, aliases, row.area_id, row.lon, row.lat, households)
        there = known.get(key)
        created += there is None
        changed += there is not None and (tuple(there.aliases), there.lon, there.lat, there.households) != (
            aliases, row.lon, row.lat, households,
        )  # fmt: skip
    if silent:
        points.notes.append(f"有 {silent} 行没有户数或户数为 0：地名会收下，但不计入住户。")
    if rows and not dry_run:
        add_place_names(district=district, names=list(rows.values()), actor_label=actor_label, user_id=user_id, now=now)
    notes = (*points.notes, *repeated(points.rows))
    faults = tuple(sorted(points.faults, key=lambda fault: fault.row))
    return NamesTaken(not dry_run, created, changed, len(rows) - created - changed, faults, notes, points.system)


def add_place_names(
    *,
    district: packs.DistrictView,
    names: Sequence[NewPlaceName],
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> int:
    """Make names that are not there yet, and renew aliases, points and households of those that are (6 statements).

    Returns how many lie in a place; those whose point lies in no place, and whose area is not given, are left out.

    Raises:
        Invalid: an empty or over-long name, or an area that the district does not have.
    """
    with writing(district.id):
        tree = load_tree(district.id, district.pack.units.level_keys())
        rows: dict[tuple[str, str, int], PlaceName] = {}
        for one in names:
            area_id = one.area_id
            if area_id is None and one.lon is not None and one.lat is not None:
                place = tree.locate(one.lon, one.lat)
                area_id = place.id if place else None
            if area_id is None:
                continue
            if tree.get(area_id) is None:
                raise Invalid("unknown_area", f"“{one.name}”所在的地域不存在。", "请从列出的地域里选。", "area_id")
            name = clean_name(one.name)
            rows[(one.kind, name, area_id)] = PlaceName(
                district_id=district.id, name=name, kind=one.kind[:20], aliases=[a.strip()[:80] for a in one.aliases if a.strip()],
                area_id=area_id, lon=one.lon, lat=one.lat, households=one.households,
            )  # fmt: skip
        PlaceName.objects.bulk_create(
            rows.values(), batch_size=5_000, update_conflicts=True,
            unique_fields=["district", "kind", "name", "area"], update_fields=["aliases", "lon", "lat", "households"],
        )  # fmt: skip
        detail = {"given": len(names), "kept": len(rows)}
        note(district.id, "add_place_names", "地名", detail, actor_label=actor_label, user_id=user_id, now=now)
    return len(rows)
