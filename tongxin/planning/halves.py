"""Two contiguous parts of a graph with an exact load, found or proven not to exist: every contiguous division at once.

A line is swept over the units. What matters of the swept ones is only which of those on the line belong together on which
side; for each such state one integer holds, bit by bit, every load that the first side can have reached. For some dozens
of units with whole-number loads; where a sweep would need too many states, or loads are not whole, nothing is said.
"""

from __future__ import annotations

import numpy as np

from tongxin.planning.findings import Progress, tell
from tongxin.planning.units import Ints, UnitGraph

# A state: for each unit on the line (side, component), components numbered by first appearance; and the sides that are closed.
State = tuple[tuple[tuple[int, int], ...], int]
MOST_BYTES = 600_000_000  # of bit sets kept for the way back


def halve(
    graph: UnitGraph, low: float, high: float, *, most_bytes: int = MOST_BYTES, progress: Progress | None = None
) -> tuple[bool, Ints | None]:
    """Divide a connected graph in two contiguous sides, the first with a load in [low, high].

    Returns (whether the answer is sure, side (n,) 0 and 1 or None). (True, None) proves that there is no such division.
    """
    loads = [int(w) for w in graph.load.tolist()]
    if graph.n < 2 or any(w != load for w, load in zip(loads, graph.load.tolist(), strict=True)):
        return graph.n < 2, None
    least, most = int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9))
    if least > most or most < 0:
        return True, None
    order = _sweep(graph)
    near: list[set[int]] = [set() for _ in range(graph.n)]
    for u, v in graph.edges.tolist():
        near[u].add(v)
        near[v].add(u)
    room = (1 << (most + 1)) - 1
    lines = _lines(order, near)
    layers: list[dict[State, int]] = [{((), 0): 1}]
    kept = 0
    for step, unit in enumerate(order):
        tell(progress, "halve", step / graph.n)
        after: dict[State, int] = {}
        for state, reached in layers[-1].items():
            for side in (0, 1):
                then = _take(state, side, unit, lines[step], lines[step + 1], near)
                if then is None:
                    continue
                sums = (reached << loads[unit]) & room if side == 0 else reached
                if sums:
                    after[then] = after.get(then, 0) | sums
        kept += sum(sums.bit_length() // 8 for sums in after.values())
        if kept > most_bytes:
            return False, None
        layers.append(after)
    for state, reached in layers[-1].items():
        sums = reached >> least
        if state[1] == 3 and sums:
            aim = least + (sums & -sums).bit_length() - 1
            return True, _way_back(layers, state, aim, order, loads, lines, near)
    return True, None


def _sweep(graph: UnitGraph) -> list[int]:
    """The units in the order of the longest axis: few of them lie on the line at once."""
    spread = graph.xy - graph.xy.mean(axis=0)
    axis = np.linalg.svd(spread, full_matrices=False)[2][0]
    return [int(u) for u in np.argsort(spread @ axis, kind="stable")]


def _lines(order: list[int], near: list[set[int]]) -> list[tuple[int, ...]]:
    """For each step the swept units that still have an unswept neighbour."""
    place = {unit: step for step, unit in enumerate(order)}
    last = {unit: max((place[v] for v in near[unit]), default=-1) for unit in order}
    return [tuple(u for u in order[:step] if last[u] >= step) for step in range(len(order) + 1)]


def _take(
    state: State, side: int, unit: int, line: tuple[int, ...], line_after: tuple[int, ...], near: list[set[int]]
) -> State | None:
    """The state after ``unit`` joined a side; None where a side would fall apart for good."""
    labels, closed = state
    if closed >> side & 1:
        return None
    component = dict(zip(line, labels, strict=True))
    joined = {component[v] for v in near[unit] if v in component and component[v][0] == side}
    fresh = (side, -1)
    component = {u: fresh if c in joined else c for u, c in component.items()}
    component[unit] = fresh
    left = [component[u] for u in line_after]
    for gone in set(component.values()) - set(left):
        # a component that leaves the line is its side's whole, so no other of that side may be left or come
        if closed >> gone[0] & 1 or any(c[0] == gone[0] for c in left):
            return None
        closed |= 1 << gone[0]
    number: dict[tuple[int, int], int] = {}
    return tuple((c[0], number.setdefault(c, len(number))) for c in left), closed


def _way_back(
    layers: list[dict[State, int]], state: State, load: int, order: list[int], loads: list[int],
    lines: list[tuple[int, ...]], near: list[set[int]],
) -> Ints:  # fmt: skip
    """The sides of all units, from the last back to the first."""
    sides = np.zeros(len(order), dtype=np.int64)
    for step in range(len(order) - 1, -1, -1):
        unit = order[step]
        state, side = next(
            (before, side)
            for before, reached in layers[step].items()
            for side in (0, 1)
            if (need := load - loads[unit] * (side == 0)) >= 0
            and reached >> need & 1
            and _take(before, side, unit, lines[step], lines[step + 1], near) == state
        )
        sides[unit] = side
        load -= loads[unit] * (side == 0)
    return sides
