"""How good today's grids are, by community and for the district: figures that packs may name and pages show.

Each is a function of (district, now) that gives figures by area id; the district's own stands under its root. A rate has its part and
its whole beside it; without a whole it is None (不适用). Grids are judged, never the people in them (norm §9b).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tongxin.kernel.clock import local
from tongxin.kernel.registry import measures
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.planning.judge import DETOUR, WALK_M_PER_MIN
from tongxin.planning.models import Plan, PlanUnit
from tongxin.planning.units import metres_from_lonlat
from tongxin.territory import api as territory

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with what it is of: ``part`` of ``whole`` for a share, else both None."""

    value: float | None
    part: float | None = None
    whole: float | None = None


def share(part: float, whole: float) -> Figure:
    """A share; None where there is nothing to share."""
    return Figure(part / whole if whole else None, part, whole)


@dataclass
class Today:
    """One place as it stands: its units' households, the grid each lies in (-1 none), minutes on foot from where a worker is best based."""

    households: Any
    grid: Any
    minutes: Any


def today(district: DistrictView, level: str = "") -> dict[int, Today]:
    """Return today's division by place of the level above, and for the whole district under its root (1 statement).

    Args:
        level: the level that is judged; the last but those below the grid where not given: see :func:`judged_level`.
    """
    tree = territory.tree(district)
    level = level or judged_level(tree)
    above = tree.levels[tree.levels.index(level) - 1]
    rows = PlanUnit.objects.filter(district_id=district.id).values_list("lon", "lat", "households")
    values = np.array([(lon, lat, h or 0) for lon, lat, h in rows], dtype=np.float64).reshape(-1, 3)
    if not len(values):
        return {}
    found = tree.locate_many(values[:, 0], values[:, 1])
    grids = {a: p.id if (p := tree.ancestor(a, level)) else -1 for a in np.unique(found).tolist() if a != -1}
    places = {a: p.id if (p := tree.ancestor(a, above)) else -1 for a in np.unique(found).tolist() if a != -1}
    grid = np.array([grids.get(a, -1) for a in found.tolist()], dtype=np.int64)
    place = np.array([places.get(a, -1) for a in found.tolist()], dtype=np.int64)
    xy = metres_from_lonlat(values[:, :2], values[:, :2].mean(axis=0))
    minutes = _minutes(xy, grid)
    judged = {
        int(p): Today(values[place == p, 2], grid[place == p], minutes[place == p]) for p in np.unique(place) if p != -1
    }
    for root in tree.roots()[:1]:
        judged[root.id] = Today(values[:, 2], grid, minutes)
    return judged


def judged_level(tree: territory.AreaTree) -> str:
    """The level that ``grid`` names where there is one, else the last."""
    return "grid" if "grid" in tree.levels[1:] else tree.levels[-1]


def _minutes(xy: Any, grid: Any) -> Any:
    """Minutes on foot (straight line × 1.3) from the unit that is best placed in each grid; infinite in none."""
    minutes = np.full(len(xy), np.inf)
    order = np.argsort(grid, kind="stable")
    cuts = np.flatnonzero(np.diff(grid[order])) + 1
    for own in np.split(order, cuts):
        if len(own) and grid[own[0]] != -1:
            centre = (xy[own].min(axis=0) + xy[own].max(axis=0)) / 2
            base = own[int(np.hypot(*(xy[own] - centre).T).argmin())]
            minutes[own] = np.hypot(*(xy[own] - xy[base]).T) * DETOUR / WALK_M_PER_MIN
    return minutes


def _loads(one: Today) -> Any:
    inside = one.grid != -1
    _, index = np.unique(one.grid[inside], return_inverse=True)
    return np.bincount(np.asarray(index).ravel(), weights=one.households[inside]) if inside.any() else np.zeros(0)


def coverage_of(one: Today) -> Figure:
    """Households in a grid, of all."""
    return share(float(one.households[one.grid != -1].sum()), float(one.households.sum()))


def cv_of(one: Today) -> Figure:
    """Standard deviation over mean of the grids' households (XG-15)."""
    loads = _loads(one)
    mean = float(loads.mean()) if len(loads) else 0.0
    return Figure(float(loads.std()) / mean if mean else None)


