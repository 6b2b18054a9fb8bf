"""Drawing single places anew: cut along a line, joined, a piece handed over. Outlines in, outlines out; nothing is chosen or written.

Neighbours give or take exactly what the drawn place takes or gives, so that the cover keeps neither gap nor overlap (G-04).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
import shapely.errors
import shapely.ops
from shapely.geometry import shape

from tongxin.kernel.errors import Invalid
from tongxin.territory.rules.repairs import TOUCHING_METRES, clean
from tongxin.territory.rules.shapes import Plane, area_cm2, only_polygons, ring_fault

MOST_CORNERS = 2_000
MOST_PIECES = 12
LEAST_PIECE_M2 = 50  # less is a slip of the hand
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


def read_drawing(text: str, *, ring: bool) -> Any:
    """Return what was drawn, as a line or (``ring``) a polygon, from "lon,lat lon,lat …", WKT or GeoJSON.

    Raises:
        Invalid: nothing, not readable, too few or too many corners, a ring that crosses itself; the sentence says where.
    """
    text = text.strip()
    if not text:
        raise Invalid("nothing_drawn", "还没有在图上画。", "请在图上依次点出来，再点“看看会怎样”。", "shape")
    found = _geometry(text)
    if found is None:
        numbers = [float(one) for one in _NUMBER.findall(text)] if not re.search(r"[A-Za-z{]", text) else []
        if len(numbers) < 4 or len(numbers) % 2:
            raise Invalid(
                "drawing_broken",
                "画的线读不出来。",
                "请在图上重画；粘贴的应为“经度,纬度 经度,纬度 …”、WKT 或 GeoJSON。",
                "shape",
            )
        found = shapely.LineString(list(zip(numbers[0::2], numbers[1::2], strict=True)))
    corners = shapely.get_coordinates(found)
    if len(corners) > MOST_CORNERS:
        what = f"画了 {len(corners):,} 个点，最多 {MOST_CORNERS:,} 个。"
        raise Invalid("drawing_long", what, "请画得简单一些。", "shape", limit=MOST_CORNERS)
    if (abs(corners[:, 0]) > 180).any() or (abs(corners[:, 1]) > 90).any():
        raise Invalid("drawing_metres", "坐标不是经纬度。", "请用 WGS84 的经度、纬度。", "shape")
    return _ring(found) if ring else _line(found)


def _geometry(text: str) -> Any | None:
    try:
        if text.startswith("{"):
            content = orjson.loads(text)
            content = content.get("features", [content])[0] if isinstance(content, dict) else {}
            return shapely.force_2d(shape(content.get("geometry") or content))
        if re.match(r"\s*(LINESTRING|POLYGON|MULTIPOLYGON)", text, re.IGNORECASE):
            return shapely.force_2d(shapely.from_wkt(text))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        raise Invalid(
            "drawing_broken", "粘贴的图形读不出来。", "应为“经度,纬度 经度,纬度 …”、WKT 或 GeoJSON。", "shape"
        ) from None
    return None


def _line(found: Any) -> Any:
    if found.geom_type != "LineString" or found.length == 0:
        raise Invalid("not_a_line", "要画一条线，至少两个不同的点。", "请在图上重画。", "shape")
    return found


def _ring(found: Any) -> Any:
    if found.geom_type == "LineString":
        corners = shapely.get_coordinates(found).tolist()
        if len({tuple(one) for one in corners}) < 3:
            raise Invalid("not_a_ring", "要圈出一块，至少三个不同的点。", "请在图上重画。", "shape")
        found = shapely.Polygon(corners)
    if found.geom_type not in ("Polygon", "MultiPolygon"):
        raise Invalid("not_a_ring", "要圈出一块面。", "请在图上重画。", "shape")
    if (fault := ring_fault(found)) is not None:
        words, spot = fault
        where = f"，在 {spot[0]:.6f}, {spot[1]:.6f} 附近" if spot else ""
        raise Invalid("drawing_crosses", f"画的一圈{words}{where}。", "请重画，线不要互相穿过。", "shape")
    return found


def cut(name: str, outline: Any, line: Any) -> list[Any]:
    """Return the pieces of an outline on both sides of a line, the largest first.

    Raises:
        Invalid: the line does not part it, parts it into crumbs, or into too many.
    """
    parts = sorted(shapely.get_parts(outline), key=lambda part: -part.area)
    pieces: list[Any] = []
    rest: list[Any] = []
    for part in parts:
        halves = [one for one in shapely.ops.split(part, line).geoms if one.geom_type == "Polygon"]
        (pieces if len(halves) > 1 else rest).extend(halves if len(halves) > 1 else [part])
    if len(pieces) < 2:
        raise Invalid("not_parted", f"这条线没有把“{name}”分开。", "线要从边界外面画进来，再画到边界外面去。", "shape")
    pieces.sort(key=lambda piece: -piece.area)
    small = [piece for piece in pieces if area_cm2(piece) < LEAST_PIECE_M2 * 10_000]
    if small:
        x, y = shapely.get_coordinates(small[0].representative_point())[0]
        size = area_cm2(small[0]) / 10_000
        raise Invalid(
            "piece_small", f"切下来的一块只有 {size:.0f} 平方米，在 {x:.6f}, {y:.6f} 附近。", "请把线画得离边界远一点。", "shape",
            limit=LEAST_PIECE_M2,
        )  # fmt: skip
    if len(pieces) > MOST_PIECES:
        raise Invalid(
            "pieces_many",
            f"这条线把它切成了 {len(pieces)} 块，最多 {MOST_PIECES} 块。",
            "请画得直一些。",
            "shape",
            limit=MOST_PIECES,
        )
    for loose in rest:  # islands that the line does not meet go with the nearest piece
        near = min(range(len(pieces)), key=lambda i: shapely.distance(pieces[i], loose))
        pieces[near] = shapely.union(pieces[near], loose)
    return pieces


@dataclass(frozen=True, eq=False)
class HandOver:
    """Outlines after a piece changed hands: area id → outline of all that change; ``piece``: what did; ``beyond``: m² cut off."""

    after: dict[int, Any]
    piece: Any
    beyond: int


def take_piece(
    area_id: int, patch: Any, outlines: Mapping[int, Any], names: Mapping[int, str], parent: Any | None
) -> HandOver:
    """Add what lies in ``patch`` to a place; its neighbours give it up. What lies beyond the parent is cut off.

    Args:
        outlines: the place and all beside it under the same parent.

    Raises:
        Invalid: the patch adds nothing, or swallows a neighbour whole.
    """
    wanted = patch if parent is None else only_polygons(shapely.intersection(patch, parent))
    beyond = (
        round((area_cm2(patch) - area_cm2(wanted)) / 10_000) if not wanted.is_empty else round(area_cm2(patch) / 10_000)
    )
    piece = only_polygons(shapely.difference(wanted, outlines[area_id]))
    if area_cm2(piece) < LEAST_PIECE_M2 * 10_000:
        raise Invalid(
            "nothing_taken", "圈出的一块里没有可以划进来的地方。", "请圈到边界外面去，并留在同一个上级之内。", "shape"
        )
    after: dict[int, Any] = {}
    for key, outline in outlines.items():
        if key == area_id or not shapely.intersects(outline, piece):
            continue
        left = clean(shapely.difference(outline, piece))
        if left is None:
            what = f"“{names.get(key, '')}”会被整个划进来。"
            raise Invalid("swallowed", what, "整个并入请用“合并”。", "shape")
        if area_cm2(left) < area_cm2(outline):
            after[key] = left
    grown = clean(shapely.union(outlines[area_id], piece))
    if grown is None:
        raise Invalid("drawing_crosses", "这样改出来的边界不成一块面。", "请重画。", "shape")
    return HandOver({**after, area_id: grown}, piece, beyond)


def give_piece(
    area_id: int, patch: Any, outlines: Mapping[int, Any], to: int | None, names: Mapping[int, str]
) -> HandOver:
    """Give what lies in ``patch`` of a place to a neighbour: the named one, or the one with the longest shared border.

    Raises:
        Invalid: nothing of it lies in the patch, all of it does, or no neighbour touches the piece.
    """
    own = outlines[area_id]
    piece = only_polygons(shapely.intersection(own, patch))
    if area_cm2(piece) < LEAST_PIECE_M2 * 10_000:
        raise Invalid("nothing_given", "圈出的一块里没有它的地方。", "请圈在它的边界里面。", "shape")
    left = clean(shapely.difference(own, piece))
    if left is None:
        raise Invalid("all_given", "它会被整个划走。", "整个并入请用“合并”。", "shape")
    plane = Plane([own])
    edge = plane.flat(piece).boundary
    shared = {
        key: float(shapely.length(shapely.intersection(edge, plane.flat(outline).buffer(TOUCHING_METRES))))
        for key, outline in outlines.items()
        if key != area_id and shapely.dwithin(outline, piece, 1e-6)
    }
    near = {key: metres for key, metres in shared.items() if metres > 2 * TOUCHING_METRES}
    if to is None and near:
        to = max(near, key=lambda key: near[key])
    if to is None or to not in near:
        what = (
            f"圈出的一块与“{names[to]}”不相连。"
            if to is not None and to in names
            else "圈出的一块旁边没有同级的地域可以接。"
        )
        raise Invalid("no_taker", what, "请圈到与它相邻的边界上。", "shape")
    grown = clean(shapely.union(outlines[to], piece))
    if grown is None:
        raise Invalid("drawing_crosses", "这样改出来的边界不成一块面。", "请重画。", "shape")
    return HandOver({area_id: left, to: grown}, piece, 0)


def join(outlines: Mapping[int, Any], names: Mapping[int, str]) -> Any:
    """Return several outlines as one. Raises Invalid when one touches none of the others: a grid is one piece of ground."""
    keys = list(outlines)
    reached, waiting = {keys[0]}, [keys[0]]
    while waiting:
        here = waiting.pop()
        for key in keys:
            if key not in reached and shapely.dwithin(outlines[key], outlines[here], 1e-6):
                reached.add(key)
                waiting.append(key)
    if apart := [key for key in keys if key not in reached]:
        what = f"“{names.get(apart[0], '')}”与其余的不相连。"
        raise Invalid("not_joined", what, "只有相邻的才能合并。", "others")
    whole = clean(shapely.union_all(list(outlines.values())))
    if whole is None:
        raise Invalid("not_joined", "合不成一块面。", "请先到“检查边界”里修正。", "others")
    return whole
