"""Whether a level of places is drawn as the norms want: closed, no gaps, no overlaps, each in one parent (G-04, G-05).

A report never changes an outline. What stops an import is marked ``blocking``; the rest is for people to judge.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely

from tongxin.territory.rules.locating import Longs
from tongxin.territory.rules.shapes import (
    Plane,
    components,
    label_point,
    only_polygons,
    ring_fault,
    size,
    touching,
    width,
)

FaultKind = Literal[
    "gap", "overlap", "sliver", "hole", "outside_parent", "duplicate_code", "duplicate_name",
    "wrong_level", "wrong_code", "unknown_parent", "invalid_ring", "multi_part", "coordinates", "row", "no_outline",
]  # fmt: skip
FAULT_TITLES: dict[str, str] = {
    "gap": "缝隙", "overlap": "重叠", "sliver": "细缝", "hole": "空洞", "outside_parent": "超出上级", "duplicate_code": "代码重复",
    "duplicate_name": "名称重复", "wrong_level": "级别不对", "wrong_code": "代码不对", "unknown_parent": "上级不明",
    "invalid_ring": "边界有错", "multi_part": "分成几块", "coordinates": "坐标不对", "row": "行有错", "no_outline": "没有边界",
}  # fmt: skip
# Below these a difference is how people draw, not a fault.
LEAST_M2 = 1.0
SLIVER_METRES = 2.0
OUTSIDE_SHARE = 0.001
MOSTLY_OUTSIDE = 0.5


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be.

    Args:
        places: names of the places it concerns.
        geometry: where, WGS84, for the map; None where it has no place.
        row: row or feature number in a file, from 1.
        keys: ids of the places it concerns where they have one; for a gap the id of the parent that is not filled.
    """

    kind: FaultKind
    sentence: str
    places: tuple[str, ...] = ()
    geometry: Any | None = None
    blocking: bool = False
    square_metres: int | None = None
    row: int | None = None
    keys: tuple[int, ...] = ()

    @property
    def mark(self) -> str:
        """Return a short word by which this fault is found again as long as it is there and is the same."""
        spot = self.point
        where = "" if spot is None else f"{spot[0]:.6f},{spot[1]:.6f}"
        said = f"{self.kind}|{self.keys}|{self.places}|{where}|{self.square_metres}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def point(self) -> tuple[float, float] | None:
        """Return lon, lat to look at."""
        if self.geometry is None or self.geometry.is_empty:
            return None
        spot = self.geometry.representative_point()
        return float(spot.x), float(spot.y)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place to be checked; ``parent`` is any word that tells its parent from others, ``key`` its id where it has one."""

    name: str
    parent: str | None
    outline: Any | None
    row: int | None = None
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The outline that places of one parent should fill."""

    name: str
    outline: Any
    key: int | None = None


def _keys(*places: Drawn | Parent) -> tuple[int, ...]:
    """The ids of the places, none unless all have one."""
    keys = [place.key for place in places if place.key is not None]
    return tuple(keys) if len(keys) == len(places) else ()


@dataclass(frozen=True, slots=True)
class TopologyReport:
    """What was found; ``components`` are groups of places joined by shared borders (rivers part them)."""

    faults: tuple[Fault, ...] = ()
    places: int = 0
    components: tuple[tuple[str, ...], ...] = field(default=())

    def of(self, kind: FaultKind) -> list[Fault]:
        """Return the faults of one kind."""
        return [fault for fault in self.faults if fault.kind == kind]

    @property
    def blocking(self) -> list[Fault]:
        """Return the faults that stop an import."""
        return [fault for fault in self.faults if fault.blocking]

    def summary(self) -> str:
        """Return one sentence: how many of what."""
        counts: dict[str, int] = defaultdict(int)
        for fault in self.faults:
            counts[fault.kind] += 1
        found = "、".join(f"{FAULT_TITLES[kind]} {number} 处" for kind, number in sorted(counts.items()))
        return f"{self.places} 个地域，{len(self.components)} 片相连；{found or '没有发现问题'}。"


def check(places: Sequence[Drawn], parents: Mapping[str, Parent], *, gaps: bool = True) -> TopologyReport:
    """Examine the outlines of one level.

    Args:
        places: all places of the level, those without an outline too.
        parents: parent word → parent, of those that have an outline.
        gaps: whether to look for gaps; False where only some places of each parent are given.
    """
    faults: list[Fault] = []
    sound: list[Drawn] = []
    for place in places:
        if place.outline is None:
            continue
        broken = ring_fault(place.outline)
        if broken is None:
            sound.append(place)
            continue
        words, where = broken
        spot = f"，在 {where[0]:.6f}, {where[1]:.6f} 附近" if where else ""
        point = shapely.Point(*where) if where and np.isfinite(where).all() else None
        faults.append(
            Fault(
                "invalid_ring",
                f"“{place.name}”{words}{spot}。",
                (place.name,),
                point,
                blocking=True,
                row=place.row,
                keys=_keys(place),
            )
        )
    if not sound:
        return TopologyReport(tuple(faults), len(places))
    plane = Plane([place.outline for place in sound])
    flat = plane.flat(np.asarray([place.outline for place in sound], dtype=object))
    first, second, shared = touching(flat)
    faults += _overlaps(sound, plane, flat, first, second, shared)
    cover = shapely.union_all(flat)
    faults += _holes(sound, plane, flat, cover)
    faults += _parts(sound, plane, flat)
    flat_parents = {
        key: Parent(parent.name, plane.flat(parent.outline), parent.key)
        for key, parent in parents.items()
        if parent.outline.is_valid
    }
    faults += _outside(sound, plane, flat, flat_parents)
    if gaps:
        faults += _gaps(sound, plane, cover, flat_parents)
    groups = tuple(tuple(sound[i].name for i in group) for group in components(len(sound), first, second))
    return TopologyReport(tuple(faults), len(places), groups)


