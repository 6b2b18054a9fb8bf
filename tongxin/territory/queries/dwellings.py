"""Where people live: named compounds and buildings with households, and areas known only by their number of households."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongxin.kernel.caches import VersionedCache
from tongxin.packs import api as packs
from tongxin.territory.models import Area, PlaceName
from tongxin.territory.queries.copies import tree
from tongxin.territory.rules.locating import Floats, Longs

_kept: VersionedCache[Dwellings] = VersionedCache(16)
HOMES = ("estate", "compound", "building", "village", "court")


@dataclass(frozen=True, eq=False)
class Dwellings:
    """Points with households, one dimension each.

    Attributes:
        area_ids: the leaf area of each (-1 outside all outlines and without one).
        from_areas: marks points that stand for a whole leaf area none of whose dwellings are known.
        without_households, without_point: how many homes were left out, and why.
    """

    names: tuple[str, ...]
    lons: Floats
    lats: Floats
    households: Longs
    area_ids: Longs
    from_areas: npt.NDArray[np.bool_]
    without_households: int
    without_point: int

    def __len__(self) -> int:
        return len(self.names)


def list_dwellings(district: packs.DistrictView) -> Dwellings:
    """Return the dwellings of a district (1 statement, 0 while no place or name has changed since).

    A place name with households and a point is a dwelling. A leaf area that has households, and none of the dwellings,
    stands in with its label point.
    """
    version = (district.territory_version, district.pack_id)
    return _kept.get(district.id, version, lambda: _read(district))


def _read(district: packs.DistrictView) -> Dwellings:
    known = tree(district)
    names: list[str] = []
    spots: list[tuple[float, float, int, int]] = []
    silent = unplaced = 0
    rows = PlaceName.objects.filter(district_id=district.id).order_by("id")
    for name, kind, area_id, lon, lat, households in rows.values_list(
        "name", "kind", "area_id", "lon", "lat", "households"
    ):
        if not households:
            silent += kind in HOMES
        elif lon is None or lat is None:
            unplaced += 1
        else:
            names.append(name)
            spots.append((lon, lat, households, area_id))
    table = np.array(spots, dtype=np.float64).reshape(-1, 4)
    located = known.locate_many(table[:, 0], table[:, 1])
    area_ids = np.where(located == -1, table[:, 3].astype(np.int64), located)
    lived_in = {above for area_id in set(area_ids.tolist()) for above in known.path(area_id)}
    leaves = [
        place
        for root in known.roots()
        for leaf in known.leaves_under(root.id)
        if (place := known.get(leaf)) is not None and place.households and place.lon is not None
    ]
    empty = [place for place in leaves if lived_in.isdisjoint([place.id])]
    marks = np.array([(p.lon, p.lat, p.households, p.id) for p in empty], dtype=np.float64).reshape(-1, 4)
    whole = np.concatenate([table, marks])
    return Dwellings(
        (*names, *(known.full_name(place.id) for place in empty)),
        whole[:, 0],
        whole[:, 1],
        whole[:, 2].astype(np.int64),
        np.concatenate([area_ids, marks[:, 3].astype(np.int64)]),
        np.arange(len(whole)) >= len(table),
        silent,
        unplaced,
    )


def people_of(district_id: int, area_ids: list[int]) -> dict[int, tuple[int | None, int | None]]:
    """Return area → (households, people) as written down (1 statement)."""
    rows = Area.objects.filter(district_id=district_id, pk__in=area_ids).values_list("id", "households", "people")
    return {area_id: (households, people) for area_id, households, people in rows}
