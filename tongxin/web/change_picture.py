"""Two small drawings side by side: borders before and after a change, and what changes hands. SVG, no script needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import shapely
from django.utils.safestring import SafeString

WIDE, TALL = 360.0, 260.0
MARGIN = 0.6  # of the piece's size, on each side
LEAST_DEGREES = 0.0004  # about 40 m: a sliver is shown with something around it


@dataclass(frozen=True)
class _Window:
    """What part of the ground is drawn."""

    west: float
    south: float
    east: float
    north: float
    scale: float
    flat: float  # how much shorter a degree of longitude is

    def path(self, outline: Any) -> str:
        """The SVG path of an outline, cut a little outside the window."""
        wide, tall = self.east - self.west, self.north - self.south
        cut = outline
        if outline.is_valid:
            cut = shapely.clip_by_rect(
                outline, self.west - wide, self.south - tall, self.east + wide, self.north + tall
            )
        rings = []
        for part in shapely.get_parts(cut):
            for ring in (part.exterior, *part.interiors) if part.geom_type == "Polygon" else ():
                x, y = self.place(shapely.get_coordinates(ring))
                rings.append(
                    "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)) + "Z"
                )
        return "".join(rings)

    def place(self, xy: Any) -> tuple[Any, Any]:
        """Degrees as pixels."""
        return (xy[:, 0] - self.west) * self.flat * self.scale, (self.north - xy[:, 1]) * self.scale

    def label(self, outline: Any) -> tuple[float, float] | None:
        """Where a name stands: inside what is seen of the outline."""
        if not outline.is_valid:
            return None
        seen = shapely.clip_by_rect(outline, self.west, self.south, self.east, self.north)
        if seen.is_empty or seen.area < 0.02 * (self.east - self.west) * (self.north - self.south):
            return None
        x, y = self.place(shapely.get_coordinates(seen.representative_point()))
        return float(x[0]), float(y[0])


def _window(piece: Any) -> _Window:
    west, south, east, north = piece.bounds
    flat = float(np.cos(np.radians((south + north) / 2)))
    grow_x = max((east - west) * MARGIN, LEAST_DEGREES / flat)
    grow_y = max((north - south) * MARGIN, LEAST_DEGREES)
    west, east, south, north = west - grow_x, east + grow_x, south - grow_y, north + grow_y
    wide, tall = (east - west) * flat, north - south
    if wide / tall < WIDE / TALL:
        more = (tall * WIDE / TALL - wide) / flat / 2
        west, east = west - more, east + more
    else:
        more = (wide * TALL / WIDE - tall) / 2
        south, north = south - more, north + more
    return _Window(west, south, east, north, TALL / (north - south), flat)


def draw_change(
    piece: Any,
    outlines: Mapping[int, Any],
    names: Mapping[int, str],
    changes: Iterable[tuple[int, Any]],
    concerned: Sequence[int],
) -> tuple[SafeString, SafeString]:
    """Return the drawings before and after.

    Args:
        outlines: the places to draw, as they are. changes: (id, outline after). concerned: those drawn strong, with names.
    """
    window, after = _window(piece), dict(changes)
    return (
        _drawing(window, piece, outlines, names, concerned, "现在", piece_shown=True),
        _drawing(window, piece, {**outlines, **after}, names, concerned, "改后", piece_shown=False),
    )


def draw_places(
    ground: Any,
    before: Mapping[int, Any],
    after: Mapping[int, Any],
    names: Mapping[int, str],
    around: Mapping[int, Any],
) -> tuple[SafeString, SafeString]:
    """Return the drawings of a ground before and after places gave way to others.

    Args:
        before, after: outlines of the places concerned, each by a number of its own. names: of both. around: what lies beside.
    """
    window = _window(ground)
    return tuple(
        _drawing(window, ground, {**around, **shown}, names, list(shown), title, piece_shown=False)
        for shown, title in ((before, "现在"), (after, "改后"))
    )  # type: ignore[return-value]


def _drawing(
    window: _Window, piece: Any, outlines: Mapping[int, Any], names: Mapping[int, str], concerned: Sequence[int], title: str, *, piece_shown: bool,
) -> SafeString:  # fmt: skip
    parts = [f'<svg class="change" viewBox="0 0 {WIDE:.0f} {TALL:.0f}" role="img" aria-label="{title}">']
    for key, outline in outlines.items():
        order = concerned.index(key) if key in concerned else -1
        name = "other" if order < 0 else f"place-{order % 4}"
        parts.append(f'<path class="change-{name}" fill-rule="evenodd" d="{window.path(outline)}"/>')
    name = "piece" if piece_shown else "was"
    parts.append(f'<path class="change-{name}" fill-rule="evenodd" d="{window.path(piece)}"/>')
    for key in concerned:
        spot = window.label(outlines[key]) if key in outlines else None
        if spot is not None:
            parts.append(f'<text x="{spot[0]:.0f}" y="{spot[1]:.0f}">{escape(names.get(key, ""))}</text>')
    return SafeString("".join(parts) + "</svg>")
