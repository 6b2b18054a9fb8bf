from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from tests.unit.planning.cases import row_of, scattered, scattered_units, shared_data
from tongxin.planning.api import (
    GRID,
    MICRO_GRID,
    QUICK,
    Barrier,
    PlanningError,
    PlanningStopped,
    Unit,
    Wish,
    build_graph,
    improve,
    is_contiguous,
    plan_inside,
    propose,
    split_blocks,
    tight_partition,
    total_cost,
)
from tongxin.planning.partition import tree_start


@settings(max_examples=20, deadline=None)
@given(n=st.integers(1, 90), seed=st.integers(0, 10_000), target=st.integers(60, 900))
def test_every_plan_covers_all_units_contiguously(n, seed, target):
    graph = scattered(n, seed)
    plan = propose(graph, Wish(target, target * 0.75, target * 1.25), seed=seed, effort=QUICK)
    assert plan.part.shape == (n,)
    assert sorted(set(plan.part.tolist())) == list(range(int(plan.part.max()) + 1))
    assert is_contiguous(graph, plan.part)
    assert np.bincount(plan.part, weights=graph.load).max() >= plan.bound.largest - 1e-6
    assert plan.gap >= -1e-9


@settings(max_examples=15, deadline=None)
@given(n=st.integers(6, 60), seed=st.integers(0, 10_000), k=st.integers(1, 6))
def test_a_fixed_number_of_parts_is_kept(n, seed, k):
    graph = scattered(n, seed)
    plan = propose(graph, Wish(target=graph.load.sum() / k, parts=k), seed=seed, effort=QUICK)
    assert int(plan.part.max()) + 1 == k
    assert is_contiguous(graph, plan.part)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_search_never_makes_a_plan_worse(seed):
    graph = scattered(80, seed)
    begin = tree_start(graph, 10, seed)
    better = improve(graph, GRID, begin, seed=seed, effort=QUICK)
    assert total_cost(graph, GRID, better) <= total_cost(graph, GRID, begin) + 1e-9
    assert is_contiguous(graph, better)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 5))
def test_tight_plans_are_contiguous_and_close(seed, k):
    graph = scattered(60, seed)
    part = tight_partition(graph, k, seed=seed, attempts=20, width=10)
    assert is_contiguous(graph, part)
    assert int(part.max()) + 1 == k
    loads = np.bincount(part, weights=graph.load)
    assert np.abs(loads - loads.mean()).max() <= 0.05 * loads.mean()


def test_the_same_seed_gives_the_same_plan():
    graph = scattered(300, 5)
    assert propose(graph, GRID, seed=7).part.tolist() == propose(graph, GRID, seed=7).part.tolist()


def test_many_blocks_come_into_the_range_of_grids():
    plan = propose(scattered(600, 2), GRID)
    assert plan.judgement.balance.inside_range == 1.0
    assert plan.judgement.balance.max_over_mean < 1.1


def test_barriers_before_load_keeps_grids_off_the_road():
    units = [Unit(f"{x}{y}", (100.0 * x, 100.0 * y), 50) for x in range(4) for y in range(4)]
    road = Barrier("大道", LineString([(50, -50), (50, 350)]))
    graph = build_graph(units, lonlat=False, barriers=[road])
    first = propose(graph, Wish(400, 100, 700, order=("barriers", "load", "raggedness", "change")))
    assert first.judgement.straddled_barriers == 0


def lattice(today, locked=()):
    """6 × 4 units 100 m apart with unequal loads; ``today`` names the grid of column x."""
    units = [
        Unit(f"{x}{y}", (100.0 * x, 100.0 * y), 20 + 10 * x + y, today=today(x), locked=(x, y) in locked)
        for x in range(6)
        for y in range(4)
    ]
    return build_graph(units, lonlat=False)


def test_change_first_keeps_more_of_todays_grids_than_load_first():
    graph = lattice(lambda x: "G1" if x < 1 else "G2")
    kept = propose(graph, Wish(600, order=("change", "load", "barriers", "raggedness"), parts=2))
    evened = propose(graph, Wish(600, parts=2))
    assert kept.judgement.moved < evened.judgement.moved
    assert kept.judgement.balance.cv > evened.judgement.balance.cv
    assert set(kept.continues) == {"G1", "G2"}


