"""The planner's input: building or compound units, and the graph of which units touch.

Holds plain values only. Coordinates arrive as longitude/latitude (WGS84 or CGCS2000; conversion is territory's)
or as metres already; the graph works in metres on a local plane, good to 0.1 % for one district.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from tongxin.planning.findings import Finding, PlanningError, name_some

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
LoadBy = Literal["households", "people", "matters"]

EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Unit:
    """One building, block or compound.

    ``point`` is (x, y) or (longitude, latitude); ``area`` a polygon in the same coordinates, or None.
    ``matters`` is the expected number of matters per week. ``today`` is the code of the grid it lies in now;
    ``parent`` the community it must stay in; ``locked`` units keep today's grid.
    """

    code: str
    point: tuple[float, float]
    households: int | None = None
    people: int | None = None
    matters: float | None = None
    area: BaseGeometry | None = None
    name: str = ""
    today: str | None = None
    parent: str | None = None
    locked: bool = False


@dataclass(frozen=True, eq=False)
class UnitGraph:
    """n units as arrays; edges once each as (u, v) with u < v.

    ``xy`` metres (n, 2); ``load`` (n,); ``edges`` (m, 2); ``border`` (m,) relative weight of keeping the pair
    together (mean 1); ``border_m`` (m,) shared border in metres, 0 for points; ``barrier`` (m,) barrier lines crossed;
    ``today`` (n,) index into ``today_codes`` or -1; ``outer_m`` and ``area_m2`` (n,) for polygons, else 0.
    """

    codes: tuple[str, ...]
    load: Floats
    xy: Floats
    edges: Ints
    border: Floats
    border_m: Floats
    barrier: Ints
    today: Ints
    today_codes: tuple[str, ...]
    locked: Bools
    outer_m: Floats
    area_m2: Floats
    findings: tuple[Finding, ...] = field(default=())

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.codes)

    def subset(self, index: Ints) -> UnitGraph:
        """The graph induced on ``index`` (order kept); findings stay with the whole."""
        place = np.full(self.n, -1, dtype=np.int64)
        place[index] = np.arange(len(index))
        ends = place[self.edges] if len(self.edges) else self.edges
        keep = (ends >= 0).all(axis=1) if len(ends) else np.zeros(0, dtype=bool)
        return UnitGraph(
            codes=tuple(self.codes[i] for i in index),
            load=self.load[index],
            xy=self.xy[index],
            edges=np.sort(ends[keep], axis=1),
            border=self.border[keep],
            border_m=self.border_m[keep],
            barrier=self.barrier[keep],
            today=self.today[index],
            today_codes=self.today_codes,
            locked=self.locked[index],
            outer_m=self.outer_m[index],
            area_m2=self.area_m2[index],
        )


def sum_by(part: Ints, load: Floats) -> Floats:
    """Load of each part number 0…max (k,)."""
    return np.asarray(np.bincount(part, weights=load), dtype=np.float64)


def metres_from_lonlat(lonlat: Floats, origin: Floats) -> Floats:
    """Longitude/latitude (n, 2) in degrees → metres on a plane tangent at ``origin`` (2,)."""
    scale = math.radians(1.0) * EARTH_M
    plane = (lonlat - origin) * scale
    plane[:, 0] *= math.cos(math.radians(float(origin[1])))
    return plane


def read_loads(units: Sequence[Unit], load_by: LoadBy) -> tuple[Floats, list[Finding]]:
    """The load column, checked. Missing or negative values refuse; zeros are reported and kept as 0."""
    word = {"households": "户数", "people": "人数", "matters": "每周事项数"}[load_by]
    values = [getattr(u, load_by) for u in units]
    missing = [u.code for u, v in zip(units, values, strict=True) if v is None or not math.isfinite(v)]
    if missing:
        raise PlanningError(
            f"{len(missing)} 个单元没有{word}：{name_some(missing)}。",
            "没有数就无法均衡。",
            f"请补上{word}；确实无人居住的填 0。",
            missing,
        )
    negative = [u.code for u, v in zip(units, values, strict=True) if v < 0]
    if negative:
        raise PlanningError(f"{word}不能为负：{name_some(negative)}。", "", "请更正后重新导入。", negative)
    load = np.array(values, dtype=np.float64)
    if not load.any():
        raise PlanningError(f"全部 {len(units)} 个单元的{word}都是 0。", "没有可以划分的负荷。", f"请先导入{word}。")
    zero = [u.code for u, v in zip(units, values, strict=True) if v == 0]
    found = []
    if zero:
        found.append(
            Finding("zero_load", f"{len(zero)} 个单元{word}为 0，按 0 计：{name_some(zero)}。", tuple(zero), "note")
        )
    return load, found


def check_units(units: Sequence[Unit]) -> None:
    """Refuse an empty list, repeated codes and coordinates that are not numbers."""
    if not units:
        raise PlanningError("没有任何单元。", "空的社区无法划分网格。", "请先导入楼栋或小区。")
    repeated = [c for c, k in Counter(u.code for u in units).items() if k > 1]
    if repeated:
        raise PlanningError(f"单元编码重复：{name_some(repeated)}。", "", "请让每个单元有唯一编码。", repeated)
    broken = [u.code for u in units if not (math.isfinite(u.point[0]) and math.isfinite(u.point[1]))]
    if broken:
        raise PlanningError(f"坐标缺失或不是数字：{name_some(broken)}。", "", "请补上坐标。", broken)
    shapes = [u.code for u in units if u.area is not None and (u.area.is_empty or not u.area.is_valid)]
    if shapes:
        raise PlanningError(
            f"{len(shapes)} 个单元的面为空或自相交：{name_some(shapes)}。",
            "无法判断相邻。",
            "请先在拓扑检查中修复。",
            shapes,
        )


def groups_from(
    first: int, adjacent: Sequence[int], load: Sequence[float], barred: int, high: float
) -> Iterator[tuple[int, float]]:
    """Every contiguous group that holds unit ``first``, none of ``barred``, and no more load than ``high``, once each.

    Args:
        adjacent: of each unit, a bit mask of its neighbours. barred: a bit mask.

    Yields:
        (bit mask, load). A group grows by one neighbour at a time, which is either taken or barred for good, so none comes twice.
    """
    if load[first] > high:
        return
    yield 1 << first, load[first]
    stack = [(1 << first, adjacent[first] & ~barred, barred | 1 << first, load[first])]
    while stack:
        group, around, shut, weight = stack.pop()
        while around:
            bit = around & -around
            around ^= bit
            shut |= bit
            i = bit.bit_length() - 1
            more = weight + load[i]
            if more > high:
                continue
            bigger = group | bit
            yield bigger, more
            stack.append((bigger, (around | adjacent[i]) & ~shut, shut, more))
