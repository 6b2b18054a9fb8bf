"""Make, change, end and import facilities. Each act asks for ``manage_facilities`` where the facility lies, and is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from django.db import transaction

from tongxin.kernel.clock import local
from tongxin.kernel.days import check_day, today_of
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.turns import wait_our_turn
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places.models import Facility
from tongxin.places.queries.facilities import forget_facilities
from tongxin.places.rules.listing import COLUMNS, MOST, TITLES, NewFacility, facilities_of
from tongxin.records import api as records
from tongxin.territory import api as territory

MANAGE = "manage_facilities"
Outcome = Literal["created", "changed", "unchanged"]
_FIELDS = ("lon", "lat", "area_id", "beds", "floor_area", "address", "hours", "source", "schematic")
_BATCH = 2_000


def save_facility(
    *,
    district: packs.DistrictView,
    facility: NewFacility,
    facility_id: int | None = None,
    actor: organization.Actor,
    now: datetime,
) -> int:
    """Make a facility, or change the one with ``facility_id``; return its id (4 statements).

    Raises:
        Invalid: no name, unknown kind, a point outside the district, a number out of range. NotAllowed. NotFound.
        Conflict: a living facility of that kind has the name.
    """
    area_id = _place_of(district, facility)
    _check(district, facility, today_of(now))
    organization.demand(actor, MANAGE, area_id)
    with transaction.atomic():
        _take_turn(district.id)
        if facility_id is None:
            row = Facility(district_id=district.id, began_on=facility.since or local(now).date())
        else:
            row = _living(district.id, facility_id)
            organization.demand(actor, MANAGE, row.area_id)
        same = Facility.objects.filter(
            district_id=district.id, kind=facility.kind, name=facility.name.strip(), ended_on=None
        )
        if same.exclude(pk=row.pk).exists():
            raise Conflict(
                "facility_there", f"这一类里已有“{facility.name.strip()}”。", "请改名，或去改那一处。", "name"
            )
        _put(row, facility, area_id, now)
        row.save()
        detail = {
            "id": row.pk,
            "kind": row.kind,
            "lon": row.lon,
            "lat": row.lat,
            "beds": row.beds,
            "floor_area": row.floor_area,
        }
        _note(district.id, "change_facility" if facility_id else "add_facility", row.name, detail, actor, now)
    return row.pk


def record_facility(
    *, district: packs.DistrictView, facility: NewFacility, actor: organization.Actor, now: datetime
) -> tuple[int, Outcome]:
    """Make a facility, or change the living one of that kind and name to what is given; return its id and which it was.

    What is empty in ``facility`` stays as it is. Sent again it changes nothing (3 statements; 5 when something is written).
    Raises as :func:`save_facility`.
    """
    known = Facility.objects.filter(
        district_id=district.id, kind=facility.kind, name=facility.name.strip(), ended_on=None
    ).first()
    if known is None:
        return save_facility(district=district, facility=facility, actor=actor, now=now), "created"
    kept = _kept(known, facility)
    same = all(getattr(known, name) == getattr(kept, name) for name in _FIELDS if name != "area_id")
    if same:
        organization.demand(actor, MANAGE, known.area_id)
        return known.pk, "unchanged"
    return save_facility(district=district, facility=kept, facility_id=known.pk, actor=actor, now=now), "changed"


def _kept(row: Facility, one: NewFacility) -> NewFacility:
    """What is given, and what the row says where nothing is."""
    return NewFacility(
        one.kind, one.name, one.lon, one.lat, one.area_id, row.beds if one.beds is None else one.beds,
        row.floor_area if one.floor_area is None else one.floor_area, one.address.strip() or row.address,
        one.hours.strip() or row.hours, one.source.strip() or row.source, one.schematic,
    )  # fmt: skip


def end_facility(
    *, district: packs.DistrictView, facility_id: int, reason: str, actor: organization.Actor, now: datetime
) -> None:
    """End a facility from today; it stays on the list of ended ones (4 statements). Raises Invalid, NotAllowed, NotFound."""
    reason = reason.strip()
    if not 0 < len(reason) <= 200:
        raise Invalid("reason", "请写明停用的原因，200 字以内。", "", "reason")
    with transaction.atomic():
        row = _living(district.id, facility_id)
        organization.demand(actor, MANAGE, row.area_id)
        row.ended_on, row.changed_at = local(now).date(), now
        row.save(update_fields=["ended_on", "changed_at"])
        _note(district.id, "end_facility", row.name, {"id": row.pk, "kind": row.kind, "reason": reason}, actor, now)


@dataclass(frozen=True, slots=True)
class FacilitiesTaken:
    """What an import did, or (``written`` false) would do. ``faults``: rows left out, each with its reason."""

    written: bool
    created: int
    changed: int
    unchanged: int
    faults: tuple[territory.RowFault, ...]
    notes: tuple[str, ...]
    system: str


def import_facilities(
    *,
    district: packs.DistrictView,
    path: Path,
    name: str = "",
    kind: str = "",
    crs: str = "auto",
    schematic: bool = False,
    source: str = "",
    dry_run: bool = False,
    most_rows: int | None = None,
    actor: organization.Actor,
    now: datetime,
) -> FacilitiesTaken:
    """Take in facilities from Excel, CSV, GeoJSON, GeoPackage or a zipped Shapefile (about 6 statements).

    Rows with faults are left out and reported, all others are taken. A facility is the same when kind and name are; a
    second run of the same file changes nothing.

    Args:
        kind: the kind of all rows where the file has no such column. crs: see ``territory.read_points``.

    Raises:
        Invalid: the file cannot be read, or its positions show that the coordinate system is set wrongly. NotAllowed.
    """
    kinds = district.pack.facilities.kinds
    if kind and kind not in kinds:
        raise Invalid("unknown_kind", "没有这一类设施。", "请从列出的种类里选。", "kind")
    if not organization.may(actor, MANAGE):
        raise NotAllowed("not_allowed", "您没有“管理身边设施”的权限。", "请找系统管理员。")
    points = territory.read_points(
        territory.read_areas(path, name, most_rows, COLUMNS.values()),
        tree=territory.tree(district),
        wanted=COLUMNS,
        crs=crs,
    )
    found = [
        _with(one, schematic=schematic, source=source) for one in facilities_of(points, kinds, today_of(now), kind)
    ]
    allowed = []
    for one in found:
        if one.area_id is not None and organization.may(actor, MANAGE, one.area_id):
            allowed.append(one)
        else:
            what = f"“{one.name}”不在您管的范围内。"
            points.faults.append(territory.RowFault(0, "", what, "请由它所在的社区或区里导入。"))
    faults = tuple(sorted(points.faults, key=lambda fault: fault.row))
    notes = (*points.notes, *territory.repeated(points.rows))

    with transaction.atomic():
        _take_turn(district.id)
        created, changed = _merge(district, allowed, now, write=not dry_run)
        unchanged = len(allowed) - len(created) - len(changed)
        if not dry_run:
            detail = {
                "file": (name or path.name)[:120], "created": len(created), "changed": len(changed), "refused": len(faults),
                "crs": points.system,
            }  # fmt: skip
            _note(district.id, "import_facilities", name or path.name, detail, actor, now)
    return FacilitiesTaken(not dry_run, len(created), len(changed), unchanged, faults, notes, points.system)


def set_up_facilities(
    *, district: packs.DistrictView, actor: organization.Actor, now: datetime, since: date | None = None
) -> int:
    """Make the facilities that the pack seeds and that are not there yet (4 statements); return how many."""
    tree = territory.tree(district)
    seeds = []
    for seed in district.pack.facilities.seed:
        place = tree.by_code(seed.area)
        lon, lat = (seed.lon, seed.lat) if seed.lon is not None else ((place.lon, place.lat) if place else (None, None))
        if place is None or lon is None or lat is None:
            raise Invalid(
                "seed_area", f"设施“{seed.name}”所在的地域 {seed.area} 没有位置。", "请写明经度、纬度。", "seed"
            )
        here = tree.locate(lon, lat)
        seeds.append(
            NewFacility(
                seed.kind, seed.name, lon, lat, here.id if here else place.id, seed.beds, seed.floor_area, seed.address,
                seed.hours, seed.source, seed.schematic, seed.since or since,
            )
        )  # fmt: skip
    organization.demand_all(actor, MANAGE, ())
    with transaction.atomic():
        created, _ = _merge(district, seeds, now, write=True, only_new=True)
        _note(district.id, "set_up_facilities", district.title, {"made": len(created)}, actor, now)
    return len(created)


def _merge(
    district: packs.DistrictView, given: Sequence[NewFacility], now: datetime, *, write: bool, only_new: bool = False
) -> tuple[list[Facility], list[Facility]]:
    """Return rows to be made and rows that differ; written where asked (3 statements)."""
    known = {(row.kind, row.name): row for row in Facility.objects.filter(district_id=district.id, ended_on=None)}
    created, changed = [], []
    for one in given:
        assert one.area_id is not None
        row = known.get((one.kind, one.name))
        if row is None:
            row = Facility(district_id=district.id, began_on=one.since or local(now).date())
            _put(row, one, one.area_id, now)
            created.append(row)
            continue
        before = [getattr(row, name) for name in _FIELDS]
        # What the file does not say stays: an import of names and points takes no beds away.
        stamp = row.changed_at
        _put(row, _kept(row, one), one.area_id, now)
        if before == [getattr(row, name) for name in _FIELDS]:
            row.changed_at = stamp
        elif not only_new:
            changed.append(row)
    if write:
        Facility.objects.bulk_create(created, batch_size=_BATCH)
        Facility.objects.bulk_update(changed, [*_FIELDS, "changed_at"], batch_size=_BATCH)
    return created, changed


def _take_turn(district_id: int) -> None:
    """Names are looked up before they are given, by one writer of a district at a time."""
    wait_our_turn(f"facilities:{district_id}")


def _with(one: NewFacility, *, schematic: bool, source: str) -> NewFacility:
    return NewFacility(
        one.kind, one.name, one.lon, one.lat, one.area_id, one.beds, one.floor_area, one.address, one.hours,
        one.source or source.strip()[: MOST["source"]], schematic, one.since,
    )  # fmt: skip


def _put(row: Facility, one: NewFacility, area_id: int, now: datetime) -> None:
    row.kind, row.name, row.lon, row.lat, row.area_id = one.kind, one.name.strip(), one.lon, one.lat, area_id
    row.beds, row.floor_area = one.beds, one.floor_area
    row.address, row.hours, row.source = one.address.strip(), one.hours.strip(), one.source.strip()
    row.schematic, row.changed_at = one.schematic, now
    if one.since is not None:
        row.began_on = one.since


def _place_of(district: packs.DistrictView, facility: NewFacility) -> int:
    tree = territory.tree(district)
    place = tree.locate(facility.lon, facility.lat)
    if place is not None:
        return place.id
    if facility.area_id is not None and tree.get(facility.area_id) is not None:
        return facility.area_id
    near = tree.near(facility.lon, facility.lat, 2_000)
    where = f"离{near[0][0].name}约 {near[0][1]:.0f} 米" if near else "离本地超过 2 公里"
    raise Invalid("outside", f"这个点不在本地范围内，{where}。", "请在地图上重新点。", "lon")


def _check(district: packs.DistrictView, facility: NewFacility, today: date) -> None:
    if facility.kind not in district.pack.facilities.kinds:
        raise Invalid("unknown_kind", "还没有选种类，或者没有这一类设施。", "请从列出的种类里选。", "kind")
    name = facility.name.strip()
    if not 0 < len(name) <= 80:
        raise Invalid("facility_name", f"名称应为 1–80 个字，现有 {len(name)} 个。", "", "name", limit=80)
    for key, title, most in (("beds", "床位", 100_000), ("floor_area", "建筑面积", 10_000_000)):
        value: Any = getattr(facility, key)
        if value is not None and not 0 <= value <= most:
            raise Invalid("facility_size", f"{title}应在 0 到 {most:,} 之间。", "请改正。", key, limit=most)
    if facility.since is not None:
        check_day(facility.since, TITLES["since"], "since", today=today)
    for key, most in MOST.items():
        if len(getattr(facility, key)) > most:
            raise Invalid("facility_words", f"这一项最多 {most} 个字。", "请写短一些。", key, limit=most)


def _living(district_id: int, facility_id: int) -> Facility:
    row = Facility.objects.select_for_update().filter(district_id=district_id, pk=facility_id, ended_on=None).first()
    if row is None:
        raise NotFound("no_facility", "没有这处设施，或者它已经停用。", "请从列表里重新打开。")
    return row


def _note(
    district_id: int, action: str, target: str, detail: dict[str, Any], actor: organization.Actor, now: datetime
) -> None:
    """Write the record; every write of facilities ends here."""
    forget_facilities()
    records.audit(
        district_id=district_id, user_id=actor.user_id, actor_label=actor.label, action=f"places.{action}", target=target,
        detail=detail, now=now,
    )  # fmt: skip