def test_locked_units_stay_in_their_grid():
    graph = lattice(lambda x: "A" if x < 1 else "B", locked={(0, 0), (1, 3), (2, 0)})
    plan = propose(graph, Wish(600, parts=2))
    place = {c: plan.continues[p] for c, p in zip(graph.codes, plan.part.tolist(), strict=True)}
    assert (place["00"], place["13"], place["20"]) == ("A", "B", "B")
    assert plan.judgement.contiguous


def test_locking_without_grids_of_today_is_refused():
    units = [dataclasses.replace(u, locked=i == 2) for i, u in enumerate(scattered_units(9, 1))]
    with pytest.raises(PlanningError, match="锁定要从一份完整的方案出发"):
        propose(build_graph(units, lonlat=False), GRID)


def test_an_islands_part_never_spans_the_water():
    units = [Unit(f"a{i}", (100.0 * i, 0.0), 50) for i in range(8)]
    units += [Unit(f"b{i}", (100.0 * i, 5000.0), 50) for i in range(3)]
    graph = build_graph(units, lonlat=False, max_link_m=1000)
    plan = propose(graph, GRID)
    assert not set(plan.part[:8].tolist()) & set(plan.part[8:].tolist())
    assert {"island", "out_of_range"} <= {f.kind for f in plan.findings}
    assert any("孤岛" in f.sentence and "150" in f.sentence for f in plan.findings if f.kind == "out_of_range")


def test_one_tower_of_700_is_explained():
    plan = propose(row_of([100, 100, 200, 700, 200, 200]), GRID)
    assert any(f.kind == "unit_above_range" and f.codes == ("u3",) and "2 份" in f.sentence for f in plan.findings)
    assert plan.part[3] not in plan.part[:3].tolist()


def test_an_impossible_target_is_said():
    plan = propose(row_of([130, 130]), GRID)
    assert "target_impossible" in {f.kind for f in plan.findings}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Wish(0), "目标 0 无效"),
        (lambda: Wish(100, 200, 300), "不含目标"),
        (lambda: Wish(100, parts=0), "份数 0 无效"),
        (lambda: propose(row_of([5, 5]), Wish(5, parts=3)), "只有 2 个单元"),
        (lambda: propose(row_of([5, 5, 5]), Wish(5), begin=np.array([0, 1, 0])), "不相连"),
        (lambda: propose(row_of([5, 5, 5]), Wish(5), begin=np.array([0, 1])), "没有覆盖"),
    ],
)
def test_impossible_wishes_are_refused_with_a_sentence(make, words):
    with pytest.raises(PlanningError, match=words):
        make()


def test_a_run_can_be_stopped_and_tells_how_far_it_is():
    seen = []

    def stop_soon(stage, share):
        seen.append((stage, share))
        return len(seen) < 3

    with pytest.raises(PlanningStopped):
        propose(scattered(200, 1), GRID, progress=stop_soon)
    assert len(seen) == 3


@pytest.mark.row("XG-14")
def test_levels_nest():
    graph = scattered(120, 4)
    grids = propose(graph, Wish(2000, 1000, 3000)).part
    level = plan_inside(graph, grids, GRID)
    micro = plan_inside(graph, level.part, MICRO_GRID)
    for p in range(int(level.part.max()) + 1):
        assert set(grids[level.part == p].tolist()) == {int(level.above[p])}
    for p in range(int(micro.part.max()) + 1):
        assert set(level.part[micro.part == p].tolist()) == {int(micro.above[p])}
    assert is_contiguous(graph, level.part)
    assert is_contiguous(graph, micro.part)


def test_blocks_share_a_compound_in_whole_households():
    blocks = split_blocks(["a", "b"], [161, 80], [(0, 0), (9, 9)], 80, 1.0)
    assert [(c, h) for c, h, _ in blocks] == [("a-1", 54), ("a-2", 54), ("a-3", 53), ("b", 80)]


@pytest.mark.realdata
def test_yichang_communities_split_at_the_rivers():
    import json

    from shapely.geometry import shape

    folder = shared_data() / "yichang"
    features = json.loads((folder / "communities_174.geojson").read_text())["features"]
    units = []
    for i, f in enumerate(features):
        area = shape(f["geometry"])
        if not area.is_valid:
            area = area.buffer(0)
        centre = area.representative_point()
        units.append(Unit(str(i), (centre.x, centre.y), 100, area=area))
    graph = build_graph(units, touching="polygons")
    assert sum(f.kind == "island" for f in graph.findings) >= 1
    plan = propose(graph, Wish(1000, 700, 1300), effort=QUICK)
    assert is_contiguous(graph, plan.part)
