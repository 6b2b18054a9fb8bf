from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.unit.planning.cases import row_of
from tongxin.planning.api import GRID, Unit, balance_of, build_graph, judge, posts


def test_balance_worked_by_hand():
    got = balance_of(np.array([300.0, 500.0, 700.0]), GRID)
    assert got.mean == 500.0
    assert got.cv == pytest.approx((80000 / 3) ** 0.5 / 500)
    assert (got.max_over_mean, got.min_over_mean, got.inside_range) == (1.4, 0.6, 2 / 3)


def test_no_grids_have_no_rates():
    got = balance_of(np.array([]), GRID)
    assert (got.cv, got.max_over_mean, got.inside_range) == (None, None, None)


def test_a_unit_in_no_grid_lowers_coverage_and_is_not_reached():
    graph = row_of([100, 100, 200])
    got = judge(graph, np.array([0, 0, -1]), GRID)
    assert got.coverage == 0.5
    assert got.reached_10_min == 0.5
    assert got.moved is None


def test_minutes_from_the_post():
    graph = build_graph([Unit(f"u{i}", (600.0 * i, 0.0), 10) for i in range(3)], lonlat=False)
    part = np.array([0, 0, 0])
    assert posts(graph, part).tolist() == [1]
    got = judge(graph, part, GRID)
    assert got.slowest_minutes == pytest.approx(600 * 1.3 / 75)
    assert got.reached_10_min == pytest.approx(1 / 3)
    assert got.reached_60_min == 1.0


def test_change_counts_households_that_leave_the_grid_that_continues():
    graph = row_of([10, 20, 30, 40])
    graph = dataclasses.replace(graph, today=np.array([0, 0, 1, 1]), today_codes=("A", "B"))
    assert judge(graph, np.array([0, 0, 1, 1]), GRID).moved == 0.0
    assert judge(graph, np.array([0, 0, 0, 1]), GRID).moved == pytest.approx(0.3)


def test_a_part_in_two_pieces_is_not_contiguous():
    assert not judge(row_of([1, 1, 1]), np.array([0, 1, 0]), GRID).contiguous
