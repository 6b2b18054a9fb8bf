"""Draw a schematic map for a pack whose real outlines are not public: county → town → communities → grids.

The map is made up (示意) but sound: cells around random points share their edges exactly, so that the grids tile without gaps or
overlaps and each level is the union of the one below. Same plan, same bytes. Not a source of real borders or place names.

A ``Plan`` draws one town. A ``Nest`` draws any tree of levels: the smallest areas are made first and gathered upwards.

Usage: .venv/bin/python tools/draw_schematic.py xiuning
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry import MultiPoint, Point, Polygon, mapping

LOCALITIES = Path(__file__).parent.parent / "localities"


@dataclass(frozen=True)
class Plan:
    """What to draw: names from the pack's source, everything else made up."""

    county: tuple[str, str]
    town: tuple[str, str]
    communities: tuple[tuple[str, int], ...]
    centre: tuple[float, float]
    radius: tuple[float, float]
    seed: int = 1


@dataclass(frozen=True)
class Part:
    """An area of a nest: its name, its published code if it has one, and how many smallest areas lie in it or which parts it has."""

    name: str
    parts: tuple[Part, ...] = ()
    leaves: int = 1
    code: str = ""

    def size(self) -> int:
        """How many smallest areas it is made of."""
        return sum(part.size() for part in self.parts) if self.parts else self.leaves


@dataclass(frozen=True)
class Nest:
    """What to draw when there are several towns, or a level below the grid."""

    top: Part
    levels: tuple[str, ...]
    leaf: str
    households: tuple[int, int]
    centre: tuple[float, float]
    radius: tuple[float, float]
    seed: int
    place: tuple[str, str] = ("estate", "")
    known: tuple[tuple[str, str, str], ...] = ()
    people_of_100: int = 0  # inhabitants of a hundred households; 0: the map says none


