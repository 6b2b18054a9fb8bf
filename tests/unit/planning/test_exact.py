from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.planning.cases import row_of, scattered
from tongxin.planning.api import Wish, bound_loads, is_contiguous, least_cost, least_deviation, propose, total_cost
from tongxin.planning.exact import contiguous_groups
from tongxin.planning.partition import tree_start


def brute_force(graph, k):
    """Least greatest deviation over all contiguous plans of k parts, by trying every assignment."""
    mean = graph.load.sum() / k
    best = np.inf
    for rest in product(range(k), repeat=graph.n - 1):
        part = np.array((0, *rest))
        if len(set(part.tolist())) == k:
            worst = np.abs(np.bincount(part, weights=graph.load) - mean).max()
            if worst < best and is_contiguous(graph, part):
                best = worst
    return best


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 4))
def test_least_deviation_is_what_brute_force_finds(seed, k):
    graph = scattered(7, seed, 1, 30)
    answer = least_deviation(graph, k, tree_start(graph, k, seed))
    truth = brute_force(graph, k)
    assert answer.status == "optimal"
    assert answer.value == pytest.approx(truth)
    assert answer.bound == pytest.approx(truth)
    assert is_contiguous(graph, answer.part)
    bound = bound_loads(graph.load, k)
    assert bound.deviation <= truth + 1e-9


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_groups_come_once_each_and_are_all_the_contiguous_ones(seed):
    graph = scattered(7, seed, 1, 30)
    found = [g[0] for g in contiguous_groups(graph, 0, 1e9) if g is not None]
    assert len(found) == len(set(found))
    whole = 0
    for mask in range(1, 1 << 7):
        part = np.array([0 if mask >> i & 1 else -1 for i in range(7)])
        whole += is_contiguous(graph, part)
    assert len(found) == whole


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_nothing_beats_the_proven_plan(seed):
    graph = scattered(10, seed)
    wish = Wish(200, 100, 320)
    answer = least_cost(graph, wish)
    searched = propose(graph, wish, exact_up_to=0).part
    loads = np.bincount(searched, weights=graph.load)
    if answer.status == "impossible":
        assert ((loads < 100) | (loads > 320)).any()
    else:
        assert answer.status == "optimal"
        if ((loads >= 100) & (loads <= 320)).all():
            assert total_cost(graph, wish, answer.part) <= total_cost(graph, wish, searched) + 1e-6


def test_too_many_groups_is_said_not_endured():
    graph = scattered(60, 1)
    answer = least_deviation(graph, 3, tree_start(graph, 3, 1), most_groups=1000)
    assert answer.status in ("too_large", "optimal")
    assert answer.bound <= answer.value


def test_bounds_worked_by_hand():
    # 3 × 76 into two parts: one part must hold two blocks.
    bound = bound_loads(np.array([76.0, 76.0, 76.0]), 2)
    assert (bound.largest, bound.smallest, bound.deviation) == (152.0, 76.0, 38.0)
    assert bound_loads(np.array([700.0, 100.0, 100.0]), 3).largest == 700.0


def test_two_units_that_cannot_be_joined_prove_the_range_impossible():
    assert least_cost(row_of([100, 900, 100]), Wish(200, 150, 400)).status == "impossible"
