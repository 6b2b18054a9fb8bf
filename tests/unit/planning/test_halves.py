from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.planning.cases import row_of, scattered
from tongxin.planning.api import components, is_contiguous
from tongxin.planning.halves import halve


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 8), low=st.integers(5, 120), width=st.integers(0, 3))
def test_a_side_of_that_load_is_found_exactly_when_brute_force_finds_one(seed, n, low, width):
    graph = scattered(n, seed, 5, 30)
    possible = False
    for sides in product((0, 1), repeat=n):
        part = np.array(sides)
        load = float(graph.load[part == 0].sum())
        if 0 < part.sum() < n and low <= load <= low + width and is_contiguous(graph, part):
            possible = True
            break
    sure, part = halve(graph, low, low + width)
    assert sure
    assert (part is not None) == possible
    if part is not None:
        assert is_contiguous(graph, part)
        assert low <= graph.load[part == 0].sum() <= low + width
        assert set(part.tolist()) == {0, 1}


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_forty_units_are_halved_to_the_household(seed):
    graph = scattered(40, seed, 20, 80)
    half = graph.load.sum() // 2
    sure, part = halve(graph, half, half)
    assert sure
    assert part is not None
    assert int(components(graph).max()) == 0
    assert is_contiguous(graph, part)
    assert graph.load[part == 0].sum() == half


def test_what_it_cannot_know_is_not_said():
    assert halve(row_of([5, 6, 7]), 11, 11)[1] is not None
    assert halve(row_of([5, 6, 7]), 12, 12) == (True, None)  # 5 and 7 do not touch
    assert halve(scattered(30, 1), 500, 500, most_bytes=100) == (False, None)
    graph = scattered(6, 1)
    graph.load[0] += 0.5
    assert halve(graph, 1, 1e9) == (False, None)
    assert halve(row_of([5, 6]), 7, 6) == (True, None)


def test_a_run_can_be_stopped():
    from tongxin.planning.api import PlanningStopped

    with pytest.raises(PlanningStopped):
        halve(scattered(20, 1), 100, 900, progress=lambda stage, share: False)
