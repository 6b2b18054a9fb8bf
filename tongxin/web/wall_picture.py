"""The map of a wall: places of one level as outlines, coloured by how their cases stand. Places only, never points or persons."""

from __future__ import annotations

from dataclasses import dataclass

from tongxin.kernel.caches import VersionedCache
from tongxin.packs.api import DistrictView
from tongxin.territory import api as territory

WIDTH, TALL = 1000.0, 0.72  # of the drawing's units; the tallest it may be, as a part of the width
FINE = 0.8


@dataclass(frozen=True, slots=True)
class Outline:
    """A place as it is drawn."""

    area_id: int
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All places of a level on one sheet."""

    width: int
    height: int
    places: tuple[Outline, ...]


_drawn: VersionedCache[Drawing] = VersionedCache(16)


def draw(district: DistrictView, level: str) -> Drawing:
    """Return the outlines of a level, drawn once for each state of the places (0 statements where the places are known)."""
    return _drawn.get((district.id, level), district.territory_version, lambda: _draw(district, level))


def _draw(district: DistrictView, level: str) -> Drawing:
    import numpy as np
    import shapely

    from tongxin.web.plan_picture import Paper

    tree = territory.tree(district)
    found = [
        (place, outline)
        for place in tree.at_level(level)
        if (outline := tree.outline(place.id)) is not None and not outline.is_empty
    ]
    if not found:
        return Drawing(int(WIDTH), int(WIDTH * TALL), ())
    shapes = np.array([outline for _, outline in found], dtype=object)
    paper = Paper(shapely.total_bounds(shapes), width=WIDTH, tall=TALL)
    if shapely.is_valid(shapes).all():
        shapes = shapely.coverage_simplify(shapes, FINE / paper.scale)
    outlines = []
    for (place, _), shape in zip(found, shapes, strict=True):
        x, y = paper.at(*shapely.get_coordinates(shapely.point_on_surface(shape))[0])
        outlines.append(Outline(place.id, place.name, paper.path(shape), x, y))
    return Drawing(round(paper.width), round(paper.height), tuple(outlines))
