"""Single moves: one unit changes part, two units trade parts, a small part joins a neighbour.

Works through a queue until no single move lowers the cost; every move keeps both parts contiguous.
"""

from __future__ import annotations

import math
from collections import deque

from tongxin.planning.layout import Layout

EPS = 1e-9


def settle(layout: Layout, queue: list[int], swap: bool = True) -> int:
    """Greedy moves from ``queue`` onward until nothing lowers the cost; answers the number of moves made."""
    waiting = deque(queue)
    queued = bytearray(layout.graph.n)
    for u in queue:
        queued[u] = 1
    made = 0
    budget = 30 * layout.graph.n + 1000  # a guard; the cost falls with every move, so it is not met in practice
    while waiting and budget:
        budget -= 1
        u = waiting.popleft()
        queued[u] = 0
        if layout.locked[u]:
            continue
        changed = try_move(layout, u) or (swap and try_swap(layout, u))
        if changed:
            made += 1
            for v in (u, *layout.near[u]):
                if not queued[v]:
                    queued[v] = 1
                    waiting.append(v)
    return made


def change_cost(layout: Layout, u: int, p: int, q: int) -> float:
    """Cost of u leaving part p for q as far as today's grids are concerned."""
    home = layout.home[u]
    if home < 0 or layout.cost.change_weight == 0.0:
        return 0.0
    return layout.cost.change_weight * layout.weight[u] * ((home != q) - (home != p))


def try_move(layout: Layout, u: int) -> bool:
    """Move u to the neighbouring part that lowers the cost most, if any does and both stay whole."""
    ties = layout.ties(u)
    p = layout.part[u]
    own = ties.get(p, 0.0)
    if len(ties) == (p in ties):
        return False
    of_load, load, w = layout.cost.of_load, layout.load, layout.weight[u]
    alone = len(layout.members[p]) == 1
    if alone and layout.wish.parts is not None:
        return False
    leaving = own - of_load(load[p]) + (0.0 if alone else of_load(load[p] - w))
    best, to = -EPS, -1
    for q, t in ties.items():
        if q != p:
            delta = leaving - t + of_load(load[q] + w) - of_load(load[q]) + change_cost(layout, u, p, q)
            if delta < best:
                best, to = delta, q
    if to < 0 or not (alone or layout.stays_whole(u)):
        return False
    layout.move(u, to)
    return True


def try_swap(layout: Layout, u: int) -> bool:
    """Trade u for a unit of a neighbouring part when that lowers the cost; only where the loads are worth it."""
    p = layout.part[u]
    ties = layout.ties(u)
    if len(ties) == (p in ties):
        return False
    of_load, load, weight, part = layout.cost.of_load, layout.load, layout.weight, layout.part
    here = of_load(load[p])
    best, pick = -EPS, (-1, -1)
    for q in ties:
        if q == p or here + of_load(load[q]) < 2e-3:
            continue
        base = here + of_load(load[q])
        for v in layout.members[q] if len(layout.members[q]) <= 24 else layout.near[u]:
            if part[v] != q or layout.locked[v] or weight[v] == weight[u]:
                continue
            shift = weight[v] - weight[u]
            gain = of_load(load[p] + shift) + of_load(load[q] - shift) - base
            if gain >= best:
                continue
            back = layout.ties(v)
            if p not in back:
                continue
            between = sum(t for x, t in zip(layout.near[u], layout.tie[u], strict=True) if x == v)
            gain += ties.get(p, 0.0) - ties[q] + back.get(q, 0.0) - back[p] + 2.0 * between
            gain += change_cost(layout, u, p, q) + change_cost(layout, v, q, p)
            if gain < best:
                best, pick = gain, (v, q)
    v, q = pick
    if v < 0 or len(layout.members[p]) == 1 or len(layout.members[q]) == 1:
        return False
    if not (layout.stays_whole(u, joined=v) and layout.stays_whole(v, joined=u)):
        return False
    layout.move(u, q)
    layout.move(v, p)
    return True


def try_merge(layout: Layout, p: int) -> bool:
    """Join the whole of part p to a neighbouring part when that lowers the cost and the count is free."""
    if layout.wish.parts is not None or any(layout.locked[u] for u in layout.members[p]):
        return False
    of_load, load = layout.cost.of_load, layout.load
    best, to = -EPS, -1
    for q, t in layout.neighbours_of_part(p).items():
        delta = of_load(load[p] + load[q]) - of_load(load[p]) - of_load(load[q]) - t
        if math.isfinite(delta) and delta < best:
            best, to = delta, q
    if to < 0:
        return False
    for u in list(layout.members[p]):
        layout.move(u, to)
    return True
