"""Synthetic blocks of 20–63 households into grids of 300–500: time and memory at 2,000, 20,000 and 100,000 units.

python -m benchmarks.planning_growth                 (seed 1 for the units, 0 for the plan)
"""

from __future__ import annotations

import math
import resource

import numpy as np
import pymetis

from benchmarks.planning_cases import clock, synthetic
from tongxin.planning.api import GRID, balance_of, build_graph, propose


def main() -> None:
    print(
        "| units | planner | CPU s | wall s | µs / (n log2 n) | grids | inside | CV | max/mean | min/mean | peak MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for n in (2_000, 20_000, 100_000):
        units = synthetic(n)
        with clock() as spent:
            graph = build_graph(units, lonlat=False)
            plan = propose(graph, GRID, seed=0)
        assert plan.judgement.contiguous
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        unit_cost = spent[0] / (n * math.log2(n)) * 1e6
        row(f"{n:,}", "Tongxin", spent, unit_cost, plan.part, graph, peak)
        if n == 20_000:
            near: list[list[int]] = [[] for _ in range(n)]
            for u, v in graph.edges.tolist():
                near[u].append(v)
                near[v].append(u)
            with clock() as spent:
                k = int(plan.part.max()) + 1
                loads = graph.load.astype(int).tolist()
                options = pymetis.Options(seed=0, contig=1)
                part = np.array(pymetis.part_graph(k, near, vweights=loads, recursive=False, options=options)[1])
            row(f"{n:,}", "PyMETIS alone", spent, spent[0] / (n * math.log2(n)) * 1e6, part, graph, peak)


def row(units: str, name: str, spent: list[float], unit_cost: float, part: np.ndarray, graph, peak: float) -> None:
    b = balance_of(np.bincount(part, weights=graph.load), GRID)
    print(
        f"| {units} | {name} | {spent[0]:.1f} | {spent[1]:.1f} | {unit_cost:.1f} | {b.parts} | {b.inside_range:.2%} "
        f"| {b.cv:.4f} | {b.max_over_mean:.3f} | {b.min_over_mean:.3f} | {peak:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
