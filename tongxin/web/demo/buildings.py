"""Buildings for the demo: made up, so many to a place as its households say, so that grids can be planned out of the box."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import shapely

from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.planning import api as planning
from tongxin.territory import api as territory

LINES = "演示：编造的示意道路、河流、铁路"
SOURCE = "演示：按网格户数编造的示意楼栋，不是真实楼栋"
HOUSEHOLDS = (24, 72)
PEOPLE = 2.6  # to a household
MOST_PLACES = 600  # a demo larger than that is about other things


def build(district: DistrictView, *, now: datetime, seed: int) -> int:
    """Put buildings into every smallest place that has an outline and households; return how many."""
    tree = territory.tree(district)
    leaves = [p for p in tree.at_level(tree.levels[-1]) if p.households and tree.outline(p.id) is not None]
    if not leaves or len(leaves) > MOST_PLACES:
        return 0
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    above = {p.id: p.name for level in tree.levels[3:-1] for p in tree.at_level(level)}  # 第2网格 for 第2网格第1小组
    units = [
        unit
        for place in leaves
        for unit in _in_place(place, above.get(place.parent_id or 0, ""), tree.outline(place.id), chance)
    ]
    actor = organization.system_actor(district)
    read = planning.ReadFile(tuple(units), (), (), "wgs84")
    planning.take_in(district=district, read=read, name="示意楼栋", schematic=True, source=SOURCE, actor=actor, now=now)
    return len(units)


def draw_lines(district: DistrictView, home: int, *, now: datetime) -> int:
    """Put a made-up main road, a river and a railway across the map, so that what grids cut shows; return how many.

    Road and river cross the community around which the demo's people live, off its middle; the railway passes beside it.
    """
    tree = territory.tree(district)
    ground = tree.outline(place.id) if (place := _community(tree, home)) is not None else None
    drawn = [o for level in tree.levels[:2] for p in tree.at_level(level) if (o := tree.outline(p.id)) is not None]
    if ground is None or not drawn:
        return 0
    everything = shapely.union_all(drawn)
    west, south, east, north = everything.bounds
    wide, tall = east - west, north - south
    x, y = ground.centroid.x, ground.centroid.y
    own_wide, own_tall = ground.bounds[2] - ground.bounds[0], ground.bounds[3] - ground.bounds[1]
    road = [
        (west, y - 0.04 * tall),
        (x - own_wide / 2, y + 0.1 * own_tall),
        (x + own_wide / 2, y + 0.18 * own_tall),
        (east, y + 0.08 * tall),
    ]
    river = [
        (x + 0.1 * wide, south),
        (x + 0.24 * own_wide, y - own_tall / 2),
        (x + 0.16 * own_wide, y),
        (x + 0.27 * own_wide, y + own_tall / 2),
        (x - 0.05 * wide, north),
    ]
    rails = [(west, south + 0.3 * tall), (x, y - 0.62 * own_tall), (east, south + 0.55 * tall)]
    lines = [
        planning.ReadLine(
            0, f"demo-{kind}", name, kind, shapely.intersection(shapely.LineString(points), everything), False
        )
        for kind, name, points in (
            ("road", "示意大道", road),
            ("river", "示意河", river),
            ("railway", "示意铁路", rails),
        )
    ]
    planning.take_in(
        district=district, read=planning.ReadFile((), tuple(lines), (), "wgs84"), name="示意界线", schematic=True, source=LINES,
        actor=organization.system_actor(district), now=now,
    )  # fmt: skip
    return len(lines)


def _community(tree: territory.AreaTree, home: int) -> territory.Place | None:
    """The place that one plan of the demo divides."""
    level = "grid" if "grid" in tree.levels[2:] else tree.levels[-1]
    return tree.ancestor(home, tree.levels[tree.levels.index(level) - 1])


def draw_one(district: DistrictView, home: int, *, now: datetime) -> None:
    """Let the machine draw one plan, for the community around which the demo's people live."""
    tree = territory.tree(district)
    level = "grid" if "grid" in tree.levels[2:] else tree.levels[-1]
    above = tree.levels[tree.levels.index(level) - 1]
    place = tree.ancestor(home, above)
    if place is None or not planning.count_units(district, tree, above).get(place.id):
        return
    planning.begin_plan(
        district=district, title=f"{place.name}示意方案", under=place.id, level=level, begin="improve",
        wish={"target": planning.GRID.target, "low": planning.GRID.low, "high": planning.GRID.high},
        actor=organization.system_actor(district), now=now,
    )  # fmt: skip
    planning.draft_waiting(lambda: now)


def _in_place(place: territory.Place, above: str, outline: Any, chance: random.Random) -> Iterator[planning.ReadUnit]:
    sizes: list[int] = []
    left = place.households or 0
    while left > 0:
        sizes.append(min(left, chance.randint(*HOUSEHOLDS)))
        left -= sizes[-1]
    for number, ((x, y), size) in enumerate(zip(_spots(outline, len(sizes), chance), sizes, strict=True), start=1):
        name = f"{above}{place.name}{'' if place.name.endswith(('网格', '组')) else '-'}{number}栋"
        yield planning.ReadUnit(0, f"demo-{place.code}-{number:02}", name, x, y, None, size, round(size * PEOPLE))


def _spots(outline: Any, count: int, chance: random.Random) -> list[tuple[float, float]]:
    """So many points inside, apart from each other: the farthest of a few tries each time."""
    west, south, east, north = outline.bounds
    inner = shapely.buffer(outline, -0.06 * min(east - west, north - south))
    ground = inner if not inner.is_empty else outline
    found: list[tuple[float, float]] = []
    while len(found) < count:
        tries = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(24)]
        inside = [spot for spot in tries if shapely.contains_xy(ground, *spot)]
        if inside:
            found.append(
                max(inside, key=lambda s: min(((s[0] - a) ** 2 + (s[1] - b) ** 2 for a, b in found), default=0.0))
            )
    return [(round(x, 6), round(y, 6)) for x, y in found]
