"""Wuhan compounds split into blocks of at most 80 households: communities, then grids of 300–500 inside each.

    python -m benchmarks.planning_grids                  (seed 0; xiaoqu/compounds_wuhan_lanzhou)

Blocks of one compound are equal and stand around its point. A community's largest grid is compared with its mean, and
with the bound that its blocks allow (``bound_loads``).
"""

from __future__ import annotations

import numpy as np

from benchmarks.planning_cases import clock, wuhan_compounds
from tongxin.planning.api import (
    COMMUNITY,
    GRID,
    QUICK,
    Unit,
    balance_of,
    bound_loads,
    build_graph,
    is_contiguous,
    plan_inside,
    propose,
    split_blocks,
    split_graph,
)


def main() -> None:
    compounds = wuhan_compounds()
    blocks = split_blocks(
        [c.code for c in compounds],
        [c.households or 0 for c in compounds],
        [c.point for c in compounds],
        80,
        25 / 111_000,
    )
    with clock() as spent:
        graph = build_graph([Unit(code, point, count) for code, count, point in blocks])
        communities = propose(graph, COMMUNITY, seed=0).part
    report(f"{graph.n:,} blocks → communities", graph, communities, COMMUNITY, spent)
    with clock() as spent:
        level = plan_inside(graph, communities, GRID, seed=0, effort=QUICK)
    report("grids inside communities", graph, level.part, GRID, spent)
    nested = all(len(set(communities[i].tolist())) == 1 for _, i, _ in split_graph(graph, level.part))
    print("nested:", nested)
    ratios, bounds = [], []
    loads = np.bincount(level.part, weights=graph.load)
    for number, _, inner in split_graph(graph, communities):
        own = loads[level.above == number]
        ratios.append(own.max() / own.mean())
        bounds.append(bound_loads(inner.load, len(own)).largest / own.mean())
    ratio, bound = np.array(ratios), np.array(bounds)
    print(f"max/mean inside a community: median {np.median(ratio):.3f}, bound {np.median(bound):.3f}")
    allowed = bound <= 1.05
    print(f"≤ 1.05: {(ratio <= 1.05).mean():.1%} of communities; proven impossible: {(~allowed).mean():.1%}")
    print(f"≤ 1.05 where the bound allows it: {(ratio[allowed] <= 1.05).mean():.1%}")
    print(f"mean excess over the bound: {np.mean(ratio / bound - 1):.2%}")
    for finding in [f for f in level.findings if f.kind == "out_of_range"][:10]:
        print("-", finding.sentence)


def report(title: str, graph, part: np.ndarray, wish, spent: list[float]) -> None:
    b = balance_of(np.bincount(part, weights=graph.load), wish)
    print(
        f"{title}: {b.parts} parts, inside range {b.inside_range:.3%}, CV {b.cv:.4f}, max/mean {b.max_over_mean:.3f}, "
        f"contiguous {is_contiguous(graph, part)}, {spent[0]:.1f} CPU s ({spent[1]:.1f} wall)",
        flush=True,
    )


if __name__ == "__main__":
    main()