def max_mean_of(one: Today) -> Figure:
    """The largest grid over the mean."""
    loads = _loads(one)
    mean = float(loads.mean()) if len(loads) else 0.0
    return Figure(float(loads.max()) / mean if mean else None, float(loads.max()) if len(loads) else None, mean or None)


def within_of(minutes: float) -> Callable[[Today], Figure]:
    """Households within so many minutes on foot of where a grid's worker is best based (WH-04)."""

    def reached(one: Today) -> Figure:
        return share(float(one.households[one.minutes <= minutes].sum()), float(one.households.sum()))

    return reached


def _each(district: DistrictView, work: Callable[[Today], Figure]) -> dict[int, Figure]:
    return {area_id: work(one) for area_id, one in today(district).items()}


@measures.register("grid_coverage", "网格覆盖的户数比例")
def grid_coverage(district: DistrictView, now: datetime) -> dict[int, Figure]:
    """Norm G-04."""
    return _each(district, coverage_of)


@measures.register("grid_load_cv", "网格户数的离散系数")
def grid_load_cv(district: DistrictView, now: datetime) -> dict[int, Figure]:
    """XG-15: 规模相当。"""
    return _each(district, cv_of)


@measures.register("grid_max_mean", "最大网格与平均之比")
def grid_max_mean(district: DistrictView, now: datetime) -> dict[int, Figure]:
    """XG-15."""
    return _each(district, max_mean_of)


@measures.register("grid_within_10_minutes", "十分钟内走得到的户数比例")
def grid_within_10_minutes(district: DistrictView, now: datetime) -> dict[int, Figure]:
    """On the straight line × 1.3 at 75 m a minute."""
    return _each(district, within_of(10.0))


@measures.register("grid_within_60_minutes", "一小时内走得到的户数比例")
def grid_within_60_minutes(district: DistrictView, now: datetime) -> dict[int, Figure]:
    """WH-04."""
    return _each(district, within_of(60.0))


@measures.register("grid_posts_filled", "网格岗位到位比例")
def grid_posts_filled(district: DistrictView, now: datetime) -> dict[int, Figure]:
    """Posts at grids that somebody holds, of all (0 statements when copies are kept)."""
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
    return {area_id: share(have, of) for area_id, (have, of) in filled.items()}


@measures.register("grid_moved_in_a_year", "一年内换了网格的户数比例")
def grid_moved_in_a_year(district: DistrictView, now: datetime) -> dict[int, Figure]:
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
    return {area_id: share(part, whole) for area_id, (part, whole) in moved.items()}


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
    figures: list[tuple[str, Figure]]


def judge_today(district: DistrictView, now: datetime, area_ids: Iterable[int] | None = None) -> list[JudgedRow]:
    """Return all figures by community, the district's first (3 statements); ``area_ids``: only of these places."""
    tree = territory.tree(district)
    level = judged_level(tree)
    above = tree.levels[tree.levels.index(level) - 1]
    judged = today(district, level)
    by_place: Mapping[str, Callable[[Today], Figure]] = {
        "grid_coverage": coverage_of, "grid_load_cv": cv_of, "grid_max_mean": max_mean_of,
        "grid_within_10_minutes": within_of(10.0), "grid_within_60_minutes": within_of(60.0),
    }  # fmt: skip
    filled, moved = grid_posts_filled(district, now), grid_moved_in_a_year(district, now)
    wanted = None if area_ids is None else set(area_ids)
    rows = []
    for place in [*tree.roots()[:1], *tree.at_level(above)]:
        if wanted is not None and place.id not in wanted:
            continue
        one = judged.get(place.id)
        figures = []
        for key, _, unit in COLUMNS:
            if key == "grid_posts_filled":
                figure = filled.get(place.id, Figure(None))
            elif key == "grid_moved_in_a_year":
                figure = moved.get(place.id, Figure(None))
            else:
                figure = by_place[key](one) if one is not None else Figure(None)
            figures.append((unit, figure))
        rows.append(
            JudgedRow(
                place.id, place.name, len(tree.at_level(level, place.id)), 0 if one is None else len(one.households),
                0 if one is None else int(one.households.sum()), figures,
            )
        )  # fmt: skip
    return rows
