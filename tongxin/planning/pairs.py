"""Re-dividing two neighbouring parts: every subset of the units along their border is tried at once.

With w border units all 2^w ways are costed in numpy (load, ties, change), then the cheap ones are checked for
contiguity in order of cost. When the pair has no more than w units the answer is the best possible bisection.
"""

from __future__ import annotations

import numpy as np

from tongxin.planning.layout import Layout
from tongxin.planning.moves import EPS, change_cost
from tongxin.planning.units import Floats


def border_units(layout: Layout, a: int, b: int, width: int, rng: np.random.Generator) -> list[int]:
    """Up to ``width`` unlocked units of a and b nearest to their common border, ring by ring from the border inward."""
    part, near, locked = layout.part, layout.near, layout.locked
    small, other = (a, b) if len(layout.members[a]) <= len(layout.members[b]) else (b, a)
    ring = {v for u in layout.members[small] for v in near[u] if part[v] == other}
    ring |= {v for u in ring for v in near[u] if part[v] == small}
    chosen: list[int] = []
    seen = set(ring)
    while ring and len(chosen) < width:
        units = sorted(u for u in ring if not locked[u])
        room = width - len(chosen)
        if len(units) > room:
            units = [units[i] for i in sorted(rng.choice(len(units), room, replace=False).tolist())]
        chosen += units
        ring = {v for u in ring for v in near[u] if part[v] in (a, b) and v not in seen}
        seen |= ring
    return chosen


def subset_tables(layout: Layout, units: list[int], a: int, b: int) -> tuple[Floats, Floats]:
    """For each subset of ``units`` that changes side: load gained by a, and the change of ties and moves (2^w,)."""
    place = {u: i for i, u in enumerate(units)}
    part, weight = layout.part, layout.weight
    gain, tied = np.zeros(1), np.zeros(1)
    for i, u in enumerate(units):
        p = part[u]
        q = b if p == a else a
        alone = change_cost(layout, u, p, q)
        with_others = np.zeros(1 << i) if i else np.zeros(1)
        for v, t in zip(layout.near[u], layout.tie[u], strict=True):
            side = part[v]
            if side != a and side != b:
                continue
            same = side == p
            alone += t if same else -t
            j = place.get(v, i)
            if j < i:
                # Where v changes side too, the edge is as it was: take back what each counted for itself.
                with_others.reshape(-1, 2, 1 << j)[:, 1, :] += -2.0 * t if same else 2.0 * t
        gain = np.concatenate([gain, gain + (weight[u] if p == b else -weight[u])])
        tied = np.concatenate([tied, tied + with_others + alone])
    return gain, tied


def rebalance(layout: Layout, a: int, b: int, width: int, rng: np.random.Generator, tries: int = 24) -> bool:
    """Apply the cheapest contiguous re-division of the border between a and b; False when none is cheaper."""
    units = border_units(layout, a, b, width, rng)
    if not units:
        return False
    gain, tied = subset_tables(layout, units, a, b)
    cost = layout.cost
    now = cost.of_load(layout.load[a]) + cost.of_load(layout.load[b])
    total = cost.of_loads(layout.load[a] + gain) + cost.of_loads(layout.load[b] - gain) + tied
    better = np.flatnonzero(total < now - EPS)
    if len(better) > tries:
        better = better[np.argpartition(total[better], tries)[:tries]]
    return first_whole(layout, units, a, b, better[np.argsort(total[better], kind="stable")].tolist())


def first_whole(layout: Layout, units: list[int], a: int, b: int, masks: list[int]) -> bool:
    """Apply the first of the subsets (as bit masks) that leaves both parts contiguous."""
    part = layout.part
    for mask in masks:
        flips = [u for i, u in enumerate(units) if mask >> i & 1]
        to_b = {u for u in flips if part[u] == a}
        to_a = {u for u in flips if part[u] == b}
        if layout.connected((layout.members[a] - to_b) | to_a) and layout.connected((layout.members[b] - to_a) | to_b):
            for u in to_b:
                layout.move(u, b)
            for u in to_a:
                layout.move(u, a)
            return True
    return False
