"""What positions say: a shift against the parents, a setting that fits badly, another country; and label points of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from tongxin.territory.reading.rows import LAT, LON, RawFile
from tongxin.territory.rules.coordinates import (
    CLEARLY,
    SYSTEMS,
    convert_coordinates,
    convert_outlines,
    detect_system,
    position_fault,
    shift_metres,
)
from tongxin.territory.rules.importing.words import PlannedArea, Work
from tongxin.territory.rules.shapes import Plane, label_point, ring_fault
from tongxin.territory.rules.topology import Fault

CHINA = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north


def placed(work: Work, areas: list[PlannedArea], system: str, move: bool) -> tuple[list[PlannedArea], str]:
    """Tell by position whether the outlines are shifted; move them only where that was asked for."""
    pairs = [
        (area.outline, held)
        for area in areas
        if area.outline is not None
        and area.parent is not None
        and (held := work.tree.outline(area.parent.id)) is not None
        and held.is_valid
        and ring_fault(area.outline) is None
    ]
    if not pairs:
        return areas, system
    best, share = detect_system(pairs)
    if best == "wgs84":
        return areas, system
    lon, lat = label_point(pairs[0][0])
    metres = shift_metres(lon, lat, best)
    said = (
        f"边界整体偏了约 {metres:.0f} 米，像是 {SYSTEMS[best]} 坐标："
        f"按原样有 {share['wgs84']:.1%} 的面积落在上级之内，按 {best} 换算后有 {share[best]:.1%}。"
    )
    if not move:
        work.faults.append(
            Fault(
                "coordinates",
                f"{said}请改选坐标系 {SYSTEMS[best]}（命令行加 --crs {best}）；确认不是，就选 WGS84。",
                blocking=True,
            )
        )
        return areas, system
    work.notes.append(f"{said}已按 {best} 换算。")
    moved = convert_outlines([area.outline for area in areas], best)
    return [replace(area, outline=outline) for area, outline in zip(areas, moved, strict=True)], best


def label_points(work: Work, file: RawFile, system: str) -> list[tuple[float, float] | None]:
    """Return points in WGS84 of the rows that have no outline and name a point (columns 经度, 纬度)."""
    lower = {column.strip().lower(): column for column in file.columns}
    lon, lat = (next((lower[name] for name in names.split() if name in lower), "") for names in (LON, LAT))
    points: list[tuple[float, float] | None] = []
    for row in file.rows:
        x, y = row.words.get(lon, ""), row.words.get(lat, "")
        points.append(None)
        if row.outline is not None or not lon or not lat or not (x or y):
            continue
        try:
            (here_x,), (here_y,) = convert_coordinates([float(x)], [float(y)], system)
        except ValueError:
            work.stop("row", row.number, f"“{lon}”“{lat}”应为小数形式的度，却是“{x[:20]}”“{y[:20]}”。")
            continue
        if fault := position_fault([shapely.Point(here_x, here_y)]):
            work.stop("coordinates", row.number, fault)
        else:
            points[-1] = (float(here_x), float(here_y))
    return points


def tell_far_from_home(work: Work, areas: Sequence[PlannedArea]) -> None:
    """Say where outlines lie outside China, or label points outside their parents; neither stops an import."""
    shapes = [area.outline for area in areas if area.outline is not None and not area.outline.is_empty]
    west, south, east, north = shapely.total_bounds(np.asarray(shapes, dtype=object)) if shapes else CHINA
    if east < CHINA[0] or west > CHINA[2] or north < CHINA[1] or south > CHINA[3]:
        where = f"经度 {west:.2f}–{east:.2f}，纬度 {south:.2f}–{north:.2f}"
        work.faults.append(Fault("coordinates", f"全部边界都在中国范围之外（{where}），请核对坐标系和经纬度的先后。"))
    for area in areas:
        if area.point is None or area.parent is None:
            continue
        held = work.tree.outline(area.parent.id)
        if held is None or shapely.intersects_xy(held, *area.point):
            continue
        spot = shapely.Point(*area.point)
        plane = Plane([spot])
        away = shapely.distance(plane.flat(spot), plane.flat(held))
        said = f"第 {area.row} 行：“{area.name}”的点在“{area.parent.name}”的边界之外约 {away:,.0f} 米。"
        work.faults.append(Fault("outside_parent", said, (area.name, area.parent.name), spot, row=area.row))


def tell_misset(work: Work, areas: Sequence[PlannedArea], given: Mapping[int, Any], system: str) -> None:
    """Say so when another coordinate system than the one that was set fits the parents clearly better.

    Args:
        given: row → its outline as the file has it.
    """
    fitting = [
        (given[area.row], area.outline, held)
        for area in areas
        if area.outline is not None
        and area.parent is not None
        and (held := work.tree.outline(area.parent.id)) is not None
        and held.is_valid
        and ring_fault(area.outline) is None
        and given[area.row].is_valid
    ]
    if not fitting or system.lower() not in SYSTEMS:
        return
    whole = sum(outline.area for _, outline, _ in fitting)
    mine = sum(shapely.intersection(outline, held).area for _, outline, held in fitting) / whole if whole else 1.0
    best, share = detect_system([(raw, held) for raw, _, held in fitting])
    if best == system.lower() or share[best] <= mine + CLEARLY:
        return
    lon, lat = label_point(fitting[0][0])
    spots = [shapely.Point(*(float(v[0]) for v in convert_coordinates([lon], [lat], one))) for one in (best, system)]
    plane = Plane(spots[:1])
    metres = shapely.distance(plane.flat(spots[0]), plane.flat(spots[1]))
    said = (
        f"按所设的 {SYSTEMS[system.lower()]} 只有 {mine:.1%} 的面积落在上级之内，按 {SYSTEMS[best]} 有 {share[best]:.1%}，"
        f"两者相差约 {metres:.0f} 米：坐标系多半设错了。"
    )
    work.faults.append(Fault("coordinates", said))
