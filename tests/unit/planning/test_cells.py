"""Ground shared out among buildings: no gap, no overlap, each building on its own ground, also in a bend."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxin.planning.cells import compactness, dissolve, draw_cells

SQUARE = shapely.box(118.0, 29.0, 118.01, 29.01)
HORSESHOE = shapely.difference(shapely.box(118.0, 29.0, 118.03, 29.03), shapely.box(118.01, 29.0, 118.02, 29.025))


def covers(cells, outline) -> bool:
    whole = shapely.union_all(cells)
    return whole.symmetric_difference(outline).area < 1e-12 and abs(sum(c.area for c in cells) - outline.area) < 1e-12


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)), min_size=1, max_size=40, unique=True))
def test_cells_cover_the_outline_once_and_hold_their_own_building(spots) -> None:
    points = np.array([(118.0 + x * 0.01, 29.0 + y * 0.01) for x, y in spots])
    cells = draw_cells(SQUARE, points, [None] * len(points))
    assert covers(cells, SQUARE)
    apart = shapely.distance(shapely.points(points)[:, None], shapely.points(points)[None, :]) + np.eye(len(points))
    for i, cell in enumerate(cells):
        if apart[i].min() > 1e-9:
            assert shapely.distance(cell, shapely.Point(points[i])) < 1e-9


def test_a_bend_tears_no_cell() -> None:
    rng = np.random.default_rng(3)
    points = rng.uniform((118.0, 29.0), (118.03, 29.03), (200, 2))
    points = points[shapely.contains_xy(HORSESHOE, points[:, 0], points[:, 1])][:60]
    cells = draw_cells(HORSESHOE, points, [None] * len(points))
    assert covers(cells, HORSESHOE)
    assert {cell.geom_type for cell in cells} == {"Polygon"}


def test_a_long_house_keeps_its_walls_on_its_own_ground() -> None:
    house = shapely.box(118.001, 29.004, 118.009, 29.0045)
    points = np.array([(118.005, 29.00425), (118.002, 29.0052), (118.008, 29.0052)])
    cells = draw_cells(SQUARE, points, [house, None, None])
    assert shapely.intersection(cells[0], house).area > 0.97 * house.area
    bare = draw_cells(SQUARE, points, [None, None, None])
    assert shapely.intersection(bare[0], house).area < 0.9 * house.area


def test_two_at_one_spot_and_a_single_one() -> None:
    points = np.array([(118.005, 29.005), (118.005, 29.005), (118.002, 29.002)])
    cells = draw_cells(SQUARE, points, [None] * 3)
    assert covers([c for c in cells if not c.is_empty], SQUARE)
    assert cells[1].is_empty
    assert draw_cells(SQUARE, points[:1], [None])[0].equals(SQUARE)
    assert draw_cells(SQUARE, points[:0], []) == []


def test_parts_are_the_union_of_their_cells_and_their_shape_is_measured() -> None:
    points = np.array([(118.0025, 29.005), (118.0075, 29.005)])
    parts = dissolve(draw_cells(SQUARE, points, [None, None]), [7, 7])
    assert parts[7].symmetric_difference(SQUARE).area < 1e-12
    flat = shapely.box(118.0, 0.0, 118.01, 0.01)
    assert compactness(flat) == pytest.approx(np.pi / 4, rel=1e-3)
    assert compactness(shapely.Polygon()) is None
