"""Facilities of a district as plain values; few enough (thousands) to be read whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.errors import NotFound
from tongxin.packs import api as packs
from tongxin.places.models import Facility
from tongxin.territory import api as territory


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A facility, with the path of the area in which it now lies (found by its point, so it follows redrawn borders)."""

    id: int
    kind: str
    kind_title: str
    name: str
    lon: float
    lat: float
    area_id: int
    area_name: str
    areas: tuple[int, ...]
    beds: int | None
    floor_area: int | None
    address: str
    hours: str
    source: str
    schematic: bool
    began_on: date
    ended_on: date | None


_kept: VersionedCache[tuple[FacilityRow, ...]] = VersionedCache(16)


def facilities_version(district: packs.DistrictView) -> tuple[object, ...]:
    """What changes whenever a facility or a place of the district does (1 statement)."""
    found = Facility.objects.filter(district_id=district.id).aggregate(at=Max("changed_at"), count=Count("id"))
    return found["at"], found["count"], district.territory_version, district.pack_id


def forget_facilities() -> None:
    """Drop this process's copies; whoever writes facilities calls it (other processes see the change by its time)."""
    _kept.clear()


def list_facilities(
    district: packs.DistrictView, *, kind: str = "", words: str = "", under: int | None = None, ended: bool = False
) -> list[FacilityRow]:
    """Return living facilities in order of kind and name (1 statement, 2 after a change).

    Args:
        under: only those in this area. ended: those that have ended as well, at the end.
    """
    words = words.casefold()
    return [
        row for row in all_facilities(district)
        if (ended or row.ended_on is None) and kind in ("", row.kind) and (under is None or under in row.areas)
        and (not words or words in row.name.casefold() or words in row.address.casefold())
    ]  # fmt: skip


def all_facilities(district: packs.DistrictView, version: tuple[object, ...] | None = None) -> tuple[FacilityRow, ...]:
    """Return all, ended ones last; kept until one of them or a place changes."""

    def read() -> tuple[FacilityRow, ...]:
        found = _shown(district, list(Facility.objects.filter(district_id=district.id)))
        order = {key: number for number, key in enumerate(district.pack.facilities.kinds)}
        found.sort(key=lambda row: (row.ended_on is not None, order.get(row.kind, len(order)), row.name))
        return tuple(found)

    return _kept.get(district.id, version or facilities_version(district), read)


def get_facility(district: packs.DistrictView, facility_id: int) -> FacilityRow:
    """Return one facility, ended ones included (1 statement). Raises NotFound."""
    found = _shown(district, list(Facility.objects.filter(district_id=district.id, pk=facility_id)))
    if not found:
        raise NotFound("no_facility", "没有这处设施。", "请从列表里重新打开。")
    return found[0]


def _shown(district: packs.DistrictView, rows: list[Facility]) -> list[FacilityRow]:
    tree, kinds = territory.tree(district), district.pack.facilities.kinds
    located = tree.locate_many([row.lon for row in rows], [row.lat for row in rows]).tolist()
    found = []
    for row, here in zip(rows, located, strict=True):
        area_id = here if here != -1 else row.area_id
        title = kinds[row.kind].title if row.kind in kinds else row.kind
        found.append(
            FacilityRow(
                row.pk, row.kind, title, row.name, row.lon, row.lat, area_id, tree.full_name(area_id), tree.path(area_id),
                row.beds, row.floor_area, row.address, row.hours, row.source, row.schematic, row.began_on, row.ended_on,
            )
        )  # fmt: skip
    return found


def last_change(district_id: int) -> datetime | None:
    """Return when facilities last changed (1 statement)."""
    found: datetime | None = Facility.objects.filter(district_id=district_id).aggregate(at=Max("changed_at"))["at"]
    return found
