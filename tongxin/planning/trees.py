"""Random spanning trees of small contiguous groups, and dividing a group by cutting them; plain lists."""

from __future__ import annotations

from random import Random


def tree_groups(
    near: list[list[int]], weight: list[float], units: list[int], count: int, rng: Random, trials: int = 1
) -> list[set[int]]:
    """Recursive bisection of contiguous units on random spanning trees (plain lists: neighbourhoods are small)."""
    done: list[set[int]] = []
    todo = [(set(units), count)]
    while todo:
        group, parts = todo.pop()
        if parts <= 1 or len(group) < 2:
            done.append(group)
            continue
        total = sum(weight[u] for u in group)
        ideal = max(total / parts, 1e-12)
        best, side, first = float("inf"), set[int](), 1
        for _ in range(trials):
            order, parent = random_tree(near, group, rng)
            below = {u: weight[u] for u in order}
            cut = -1
            for u in reversed(order[1:]):
                below[parent[u]] += below[u]
                share = min(max(round(below[u] / ideal), 1), parts - 1)
                off = abs(below[u] / ideal - share) / min(share, parts - share)
                if off < best:
                    best, cut, first = off, u, share
            if cut >= 0:
                side = {cut}
                for u in order[1:]:
                    if parent[u] in side:
                        side.add(u)
        first = max(min(first, len(side)), parts - (len(group) - len(side)))
        todo += [(side, first), (group - side, parts - first)]
    return done


def random_tree(near: list[list[int]], group: set[int], rng: Random) -> tuple[list[int], dict[int, int]]:
    """A random spanning tree of a contiguous group: units in the order reached, and each one's parent."""
    root = rng.choice(sorted(group))
    order, parent = [root], {root: root}
    frontier = [(v, root) for v in near[root] if v in group]
    while frontier:
        i = int(rng.random() * len(frontier))
        frontier[i], frontier[-1] = frontier[-1], frontier[i]
        u, up = frontier.pop()
        if u in parent:
            continue
        parent[u] = up
        order.append(u)
        frontier += [(v, u) for v in near[u] if v in group and v not in parent]
    return order, parent
