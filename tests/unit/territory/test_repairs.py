"""Repairs of borders: each kind worked by hand, what is not safe is not offered, and mending mends."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tongxin.territory.rules.repairs import list_repairs, mended
from tongxin.territory.rules.shapes import area_cm2
from tongxin.territory.rules.topology import Drawn, Fault, Parent, check

D = 0.01
PARENT = 100


def box(column: float, row: float, width: float = 1.0, height: float = 1.0) -> shapely.Polygon:
    return shapely.box(118 + column * D, 29 + row * D, 118 + (column + width) * D, 29 + (row + height) * D)


def faults(outlines: dict[int, shapely.Polygon], parent: shapely.Polygon | None = None) -> list[Fault]:
    places = [Drawn(str(key), "P", outline, key=key) for key, outline in outlines.items()]
    return list(check(places, {"P": Parent("上级", parent, PARENT)} if parent is not None else {}).faults)


def after(outlines: dict[int, shapely.Polygon], repair) -> dict[int, shapely.Polygon]:
    return {**outlines, **{change.area_id: change.after for change in repair.changes}}


def test_an_overlap_goes_to_either() -> None:
    outlines = {1: box(0, 0, 1.2), 2: box(1, 0)}
    (fault,) = faults(outlines)
    first, second = list_repairs(fault, outlines, None, [])
    assert (first.way, first.to, second.to) == ("give", 1, 2)
    assert first.changes[0].area_id == 2
    assert first.changes[0].after.equals(box(1.2, 0, 0.8))
    for repair in (first, second):
        assert mended(fault, repair, outlines)
        assert faults(after(outlines, repair)) == []


def test_a_place_wholly_inside_another_cannot_be_swallowed() -> None:
    outlines = {1: box(0, 0, 3, 3), 2: box(1, 1)}
    (fault,) = faults(outlines)
    (only,) = list_repairs(fault, outlines, None, [])
    assert only.to == 2  # the large one gets a hole that the small one fills; the other way nothing would be left of it
    assert faults(after(outlines, only)) == []


def test_a_gap_goes_to_the_neighbour_with_the_longest_border() -> None:
    outlines = {1: box(0, 0), 2: box(1.5, 0, 0.5), 3: box(0, 1, 2, 0.2)}
    parent = box(0, 0, 2, 1.2)
    (fault,) = faults(outlines, parent)
    repairs = list_repairs(fault, outlines, parent, [1, 2, 3])
    assert fault.kind == "gap"
    assert [one.to for one in repairs][:2] in ([1, 2], [2, 1])
    assert repairs[-1].to == 3  # 486 m against 1,109 m
    assert repairs[0].shared_metres == pytest.approx(1_109, abs=5)
    for repair in repairs:
        assert mended(fault, repair, outlines)
        assert faults(after(outlines, repair), parent) == []


def test_a_sliver_is_closed_without_a_seam() -> None:
    outlines = {1: box(0, 0), 2: box(1.001, 0, 0.999)}
    parent = box(0, 0, 2)
    (fault,) = faults(outlines, parent)
    assert fault.kind == "sliver"
    repair = list_repairs(fault, outlines, parent, [1, 2])[0]
    whole = repair.changes[0].after
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert faults(after(outlines, repair), parent) == []


def test_a_part_outside_is_clipped_but_not_when_it_is_most_of_it() -> None:
    outlines = {1: box(0, 0, 1.2), 2: box(5, 5)}
    parent = box(0, 0)
    found = {fault.keys[0]: fault for fault in faults(outlines, parent) if fault.kind == "outside_parent"}
    (repair,) = list_repairs(found[1], outlines, parent, [])
    assert repair.changes[0].after.equals(parent)
    assert mended(found[1], repair, outlines)
    assert list_repairs(found[2], outlines, parent, []) == []


def test_a_hole_is_filled() -> None:
    outlines = {1: box(0, 0, 3, 3).difference(box(1, 1))}
    (fault,) = faults(outlines)
    (repair,) = list_repairs(fault, outlines, None, [])
    assert repair.changes[0].after.equals(box(0, 0, 3, 3))


def test_what_needs_a_person_is_not_offered() -> None:
    outlines = {1: shapely.MultiPolygon([box(0, 0), box(3, 0)])}
    (fault,) = faults(outlines)
    assert fault.kind == "multi_part"
    assert list_repairs(fault, outlines, None, []) == []
    assert list_repairs(Fault("overlap", "没有位置", keys=(1, 2)), outlines, None, []) == []


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
@example(seed=802)
@example(seed=1228)
def test_mending_every_fault_once_leaves_none_of_those(seed: int) -> None:
    """Random quadrilaterals in a parent: whatever is offered mends its fault and leaves valid outlines."""
    rng = np.random.default_rng(seed)
    outlines: dict[int, shapely.Polygon] = {}
    for key in range(1, 5):
        x, y = rng.random(2) * 2
        shape = shapely.Polygon(
            [
                (118 + (x + a + rng.random() * 0.3) * D, 29 + (y + b + rng.random() * 0.3) * D)
                for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
            ]
        )
        if shape.is_valid:
            outlines[key] = shape
    parent = box(0, 0, 3.2, 3.2)
    for fault in faults(outlines, parent):
        for repair in list_repairs(fault, outlines, parent, list(outlines)):
            assert mended(fault, repair, outlines), fault.sentence
            for change in repair.changes:
                assert change.after.is_valid
                assert area_cm2(change.after) > 0


def test_a_mark_tells_faults_apart_and_stays() -> None:
    outlines = {1: box(0, 0, 1.2), 2: box(1, 0, 1.2), 3: box(2, 0)}
    one, two = faults(outlines)
    assert one.mark != two.mark
    assert [fault.mark for fault in faults(outlines)] == [one.mark, two.mark]
    outlines[1] = box(0, 0, 1.1)
    assert faults(outlines)[0].mark != one.mark
