"""A plan being worked on: which unit is in which part, kept in plain lists because the search touches single units.

Every change goes through ``move``; contiguity is asked before it. Not for pages: they see ``Proposal``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tongxin.planning.objective import Cost, Wish
from tongxin.planning.units import Ints, UnitGraph


class Layout:
    """Mutable plan over one graph. ``part[u]`` is the part of unit u; parts are numbers, empty ones allowed."""

    def __init__(self, graph: UnitGraph, wish: Wish, part: Ints, home: Ints | None = None) -> None:
        self.graph, self.wish = graph, wish
        self.cost = Cost(graph, wish)
        self.weight: list[float] = graph.load.tolist()
        self.part: list[int] = part.tolist()
        self.home: list[int] = [-1] * graph.n if home is None else home.tolist()
        self.locked: list[bool] = graph.locked.tolist()
        self.near: list[list[int]] = [[] for _ in range(graph.n)]
        self.tie: list[list[float]] = [[] for _ in range(graph.n)]
        for (u, v), t in zip(graph.edges.tolist(), self.cost.together.tolist(), strict=True):
            self.near[u].append(v)
            self.near[v].append(u)
            self.tie[u].append(t)
            self.tie[v].append(t)
        self.members: list[set[int]] = [set() for _ in range(int(part.max()) + 1 if len(part) else 0)]
        self.load: list[float] = [0.0] * len(self.members)
        for u, p in enumerate(self.part):
            self.members[p].add(u)
            self.load[p] += self.weight[u]

    def new_part(self) -> int:
        """An empty part's number."""
        self.members.append(set())
        self.load.append(0.0)
        return len(self.members) - 1

    def move(self, u: int, p: int) -> None:
        """Put unit u into part p. The caller has asked ``stays_whole``."""
        q = self.part[u]
        self.members[q].discard(u)
        self.members[p].add(u)
        self.load[q] -= self.weight[u]
        self.load[p] += self.weight[u]
        self.part[u] = p

    def ties(self, u: int) -> dict[int, float]:
        """Sum of edge ties from u to each part around it (its own included when it has neighbours there)."""
        sums: dict[int, float] = {}
        part = self.part
        for v, t in zip(self.near[u], self.tie[u], strict=True):
            p = part[v]
            sums[p] = sums.get(p, 0.0) + t
        return sums

    def stays_whole(self, u: int, also_gone: int = -1, joined: int = -1) -> bool:
        """Whether u's part stays contiguous and non-empty when u leaves (and ``joined`` comes in, for a swap).

        A search from one neighbour that stops as soon as the others are met; first only among the neighbours
        themselves, which settles most cases.
        """
        part, near, p = self.part, self.near, self.part[u]
        others = [v for v in near[u] if part[v] == p and v != also_gone]
        if joined >= 0 and joined in near[u]:
            others.append(joined)
        if joined >= 0 and joined not in others and not any(part[v] == p and v != u for v in near[joined]):
            return False
        if len(others) <= 1:
            return len(others) == 1
        missing = set(others[1:])
        seen = {u, also_gone, others[0]}
        stack = [others[0]]
        while stack:
            for v in near[stack.pop()]:
                if (part[v] == p or v == joined) and v not in seen:
                    seen.add(v)
                    if v in missing:
                        missing.discard(v)
                        if not missing:
                            return True
                        stack.append(v)  # the goals lie close together: look from them first
                    else:
                        stack.append(v)
        return False

    def neighbours_of_part(self, p: int) -> dict[int, float]:
        """Parts that touch p with the summed ties to each."""
        sums: dict[int, float] = {}
        part = self.part
        for u in self.members[p]:
            for v, t in zip(self.near[u], self.tie[u], strict=True):
                q = part[v]
                if q != p:
                    sums[q] = sums.get(q, 0.0) + t
        return sums

    def connected(self, units: Iterable[int]) -> bool:
        """Whether a set of units is contiguous."""
        inside = set(units)
        if not inside:
            return False
        stack = [next(iter(inside))]
        inside.discard(stack[0])
        while stack and inside:
            for v in self.near[stack.pop()]:
                if v in inside:
                    inside.discard(v)
                    stack.append(v)
        return not inside

    def as_array(self) -> Ints:
        """Part of each unit, renumbered 0… without empty parts."""
        return np.unique(np.array(self.part, dtype=np.int64), return_inverse=True)[1].astype(np.int64).reshape(-1)
