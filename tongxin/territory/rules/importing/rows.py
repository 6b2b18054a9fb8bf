"""From a row to a place: its name, its numbers, its parent, and whether it is there already."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import shapely

from tongxin.territory.reading.rows import RawRow
from tongxin.territory.rules.importing.words import Columns, PlannedArea, Work
from tongxin.territory.rules.shapes import label_point
from tongxin.territory.rules.tree import Place

NAME_CHARS = 80


def _number(work: Work, row: RawRow, column: str) -> int | None:
    text = row.words.get(column, "").replace(",", "").replace("，", "") if column else ""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not (0 <= value <= 2_000_000_000 and value == int(value)):
        work.stop("row", row.number, f"“{column}”应为不小于 0 的整数，却是“{text[:20]}”。")
        return None
    return int(value)


def plan_rows(
    work: Work,
    rows: Sequence[RawRow],
    outlines: Sequence[Any],
    columns: Columns,
    points: Sequence[tuple[float, float] | None],
) -> list[PlannedArea]:
    """Return the places that the rows say; rows that cannot be one go to ``work``."""
    rank = work.tree.levels.index(work.level)
    above = [place for key in work.tree.levels[:rank] for place in work.tree.at_level(key)]
    by_name: dict[str, list[Place]] = defaultdict(list)
    for place in above:
        by_name[place.name].append(place)
    areas: list[PlannedArea] = []
    for row, outline, point in zip(rows, outlines, points, strict=True):
        name = row.words.get(columns.name, "")
        if not name:
            work.stop("row", row.number, "没有名称。")
            continue
        if len(name) > NAME_CHARS:
            work.stop("row", row.number, f"名称有 {len(name)} 个字，最多 {NAME_CHARS} 个。")
            continue
        code = row.words.get(columns.code, "") if columns.code else ""
        existing = work.tree.by_code(code) if code else None
        parent: Place | None = None
        if rank > 0:
            where = outline if outline is not None or point is None else shapely.Point(*point)
            parent = _parent(work, row, name, where, columns, by_name, existing)
            if parent is None:
                continue
        if existing is not None and existing.level != work.level:
            work.stop("wrong_level", row.number, f"代码“{code}”已是“{existing.name}”（另一级地域）的代码。", name)
            continue
        if existing is None and not code:
            siblings = work.tree.children(parent.id if parent else None)
            existing = next((p for p in siblings if p.name == name and p.level == work.level), None)
        numbers = _number(work, row, columns.households), _number(work, row, columns.people)
        areas.append(
            PlannedArea(
                row.number, name, existing.code if existing else code, parent, outline, *numbers, existing, point
            )
        )
    return areas


def _parent(
    work: Work,
    row: RawRow,
    name: str,
    outline: Any,
    columns: Columns,
    by_name: dict[str, list[Place]],
    existing: Place | None,
) -> Place | None:
    code = row.words.get(columns.parent_code, "") if columns.parent_code else ""
    wanted = row.words.get(columns.parent_name, "") if columns.parent_name else ""
    if code:
        found = work.tree.by_code(code)
        if found is not None and found.level in work.tree.levels[: work.tree.levels.index(work.level)]:
            return found
        work.stop("unknown_parent", row.number, f"“{name}”的上级代码“{code}”不存在。", name)
        return None
    if wanted:
        named = by_name.get(wanted, [])
        if len(named) == 1:
            return named[0]
        close = difflib.get_close_matches(wanted, list(by_name), n=3, cutoff=0.4)
        hint = f"相近的有：{'、'.join(close)}。" if close else "请先导入上一级。"
        said = (
            f"“{name}”的上级“{wanted}”不存在，{hint}"
            if not named
            else f"有 {len(named)} 个上级都叫“{wanted}”，请改用上级代码。"
        )
        work.stop("unknown_parent", row.number, said, name)
        return None
    if existing is not None and existing.parent_id is not None:
        return work.tree.get(existing.parent_id)
    nearest = next(
        (key for key in reversed(work.tree.levels[: work.tree.levels.index(work.level)]) if work.tree.at_level(key)), ""
    )
    candidates = work.tree.at_level(nearest)
    if len(candidates) == 1:
        return candidates[0]
    if outline is not None and not outline.is_empty and outline.is_valid:
        spot = shapely.Point(*label_point(outline)) if outline.area else outline.representative_point()
        holding = [p for p in candidates if (o := work.tree.outline(p.id)) is not None and o.intersects(spot)]
        if holding:
            return holding[0]
    work.stop(
        "unknown_parent", row.number, f"不知道“{name}”属于哪个上级：没有上级一列，位置也不在任何上级的边界内。", name
    )
    return None
