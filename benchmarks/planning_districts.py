"""Few districts, exact balance: fl25 / fl70 / fl250 (3 districts) and Iowa (4), against GerryChain in equal CPU time.

    python -m benchmarks.planning_districts              (requirements/bench.txt; seed 0; redist_r/*)

The figure is the greatest absolute deviation of a district's population from the mean, in persons.
"""

from __future__ import annotations

import random
import warnings

import numpy as np

from benchmarks.planning_cases import best_within, clock, redistricting
from tongxin.planning.api import UnitGraph, bound_loads, is_contiguous, least_deviation, tight_partition

warnings.filterwarnings("ignore")


def deviation(graph: UnitGraph, part: np.ndarray) -> float:
    loads = np.bincount(part, weights=graph.load)
    return float(np.abs(loads - loads.mean()).max())


def by_gerrychain(graph: UnitGraph, k: int):
    """recursive_tree_part with the tightest tolerance that still answers, found by halving from 5 %."""
    import networkx
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part

    plain = networkx.Graph()
    for i, w in enumerate(graph.load.tolist()):
        plain.add_node(i, pop=w)
    plain.add_edges_from(graph.edges.tolist())
    wrapped = Graph.from_networkx(plain)
    ideal = float(graph.load.sum()) / k
    tolerance = [0.05]

    def attempt(seed: int) -> np.ndarray | None:
        random.seed(seed)
        try:
            found = recursive_tree_part(wrapped, range(k), ideal, "pop", tolerance[0])
        except (RuntimeError, ValueError, KeyError):
            return None
        part = np.array([found[i] for i in range(graph.n)])
        tolerance[0] = max(0.5 * deviation(graph, part) / ideal, 1e-7)
        return part

    return attempt


def main() -> None:
    print("| case | planner | greatest deviation (persons) | % of mean | bound proven | contiguous | CPU seconds |")
    print("|---|---|---|---|---|---|---|")
    for name, k in (("fl25", 3), ("fl70", 3), ("fl250", 3), ("iowa", 4)):
        graph = redistricting(name)
        mean = float(graph.load.sum()) / k
        with clock() as spent:
            part = tight_partition(graph, k, seed=0)
            answer = least_deviation(graph, k, part)
            part = part if answer.part is None else answer.part
        ours = deviation(graph, part)
        floor = max(answer.bound, bound_loads(graph.load, k).deviation)
        status = f"{floor:.2f} ({'optimal' if ours <= floor + 1e-6 else 'gap'})"
        whole = is_contiguous(graph, part)
        print(
            f"| {name} | Tongxin | {ours:.2f} | {ours / mean:.5%} | {status} | {whole} | {spent[0]:.1f} |", flush=True
        )
        seconds = max(spent[0], 5.0)
        best, runs = best_within(seconds, by_gerrychain(graph, k), lambda p, g=graph: (deviation(g, p),))
        theirs = "none" if best is None else f"{deviation(graph, best):.2f} | {deviation(graph, best) / mean:.5%}"
        whole = None if best is None else is_contiguous(graph, best)
        print(f"| {name} | GerryChain | {theirs} | – | {whole} | {seconds:.1f}, {runs} runs |", flush=True)


if __name__ == "__main__":
    main()