def _overlaps(sound: Sequence[Drawn], plane: Plane, flat: Any, first: Longs, second: Longs, shared: Any) -> list[Fault]:
    areas = shapely.area(shared)
    faults = []
    for index in np.flatnonzero(areas > LEAST_M2).tolist():
        a, b = sound[first[index]], sound[second[index]]
        part = only_polygons(shared[index])
        if width(part) < SLIVER_METRES:
            faults.append(
                Fault(
                    "sliver", f"“{a.name}”与“{b.name}”的边界没有对齐，重叠成 {size(part.area)}的细缝。",
                    (a.name, b.name), plane.degrees(part), square_metres=round(part.area), row=a.row, keys=_keys(a, b),
                )
            )  # fmt: skip
            continue
        share = part.area / min(flat[first[index]].area, flat[second[index]].area)
        faults.append(
            Fault(
                "overlap", f"“{a.name}”与“{b.name}”重叠 {size(part.area)}，占较小一个的 {share:.1%}。",
                (a.name, b.name), plane.degrees(part), square_metres=round(part.area), row=a.row, keys=_keys(a, b),
            )
        )  # fmt: skip
    return faults


def _holes(sound: Sequence[Drawn], plane: Plane, flat: Any, cover: Any) -> list[Fault]:
    """Inner rings that no other place fills; an enclave that one does fill is no fault."""
    faults = []
    for place, outline in zip(sound, flat, strict=True):
        for polygon in shapely.get_parts(outline):
            for ring in polygon.interiors:
                empty = only_polygons(shapely.difference(shapely.Polygon(ring), cover))
                if empty.area > LEAST_M2:
                    sentence = f"“{place.name}”中间有一个 {size(empty.area)}的空洞，不属于任何同级地域。"
                    where = plane.degrees(empty)
                    faults.append(
                        Fault(
                            "hole",
                            sentence,
                            (place.name,),
                            where,
                            square_metres=round(empty.area),
                            row=place.row,
                            keys=_keys(place),
                        )
                    )
    return faults


def _parts(sound: Sequence[Drawn], plane: Plane, flat: Any) -> list[Fault]:
    faults = []
    for place, outline in zip(sound, flat, strict=True):
        parts = sorted(shapely.get_parts(outline), key=lambda part: -part.area)
        if len(parts) > 1:
            rest = "、".join(size(part.area) for part in parts[1:4]) + ("等" if len(parts) > 4 else "")
            sentence = f"“{place.name}”分成不相连的 {len(parts)} 块，主块之外有 {rest}。"
            where = plane.degrees(shapely.MultiPolygon(parts[1:]))
            area = round(sum(part.area for part in parts[1:]))
            faults.append(
                Fault(
                    "multi_part", sentence, (place.name,), where, square_metres=area, row=place.row, keys=_keys(place)
                )
            )
    return faults


def _outside(sound: Sequence[Drawn], plane: Plane, flat: Any, parents: Mapping[str, Parent]) -> list[Fault]:
    faults = []
    for place, outline in zip(sound, flat, strict=True):
        parent = parents.get(place.parent or "")
        if parent is None:
            continue
        beyond = only_polygons(shapely.difference(outline, parent.outline))
        share = beyond.area / outline.area
        if beyond.area <= LEAST_M2 or share <= OUTSIDE_SHARE:
            continue
        mostly = share > MOSTLY_OUTSIDE
        sentence = f"“{place.name}”有 {size(beyond.area)}（{share:.1%}）在“{parent.name}”的边界之外。"
        if mostly:
            sentence += "大部分都在外面，请核对上级和坐标系。"
        faults.append(
            Fault(
                "outside_parent", sentence, (place.name, parent.name), plane.degrees(beyond),
                blocking=mostly, square_metres=round(beyond.area), row=place.row, keys=_keys(place, parent),
            )
        )  # fmt: skip
    return faults


def _gaps(sound: Sequence[Drawn], plane: Plane, cover: Any, parents: Mapping[str, Parent]) -> list[Fault]:
    """Parts of a parent that no place covers; parents none of whose places are drawn are not judged."""
    inside: dict[str, list[Drawn]] = defaultdict(list)
    for place in sound:
        inside[place.parent or ""].append(place)
    faults = []
    for key, parent in parents.items():
        if key not in inside:
            continue
        for part in shapely.get_parts(only_polygons(shapely.difference(parent.outline, cover))):
            if part.area <= LEAST_M2:
                continue
            thin = width(part) < SLIVER_METRES
            words = "有一条没有对齐的细缝" if thin else "有一块没有划入任何地域"
            where = plane.degrees(part)
            lon, lat = label_point(where)
            sentence = f"“{parent.name}”在 {lon:.5f}, {lat:.5f} 处{words}，{size(part.area)}。"
            faults.append(
                Fault(
                    "sliver" if thin else "gap",
                    sentence,
                    (parent.name,),
                    where,
                    square_metres=round(part.area),
                    keys=_keys(parent),
                )
            )
    return faults