def even(total: int, count: int) -> list[int]:
    """Split a number into parts as like as can be, the larger first."""
    return [total // count + (n < total % count) for n in range(count)]


def neutral(count: int, start: int = 0) -> list[str]:
    """Made-up names of communities, marked as such; ``start`` leaves out those already given."""
    words = [a + b for b in _THIRD for a in _FIRST]
    return [f"{word}社区（拟名）" for word in words[start : start + count]]


def _towns(rows: tuple[tuple[str, str, int, tuple[str, ...]], ...], each: tuple[int, ...]) -> tuple[Part, ...]:
    """Towns from (code, name, grids, names of communities that the source prints), with so many communities each."""
    made, used = [], 0
    for (code, name, grids, printed), count in zip(rows, each, strict=True):
        titles = [*printed, *neutral(count - len(printed), used)]
        used += count - len(printed)
        inside = tuple(Part(title, leaves=n) for title, n in zip(titles, even(grids, count), strict=True))
        made.append(Part(name, inside, code=code))
    return tuple(made)


_FIRST = "桂松梅兰竹菊荷枫柏榆桐柳槐杉樟枣梨杏桃棠樱芸茶蕙芦"
_SECOND = "香鹤园庭苑溪坡湾岭泉林圃洲台桥坊亭浦"
_THIRD = "安和宁康悦馨晖华景源怡福乐永清"
_ESTATES = ("苑", "小区", "家园", "新村", "花园", "里")
_STREETS = ("巷", "路", "弄")
_LANDMARKS = ("口袋公园", "便民菜场", "健身广场", "停车场", "幼儿园", "卫生服务站")


PLANS = {
    "xiuning": Plan(
        county=("341022", "休宁县"),
        town=("341022100", "海阳镇"),
        communities=(("横江社区", 18), ("万宁社区", 17), ("萝宁社区", 17), ("安宁社区（拟名）", 17)),
        centre=(118.19, 29.78),
        radius=(0.026, 0.019),
        seed=341022,
    )
}
NESTS = {
    "xigu": Nest(
        top=Part(
            "西固区",
            (
                Part(
                    "福利路街道",
                    (Part("兰化22街区社区", tuple(Part(f"第{n}网格", leaves=3) for n in range(1, 10))),),
                    code="620104003",
                ),
            ),
            code="620104",
        ),
        levels=("county", "town", "community", "grid", "group"),
        leaf="第{n}小组",
        households=(190, 210),
        centre=(103.626, 36.094),
        radius=(0.0075, 0.0055),
        seed=620104,
        place=("building", "{word}楼院"),
    ),
    "zhongshan": Nest(
        top=Part(
            "中山区",
            _towns(
                (
                    ("210202001", "海军广场街道", 91, ()),
                    ("210202005", "人民路街道", 91, ()),
                    ("210202008", "青泥洼桥街道", 90, ()),
                    ("210202010", "葵英街道", 90, ()),
                    ("210202011", "桃源街道", 90, ("林海社区",)),
                    ("210202012", "老虎滩街道", 90, ()),
                ),
                (10, 10, 9, 9, 9, 9),
            ),
            code="210202",
        ),
        levels=("county", "town", "community", "grid"),
        leaf="第{n}网格",
        households=(250, 400),
        centre=(121.655, 38.9),
        radius=(0.045, 0.032),
        seed=210202,
    ),
    "yuhu": Nest(
        top=Part(
            "雨湖区",
            _towns(
                (
                    ("430302001", "雨湖路街道", 45, ()),
                    ("430302002", "城正街街道", 45, ("宝庆路社区",)),
                    ("430302003", "云塘街道", 45, ()),
                    ("430302004", "广场街道", 45, ()),
                    ("430302005", "窑湾街道", 45, ("洗脚桥社区",)),
                    ("430302006", "昭潭街道", 45, ()),
                    ("430302007", "万楼街道", 45, ()),
                    ("430302008", "先锋街道", 45, ("罗祖殿社区",)),
                    ("430302100", "鹤岭镇", 29, ()),
                    ("430302101", "楠竹山镇", 28, ()),
                    ("430302102", "姜畲镇", 28, ()),
                    ("430302202", "长城乡", 28, ()),
                ),
                (4,) * 12,
            ),
            code="430302",
        ),
        levels=("county", "town", "community", "grid"),
        leaf="第{n}网格",
        households=(300, 500),
        centre=(112.86, 27.88),
        radius=(0.085, 0.06),
        seed=430302,
        known=(
            ("430302006001001", "白石古莲城", "estate"),
            ("430302004001001", "天隆小区", "estate"),
            ("430302003001001", "新景家园", "estate"),
        ),
    ),
    "wuhan": Nest(
        top=Part(
            "武昌区",
            (
                Part(
                    "中南路街道",
                    tuple(
                        Part(
                            name,
                            tuple(
                                Part(f"第{n}小区网格", leaves=20 if (place, n) < (3, 2) else 19) for n in range(1, 5)
                            ),
                        )
                        for place, name in enumerate(("百瑞景社区", *neutral(4)))
                    ),
                    code="420106011",
                ),
            ),
            code="420106",
        ),
        levels=("county", "town", "community", "grid", "neighbours"),
        leaf="第{n}邻里单元",
        households=(18, 32),
        centre=(114.335, 30.53),
        radius=(0.013, 0.01),
        seed=420106,
        people_of_100=248,
        place=("building", "{word}楼"),
    ),
}


def outline(plan: Plan | Nest) -> Polygon:
    """A roundish town."""
    chance = random.Random(plan.seed)  # noqa: S311 the same map each time
    waves = [(k, chance.uniform(0.02, 0.07), chance.uniform(0, math.tau)) for k in (2, 3, 5)]
    points = []
    for step in range(72):
        angle = math.tau * step / 72
        reach = 1 + sum(size * math.sin(k * angle + phase) for k, size, phase in waves)
        points.append(
            (
                round(plan.centre[0] + plan.radius[0] * reach * math.cos(angle), 6),
                round(plan.centre[1] + plan.radius[1] * reach * math.sin(angle), 6),
            )
        )
    return Polygon(points)


def cells(area: Polygon, count: int, seed: int) -> list[Polygon]:
    """Split an area into ``count`` connected cells of like size (Lloyd's rounds over Voronoi cells)."""
    chance = random.Random(seed)  # noqa: S311 the same map each time
    west, south, east, north = area.bounds
    points: list[Point] = []
    while len(points) < count:
        point = Point(chance.uniform(west, east), chance.uniform(south, north))
        if area.contains(point):
            points.append(point)
    made: list[Polygon] = []
    for _ in range(40):
        found = shapely.voronoi_polygons(MultiPoint(points), extend_to=area, ordered=True)
        made = [cell.intersection(area) for cell in found.geoms]
        points = [cell.centroid for cell in made]
    return made


def snapped(parts: list[Polygon]) -> list[Polygon]:
    """Round to six decimals (0.1 m) so that neighbours keep the very same corners; refuse what is not a clean cover."""
    rounded = [shapely.transform(part, lambda xy: xy.round(6)) for part in parts]
    rounded = [shapely.remove_repeated_points(part).normalize() for part in rounded]
    if not shapely.coverage_is_valid(rounded) or not all(p.is_valid and p.geom_type == "Polygon" for p in rounded):
        raise SystemExit("the cells do not tile; choose another seed")
    return rounded


def communities(plan: Plan, grids: list[Polygon]) -> list[list[Polygon]]:
    """Give each community its number of grids, west to east and then north to south, each in one piece."""
    by_lon = sorted(grids, key=lambda cell: cell.centroid.x)
    half = plan.communities[0][1] + plan.communities[1][1]
    groups = []
    for side, (first, second) in ((by_lon[:half], (0, 1)), (by_lon[half:], (2, 3))):
        by_lat = sorted(side, key=lambda cell: -cell.centroid.y)
        split = plan.communities[first][1]
        groups += [by_lat[:split], by_lat[split : split + plan.communities[second][1]]]
    for group in groups:
        if shapely.coverage_union_all(group).geom_type != "Polygon":
            raise SystemExit("a community is in pieces; choose another seed")
    return groups


def feature(
    level: str, code: str, name: str, parent: str | None, households: int, shape: Polygon, people: int = 0
) -> str:
    """One line of the map."""
    properties = {
        "level": level,
        "code": code,
        "name": name,
        "parent": parent,
        "households": households,
        **({"people": people} if people else {}),
        "schematic": True,
    }
    return json.dumps({"type": "Feature", "properties": properties, "geometry": mapping(shape)}, ensure_ascii=False)


def draw(plan: Plan) -> tuple[str, str]:
    """Return map.geojson and places.yaml."""
    chance = random.Random(plan.seed)  # noqa: S311 the same map each time
    grids = snapped(cells(outline(plan), sum(count for _, count in plan.communities), plan.seed))
    lines: dict[str, list[str]] = {"community": [], "grid": []}
    places: list[str] = []
    names = [a + b for a in _FIRST for b in _SECOND]
    chance.shuffle(names)
    total, unions = 0, []
    for index, ((title, _), group) in enumerate(zip(plan.communities, communities(plan, grids), strict=True), 1):
        code = f"{plan.town[0]}{index:03d}"
        inside = 0
        band = (max(c.centroid.y for c in group) - min(c.centroid.y for c in group)) / 4 or 1
        top = max(c.centroid.y for c in group)
        group.sort(key=lambda c: (int((top - c.centroid.y) / band - 1e-9), c.centroid.x))
        for number, shape in enumerate(group, 1):
            households = chance.randint(300, 500)
            inside += households
            own = f"{code}{number:03d}"
            lines["grid"].append(feature("grid", own, f"第{number}网格", code, households, shape))
            places += _places(own, shape, households, names, chance)
        total += inside
        unions.append(shapely.coverage_union_all(group).normalize())
        lines["community"].append(feature("community", code, title, plan.town[0], inside, unions[-1]))
    whole = shapely.coverage_union_all(unions).normalize()
    top_lines = [
        feature("county", plan.county[0], plan.county[1], None, total, whole),
        feature("town", plan.town[0], plan.town[1], plan.county[0], total, whole),
    ]
    body = ",\n".join([*top_lines, *lines["community"], *lines["grid"]])
    head = "# 地名为拟名，由 tools/draw_schematic.py 与示意图一同生成；换成真实地名时直接改这里。\n"
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n', head + "".join(places)


def _places(code: str, shape: Polygon, households: int, names: list[str], chance: random.Random) -> list[str]:
    """An estate, a street and now and then a landmark in a grid."""
    word, other = names.pop(), names.pop()
    estate = word + chance.choice(_ESTATES)
    rows = [(estate, "estate", f", aliases: {word}住宅区", households)]
    rows.append((other + chance.choice(_STREETS), "street", "", 0))
    if chance.random() < 0.4:
        rows.append((word + chance.choice(_LANDMARKS), "landmark", "", 0))
    made = []
    for name, kind, aliases, count in rows:
        point = _inside(shape, chance)
        number = f", households: {count}" if count else ""
        made.append(
            f"- {{name: {name}, kind: {kind}{aliases}, area: {code}, lon: {point.x:.6f}, lat: {point.y:.6f}{number}}}\n"
        )
    return made


def _inside(shape: Polygon, chance: random.Random) -> Point:
    """A point well inside."""
    inner = shape.buffer(-0.0004)
    if inner.area < shape.area / 8:
        inner = shape.buffer(-math.sqrt(shape.area) / 8)
    west, south, east, north = inner.bounds
    while True:
        point = Point(chance.uniform(west, east), chance.uniform(south, north))
        if inner.contains(point):
            return point


def gather(grids: list[Polygon], sizes: list[int]) -> list[list[Polygon]]:
    """Split cells into connected groups of given sizes: cut by a straight line, and each half again."""
    if len(sizes) == 1:
        return [grids]
    half = len(sizes) // 2
    first = sum(sizes[:half])
    whole = shapely.MultiPoint([cell.centroid for cell in grids]).bounds
    along = 0.0 if whole[2] - whole[0] >= whole[3] - whole[1] else math.pi / 2
    for step in range(24):
        angle = along + math.pi * step / 24
        ordered = sorted(grids, key=lambda c: c.centroid.x * math.cos(angle) - c.centroid.y * math.sin(angle))
        sides = ordered[:first], ordered[first:]
        if all(shapely.coverage_union_all(side).geom_type == "Polygon" for side in sides):
            try:
                return gather(sides[0], sizes[:half]) + gather(sides[1], sizes[half:])
            except SystemExit:
                continue
    raise SystemExit("an area is in pieces; choose another seed")


def draw_nest(nest: Nest) -> tuple[str, str]:
    """Return map.geojson and places.yaml of a nest."""
    chance = random.Random(nest.seed)  # noqa: S311 the same map each time
    words = [a + b for a in _FIRST for b in _SECOND + _THIRD[::-1]]
    chance.shuffle(words)
    lines: dict[str, list[str]] = {level: [] for level in nest.levels}
    places: list[str] = []
    known = {code: (name, kind) for code, name, kind in nest.known}

    def build(part: Part, depth: int, code: str, parent: str | None, inside: list[Polygon]) -> tuple[Polygon, int, int]:
        below = part.parts or tuple(Part(nest.leaf.format(n=n)) for n in range(1, part.leaves + 1))
        place = len(lines[nest.levels[depth]])
        lines[nest.levels[depth]].append("")
        if depth == len(nest.levels) - 1:
            shape, count = inside[0], chance.randint(*nest.households)
            people = (count * nest.people_of_100 + 50) // 100
            places.extend(_nest_places(nest, code, shape, count, words, known, chance))
        else:
            groups = gather(inside, [child.size() for child in below])
            made = [
                build(child, depth + 1, child.code or f"{code}{n:03d}", code, group)
                for n, (child, group) in enumerate(zip(below, groups, strict=True), 1)
            ]
            shape = shapely.coverage_union_all([shape for shape, _, _ in made]).normalize()
            count, people = sum(count for _, count, _ in made), sum(people for _, _, people in made)
        lines[nest.levels[depth]][place] = feature(nest.levels[depth], code, part.name, parent, count, shape, people)
        return shape, count, people

    build(nest.top, 0, nest.top.code, None, snapped(cells(outline(nest), nest.top.size(), nest.seed)))
    body = ",\n".join(line for level in nest.levels for line in lines[level])
    head = "# 地名为拟名，由 tools/draw_schematic.py 与示意图一同生成；换成真实地名时直接改这里。\n"
    if nest.known:
        head += f"# {'、'.join(name for _, name, _ in nest.known)}见于报道，所在网格为拟定。\n"
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n', head + "".join(places)


def _nest_places(
    nest: Nest,
    code: str,
    shape: Polygon,
    households: int,
    words: list[str],
    known: dict[str, tuple[str, str]],
    chance: random.Random,
) -> Iterator[str]:
    """The place that a smallest area is known by."""
    kind, pattern = nest.place
    word = words.pop()
    name = pattern.format(word=word) if pattern else word + chance.choice(_ESTATES)
    name, kind = known.get(code, (name, kind))
    point = _inside(shape, chance)
    yield (
        f"- {{name: {name}, kind: {kind}, area: {code}, lon: {point.x:.6f}, lat: {point.y:.6f}, households: {households}}}\n"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {**PLANS, **NESTS}:
        raise SystemExit(f"usage: draw_schematic.py {'|'.join([*PLANS, *NESTS])}")
    key = sys.argv[1]
    drawn, named = draw(PLANS[key]) if key in PLANS else draw_nest(NESTS[key])
    folder = LOCALITIES / sys.argv[1]
    (folder / "map.geojson").write_text(drawn, encoding="utf-8")
    (folder / "places.yaml").write_text(named, encoding="utf-8")
    print(f"{folder}: {drawn.count('Feature') - 1} areas, {named.count('- {')} places")
