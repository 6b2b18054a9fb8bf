"""Re-dividing a small neighbourhood of parts: exactly when it has few units, by random trees when it has more.

Exact: all contiguous subsets as bit masks, then the cheapest way to cover the neighbourhood with them. The number of
parts may change when the wish leaves it free.
"""

from __future__ import annotations

from random import Random

import numpy as np

from tongxin.planning.layout import Layout
from tongxin.planning.moves import EPS
from tongxin.planning.trees import tree_groups


def neighbourhood(layout: Layout, p: int, limit: int, rng: np.random.Generator, parts: int = 99) -> list[int]:
    """Part p and parts around it, in random order, while they hold no more than ``limit`` units together."""
    chosen, size = [p], len(layout.members[p])
    frontier = sorted(layout.neighbours_of_part(p))
    rng.shuffle(frontier)
    while frontier and len(chosen) < parts:
        q = frontier.pop()
        if q in chosen or size + len(layout.members[q]) > limit:
            continue
        chosen.append(q)
        size += len(layout.members[q])
        more = [r for r in sorted(layout.neighbours_of_part(q)) if r not in chosen and r not in frontier]
        frontier = more + frontier
    return chosen


def regroup_exactly(layout: Layout, chosen: list[int]) -> bool:
    """The cheapest contiguous division of the chosen parts' units; applied when cheaper than now."""
    units = sorted(u for p in chosen for u in layout.members[p])
    if any(layout.locked[u] for u in units):
        return False
    place = {u: i for i, u in enumerate(units)}
    adjacent, inner = _bit_graph(layout, units, place)
    worth = _connected_subsets(layout, units, adjacent, inner)
    by_lowest: list[list[tuple[int, float]]] = [[] for _ in units]
    for mask, cost in worth.items():
        by_lowest[(mask & -mask).bit_length() - 1].append((mask, cost))
    best: dict[int, tuple[float, int]] = {0: (0.0, 0)}

    def cover(mask: int) -> float:
        known = best.get(mask)
        if known is not None:
            return known[0]
        least, pick = float("inf"), 0
        for subset, cost in by_lowest[(mask & -mask).bit_length() - 1]:
            if not subset & ~mask:
                total = cost + cover(mask ^ subset)
                if total < least:
                    least, pick = total, subset
        best[mask] = (least, pick)
        return least

    full = (1 << len(units)) - 1
    groups = [sum(1 << place[u] for u in layout.members[p]) for p in chosen]
    if cover(full) >= sum(worth[g] for g in groups) - EPS:
        return False
    rest, found = full, []
    while rest:
        pick = best[rest][1]
        found.append({u for u, i in place.items() if pick >> i & 1})
        rest ^= pick
    relabel(layout, chosen, found)
    return True


def regroup_by_trees(layout: Layout, chosen: list[int], count: int, rng: Random) -> bool:
    """A fresh random-tree division of the chosen parts into ``count``; kept when cheaper than now."""
    units = sorted(u for p in chosen for u in layout.members[p])
    if any(layout.locked[u] for u in units) or not 1 <= count <= len(units):
        return False
    groups = tree_groups(layout.near, layout.weight, units, count, rng)
    now = sum(group_cost(layout, layout.members[p]) for p in chosen)
    if sum(group_cost(layout, g) for g in groups) >= now - EPS:
        return False
    relabel(layout, chosen, groups)
    return True


def group_cost(layout: Layout, group: set[int]) -> float:
    """Cost of a group as a part: its load, minus the ties it keeps inside, plus what leaves its main grid of today."""
    inside, load = 0.0, 0.0
    stay: dict[int, float] = {}
    for u in group:
        load += layout.weight[u]
        if layout.home[u] >= 0:
            stay[layout.home[u]] = stay.get(layout.home[u], 0.0) + layout.weight[u]
        inside += sum(t for v, t in zip(layout.near[u], layout.tie[u], strict=True) if v in group)
    leave = sum(stay.values()) - max(stay.values(), default=0.0)
    return layout.cost.of_load(load) - inside / 2.0 + layout.cost.change_weight * leave


def relabel(layout: Layout, chosen: list[int], groups: list[set[int]]) -> None:
    """Give the groups the chosen parts' numbers, each the one most of its load already has; new numbers if short."""
    overlaps = []
    for g, group in enumerate(groups):
        sums: dict[int, float] = {}
        for u in group:
            key = layout.home[u] if layout.home[u] in chosen else layout.part[u]
            sums[key] = sums.get(key, 0.0) + layout.weight[u]
        overlaps += [(-w, g, p) for p, w in sums.items()]
    label: dict[int, int] = {}
    free = set(chosen)
    for _, g, p in sorted(overlaps):
        if g not in label and p in free:
            label[g] = p
            free.discard(p)
    left = sorted(free)
    for g, group in enumerate(groups):
        if g not in label:
            label[g] = left.pop() if left else layout.new_part()
        for u in group:
            if layout.part[u] != label[g]:
                layout.move(u, label[g])


def _bit_graph(
    layout: Layout, units: list[int], place: dict[int, int]
) -> tuple[list[int], list[list[tuple[int, float]]]]:
    """Neighbour masks, and (neighbour, tie) pairs, within the units."""
    adjacent = [0] * len(units)
    inner: list[list[tuple[int, float]]] = [[] for _ in units]
    for i, u in enumerate(units):
        for v, t in zip(layout.near[u], layout.tie[u], strict=True):
            j = place.get(v)
            if j is not None:
                adjacent[i] |= 1 << j
                inner[i].append((1 << j, t))
    return adjacent, inner


def _connected_subsets(
    layout: Layout, units: list[int], adjacent: list[int], inner: list[list[tuple[int, float]]]
) -> dict[int, float]:
    """Every contiguous subset of a small graph as a bit mask, with its cost as a part."""
    of_load, weight = layout.cost.of_load, [layout.weight[u] for u in units]
    has_home = any(layout.home[u] >= 0 for u in units)
    worth: dict[int, float] = {}
    stack = [(1 << i, adjacent[i], weight[i], 0.0) for i in range(len(units))]
    seen = {s[0] for s in stack}
    while stack:
        mask, around, load, inside = stack.pop()
        cost = of_load(load) - inside
        if has_home:
            cost = group_cost(layout, {u for i, u in enumerate(units) if mask >> i & 1})
        worth[mask] = cost
        rest = around & ~mask
        while rest:
            bit = rest & -rest
            rest ^= bit
            bigger = mask | bit
            if bigger not in seen:
                seen.add(bigger)
                i = bit.bit_length() - 1
                kept = inside + sum(t for b, t in inner[i] if b & mask)
                stack.append((bigger, around | adjacent[i], load + weight[i], kept))
    return worth
