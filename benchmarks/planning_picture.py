"""A picture of the plan of Wuhan's compounds: the whole city by community, and a quarter of it with its grids.

    python -m benchmarks.planning_picture docs/how-to/pictures/wuhan-compounds.png      (seed 0; xiaoqu/*wuhan*)

Drawn from the plan alone: dots are blocks that stand in for buildings, cells the ground nearest to them. No map, no names.
"""

from __future__ import annotations

import colorsys
import sys
from pathlib import Path

import numpy as np
import shapely
from PIL import Image, ImageDraw

from benchmarks.planning_grids import plan_wuhan
from tongxin.planning.api import UnitGraph
from tongxin.planning.cells import dissolve, draw_cells

SIDE, SHARP = 620, 2  # pixels of each half; drawn twice as large and made smaller
QUARTER_M = 900.0  # half the side of the quarter shown
DEGREE_M = 111_195.0
SPREAD = 0.381966  # of the colour circle from one number to the next: neighbours differ


def tone(number: int, light: float = 0.62, strong: float = 0.5) -> tuple[int, int, int]:
    """The colour of a community."""
    red, green, blue = colorsys.hls_to_rgb(number * SPREAD % 1.0, light, strong)
    return round(red * 255), round(green * 255), round(blue * 255)


def main(path: Path) -> None:
    graph, communities, level = plan_wuhan()
    picture = Image.new("RGB", (2 * SIDE * SHARP, SIDE * SHARP), "white")
    picture.paste(whole(graph, communities), (0, 0))
    picture.paste(quarter(graph, communities, level.part), (SIDE * SHARP, 0))
    small = picture.resize((2 * SIDE, SIDE), Image.Resampling.LANCZOS).quantize(128)
    small.save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1024:.0f} KB")


def whole(graph: UnitGraph, communities: np.ndarray) -> Image.Image:
    """Every block a dot in its community's colour; the outermost hundredth of the city is left out."""
    low, high = np.percentile(graph.xy, 1, axis=0), np.percentile(graph.xy, 99, axis=0)
    span = float((high - low).max())
    centre = (low + high) / 2
    image = Image.new("RGB", (SIDE * SHARP, SIDE * SHARP), "white")
    draw = ImageDraw.Draw(image)
    for (x, y), community in zip(graph.xy.tolist(), communities.tolist(), strict=True):
        px = (0.5 + (x - centre[0]) / span) * SIDE * SHARP
        py = (0.5 - (y - centre[1]) / span) * SIDE * SHARP
        draw.ellipse((px - 2, py - 2, px + 2, py + 2), fill=tone(community, 0.5, 0.6))
    return image


def quarter(graph: UnitGraph, communities: np.ndarray, grids: np.ndarray) -> Image.Image:
    """The quarter with most compounds: cells of blocks, thin lines between grids, thick ones between communities."""
    compounds = np.array([i for i, code in enumerate(graph.codes) if "-" not in code or code.endswith("-1")])
    keys, counts = np.unique(np.floor(graph.xy[compounds] / QUARTER_M).astype(np.int64), axis=0, return_counts=True)
    centre = (keys[counts.argmax()] + 0.5) * QUARTER_M
    window = shapely.box(*(centre - QUARTER_M), *(centre + QUARTER_M))
    near = np.flatnonzero((np.abs(graph.xy - centre) < QUARTER_M * 1.4).all(axis=1))
    ground = shapely.MultiPoint(graph.xy[near]).buffer(110.0)
    # cells are drawn in degrees: as many metres as there are, about the equator, where both degrees are as long
    cells = draw_cells(
        shapely.transform(ground, lambda xy: xy / DEGREE_M), graph.xy[near] / DEGREE_M, [None] * len(near)
    )
    cells = [shapely.transform(one, lambda xy: xy * DEGREE_M) for one in cells]
    image = Image.new("RGB", (SIDE * SHARP, SIDE * SHARP), "white")
    draw = ImageDraw.Draw(image)

    def spot(points: np.ndarray) -> list[tuple[float, float]]:
        flat = (points - centre) / (2 * QUARTER_M) * [1, -1] + 0.5
        return [(float(x), float(y)) for x, y in flat * SIDE * SHARP]

    def rings(area: object) -> list[np.ndarray]:
        pieces = [
            p
            for p in shapely.get_parts(shapely.intersection(area, window))
            if p.geom_type == "Polygon" and not p.is_empty
        ]
        return [np.asarray(p.exterior.coords) for p in pieces]

    of_grid = {int(g): int(c) for g, c in zip(grids[near], communities[near], strict=True)}
    for grid, area in dissolve(cells, grids[near].tolist()).items():
        for ring in rings(area):
            draw.polygon(spot(ring), fill=tone(of_grid[grid], 0.72 + 0.05 * (grid % 4)))
            draw.line(spot(ring), fill="white", width=3)
    for area in dissolve(cells, communities[near].tolist()).values():
        for ring in rings(area):
            draw.line(spot(ring), fill=(40, 50, 60), width=6)
    for x, y in spot(graph.xy[near]):
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(40, 50, 60))
    return image


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/how-to/pictures/wuhan-compounds.png"))
