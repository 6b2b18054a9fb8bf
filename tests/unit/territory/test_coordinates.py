"""GCJ-02 and BD-09: known points, the inverse, what is plainly wrong."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.errors import Invalid
from tongxin.territory.rules import coordinates
from tongxin.territory.rules.coordinates import convert_coordinates, detect_system, position_fault

BEIJING = (116.404, 39.915)  # the published pair: WGS84 → GCJ-02 → BD-09


def test_known_points():
    gcj = coordinates.wgs84_to_gcj02(*(np.array([v]) for v in BEIJING))
    assert (gcj[0][0], gcj[1][0]) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    bd = coordinates.gcj02_to_bd09(*(np.array([v]) for v in BEIJING))
    assert (bd[0][0], bd[1][0]) == pytest.approx((116.41036949371029, 39.92133699351022), abs=1e-9)


@given(st.floats(74, 135), st.floats(18, 53))
def test_the_way_back_is_true_to_a_millimetre(lon, lat):
    x, y = np.array([lon]), np.array([lat])
    gcj = coordinates.wgs84_to_gcj02(x, y)
    bd = coordinates.gcj02_to_bd09(*gcj)
    for system, given_as in (("gcj02", gcj), ("bd09", bd)):
        back = convert_coordinates(*given_as, system)
        assert abs(back[0][0] - lon) < 1e-8
        assert abs(back[1][0] - lat) < 1e-8


def test_outside_china_nothing_moves():
    x, y = convert_coordinates([2.35, -71.06], [48.85, 42.36], "gcj02")
    assert (x.tolist(), y.tolist()) == ([2.35, -71.06], [48.85, 42.36])


def test_cgcs2000_and_projected_systems():
    assert convert_coordinates([118.0], [29.8], "cgcs2000")[0].tolist() == [118.0]
    assert convert_coordinates([118.0], [29.8], "EPSG:4490")[0].tolist() == [118.0]
    # On the central meridian of the 3-degree zone 39 (117° E), 500 km false easting
    x, y = convert_coordinates([500_000.0], [3_297_000.0], "EPSG:4548")
    assert x[0] == pytest.approx(117, abs=1e-6)
    assert 29.7 < y[0] < 29.9
    with pytest.raises(Invalid, match="不认识坐标系“火星”"):
        convert_coordinates([1], [1], "火星")


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((118, 29, 118.1, 29.1), None),
        ((29, 118, 29.1, 118.1), "写反了"),
        ((29, 80, 29.1, 80.1), "写反了"),
        ((500_000, 3_290_000, 510_000, 3_300_000), "投影坐标"),
        ((39_500_000, 3_290_000, 39_510_000, 3_300_000), "投影坐标"),
    ],
)
def test_plainly_wrong_positions(box, words):
    fault = position_fault([shapely.box(*box), None])
    assert fault is None if words is None else words in fault


def test_no_outline_no_fault():
    assert position_fault([None]) is None


def test_a_shift_shows_against_the_parent():
    parent = shapely.box(118, 29, 118.04, 29.04)
    parts = [
        shapely.box(118 + 0.01 * i, 29 + 0.01 * j, 118.01 + 0.01 * i, 29.01 + 0.01 * j)
        for i in range(4)
        for j in range(4)
    ]
    assert detect_system([(part, parent) for part in parts])[0] == "wgs84"
    for system, shift in (("gcj02", coordinates.wgs84_to_gcj02), ("bd09", coordinates._wgs84_to_bd09)):
        moved = [shapely.transform(part, lambda xy, f=shift: np.column_stack(f(xy[:, 0], xy[:, 1]))) for part in parts]
        assert detect_system([(part, parent) for part in moved])[0] == system
    inner = shapely.box(118.018, 29.018, 118.022, 29.022)  # far from every border nothing can be told
    assert detect_system([(inner, parent)])[0] == "wgs84"
