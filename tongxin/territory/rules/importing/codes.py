"""Codes of planned places: given ones are checked, missing ones numbered from north to south and west to east."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tongxin.territory.rules.importing.words import PlannedArea, Work

Codes = Mapping[int | None, frozenset[str]]


def plan_codes(work: Work, areas: list[PlannedArea], ever: Codes) -> list[PlannedArea]:
    """Return the places with codes; faults go to ``work``.

    Args:
        ever: parent id → all codes ever given directly under it, of ended places too.
    """
    everywhere = {code for codes in ever.values() for code in codes}
    used = Counter(area.code for area in areas if area.code)
    named = Counter((area.parent_id, area.name) for area in areas)
    for area in areas:
        if area.code and used[area.code] > 1:
            work.stop(
                "duplicate_code",
                area.row,
                f"“{area.name}”的代码“{area.code}”在文件里出现 {used[area.code]} 次。",
                area.name,
            )
        elif area.code and area.existing is None and area.code in everywhere:
            work.stop("duplicate_code", area.row, f"代码“{area.code}”以前用过，用过的代码不再使用。", area.name)
        if named[(area.parent_id, area.name)] > 1:
            where = f"“{area.parent.name}”里" if area.parent else ""
            count = named[(area.parent_id, area.name)]
            work.stop("duplicate_name", area.row, f"{where}有 {count} 个“{area.name}”。", area.name)
        parent_code = area.parent.code if area.parent else None
        if area.code and (fault := work.scheme.fault(area.code, parent_code)):
            work.stop("wrong_code", area.row, f"“{area.name}”：{fault}", area.name)
    if any(fault.blocking for fault in work.faults):
        return areas
    taken = everywhere | set(used)
    siblings: dict[int | None, set[str]] = defaultdict(set, {parent: set(codes) for parent, codes in ever.items()})
    for area in areas:
        if area.code:
            siblings[area.parent_id].add(area.code)
    numbered: dict[int, str] = {}
    for area in sorted((area for area in areas if not area.code), key=_reading_order(areas)):
        if area.parent is None and not taken:
            code = work.region
        else:
            code = work.scheme.next_code(
                area.parent.code if area.parent else None, siblings[area.parent_id], taken.__contains__
            )
        taken.add(code)
        siblings[area.parent_id].add(code)
        numbered[area.row] = code
    return [replace(area, code=numbered.get(area.row, area.code)) for area in areas]


def _reading_order(areas: Sequence[PlannedArea]) -> Callable[[PlannedArea], tuple[int, float, float, int]]:
    """Order places as one reads: rows from north to south, each from west to east; those without an outline come last."""
    heights = [area.outline.bounds[3] - area.outline.bounds[1] for area in areas if area.outline is not None]
    band = float(np.nanmedian(heights)) if heights else 1.0

    def key(area: PlannedArea) -> tuple[int, float, float, int]:
        if area.outline is None or area.outline.is_empty:
            return 1, 0.0, 0.0, area.row
        spot = area.outline.centroid
        return 0, -float(round(spot.y / (band or 1.0))), float(spot.x), area.row

    return key
