"""Wuhan compounds split into blocks of at most 80 households: communities, then grids of 300–500 inside each.

    python -m benchmarks.planning_grids                  (seed 0; xiaoqu/compounds_wuhan_lanzhou)

Blocks of one compound are equal and stand around its point. "Where the blocks allow it": some division of the community
into contiguous grids of 300–500, whatever their number, has a largest grid of at most 1.05 times the mean. Every community
counts as reached, as proven impossible (``even.fit_parts`` tried or ruled out every division), or as open.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from benchmarks.planning_cases import clock, wuhan_compounds
from tongxin.planning.api import (
    COMMUNITY,
    GRID,
    QUICK,
    Level,
    Unit,
    UnitGraph,
    balance_of,
    build_graph,
    is_contiguous,
    plan_inside,
    propose,
    split_blocks,
    split_graph,
)
from tongxin.planning.even import EVEN_ENOUGH, fit_parts


def plan_wuhan() -> tuple[UnitGraph, np.ndarray, Level]:
    """The blocks, the community of each, and the grids inside the communities; prints both levels."""
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
    return graph, communities, level


def main() -> None:
    graph, communities, level = plan_wuhan()
    nested = all(len(set(communities[i].tolist())) == 1 for _, i, _ in split_graph(graph, level.part))
    print("nested:", nested)
    loads = np.bincount(level.part, weights=graph.load)
    reached, impossible, ratios = 0, 0, []
    for number, _, inner in split_graph(graph, communities):
        own = loads[level.above == number]
        ratios.append(own.max() / own.mean())
        if ratios[-1] <= EVEN_ENOUGH + 1e-9 and own.min() >= GRID.low and own.max() <= GRID.high:
            reached += 1
            continue
        # proven afresh, not taken from the plan's own word
        fits = [
            fit_parts(inner, k, GRID.low, min(GRID.high, EVEN_ENOUGH * inner.load.sum() / k)) for k in counts(inner)
        ]
        assert all(fit.part is None for fit in fits), "a division was there and the plan has missed it"
        impossible += all(fit.status == "impossible" for fit in fits)
    whole = len(ratios)
    print(f"max/mean inside a community: median {np.median(ratios):.3f}, 95 % below {np.percentile(ratios, 95):.3f}")
    print(
        f"≤ 1.05: reached {reached} ({reached / whole:.1%}), proven impossible {impossible} ({impossible / whole:.1%}),"
    )
    print(
        f"  open {whole - reached - impossible}; of those that allow it or are open: {reached / (whole - impossible):.2%}"
    )
    said = Counter(level.verdicts.values())
    print(
        f"  where impossible: proven the least {said['least']}, not proven {said['uneven']}, no division in range {said['outside']}"
    )
    for finding in [f for f in level.findings if f.kind == "out_of_range"][:10]:
        print("-", finding.sentence)


def counts(inner: UnitGraph) -> range:
    """Every number of grids whose mean lies in the range."""
    total = float(inner.load.sum())
    return range(math.ceil(total / GRID.high), math.floor(total / GRID.low) + 1)


def report(title: str, graph, part: np.ndarray, wish, spent: list[float]) -> None:
    b = balance_of(np.bincount(part, weights=graph.load), wish)
    print(
        f"{title}: {b.parts} parts, inside range {b.inside_range:.3%}, CV {b.cv:.4f}, max/mean {b.max_over_mean:.3f}, "
        f"contiguous {is_contiguous(graph, part)}, {spent[0]:.1f} CPU s ({spent[1]:.1f} wall)",
        flush=True,
    )


if __name__ == "__main__":
    main()
