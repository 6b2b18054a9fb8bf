"""A plan as a drawing: parts in tones that differ from their neighbours', borders, barrier lines, numbers. For paper and without scripts.

Drawn by ourselves as SVG with presentation attributes only: it prints, it needs no tile server and no style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import shapely

from tongxin.planning.api import Board

TONES = ("#c9d8e6", "#e8d9b5", "#cfe0c3", "#e6c9c4", "#d6cde6", "#c4e0dd", "#eadfd0", "#d9dfb8", "#e3cbdc", "#cdd2d8")
WIDTH = 900.0
FINE = 0.7  # of the drawing's units
_INK, _LINE = "#1f2328", "#5b6670"
_BARRIERS = {"road": ("#9a4a2f", ""), "river": ("#2f6f9f", ""), "railway": ("#3d3d3d", ' stroke-dasharray="8 5"')}


def tones(outlines: Mapping[int, Any]) -> dict[int, int]:
    """Return a tone number for each part, neighbours apart: the fewest tones a simple pass finds, in order of number."""
    numbers = sorted(outlines)
    if not numbers:
        return {}
    shapes = np.array([outlines[n] for n in numbers], dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    near: dict[int, set[int]] = {n: set() for n in numbers}
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        if i != j:
            near[numbers[i]].add(numbers[j])
    chosen: dict[int, int] = {}
    for n in numbers:
        used = {chosen[m] for m in near[n] if m in chosen}
        free = [t for t in range(len(TONES)) if t not in used]
        # the rarest of the free ones, so that a map of few parts is not all blue
        counts = {t: sum(1 for c in chosen.values() if c == t) for t in free}
        chosen[n] = min(free, key=lambda t: (counts[t], t)) if free else n % len(TONES)
    return chosen


class Paper:
    """Longitude and latitude to the drawing's own units."""

    def __init__(self, bounds: Sequence[float], *, width: float = WIDTH, tall: float = 4 / 3) -> None:
        self.west, self.south, self.east, self.north = bounds
        self.stretch = math.cos(math.radians((self.south + self.north) / 2))
        self.scale = width / max((self.east - self.west) * self.stretch, (self.north - self.south) / tall, 1e-9)
        self.width = (self.east - self.west) * self.stretch * self.scale
        self.height = (self.north - self.south) * self.scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.west) * self.stretch * self.scale, 1), round((self.north - y) * self.scale, 1)

    def path(self, shape: Any) -> str:
        found = []
        for part in shapely.get_parts(shape):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for ring in rings:
                points = " ".join(f"{x},{y}" for x, y in (self.at(*xy) for xy in ring.coords))
                found.append(f"M{points}" + ("Z" if part.geom_type == "Polygon" else ""))
        return "".join(found)


def draw_plan(
    boards: Iterable[Board],
    names: Mapping[int, str],
    *,
    title: str,
    today: Mapping[int, Any] | None = None,
    lines: bool = True,
) -> str:
    """Return the drawing of one or several communities.

    Args:
        names: of the parts, for the hover text. today: outlines of today's places, drawn as a thin broken line.
    """
    boards = list(boards)
    outlines: dict[int, Any] = {}
    for board in boards:
        outlines |= board.outlines
    if not outlines:
        return ""
    margin = 0.02
    west, south, east, north = shapely.total_bounds(np.array(list(outlines.values()), dtype=object))
    wide, tall = (east - west) * margin, (north - south) * margin
    paper = Paper((west - wide, south - tall, east + wide, north + tall))
    chosen = tones(outlines)
    # bends finer than half a dot of the drawing are left out, the same for both sides of a border
    drawn_as = shapely.coverage_simplify(np.array(list(outlines.values()), dtype=object), FINE / paper.scale)
    outlines = dict(zip(outlines, drawn_as, strict=True))
    size = max(8.0, min(20.0, 80.0 / math.sqrt(len(outlines))))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {paper.width:.0f} {paper.height:.0f}" class="plan-picture" role="img">'
        f"<title>{escape(title)}</title>"
    ]
    for number, shape in outlines.items():
        out.append(
            f'<path d="{paper.path(shape)}" fill="{TONES[chosen[number]]}" stroke="{_LINE}" stroke-width="1.6" '
            f'fill-rule="evenodd"><title>{number} {escape(names.get(number, ""))}</title></path>'
        )
    broken = f'fill="none" stroke="{_INK}" stroke-width="1" stroke-dasharray="5 4" opacity="0.7"'
    out += [f'<path d="{paper.path(shape)}" {broken}/>' for shape in (today or {}).values()]
    if lines:
        out += _barriers(paper, boards, shapely.box(west, south, east, north))
    for board in boards:
        for (lon, lat), locked in zip(board.points.tolist(), board.locked or [False] * board.n, strict=True):
            x, y = paper.at(lon, lat)
            out.append(f'<circle cx="{x}" cy="{y}" r="2.2" fill="{_INK}" opacity="{0.9 if locked else 0.45}"/>')
    for number, shape in outlines.items():
        x, y = paper.at(*shapely.get_coordinates(shapely.point_on_surface(shape))[0])
        out.append(
            f'<text x="{x}" y="{y}" font-size="{size:.0f}" text-anchor="middle" dominant-baseline="central" fill="{_INK}" '
            f'stroke="#fff" stroke-width="3" paint-order="stroke" font-family="sans-serif">{number}</text>'
        )
    out.append("</svg>")
    return "".join(out)


def _barriers(paper: Paper, boards: Iterable[Board], window: Any) -> Iterator[str]:
    """Roads, rivers and railways inside the window, each once."""
    drawn = {id(barrier.line): barrier for board in boards for barrier in board.barriers}
    for barrier in drawn.values():
        inside = shapely.intersection(barrier.line, window)
        if not inside.is_empty and "Line" in inside.geom_type:
            ink, broken_up = _BARRIERS.get(barrier.kind, ("#6b5b4d", ""))
            yield (
                f'<path d="{paper.path(inside)}" fill="none" stroke="{ink}" stroke-width="3" opacity="0.8"{broken_up}>'
                f"<title>{escape(barrier.name)}</title></path>"
            )
