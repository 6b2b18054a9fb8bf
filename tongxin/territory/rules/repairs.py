"""Repairs of single faults that have a safe one: what would be redrawn, and how. Nothing is chosen here and nothing written.

An overlap goes to the place that a person picks, a gap or sliver to a neighbour (the one with the longest shared border is
named first), a part outside the parent is clipped, a hole is filled. Everything else needs a person with a map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from tongxin.territory.rules.shapes import Plane, area_cm2, only_polygons, ring_fault
from tongxin.territory.rules.topology import LEAST_M2, MOSTLY_OUTSIDE, Fault

REPAIRABLE = frozenset({"overlap", "sliver", "gap", "hole", "outside_parent"})
MOST_NEIGHBOURS = 4
TOUCHING_METRES = 0.05


@dataclass(frozen=True, eq=False)
class Change:
    """A place and its outline before and after."""

    area_id: int
    before: Any
    after: Any

    @property
    def square_metres(self) -> tuple[int, int]:
        """Its area before and after."""
        return round(area_cm2(self.before) / 10_000), round(area_cm2(self.after) / 10_000)


@dataclass(frozen=True, eq=False)
class Repair:
    """One way to mend a fault. ``to``: the place that gets the piece (None where it only loses it); ``piece``: what changes hands."""

    way: str
    to: int | None
    shared_metres: int | None
    piece: Any
    changes: tuple[Change, ...]

    @property
    def key(self) -> str:
        """A word for forms."""
        return f"{self.way}-{self.to or 0}"


def list_repairs(
    fault: Fault, outlines: Mapping[int, Any], parent: Any | None, siblings: Sequence[int]
) -> list[Repair]:
    """Return the safe repairs of a fault, the likeliest first; none where a person must redraw.

    One after which the fault would still stand, for roundings along a long bend or a part too thin to keep, is not offered.

    Args:
        outlines: area id → outline of the level. parent: the outline of the parent concerned, where there is one.
        siblings: ids of the places that should fill that parent.
    """
    if fault.kind not in REPAIRABLE or fault.geometry is None or not fault.keys:
        return []
    return [repair for repair in _thinkable(fault, outlines, parent, siblings) if mended(fault, repair, outlines)]


def _thinkable(fault: Fault, outlines: Mapping[int, Any], parent: Any | None, siblings: Sequence[int]) -> list[Repair]:
    if len(fault.keys) == 2 and fault.kind in ("overlap", "sliver"):
        return _give_overlap(fault, outlines)
    if fault.kind == "outside_parent" and parent is not None:
        return _clip(fault, outlines, parent)
    if fault.kind == "hole":
        return _fill_hole(fault, outlines)
    if fault.kind in ("gap", "sliver") and parent is not None:
        return _fill_gap(fault, outlines, parent, siblings)
    return []


def _give_overlap(fault: Fault, outlines: Mapping[int, Any]) -> list[Repair]:
    a, b = fault.keys
    if a not in outlines or b not in outlines:
        return []
    piece = only_polygons(shapely.intersection(outlines[a], outlines[b]))
    found = []
    for keeper, loser in ((a, b), (b, a)):
        after = clean(shapely.difference(outlines[loser], outlines[keeper]))
        if after is not None:
            found.append(Repair("give", keeper, None, piece, (Change(loser, outlines[loser], after),)))
    return found


def _clip(fault: Fault, outlines: Mapping[int, Any], parent: Any) -> list[Repair]:
    (key, *_) = fault.keys
    if key not in outlines:
        return []
    piece = only_polygons(shapely.difference(outlines[key], parent))
    after = clean(shapely.intersection(outlines[key], parent))
    if after is None or area_cm2(piece) > MOSTLY_OUTSIDE * area_cm2(outlines[key]):
        return []
    return [Repair("clip", None, None, piece, (Change(key, outlines[key], after),))]


def _fill_hole(fault: Fault, outlines: Mapping[int, Any]) -> list[Repair]:
    (key,) = fault.keys
    if key not in outlines or fault.point is None:
        return []
    others = [
        outline for other, outline in outlines.items() if other != key and shapely.intersects(outline, fault.geometry)
    ]
    spot = shapely.Point(*fault.point)
    for polygon in shapely.get_parts(outlines[key]):
        for ring in polygon.interiors:
            if not shapely.Polygon(ring).contains(spot):
                continue
            piece = only_polygons(shapely.difference(shapely.Polygon(ring), shapely.union_all(others)))
            after = clean(shapely.union(outlines[key], piece))
            return [Repair("fill", key, None, piece, (Change(key, outlines[key], after),))] if after is not None else []
    return []


def _fill_gap(fault: Fault, outlines: Mapping[int, Any], parent: Any, siblings: Sequence[int]) -> list[Repair]:
    near = [key for key in siblings if key in outlines and shapely.dwithin(outlines[key], fault.geometry, 1e-6)]
    piece = _gap_itself(fault, parent, [outlines[key] for key in siblings if key in outlines])
    if piece is None or not near:
        return []
    plane = Plane([piece])
    edge = plane.flat(piece).boundary
    found = []
    for key in near:
        shared = shapely.length(shapely.intersection(edge, plane.flat(outlines[key]).buffer(TOUCHING_METRES)))
        if shared <= 2 * TOUCHING_METRES:
            continue
        after = clean(shapely.union(outlines[key], piece))
        if after is not None:
            found.append(Repair("fill", key, round(shared), piece, (Change(key, outlines[key], after),)))
    return sorted(found, key=lambda one: -(one.shared_metres or 0))[:MOST_NEIGHBOURS]


def _gap_itself(fault: Fault, parent: Any, outlines: Sequence[Any]) -> Any | None:
    """The gap in the very coordinates of the outlines, so that it joins its neighbour without a seam."""
    spot = shapely.Point(*fault.point) if fault.point else None
    touching = [outline for outline in outlines if shapely.dwithin(outline, fault.geometry, 1e-5)]
    window = shapely.box(*shapely.buffer(fault.geometry, 1e-4).bounds)
    open_ground = shapely.difference(shapely.intersection(parent, window), shapely.union_all(touching))
    parts = shapely.get_parts(only_polygons(open_ground))
    return next((part for part in parts if spot is not None and part.contains(spot)), None)


def clean(outline: Any) -> Any | None:
    """The outline without crumbs and cracks smaller than what counts as a fault; None when nothing sound is left."""
    parts = []
    for part in shapely.get_parts(only_polygons(outline)):
        if area_cm2(part) < LEAST_M2 * 10_000:
            continue
        rings = [ring for ring in part.interiors if area_cm2(shapely.Polygon(ring)) >= LEAST_M2 * 10_000]
        parts.append(shapely.Polygon(part.exterior, rings))
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return whole if ring_fault(whole) is None else None


def mended(fault: Fault, repair: Repair, outlines: Mapping[int, Any]) -> bool:
    """Whether the fault would be gone: what was doubled, open or outside measures less than what counts as a fault."""
    after = {**outlines, **{change.area_id: change.after for change in repair.changes}}
    if repair.way == "give":
        a, b = fault.keys
        return area_cm2(only_polygons(shapely.intersection(after[a], after[b]))) <= LEAST_M2 * 10_000
    (change,) = repair.changes
    if repair.way == "fill":
        return area_cm2(only_polygons(shapely.difference(repair.piece, change.after))) <= LEAST_M2 * 10_000
    return area_cm2(only_polygons(shapely.intersection(repair.piece, change.after))) <= LEAST_M2 * 10_000


def boxes_touch(outline: Any, others: Sequence[Any]) -> np.ndarray:
    """Which of the others have a bounding box that touches the outline's."""
    west, south, east, north = outline.bounds
    bounds = shapely.bounds(np.asarray(others, dtype=object))
    return np.asarray(
        (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    )


def mend_slivers(
    faults: Sequence[Fault],
    outlines: Mapping[int, Any],
    parents: Mapping[int, Any],
    children: Mapping[int, Sequence[int]],
) -> tuple[dict[int, Any], list[Fault], list[Fault]]:
    """Mend all slivers one after the other; return the outlines that change, and the slivers mended and left.

    A doubled sliver goes to the place with the lower code, which takes points there already, so nothing is located anew; an
    open one to the neighbour with the longest shared border.

    Args:
        outlines: in order of code. parents: parent id → outline. children: parent id → its places.
    """
    now, done, left = dict(outlines), list[Fault](), list[Fault]()
    for fault in faults:
        parent_id = fault.keys[-1] if len(fault.keys) == 1 else None
        options = list_repairs(
            fault, now, parents.get(parent_id) if parent_id else None, children.get(parent_id, ()) if parent_id else ()
        )
        if not options or not mended(fault, options[0], now):
            left.append(fault)
            continue
        now.update({change.area_id: change.after for change in options[0].changes})
        done.append(fault)
    return {key: shape for key, shape in now.items() if shape is not outlines[key]}, done, left
