"""The norms of the pack held against the facilities and areas of a district."""

from __future__ import annotations

from collections.abc import Sequence

from tongxin.kernel.caches import VersionedCache
from tongxin.packs import api as packs
from tongxin.places.queries.facilities import FacilityRow, all_facilities, facilities_version
from tongxin.places.rules.norms import Counted, Judged, judge
from tongxin.territory import api as territory

USUAL_LEVEL = "community"
FEWEST_GAPS = 3


def usual_level(levels: list[str]) -> str:
    """The level in which shares and norms are counted where none is named: communities, else the last but one."""
    return USUAL_LEVEL if USUAL_LEVEL in levels else levels[-2]


def gap_level(levels: list[str], tree: territory.AreaTree) -> str:
    """The level whose places are named as gaps: as usual, but a finer one where there are hardly any of those."""
    usual = levels.index(usual_level(levels))
    fine = [level for level in levels[usual:] if len(tree.at_level(level)) >= FEWEST_GAPS]
    return fine[0] if fine else levels[usual]


_kept: VersionedCache[tuple[Judged, ...]] = VersionedCache(16)


def list_judged(district: packs.DistrictView) -> tuple[Judged, ...]:
    """Judge all norms of the pack (1 statement, 3 after a change of facilities or places)."""
    version = facilities_version(district)
    return _kept.get(district.id, version, lambda: _judged(district, all_facilities(district, version)))


def _judged(district: packs.DistrictView, facilities: Sequence[FacilityRow]) -> tuple[Judged, ...]:
    kinds, levels = district.pack.facilities.kinds, district.pack.units.level_keys()
    level_of: dict[str | None, str] = {None: usual_level(levels), **{level: level for level in levels}}
    tree = territory.tree(district)
    wanted = {
        level_of[n.level] for kind in kinds.values() for n in kind.norms if n.per != "facility" and n.level in level_of
    }
    places = {level: tree.at_level(level) for level in wanted}
    known = territory.people_of(district.id, [place.id for found in places.values() for place in found])
    areas = {
        level: [(place.id, tree.full_name(place.id), *known.get(place.id, (None, None))) for place in found]
        for level, found in places.items()
    }
    counted = [Counted(f.id, f.kind, f.name, f.areas, f.beds, f.floor_area) for f in facilities if f.ended_on is None]
    return tuple(judge(kinds, counted, areas, level_of))


def judge_facility(district: packs.DistrictView, row: FacilityRow) -> list[Judged]:
    """Hold one facility against the norms that say what each of its kind should have (0 statements)."""
    kind = district.pack.facilities.kinds.get(row.kind)
    if kind is None:
        return []
    own = kind.model_copy(update={"norms": [norm for norm in kind.norms if norm.per == "facility"]})
    counted = Counted(row.id, row.kind, row.name, row.areas, row.beds, row.floor_area)
    return judge({row.kind: own}, [counted], {}, {})
