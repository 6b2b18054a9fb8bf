"""The steps of planning an import, in order: columns, coordinates, rings, rows, position, codes, topology."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import shapely

from tongxin.territory.reading.rows import RawFile, RawRow
from tongxin.territory.rules.codes import CodeScheme
from tongxin.territory.rules.coordinates import convert_outlines, position_fault
from tongxin.territory.rules.importing.codes import Codes, plan_codes
from tongxin.territory.rules.importing.positions import label_points, placed, tell_far_from_home, tell_misset
from tongxin.territory.rules.importing.rows import plan_rows
from tongxin.territory.rules.importing.words import Columns, ImportPlan, PlannedArea, Work, choose_columns
from tongxin.territory.rules.shapes import area_cm2, only_polygons, ring_fault, size
from tongxin.territory.rules.topology import Drawn, Fault, Parent, TopologyReport, check
from tongxin.territory.rules.tree import AreaTree

AUTO = "auto"
MOST_FAULTS_SHOWN = 2_000


def plan_import(
    file: RawFile,
    *,
    tree: AreaTree,
    level: str,
    columns: Columns,
    scheme: CodeScheme,
    region: str,
    ever: Codes,
    crs: str = "",
    repair: bool = False,
) -> ImportPlan:
    """Decide what the file means.

    Args:
        level: the level of all its places. region: the six digits of the district, for a root without a code.
        crs: the file's coordinate system; empty: as the file states, else WGS84, and a shift is reported, not undone;
            ``auto``: the system that fits the parents best is taken, and the notes say so.
        repair: mend invalid rings; the notes say what changed. Without it they block.
        ever: parent id → all codes ever given directly under it.
    """
    work = Work(tree, level, scheme, region)
    chosen, missing = choose_columns(columns, file)
    work.faults += [Fault("row", sentence, blocking=True) for sentence in missing]
    if level not in tree.levels:
        known = "、".join(tree.levels)
        work.faults.append(Fault("wrong_level", f"资料包里没有“{level}”这一级；有 {known}。", blocking=True))
    if not chosen.name:
        shown = "、".join(file.columns)[:300]
        work.faults.append(Fault("row", f"不知道哪一列是名称；有的列是：{shown}。请用 --name 指明。", blocking=True))
    if work.faults:
        return ImportPlan((), TopologyReport(tuple(work.faults), len(file.rows)))
    system = crs if crs and crs != AUTO else file.system or "wgs84"
    if crs in ("", AUTO):
        work.notes += file.notes
    outlines = convert_outlines([row.outline for row in file.rows], system)
    if words := position_fault(outlines):
        work.faults.append(Fault("coordinates", words, blocking=True))
        return ImportPlan((), TopologyReport(tuple(work.faults), len(file.rows)), system=system)
    outlines = [
        _sound(work, row, row.words.get(chosen.name, ""), shape, repair)
        for row, shape in zip(file.rows, outlines, strict=True)
    ]
    areas = plan_rows(work, file.rows, outlines, chosen, label_points(work, file, system))
    tell_far_from_home(work, areas)
    if crs not in ("", AUTO):
        tell_misset(work, areas, {row.number: row.outline for row in file.rows}, system)
    elif system.lower() in ("wgs84", "cgcs2000"):
        areas, system = placed(work, areas, system, crs == AUTO)
    areas = plan_codes(work, areas, ever)
    report = _checked(work, areas)
    return ImportPlan(tuple(areas), report, tuple(work.notes), system)


def _sound(work: Work, row: RawRow, name: str, outline: Any | None, repair: bool) -> Any | None:
    """Return the outline, mended where that was asked for and is possible; the topology check reports the rest."""
    if outline is None or not repair:
        return outline
    fault = ring_fault(outline)
    if fault is None or outline.geom_type not in ("Polygon", "MultiPolygon"):
        return outline
    mended = only_polygons(shapely.make_valid(outline, method="structure", keep_collapsed=False))
    if mended.is_empty or area_cm2(mended) == 0:
        return outline
    was, now = size(area_cm2(outline) / 1e4), size(area_cm2(mended) / 1e4)
    work.notes.append(f"第 {row.number} 行“{name}”：{fault[0]}，已按要求修正，面积由 {was}变为 {now}。")
    return mended


def _checked(work: Work, areas: Sequence[PlannedArea]) -> TopologyReport:
    """Check the level as it would be: the file's places and those it leaves as they are."""
    replaced = {area.existing.id for area in areas if area.existing is not None and area.outline is not None}
    drawn = [Drawn(area.name, area.parent.code if area.parent else None, area.outline, area.row) for area in areas]
    drawn += drawn_of(work.tree, work.level, replaced)
    above = {area.parent.id for area in areas if area.parent is not None}
    report = check(drawn, parents_of(work.tree, above))
    shapes = {area.row: area.outline for area in areas if area.outline is not None and not area.outline.is_empty}
    told = [
        replace(one, geometry=shapes[one.row]) if one.geometry is None and one.row in shapes else one
        for one in work.faults
    ]
    faults = (*told, *report.faults)[:MOST_FAULTS_SHOWN]
    return TopologyReport(tuple(sorted(faults, key=lambda fault: not fault.blocking)), len(areas), report.components)


def drawn_of(tree: AreaTree, level: str, without: Collection[int] = ()) -> list[Drawn]:
    """Return the living places of a level for the check."""
    return [
        Drawn(
            place.name,
            parent.code if (parent := tree.get(place.parent_id)) else None,
            tree.outline(place.id),
            key=place.id,
        )
        for place in tree.at_level(level)
        if place.id not in without
    ]


def parents_of(tree: AreaTree, area_ids: Iterable[int]) -> dict[str, Parent]:
    """Return those of the areas that have an outline, for the check."""
    places = [place for area_id in area_ids if (place := tree.get(area_id)) is not None]
    return {p.code: Parent(p.name, outline, p.id) for p in places if (outline := tree.outline(p.id)) is not None}
