from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.planning.cases import row_of, scattered
from tongxin.planning.api import GRID, QUICK, Board, Wish, is_contiguous, plan_inside
from tongxin.planning.even import EVEN_ENOUGH, fit_parts, most_even
from tongxin.planning.nested import even_counts
from tongxin.planning.partition import tree_start
from tongxin.planning.scoring import score_board


def contiguous_divisions(graph, k):
    """The loads of every contiguous division into k parts, by trying every assignment."""
    for rest in product(range(k), repeat=graph.n - 1):
        part = np.array((0, *rest))
        if len(set(part.tolist())) == k and is_contiguous(graph, part):
            yield np.bincount(part, weights=graph.load)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 4), share=st.floats(0.4, 0.95), above=st.floats(1.0, 1.6))
def test_parts_fit_exactly_when_brute_force_finds_a_way(seed, k, share, above):
    graph = scattered(7, seed, 5, 30)
    mean = graph.load.sum() / k
    low, high = share * mean, above * mean
    answer = fit_parts(graph, k, low, high)
    possible = any(low <= loads.min() and loads.max() <= high for loads in contiguous_divisions(graph, k))
    assert answer.status == ("found" if possible else "impossible")
    if answer.part is not None:
        loads = np.bincount(answer.part, weights=graph.load)
        assert len(loads) == k
        assert loads.sum() == graph.load.sum()
        assert low - 1e-6 <= loads.min()
        assert loads.max() <= high + 1e-6
        assert is_contiguous(graph, answer.part)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_most_even_division_is_what_brute_force_finds(seed):
    graph = scattered(6, seed, 5, 30)
    total = graph.load.sum()
    low, high = 0.25 * total, 0.65 * total
    truth = min(
        (
            loads.max() * k / total
            for k in (2, 3)
            for loads in contiguous_divisions(graph, k)
            if low <= loads.min() and loads.max() <= high
        ),
        default=np.inf,
    )
    answer = most_even(graph, [2, 3], low, high, enough=1.0)
    assert answer.verdict == ("outside" if np.isinf(truth) else "even" if truth == 1.0 else "least")
    assert answer.ratio == pytest.approx(truth)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(8, 40), work=st.integers(0, 3000))
def test_it_is_never_less_even_than_what_was_known(seed, n, work):
    graph = scattered(n, seed)
    known = tree_start(graph, max(2, n // 8), seed)
    loads = np.bincount(known, weights=graph.load)
    k, mean = len(loads), loads.mean()
    answer = most_even(graph, [k], loads.min(), loads.max(), known=known, work=work, work_to_better=work)
    assert answer.ratio <= loads.max() / mean + 1e-9
    assert answer.part is not None
    assert is_contiguous(graph, answer.part)
    assert np.bincount(answer.part, weights=graph.load).sum() == graph.load.sum()


def test_work_that_runs_out_is_said():
    graph = scattered(60, 1)
    assert fit_parts(graph, 7, 1.0, graph.load.sum() / 7 + 0.4, work=50).status == "open"


def test_blocks_of_one_size_are_proven_uneven():
    # Six blocks of 76 in a row, parts of 100–300: three pairs are even; of seven nobody can make even parts.
    assert most_even(row_of([76] * 6), [3, 2], 100, 300).verdict == "even"
    uneven = most_even(row_of([76] * 7), [3, 2], 100, 350)
    assert (uneven.verdict, uneven.ratio) == ("least", pytest.approx(4 / 3.5))
    assert most_even(row_of([76] * 7), [7], 100, 300).verdict == "outside"


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_level_says_of_each_community_how_even_it_can_be(seed):
    graph = scattered(75, seed, 60, 80)
    above = tree_start(graph, 3, seed)
    level = plan_inside(graph, above, GRID, seed=seed, effort=QUICK)
    assert is_contiguous(graph, level.part)
    loads = np.bincount(level.part, weights=graph.load)
    assert loads.sum() == graph.load.sum()
    for parent in range(3):
        own = loads[level.above == parent]
        assert (level.verdicts[parent] == "even") == (own.max() <= EVEN_ENOUGH * own.mean() + 1e-9)
        inner = graph.subset(np.flatnonzero(above == parent))
        if level.verdicts[parent] in ("least", "uneven"):
            for k in even_counts(inner.load, GRID):
                high = min(GRID.high, EVEN_ENOUGH * inner.load.sum() / k)
                assert fit_parts(inner, k, GRID.low, high).status == "impossible"


def test_other_aims_first_leave_the_proof_out():
    graph = scattered(30, 3, 60, 80)
    wish = Wish(400, 300, 500, order=("barriers", "load", "raggedness", "change"))
    assert plan_inside(graph, np.zeros(30, dtype=np.int64), wish).verdicts[0] in ("even", "open")


def test_a_page_says_that_nothing_more_even_is_possible():
    # Eleven blocks of 77 and 80: one of two grids holds six.
    board = Board(
        inside=1, name="社区", outline=None, ids=list(range(11)), codes=[f"u{i}" for i in range(11)], names=[""] * 11,
        points=np.array([(0.001 * (i % 4), 0.001 * (i // 4)) for i in range(11)]), shapes=[None] * 11,
        households=[77 if i % 2 else 80 for i in range(11)], people=[None] * 11, loads=[77.0 if i % 2 else 80.0 for i in range(11)],
        today=[None] * 11, load_by="households",
    )  # fmt: skip
    level = plan_inside(board.graph, np.zeros(11, dtype=np.int64), GRID)
    assert level.verdicts[0] == "least"
    board.part = level.part
    score = score_board(board, GRID)
    assert score["gap"] == 0.0
    assert any("已不可能更小" in sentence for sentence in score["findings"])
