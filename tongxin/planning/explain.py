"""Why a plan cannot be better: the sentences the page shows beside it. Looks; changes nothing."""

from __future__ import annotations

import math

import numpy as np

from tongxin.planning.adjacency import components
from tongxin.planning.bounds import Bound
from tongxin.planning.findings import Finding, PlanningError, name_some
from tongxin.planning.objective import Wish
from tongxin.planning.units import Ints, UnitGraph, sum_by


def check_wish(graph: UnitGraph, wish: Wish) -> list[Finding]:
    """What in the wish cannot be met on this graph whatever the plan.

    Raises ``PlanningError`` when more parts are asked for than there are units, or fewer than there are islands.
    """
    label = components(graph)
    islands = int(label.max()) + 1
    if wish.parts is not None and wish.parts > graph.n:
        raise PlanningError(
            f"要分 {wish.parts} 份，但只有 {graph.n} 个单元。", "每份至少一个单元。", "请减少份数或拆细单元。"
        )
    if wish.parts is not None and wish.parts < islands:
        raise PlanningError(
            f"要分 {wish.parts} 份，但有 {islands} 片互不相连。",
            "一份不能跨越不相连的两片。",
            "请增加份数，或手工连接（如桥）。",
        )
    found = _oversized(graph, wish)
    for c in range(islands):
        index = np.flatnonzero(label == c)
        found += _range_met(graph, wish, index, islands > 1)
    return found


def explain_plan(graph: UnitGraph, wish: Wish, part: Ints, bound: Bound) -> list[Finding]:
    """Each part outside the range with its reason, and how far the largest part is from the bound."""
    loads = sum_by(part, graph.load)
    counts = np.bincount(part)
    found = []
    around = _neighbour_parts(graph, part)
    for p in np.flatnonzero((loads < wish.low) | (loads > wish.high)).tolist():
        codes = tuple(graph.codes[i] for i in np.flatnonzero(part == p))
        found.append(Finding("out_of_range", _reason(wish, codes, loads, counts, p, around[p]), codes))
    if loads.max() <= bound.largest * (1 + 1e-9):
        found.append(
            Finding("balance_proven", f"最大的一份 {loads.max():g} 已不可能更小（{bound.reason}所限）。", (), "note")
        )
    return found


def _oversized(graph: UnitGraph, wish: Wish) -> list[Finding]:
    big = np.flatnonzero(graph.load > wish.high)
    if not len(big):
        return []
    codes = tuple(graph.codes[i] for i in big)
    least = math.ceil(float(graph.load[big].max()) / wish.high)
    text = (
        f"{len(codes)} 个单元本身超过上限 {wish.high:g}（最大 {graph.load[big].max():g}）：{name_some(codes)}。"
        f"不拆分就只能各自成为超限的一份；最大的一个至少要拆成 {least} 份。"
    )
    return [Finding("unit_above_range", text, codes)]


def _range_met(graph: UnitGraph, wish: Wish, index: Ints, island: bool) -> list[Finding]:
    """Whether some whole number of parts puts the mean of this component inside the range."""
    total = float(graph.load[index].sum())
    codes = tuple(graph.codes[i] for i in index[:50])
    where = f"孤岛 {name_some(codes, 3)}" if island else "全部单元"
    if wish.parts is not None and not island:
        mean = total / wish.parts
        if not wish.low <= mean <= wish.high:
            text = f"总量 {total:g} 分成 {wish.parts} 份，平均 {mean:.0f}，不在 {wish.low:g}–{wish.high:g} 内；必有超出的。"
            return [Finding("target_impossible", text)]
        return []
    most = math.floor(total / wish.low) if wish.low > 0 else len(index)
    least = math.ceil(total / wish.high) if math.isfinite(wish.high) else 1
    if most < max(1, least):
        text = f"{where}总量 {total:g}，无论几份都不能全部落在 {wish.low:g}–{wish.high:g} 内。"
        return [Finding("target_impossible", text, codes)]
    return []


def _reason(wish: Wish, codes: tuple[str, ...], loads: np.ndarray, counts: np.ndarray, p: int, around: set[int]) -> str:
    load = loads[p]
    if load > wish.high:
        if counts[p] == 1:
            return f"{codes[0]} 一个单元就有 {load:g}，超过上限 {wish.high:g}，不拆分无法再分。"
        return f"{name_some(codes, 3)} 共 {load:g}，超过上限 {wish.high:g}：其中的单元再分就会有一份不相连或不足。"
    if not around:
        return f"{name_some(codes, 3)} 是孤岛，只有 {load:g}，不足下限 {wish.low:g}，没有相邻的可并。"
    lightest = min(loads[q] for q in around)
    if load + lightest > wish.high:
        return f"{name_some(codes, 3)} 只有 {load:g}，不足下限 {wish.low:g}；并入最小的邻份（{lightest:g}）就超过上限。"
    return f"{name_some(codes, 3)} 只有 {load:g}，不足下限 {wish.low:g}；并入邻份会使别处更差。"


def _neighbour_parts(graph: UnitGraph, part: Ints) -> list[set[int]]:
    around: list[set[int]] = [set() for _ in range(int(part.max()) + 1)]
    ends = part[graph.edges]
    for a, b in np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0).tolist() if len(ends) else []:
        around[a].add(b)
        around[b].add(a)
    return around
