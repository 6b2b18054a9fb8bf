"""Reads of plans, units and barrier lines; boards for the core. Each says its statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
import shapely

from tongxin.kernel.errors import Invalid, NotFound
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView
from tongxin.places.api import WalkNetwork, walk_network
from tongxin.planning.adjacency import Barrier
from tongxin.planning.board import Board
from tongxin.planning.expecting import expected_matters
from tongxin.planning.models import BarrierLine, Plan, PlanMember, PlanMove, PlanPart, PlanUnit
from tongxin.planning.units import LoadBy
from tongxin.territory.api import AreaTree, Place

SUBJECT = "grid_plan"
HISTORY = timedelta(weeks=52)  # of matters, for what is expected in a week
_UNIT = ("id", "code", "name", "lon", "lat", "outline", "households", "people")


def get_plan(district: DistrictView, plan_id: int) -> Plan:
    """Return a plan of this district with its drafting (1 statement); NotFound where there is none."""
    plan = Plan.objects.select_related("drafting").filter(district_id=district.id, pk=plan_id).first()
    if plan is None:
        raise NotFound("no_plan", "没有这个方案。", "请从列表里重新打开。")
    return plan


def list_plans(district: DistrictView, area_ids: Sequence[int] | None, rows: int = 50) -> list[Plan]:
    """Return the newest plans, of these places or (None) of all, with their drafting (1 statement)."""
    found = Plan.objects.select_related("drafting").filter(district_id=district.id)
    if area_ids is not None:
        found = found.filter(under_id__in=list(area_ids))
    return list(found.order_by("-made_at", "-id")[:rows])


def level_above(tree: AreaTree, level: str) -> str:
    """Return the level inside whose places a level is drawn. Raises Invalid for the first level and an unknown one."""
    if level not in tree.levels[1:]:
        raise Invalid("level_unknown", f"“{level}”这一级不能划分。", "请从列出的级别里选。", "level")
    return tree.levels[tree.levels.index(level) - 1]


def places_of(tree: AreaTree, under: int, level: str) -> list[Place]:
    """Return the places that a plan under ``under`` divides: those of the level above, in order of code."""
    above = level_above(tree, level)
    place = tree.get(under)
    if place is None:
        raise NotFound("no_area", "这个地域不存在，或者已经停用。", "请重新选择。", "under")
    if tree.levels.index(place.level) > tree.levels.index(above):
        raise Invalid("under_too_low", f"“{place.name}”在要划的一级之下。", "请选它的上级。", "under")
    return tree.at_level(above, under)


@dataclass(frozen=True)
class _Rows:
    rows: list[tuple[Any, ...]]
    points: Any
    found: Any  # id of the deepest place that holds each unit, -1 outside


def _located(district: DistrictView, tree: AreaTree, outlines: Sequence[Any]) -> _Rows:
    west, south, east, north = shapely.total_bounds(np.array(outlines, dtype=object))
    found = PlanUnit.objects.filter(
        district_id=district.id, lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north
    )
    rows = list(found.order_by("code").values_list(*_UNIT))
    points = np.array([(row[3], row[4]) for row in rows], dtype=np.float64).reshape(-1, 2)
    return _Rows(
        rows, points, tree.locate_many(points[:, 0], points[:, 1]) if len(rows) else np.zeros(0, dtype=np.int64)
    )


def load_boards(
    district: DistrictView, tree: AreaTree, *, under: int, level: str, load_by: LoadBy, now: datetime
) -> tuple[list[Board], list[str]]:
    """Return the communities under a place that have units, ready to be divided, and a sentence for each that has not (3–4 statements)."""
    above = level_above(tree, level)
    places = places_of(tree, under, level)
    drawn = {place.id: tree.outline(place.id) for place in places if tree.outline(place.id) is not None}
    refused = [
        f"“{place.name}”没有边界，画不出格：请先在“地域”里补上边界。" for place in places if place.id not in drawn
    ]
    if not drawn:
        return [], refused
    located = _located(district, tree, list(drawn.values()))
    expected = _expected(district, tree, located, list(drawn), now) if load_by == "matters" else None
    grouped: dict[int, list[int]] = defaultdict(list)
    today: dict[int, int | None] = {}
    for i, area_id in enumerate(located.found.tolist()):
        inside = tree.ancestor(area_id, above) if area_id != -1 else None
        if inside is not None and inside.id in drawn:
            grouped[inside.id].append(i)
            held = tree.ancestor(area_id, level)
            today[i] = held.id if held is not None and not held.ended else None
    barriers, network = load_barriers(district, list(drawn.values())), walk_network(district.id)
    boards = []
    for place in places:
        own = grouped.get(place.id, [])
        if place.id in drawn and not own:
            refused.append(f"“{place.name}”里没有一栋楼：空的社区划不了，请先导入楼栋或小区。")
        elif own:
            boards.append(_board(place, drawn[place.id], located, own, today, load_by, expected, barriers, network))
    return boards, refused


def _board(
    place: Place, outline: Any, located: _Rows, own: list[int], today: dict[int, int | None], load_by: LoadBy,
    expected: list[float] | None, barriers: Sequence[Barrier], network: WalkNetwork | None,
) -> Board:  # fmt: skip
    rows = [located.rows[i] for i in own]
    households, people = [row[6] for row in rows], [row[7] for row in rows]
    loads: list[float | None] = (
        [expected[i] for i in own] if expected is not None else people if load_by == "people" else households
    )
    return Board(
        inside=place.id, name=place.name, outline=outline, ids=[row[0] for row in rows], codes=[row[1] for row in rows],
        names=[row[2] for row in rows], points=located.points[own], shapes=_shapes([row[5] for row in rows]),
        households=households, people=people, loads=loads, today=[today[i] for i in own], load_by=load_by, barriers=barriers,
        network=network,
    )  # fmt: skip


def _shapes(wkb: Sequence[Any]) -> list[Any | None]:
    known = [None if one is None else bytes(one) for one in wkb]
    return list(shapely.from_wkb(known)) if known else []


def load_barriers(district: DistrictView, outlines: Sequence[Any]) -> list[Barrier]:
    """Return the barrier lines that touch the extent of these outlines (1 statement)."""
    extent = shapely.box(*shapely.total_bounds(np.array(outlines, dtype=object)))
    rows = BarrierLine.objects.filter(district_id=district.id).values_list("name", "kind", "line", "impassable")
    lines = [Barrier(name or kind, shapely.from_wkb(bytes(line)), stop, kind) for name, kind, line, stop in rows]
    return [barrier for barrier in lines if shapely.intersects(barrier.line, extent)]


def _expected(
    district: DistrictView, tree: AreaTree, located: _Rows, places: Sequence[int], now: datetime
) -> list[float]:
    """Matters a week to expect of each unit, from a year of them (1 statement)."""
    areas = sorted({area_id for place in places for area_id in tree.under(place, ended=True)})
    spots = matters.list_spots(district, since=now - HISTORY, until=now, area_ids=areas)
    alive = [(area_id, lon, lat) for area_id, lon, lat in spots]
    return expected_matters(
        located.points, [row[6] for row in located.rows], located.found.tolist(), alive, weeks=HISTORY.days / 7
    )


def plan_boards(district: DistrictView, tree: AreaTree, plan: Plan, only: Sequence[int] | None = None) -> list[Board]:
    """Return a plan's communities as they stand in it, in order of code (4 statements).

    Args:
        only: of these communities. Today's places are those of now, not of the day the plan was made.
    """
    found = PlanMember.objects.filter(plan=plan)
    if only is not None:
        found = found.filter(inside_id__in=list(only))
    members = list(
        found.order_by("unit__code").values_list(
            "inside_id", "part", "load", "locked", *(f"unit__{key}" for key in _UNIT)
        )
    )
    grouped: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for member in members:
        grouped[member[0]].append(member)
    outlines = {inside: tree.outline(inside) for inside in grouped}
    barriers = (
        load_barriers(district, [o for o in outlines.values() if o is not None]) if any(outlines.values()) else []
    )
    network = walk_network(district.id)
    boards = []
    for inside in sorted(grouped, key=lambda key: tree.ever(key).code if tree.ever(key) else ""):  # type: ignore[union-attr]
        rows = grouped[inside]
        place = tree.ever(inside)
        points = np.array([(row[7], row[8]) for row in rows], dtype=np.float64).reshape(-1, 2)
        today: list[int | None] = []
        for area_id in tree.locate_many(points[:, 0], points[:, 1]).tolist():
            held = tree.ancestor(area_id, plan.level) if area_id != -1 else None
            today.append(held.id if held is not None and not held.ended else None)
        board = Board(
            inside=inside, name=place.name if place else "", outline=outlines[inside], ids=[row[4] for row in rows],
            codes=[row[5] for row in rows], names=[row[6] for row in rows], points=points, shapes=_shapes([row[9] for row in rows]),
            households=[row[10] for row in rows], people=[row[11] for row in rows], loads=[row[2] for row in rows], today=today,
            load_by=cast(LoadBy, plan.load_by), barriers=barriers, part=np.array([row[1] for row in rows], dtype=np.int64),
            locked=[row[3] for row in rows], network=network,
        )  # fmt: skip
        boards.append(board)
    return boards


def parts_of(plan: Plan) -> dict[int, PlanPart]:
    """Return the parts of a plan by number (1 statement)."""
    return {part.number: part for part in PlanPart.objects.filter(plan=plan).order_by("number")}


def list_moves(plan: Plan, rows: int = 20) -> list[PlanMove]:
    """Return what hands did, newest first (1 statement)."""
    return list(PlanMove.objects.filter(plan=plan).order_by("-seq")[:rows])


def count_units(district: DistrictView, tree: AreaTree, level: str) -> dict[int, int]:
    """Return how many units lie in each place of a level (1 statement)."""
    rows = PlanUnit.objects.filter(district_id=district.id).values_list("lon", "lat")
    points = np.array(list(rows), dtype=np.float64).reshape(-1, 2)
    counts: dict[int, int] = defaultdict(int)
    if len(points):
        ids, times = np.unique(tree.locate_many(points[:, 0], points[:, 1]), return_counts=True)
        for area_id, number in zip(ids.tolist(), times.tolist(), strict=True):
            place = tree.ancestor(area_id, level) if area_id != -1 else None
            if place is not None:
                counts[place.id] += number
    return dict(counts)
