"""How good today's grids are, by community and for the district: figures that packs may name and pages show.

Each may be asked of one place by its code, else it is of the district. Without a whole it is None (不适用). Grids are judged, never the
people in them (norm §9b).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tongxin.kernel.clock import local
from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.places import api as places
from tongxin.planning.models import Plan, PlanUnit
from tongxin.territory import api as territory

YEAR = timedelta(days=365)


FINE = 10_000  # a quotient of real numbers is kept to so many parts


def _quotient(value: float, by: float) -> Measured:
    return Measured(round(value * FINE), round(by * FINE), "quotient")


@dataclass
class Today:
    """One place as it stands: its units' households, the grid each lies in (-1 none), minutes on foot from where a worker is best based.

    ``walked``: along the district's walking network; otherwise, and for the units that ``estimated`` marks, the minutes are of
    the straight line × 1.3.
    """

    households: Any
    grid: Any
    minutes: Any
    walked: bool
    estimated: Any

    @property
    def off_network(self) -> int:
        """Households measured on the straight line although there is a network: they lie too far from it."""
        return int(self.households[self.estimated].sum()) if self.walked else 0


def today(district: DistrictView, level: str = "") -> dict[int, Today]:
    """Return today's division by place of the level above, and for the whole district under its root (2 statements once the network is kept).

    Args:
        level: the level that is judged; the last but those below the grid where not given: see :func:`judged_level`.
    """
    import numpy as np

    from tongxin.planning.judge import WALK_M_PER_MIN
    from tongxin.planning.units import metres_from_lonlat

    tree = territory.tree(district)
    level = level or judged_level(tree)
    above = tree.levels[tree.levels.index(level) - 1]
    rows = PlanUnit.objects.filter(district_id=district.id).values_list("lon", "lat", "households")
    values = np.array([(lon, lat, h or 0) for lon, lat, h in rows], dtype=np.float64).reshape(-1, 3)
    if not len(values):
        return {}
    found = tree.locate_many(values[:, 0], values[:, 1])
    grids = {a: p.id if (p := tree.ancestor(a, level)) else -1 for a in np.unique(found).tolist() if a != -1}
    uppers = {a: p.id if (p := tree.ancestor(a, above)) else -1 for a in np.unique(found).tolist() if a != -1}
    grid = np.array([grids.get(a, -1) for a in found.tolist()], dtype=np.int64)
    place = np.array([uppers.get(a, -1) for a in found.tolist()], dtype=np.int64)
    xy = metres_from_lonlat(values[:, :2], values[:, :2].mean(axis=0))
    network = places.walk_network(district.id)
    walks = places.walk_to_bases(values[:, :2], _bases(xy, grid), network)

    def of(own: Any) -> Today:
        minutes = walks.metres[own] / WALK_M_PER_MIN
        return Today(values[own, 2], grid[own], minutes, network is not None, walks.estimated[own])

    judged = {int(p): of(np.flatnonzero(place == p)) for p in np.unique(place) if p != -1}
    for root in tree.roots()[:1]:
        judged[root.id] = of(np.arange(len(values)))
    return judged


def judged_level(tree: territory.AreaTree) -> str:
    """The level that ``grid`` names where there is one, else the last."""
    return "grid" if "grid" in tree.levels[1:] else tree.levels[-1]


def _bases(xy: Any, grid: Any) -> Any:
    """The unit from which each unit's grid is best served; -1 for units in no grid."""
    import numpy as np

    from tongxin.planning.judge import posts_at

    known, numbers = np.unique(grid, return_inverse=True)
    numbers = np.asarray(numbers, dtype=np.int64).ravel()
    return np.where(grid == -1, -1, posts_at(xy, numbers)[numbers]) if len(known) else grid


def _loads(one: Today) -> Any:
    import numpy as np

    inside = one.grid != -1
    _, index = np.unique(one.grid[inside], return_inverse=True)
    return np.bincount(np.asarray(index).ravel(), weights=one.households[inside]) if inside.any() else np.zeros(0)


def coverage_of(one: Today) -> Measured:
    """Households in a grid, of all (G-04)."""
    return Measured(int(one.households[one.grid != -1].sum()), int(one.households.sum()), "percent")


def cv_of(one: Today) -> Measured:
    """Standard deviation over mean of the grids' households (XG-15)."""
    loads = _loads(one)
    return _quotient(float(loads.std()), float(loads.mean())) if len(loads) else Measured(0, 0, "quotient")


def max_mean_of(one: Today) -> Measured:
    """The largest grid over the mean (XG-15)."""
    loads = _loads(one)
    return _quotient(float(loads.max()), float(loads.mean())) if len(loads) else Measured(0, 0, "quotient")


def how_walked(one: Today) -> str:
    """Along which way the minutes were measured."""
    if not one.walked:
        return "没有步行路网，按直线 × 1.3 估算"
    return f"按步行路网，{one.off_network:,} 户离路网太远，按直线 × 1.3" if one.off_network else "按步行路网"


def within_of(minutes: float) -> Callable[[Today], Measured]:
    """Households within so many minutes on foot of where a grid's worker is best based (WH-04)."""

    def reached(one: Today) -> Measured:
        near = int(one.households[one.minutes <= minutes].sum())
        return Measured(near, int(one.households.sum()), "percent", how_walked(one))

    return reached


