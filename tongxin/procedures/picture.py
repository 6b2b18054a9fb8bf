"""The drawing of a procedure as SVG: its main line left to right, its side states below, the present step lit. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from tongxin.packs.schema import Procedure

BOX_W, BOX_H, GAP_X, GAP_Y, TOP = 116, 44, 34, 40, 62


def main_path(procedure: Procedure) -> list[str]:
    """Return the states of the main line: as the pack says, or the shortest way from the start to a ``done`` state."""
    if procedure.main_path:
        return [key for key in procedure.main_path if key in procedure.states]
    ways: dict[str, list[str]] = {procedure.start: [procedure.start]}
    queue = [procedure.start]
    while queue:
        here = queue.pop(0)
        if procedure.states[here].final == "done":
            return ways[here]
        for spec in procedure.transitions.values():
            if here in spec.from_ and spec.to in procedure.states and spec.to not in ways:
                ways[spec.to] = [*ways[here], spec.to]
                queue.append(spec.to)
    return ways[max(ways, key=lambda key: len(ways[key]))]


def edges(procedure: Procedure) -> dict[tuple[str, str], list[str]]:
    """Return the arrows with the titles of the acts that go that way; acts that stay draw none."""
    out: dict[tuple[str, str], list[str]] = {}
    for spec in procedure.transitions.values():
        for source in spec.from_:
            if spec.to in procedure.states and spec.to != source:
                out.setdefault((source, spec.to), []).append(spec.title)
    return out


def _places(
    procedure: Procedure, line: list[str], arrows: dict[tuple[str, str], list[str]]
) -> dict[str, tuple[int, int]]:
    """Column and row of each state: the main line in row 0, each other state below the state it is entered from."""
    at = {key: (column, 0) for column, key in enumerate(line)}
    height = dict.fromkeys(range(len(line)), 0)
    waiting = [key for key in procedure.states if key not in at]
    while waiting:
        placed = [key for key in waiting if any(b == key and a in at for a, b in arrows)] or waiting[:1]
        for key in placed:
            sources = [at[a][0] for a, b in arrows if b == key and a in at]
            # near where it is entered from, but rather a column aside than one row deeper: the drawing stays flat
            column = min(height, key=lambda col: (height[col] + 0.8 * min(abs(col - s) for s in sources or [0]), col))
            height[column] += 1
            at[key] = (column, height[column])
        waiting = [key for key in waiting if key not in at]
    return at


def picture(procedure: Procedure, current: str = "", visited: Sequence[str] = ()) -> str:
    """Return the drawing as an SVG element; styling is the page's (classes ``now``, ``been``, ``final``, ``arrow``).

    Args:
        current: the state that is lit; empty for none.
        visited: states the case has been in.
    """
    line, arrows = main_path(procedure), edges(procedure)
    at = _places(procedure, line, arrows)
    columns, rows = len(line), max(row for _, row in at.values()) + 1
    width = columns * BOX_W + (columns - 1) * GAP_X + 24
    height = TOP + rows * BOX_H + (rows - 1) * GAP_Y + 16
    summary = f"{procedure.title}：" + " → ".join(procedure.states[key].title for key in line)
    if current in procedure.states:
        summary += f"；现在是“{procedure.states[current].title}”"
    parts = [
        f'<svg class="procedure" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(summary)}">',
        f"<title>{escape(summary)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        '<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    ]
    taken = set(itertools.pairwise(visited))
    for (source, target), titles in arrows.items():
        classes = "arrow been" if (source, target) in taken else "arrow"
        label = escape(
            f"{procedure.states[source].title} → {procedure.states[target].title}：" + "、".join(dict.fromkeys(titles))
        )
        d = _curve(at[source], at[target])
        parts.append(f'<path class="{classes}" d="{d}" marker-end="url(#tip)"><title>{label}</title></path>')
    for key, state in procedure.states.items():
        parts.append(_box(key, state.title, at[key], current, visited, final=state.final is not None))
    return "".join(parts) + "</svg>"


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return 12 + place[0] * (BOX_W + GAP_X), TOP + place[1] * (BOX_H + GAP_Y)


def _box(key: str, title: str, place: tuple[int, int], current: str, visited: Sequence[str], *, final: bool) -> str:
    x, y = _corner(place)
    classes = ["step"] + ["now"] * (key == current) + ["been"] * (key in visited and key != current) + ["final"] * final
    mark = "●" if key == current else "✓" if key in visited else ""
    text = f'<text x="{x + BOX_W // 2}" y="{y + BOX_H // 2}">{escape(f"{mark} {title}".strip())}</text>'
    radius = BOX_H // 2 if final else 8
    rect = f'<rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="{radius}"/>'
    return f'<g class="{" ".join(classes)}" data-state="{escape(key)}">{rect}{text}</g>'


def _curve(source: tuple[int, int], target: tuple[int, int]) -> str:
    (ax, ay), (bx, by) = _corner(source), _corner(target)
    if source[1] == target[1] == 0:
        if target[0] == source[0] + 1:
            return f"M{ax + BOX_W} {ay + BOX_H // 2}H{bx - 2}"
        # jumps and returns on the main line arch above it, higher the farther they go
        lift = min(16 + 7 * abs(target[0] - source[0]), TOP - 4)
        x1, x2 = ax + BOX_W // 2, bx + BOX_W // 2 + (8 if target[0] < source[0] else -8)
        return f"M{x1} {ay}C{x1} {ay - lift} {x2} {by - lift} {x2} {by - 2}"
    if source[0] == target[0]:
        side = 14 if target[1] > source[1] else -14
        x = ax + BOX_W // 2 + side
        down = target[1] > source[1]
        return f"M{x} {ay + BOX_H if down else ay}L{x} {by - 2 if down else by + BOX_H + 2}"
    right = target[0] > source[0]
    x1, x2 = (ax + BOX_W, bx) if right else (ax, bx + BOX_W)
    y1, y2, pull = ay + BOX_H // 2, by + BOX_H // 2, 18 if right else -18
    return f"M{x1} {y1}C{x1 + pull} {y1} {x2 - pull} {y2} {x2 - (2 if right else -2)} {y2}"
