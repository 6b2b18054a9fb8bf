"""What a good plan is: the wish of the user and the cost the search lowers.

Four aims, in an order the user turns: ``load`` (inside the range first, then equal), ``barriers`` (no part astride a
main road, railway or river), ``raggedness`` (short borders between parts), ``change`` (households that leave today's
grid). An aim further back weighs a fraction of the one before it, so it decides among plans that are about equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tongxin.planning.findings import PlanningError
from tongxin.planning.units import Floats, Ints, UnitGraph, sum_by

Aim = Literal["load", "barriers", "raggedness", "change"]
DEFAULT_ORDER: tuple[Aim, ...] = ("load", "barriers", "raggedness", "change")

# Weight of the first, second, third and fourth aim.
STRENGTH = (1.0, 0.02, 0.0004, 0.0002)
OUT_OF_RANGE = 3.0  # a part outside the range costs as much as one whose load is off by 170 %
# Squares alone leave one part 10 % off where all others are exact; a fourth power, up to 20 % off, goes for the worst.
SHARP, SHARP_UP_TO = 60.0, 0.2


@dataclass(frozen=True, slots=True)
class Wish:
    """Target load of a part and its allowed range (both ends included), and the order of the aims.

    ``parts`` fixes the number of parts; otherwise the planner chooses it near total / target. G-01: 300–500 households.
    """

    target: float
    low: float = 0.0
    high: float = math.inf
    order: tuple[Aim, ...] = DEFAULT_ORDER
    parts: int | None = None

    def __post_init__(self) -> None:
        if not (self.target > 0 and math.isfinite(self.target)):
            raise PlanningError(f"目标 {self.target:g} 无效。", "目标必须是正数。", "例如每网格 400 户。")
        if not 0 <= self.low <= self.target <= self.high:
            raise PlanningError(
                f"范围 {self.low:g}–{self.high:g} 不含目标 {self.target:g}。", "", "请让 下限 ≤ 目标 ≤ 上限。"
            )
        if self.parts is not None and self.parts < 1:
            raise PlanningError(f"份数 {self.parts} 无效。", "", "至少 1 份。")
        if sorted(self.order) != sorted(DEFAULT_ORDER):
            raise PlanningError("优先次序必须把负荷、边界、形状、变动各列一次。", "", "请重新排列。")

    def strength(self, aim: Aim) -> float:
        """Weight of an aim by its place in the order."""
        return STRENGTH[self.order.index(aim)]


COMMUNITY = Wish(target=2000, low=1000, high=3000)
GRID = Wish(target=400, low=300, high=500)
MICRO_GRID = Wish(target=65, low=50, high=80)
GROUP_200 = Wish(target=200, low=150, high=250)


class Cost:
    """The cost of one part's load and of cutting one edge, for a wish on a graph."""

    def __init__(self, graph: UnitGraph, wish: Wish) -> None:
        self.target, self.low, self.high = wish.target, wish.low, wish.high
        if wish.parts is not None and not wish.low and math.isinf(wish.high):
            self.target = float(graph.load.sum()) / wish.parts
        self.load_weight = wish.strength("load")
        self.change_weight = wish.strength("change") / self.target
        border = graph.border * wish.strength("raggedness")
        # A barrier inside a part costs; cutting the edge that crosses it earns that back.
        self.together: Floats = border - graph.barrier * wish.strength("barriers")

    def of_load(self, load: float) -> float:
        """Cost of one part; steps up outside the range, quadratic near the target, linear beyond twice the target."""
        off = abs(load - self.target) / self.target
        cost = off * off if off <= 1.0 else 2.0 * off - 1.0
        near = off if off < SHARP_UP_TO else SHARP_UP_TO
        cost += SHARP * near * near * near * near
        if load < self.low:
            cost += OUT_OF_RANGE + (self.low - load) / self.target
        elif load > self.high:
            cost += OUT_OF_RANGE + (load - self.high) / self.target
        return self.load_weight * cost

    def of_loads(self, load: Floats) -> Floats:
        """``of_load`` for an array."""
        off = np.abs(load - self.target) / self.target
        cost = np.where(off <= 1.0, off * off, 2.0 * off - 1.0)
        cost = cost + SHARP * np.minimum(off, SHARP_UP_TO) ** 4
        gap = np.maximum(self.low - load, load - self.high)
        cost = cost + np.where(gap > 0, OUT_OF_RANGE + gap / self.target, 0.0)
        return np.asarray(self.load_weight * cost)


def total_cost(graph: UnitGraph, wish: Wish, part: Ints, home: Ints | None = None) -> float:
    """The whole objective of a plan; ``home`` (n,) is the part each unit would have to be in to count as unmoved."""
    cost = Cost(graph, wish)
    loads = sum_by(part, graph.load)
    total = float(cost.of_loads(loads[np.bincount(part) > 0]).sum())
    if len(graph.edges):
        cut = part[graph.edges[:, 0]] != part[graph.edges[:, 1]]
        total += float(cost.together[cut].sum()) + float(graph.barrier.sum()) * wish.strength("barriers")
    if home is not None:
        total += cost.change_weight * float(graph.load[(home >= 0) & (home != part)].sum())
    return total