OF_TODAY: Mapping[str, tuple[str, Callable[[Today], Measured]]] = {
    "grid_coverage": ("网格覆盖的户数", coverage_of),
    "grid_load_cv": ("网格户数的离散系数", cv_of),
    "grid_max_mean": ("最大网格与平均之比", max_mean_of),
    "grid_within_10_minutes": ("十分钟内走得到的户数", within_of(10.0)),
    "grid_within_60_minutes": ("一小时内走得到的户数", within_of(60.0)),
}


def _answer(
    district: DistrictView, asked: Sequence[Mapping[str, Any]], found: Mapping[int, Measured], none: Measured
) -> list[Measured]:
    """The figure of each place that is asked for by its code, of the district where none is named."""
    tree = territory.tree(district)
    roots = tree.roots()
    answers = []
    for given in asked:
        place = tree.by_code(str(given["area"])) if given.get("area") else (roots[0] if roots else None)
        answers.append(found.get(place.id, none) if place is not None else none)
    return answers


def _register(name: str, title: str, work: Callable[[Today], Measured]) -> None:
    def measure(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
        found = {area_id: work(one) for area_id, one in today(district).items()}
        return _answer(
            district, asked, found, Measured(0, 0, "quotient" if "cv" in name or "mean" in name else "percent")
        )

    measures.register(name, title, takes="area?")(measure)


for _name, (_title, _work) in OF_TODAY.items():
    _register(_name, _title, _work)


def posts_filled(district: DistrictView, now: datetime) -> dict[int, Measured]:
    """Posts at grids that somebody holds, of all, by place (0 statements when copies are kept)."""
    tree, directory, day = territory.tree(district), organization.directory(district), local(now).date()
    level = judged_level(tree)
    above = tree.levels[tree.levels.index(level) - 1]
    filled: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for post in directory.posts():
        place = tree.get(post.area_id)
        if post.ended or place is None or place.level != level:
            continue
        held = bool(directory.holders(post.id, day))
        upper = tree.ancestor(place.id, above)
        for area_id in {place.path[0], upper.id if upper else place.path[0]}:
            filled[area_id][0] += held
            filled[area_id][1] += 1
    return {area_id: Measured(have, of, "percent") for area_id, (have, of) in filled.items()}


@measures.register("grid_posts_filled", "有人在岗的网格岗位", takes="area?")
def grid_posts_filled(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Of all posts at grids."""
    return _answer(district, asked, posts_filled(district, now), Measured(0, 0, "percent"))


def moved_in_a_year(district: DistrictView, now: datetime) -> dict[int, Measured]:
    """Change over time: load that plans of the last year put into another grid, of the load of the same places (1 statement)."""
    found = Plan.objects.filter(
        district_id=district.id, status="in_force", in_force_at__gte=now - YEAR, in_force_at__lte=now
    )
    moved: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    roots = territory.tree(district).roots()
    for score in found.values_list("score", flat=True):
        for area_id, one in score.get("communities", {}).items():
            if one.get("refused") or one.get("moved") is None:
                continue
            for key in {int(area_id), *(root.id for root in roots[:1])}:
                moved[key][0] += one["moved"] * one["load"]
                moved[key][1] += one["load"]
    return {area_id: Measured(round(part), round(whole), "percent") for area_id, (part, whole) in moved.items()}


@measures.register("grid_moved_in_a_year", "一年内换了网格的户数", takes="area?")
def grid_moved_in_a_year(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Of the households of the places that were divided anew."""
    return _answer(district, asked, moved_in_a_year(district, now), Measured(0, 0, "percent"))


COLUMNS: tuple[tuple[str, str, str], ...] = (  # measure, short title, unit
    ("grid_coverage", "覆盖", "share"),
    ("grid_load_cv", "离散系数", "ratio"),
    ("grid_max_mean", "最大/平均", "ratio"),
    ("grid_within_10_minutes", "十分钟走到", "share"),
    ("grid_within_60_minutes", "一小时走到", "share"),
    ("grid_posts_filled", "岗位到位", "share"),
    ("grid_moved_in_a_year", "一年内变动", "share"),
)


@dataclass(frozen=True)
class JudgedRow:
    """One place in the table of today's grids."""

    area_id: int
    name: str
    grids: int
    units: int
    households: int
    figures: list[tuple[str, Fraction | None]]
    walked: bool = False  # along the walking network; otherwise, and for so many households, straight line × 1.3
    off_network: int = 0


def judge_today(district: DistrictView, now: datetime, area_ids: Iterable[int] | None = None) -> list[JudgedRow]:
    """Return all figures by community, the district's first (4 statements); ``area_ids``: only of these places."""
    tree = territory.tree(district)
    level = judged_level(tree)
    above = tree.levels[tree.levels.index(level) - 1]
    judged = today(district, level)
    filled, moved = posts_filled(district, now), moved_in_a_year(district, now)
    wanted = None if area_ids is None else set(area_ids)
    rows = []
    for place in [*tree.roots()[:1], *tree.at_level(above)]:
        if wanted is not None and place.id not in wanted:
            continue
        one = judged.get(place.id)
        found = {key: work(one) for key, (_, work) in OF_TODAY.items()} if one is not None else {}
        found |= {
            key: by[place.id]
            for key, by in (("grid_posts_filled", filled), ("grid_moved_in_a_year", moved))
            if place.id in by
        }
        figures = [(unit, found[key].value if key in found else None) for key, _, unit in COLUMNS]
        rows.append(
            JudgedRow(
                place.id, place.name, len(tree.at_level(level, place.id)), 0 if one is None else len(one.households),
                0 if one is None else int(one.households.sum()), figures, one is not None and one.walked,
                0 if one is None else one.off_network,
            )
        )  # fmt: skip
    return rows
