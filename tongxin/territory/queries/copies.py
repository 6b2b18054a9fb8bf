"""The in-process copy of a district's places, kept by district and version of its places."""

from __future__ import annotations

import shapely

from tongxin.kernel.caches import VersionedCache
from tongxin.packs import api as packs
from tongxin.territory.models import Area, PlaceName
from tongxin.territory.rules.tree import AreaTree, KnownPlace, Place

_trees: VersionedCache[AreaTree] = VersionedCache()


def tree(district: packs.DistrictView) -> AreaTree:
    """Return the district's places. 0 statements when kept; 2 when new or after a change of places."""
    version = (district.territory_version, district.pack_id)
    return _trees.get(district.id, version, lambda: load_tree(district.id, district.pack.units.level_keys()))


def find_tree(district_id: int) -> AreaTree | None:
    """Return the places of the district with this id as this process knows it, or None. Statements: as :func:`tree`."""
    view = next((district for district in packs.list_districts() if district.id == district_id), None)
    return None if view is None else tree(view)


def load_tree(district_id: int, levels: list[str]) -> AreaTree:
    """Read a district's places from the tables, past any copy. 2 statements."""
    rows = Area.objects.filter(district_id=district_id).values_list(
        "id",
        "level",
        "code",
        "name",
        "parent_id",
        "path",
        "lon",
        "lat",
        "households",
        "schematic",
        "ended_on",
        "outline",
    )
    places: list[Place] = []
    drawn: list[int] = []
    wkb: list[bytes] = []
    for key, level, code, name, parent_id, path, lon, lat, households, schematic, ended_on, outline in rows:
        ended = ended_on is not None
        places.append(
            Place(key, level, code, name, parent_id, tuple(path), lon, lat, households, schematic, ended=ended)
        )
        if outline is not None and not ended:
            drawn.append(key)
            wkb.append(bytes(outline))
    known = [
        KnownPlace(name, tuple(aliases), area_id, lon, lat)
        for name, aliases, area_id, lon, lat in PlaceName.objects.filter(district_id=district_id).values_list(
            "name", "aliases", "area_id", "lon", "lat"
        )
    ]
    return AreaTree(places, dict(zip(drawn, shapely.from_wkb(wkb), strict=True)), levels, known)


def load_places(district_id: int, levels: list[str]) -> AreaTree:
    """Read a district's places without outlines and names, past any copy: for set-up in the midst of changes. 1 statement."""
    rows = Area.objects.filter(district_id=district_id).values_list(
        "id", "level", "code", "name", "parent_id", "path", "lon", "lat", "households", "schematic", "ended_on"
    )
    places = [
        Place(
            key, level, code, name, parent_id, tuple(path), lon, lat, households, schematic, ended=ended_on is not None
        )
        for key, level, code, name, parent_id, path, lon, lat, households, schematic, ended_on in rows
    ]
    return AreaTree(places, {}, levels)
