"""Each kind of fault in the drawing of a level, with its place, its size and its sentence (G-04, G-05)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxin.territory.rules.shapes import area_cm2, components, label_point, touching
from tongxin.territory.rules.topology import Drawn, Parent, check

D = 0.01  # a square of about 972 m by 1,109 m at 29° N
SQUARE_M2 = 1_078_700


def box(column, row, width=1.0, height=1.0):
    return shapely.box(118 + column * D, 29 + row * D, 118 + (column + width) * D, 29 + (row + height) * D)


def report(*outlines, parent=None):
    places = [Drawn(name, "P", outline) for name, outline in zip("甲乙丙丁戊", outlines, strict=False)]
    return check(places, {"P": Parent("上级", parent)} if parent is not None else {})


def only(found, kind):
    assert [fault.kind for fault in found.faults] == [kind]
    return found.faults[0]


def test_a_clean_level_has_no_faults():
    found = report(box(0, 0), box(1, 0), box(0, 1), box(1, 1), parent=box(0, 0, 2, 2))
    assert found.faults == ()
    assert found.components == (("甲", "乙", "丙", "丁"),)
    assert found.summary() == "4 个地域，1 片相连；没有发现问题。"


def test_overlap():
    fault = only(report(box(0, 0, 1.2), box(1, 0)), "overlap")
    assert fault.places == ("甲", "乙")
    assert fault.square_metres == pytest.approx(0.2 * SQUARE_M2, rel=0.01)
    assert "占较小一个的 20.0%" in fault.sentence
    assert box(1, 0, 0.2).buffer(1e-9).contains(fault.geometry)


def test_slivers_of_overlap_and_of_gap():
    assert only(report(box(0, 0, 1.001), box(1, 0)), "sliver").places == ("甲", "乙")
    thin = only(report(box(0, 0), box(1.001, 0, 0.999), parent=box(0, 0, 2)), "sliver")
    assert "细缝" in thin.sentence


def test_gap():
    fault = only(report(box(0, 0), box(1, 0, 0.8), parent=box(0, 0, 2)), "gap")
    assert "“上级”在 " in fault.sentence
    assert fault.square_metres == pytest.approx(0.2 * SQUARE_M2, rel=0.01)
    assert fault.point[0] == pytest.approx(118 + 1.9 * D, abs=1e-4)


def test_a_parent_without_any_drawn_child_is_not_judged():
    assert check([Drawn("甲", "Q", box(0, 0))], {"P": Parent("上级", box(5, 5))}).faults == ()


def test_hole_and_enclave():
    ring = box(0, 0, 3, 3).difference(box(1, 1))
    assert only(report(ring), "hole").square_metres == pytest.approx(SQUARE_M2, rel=0.01)
    assert report(ring, box(1, 1)).faults == ()


def test_outside_the_parent():
    found = report(box(0, 0), box(1, 0, 1.3), parent=box(0, 0, 2))
    fault = only(found, "outside_parent")
    assert not fault.blocking
    assert "（23.1%）" in fault.sentence
    far = only(
        check([Drawn("甲", "P", box(5, 0)), Drawn("乙", "P", box(0, 0))], {"P": Parent("上级", box(0, 0))}),
        "outside_parent",
    )
    assert far.blocking
    assert "请核对上级和坐标系" in far.sentence


def test_several_parts():
    fault = only(report(shapely.MultiPolygon([box(0, 0), box(3, 0, 0.1, 0.1)])), "multi_part")
    assert fault.square_metres == pytest.approx(0.01 * SQUARE_M2, rel=0.01)
    assert "不相连的 2 块" in fault.sentence


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        (shapely.Polygon([(118, 29), (118.01, 29.01), (118.01, 29), (118, 29.01)]), "自相交"),
        (shapely.Polygon([(118, 29), (118.01, 29), (118.02, 29)]), "边界"),
        (shapely.Polygon([(118, 29), (118, 29), (118, 29)]), "点数不足"),
        (shapely.Polygon(), "空的"),
        (shapely.Point(118, 29), "应为面，却是点"),
        (shapely.Polygon([(118, 29), (118.01, 29), (float("nan"), 29.01)]), "不是数字"),
        (
            shapely.Polygon([(118, 29), (118.01, 29), (118.01, 29.01)], [[(119, 29), (119.01, 29), (119.01, 29.01)]]),
            "内环在外环之外",
        ),
    ],
)
def test_broken_rings_block_and_say_where(outline, words):
    found = report(outline, box(1, 0))
    (fault,) = found.of("invalid_ring")
    assert fault.blocking
    assert words in fault.sentence
    assert fault.places == ("甲",)


def test_rivers_part_a_city():
    found = report(box(0, 0), box(1, 0), box(3, 0))
    assert found.components == (("甲", "乙"), ("丙",))
    assert report(box(0, 0), box(1, 1)).components == (("甲",), ("乙",))  # a corner alone joins nothing


def test_what_touching_places_share():
    first, second, shared = touching(np.array([box(0, 0), box(1, 0), box(1, 1)]))
    assert (first.tolist(), second.tolist()) == ([0, 1], [1, 2])  # 0 and 2 share a corner only
    assert [line.length for line in shared] == pytest.approx([D, D])


def test_areas_are_whole_square_centimetres_on_the_ellipsoid():
    # One degree by one degree at the equator is 12,308.78 km² on WGS84.
    assert area_cm2(shapely.box(0, 0, 1, 1)) == pytest.approx(12_308.778e10, rel=1e-6)
    assert isinstance(area_cm2(box(0, 0)), int)
    with_hole = box(0, 0, 3, 3).difference(box(1, 1))
    assert area_cm2(with_hole) == pytest.approx(area_cm2(box(0, 0, 3, 3)) - area_cm2(box(1, 1)), abs=2)


def test_a_label_point_lies_inside_the_largest_part():
    horseshoe = box(0, 0, 3, 3).difference(box(1, 0, 1, 2.9))
    shape = shapely.MultiPolygon([box(9, 9, 0.1, 0.1), horseshoe])
    assert shapely.intersects_xy(horseshoe, *label_point(shape))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=6
    )
)
def test_faults_add_up_to_the_areas(rows):
    """What is covered, plus gaps, is the parent; what is drawn, less overlaps, is what is covered (when at most two overlap)."""
    outlines = [box(*row) for row in rows]
    parent = box(0, 0, 9, 9)
    found = check([Drawn(str(n), "P", o) for n, o in enumerate(outlines)], {"P": Parent("上级", parent)})
    whole = area_cm2(parent) / 1e4
    gaps = sum(fault.square_metres for fault in found.of("gap"))
    covered = area_cm2(shapely.union_all(outlines)) / 1e4
    assert gaps + covered == pytest.approx(whole, rel=2e-3)
    pairs = {frozenset(f.places) for f in found.of("overlap")}
    expected = {
        frozenset((str(a), str(b)))
        for a in range(len(outlines))
        for b in range(a)
        if outlines[a].intersection(outlines[b]).area > 1e-9
    }
    assert pairs == expected


def test_components_are_sorted_by_size():
    first, second = np.array([0, 3], dtype=np.int64), np.array([1, 1], dtype=np.int64)
    assert components(5, first, second) == [[0, 1, 3], [2], [4]]
