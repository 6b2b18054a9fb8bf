"""The locator against the plain definition: the first outline that touches the point, whatever the outlines look like."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxin.territory.rules import locating
from tongxin.territory.rules.locating import Locator, metres_per_degree
from tongxin.territory.rules.strips import Strips

whole = st.integers(0, 8)
boxes = st.builds(
    lambda x, y, w, h: shapely.box(x, y, x + w + 1, y + h + 1), whole, whole, st.integers(0, 3), st.integers(0, 3)
)
blobs = st.builds(lambda x, y, r: shapely.Point(x, y).buffer(r, quad_segs=3), whole, whole, st.floats(0.1, 4))
holed = boxes.map(lambda box: box.difference(box.centroid.buffer(0.3)))
far = boxes.map(
    lambda box: shapely.transform(box, lambda xy: xy + 1_000)
)  # one mistaken outline must not slow or lose others
apart = st.builds(lambda a, b: shapely.union_all([a, b]), boxes, boxes)
outlines = st.lists(boxes | blobs | holed | far | apart, min_size=1, max_size=25)
points = st.lists(st.tuples(st.floats(-2, 14), st.floats(-2, 14)) | st.tuples(whole, whole), min_size=1, max_size=40)


@settings(deadline=None, max_examples=150)
@given(outlines, points, st.sampled_from([1, 3, 500_000]))
def test_the_first_outline_that_touches_the_point(shapes, places, at_once):
    ids = [100 + number for number in range(len(shapes))]
    locator = Locator(ids, shapes)
    expected = [
        next((i for i, s in zip(ids, shapes, strict=True) if s.intersects(shapely.Point(p))), -1) for p in places
    ]
    before, locating.MOST_CANDIDATES = locating.MOST_CANDIDATES, at_once
    try:
        many = locator.many(*(np.array(values, dtype=np.float64) for values in zip(*places, strict=True)))
    finally:
        locating.MOST_CANDIDATES = before
    assert many.tolist() == expected
    assert [locator.one(float(x), float(y)) for x, y in places] == expected


def test_nothing_to_find():
    empty = Locator([], [])
    assert (len(empty), empty.one(1, 1), empty.near(1, 1, 10)) == (0, -1, [])
    assert empty.many(np.array([1.0]), np.array([1.0])).tolist() == [-1]
    assert Locator([7], [shapely.box(0, 0, 1, 1)]).many(np.array([]), np.array([])).shape == (0,)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none(bad):
    locator = Locator([7], [shapely.box(0, 0, 1, 1)])
    assert locator.one(bad, 0.5) == -1
    assert locator.one(0.5, bad) == -1
    assert locator.near(bad, 0.5, 100) == []


def test_many_outlines_upon_each_other_stay_within_bounds():
    locator = Locator(range(3_000), [shapely.box(0, 0, 1 + n / 1e4, 1) for n in range(3_000)])
    assert len(locator._buckets.boxes) <= locating.MOST_ENTRIES_PER_OUTLINE * 3_000
    assert locator.many(np.full(500, 0.5), np.full(500, 0.5)).tolist() == [0] * 500


def test_metres_and_nearness():
    east, north = metres_per_degree(30)
    assert (east, north) == (pytest.approx(96_486, abs=5), pytest.approx(110_852, abs=5))
    locator = Locator([1, 2], [shapely.box(118, 29, 118.01, 29.01), shapely.box(118.02, 29, 118.03, 29.01)])
    (first, near), (second, further) = locator.near(118.012, 29.005, 1_000)
    assert (first, second) == (1, 2)
    assert near == pytest.approx(0.002 * metres_per_degree(29.005)[0], abs=0.5)
    assert further == pytest.approx(0.008 * metres_per_degree(29.005)[0], abs=0.5)
    assert locator.near(118.005, 29.005, 0) == [(1, 0.0)]


def test_threads_get_the_same_answers():
    for seed in range(20):  # prepared outlines broke about one run in ten when threads shared them freely
        rng = np.random.default_rng(seed)
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(rng.uniform(0, 1, (400, 2)))))
        x, y = rng.uniform(0, 1, 3_000), rng.uniform(0, 1, 3_000)
        expected = Locator(range(len(cells)), cells).many(x, y)
        locator = Locator(range(len(cells)), cells)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, it=locator, x=x, y=y: it.many(x, y), range(8)))
        assert all((answer == expected).all() for answer in answers)


@pytest.mark.parametrize("seed", range(6))
def test_one_point_is_answered_as_geos_answers(seed):
    """Also beside, on and level with borders; most are answered without asking it."""
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.random(400)) * 2 * math.pi
    reach = rng.uniform(0.5, 1, 400)
    star = np.column_stack((118 + 0.01 * reach * np.cos(turns), 29 + 0.01 * reach * np.sin(turns)))
    outline = shapely.Polygon(star, [shapely.Point(118, 29).buffer(0.002).exterior.coords[::-1]])
    middles = (star + np.roll(star, -1, axis=0)) / 2
    beside = middles + rng.normal(0, 1e-16, middles.shape) * 118
    level = np.column_stack((118 + 0.01 * rng.uniform(-1, 1, 400), star[:, 1]))
    anywhere = np.array([118, 29]) + 0.011 * rng.uniform(-1, 1, (3_000, 2))
    strips, locator = Strips(outline), Locator([1], [outline])
    shapely.prepare(outline)
    for places in (star, middles, beside, level, anywhere):
        expected = shapely.intersects_xy(outline, *places.T)
        assert [locator.one(x, y) == 1 for x, y in places.tolist()] == expected.tolist()
        assert all(
            held in (None, there)
            for held, there in zip((strips.holds(x, y) for x, y in places.tolist()), expected, strict=True)
        )
    assert sum(strips.holds(x, y) is None for x, y in anywhere.tolist()) == 0
