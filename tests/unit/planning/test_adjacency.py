from __future__ import annotations

import pytest
from shapely.geometry import LineString, box

from tests.unit.planning.cases import scattered_units
from tongxin.planning.api import Barrier, PlanningError, Unit, build_graph, components


def edges(graph):
    return {(graph.codes[u], graph.codes[v]) for u, v in graph.edges.tolist()}


def squares(*corners):
    return [Unit(f"{x},{y}", (x + 0.5, y + 0.5), 10, area=box(x, y, x + 1, y + 1)) for x, y in corners]


def test_polygons_touch_along_a_line_not_in_a_point():
    graph = build_graph(squares((0, 0), (1, 0), (1, 1)), touching="polygons", lonlat=False)
    assert edges(graph) == {("0,0", "1,0"), ("1,0", "1,1")}
    assert graph.border_m.tolist() == [1.0, 1.0]
    assert graph.outer_m.tolist() == [3.0, 2.0, 3.0]


def test_an_island_is_reported_and_left_alone():
    graph = build_graph(squares((0, 0), (1, 0), (5, 5)), touching="polygons", lonlat=False)
    assert [f.kind for f in graph.findings] == ["island"]
    assert graph.findings[0].codes == ("5,5",)
    assert components(graph).tolist() == [0, 0, 1]


@pytest.mark.parametrize("prune", [90.0, 120.0, 180.0])
def test_points_are_connected_whatever_the_pruning(prune):
    for seed in range(5):
        graph = build_graph(scattered_units(60, seed), lonlat=False, prune_deg=prune)
        assert components(graph).max() == 0


def test_points_on_one_line_form_a_chain():
    graph = build_graph([Unit(c, (x, 2.0 * x), 5) for c, x in (("a", 0.0), ("c", 2.0), ("b", 1.0))], lonlat=False)
    assert {frozenset(e) for e in edges(graph)} == {frozenset("ab"), frozenset("bc")}


def test_coincident_points_are_joined_and_said():
    units = [*scattered_units(10, 1), Unit("twin", scattered_units(10, 1)[3].point, 40)]
    graph = build_graph(units, lonlat=False)
    assert [f.kind for f in graph.findings] == ["coincident_points"]
    assert graph.findings[0].codes == ("twin",)
    assert components(graph).max() == 0


def test_a_river_marks_edges_or_cuts_them_and_a_bridge_joins():
    units = [Unit("w", (0.0, 0.0), 5), Unit("m", (100.0, 0.0), 5), Unit("e", (300.0, 0.0), 5)]
    river = LineString([(200, -50), (200, 50)])
    soft = build_graph(units, lonlat=False, barriers=[Barrier("江", river)])
    assert soft.barrier.tolist() == [0, 1]
    hard = build_graph(units, lonlat=False, barriers=[Barrier("江", river, impassable=True)])
    assert components(hard).max() == 1
    bridged = build_graph(units, lonlat=False, barriers=[Barrier("江", river, impassable=True)], links=[("m", "e")])
    assert components(bridged).max() == 0


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([], "没有任何单元"),
        ([Unit("a", (0, 0), None), Unit("b", (1, 1), 3)], "没有户数：a"),
        ([Unit("a", (0, 0), -3)], "不能为负：a"),
        ([Unit("a", (0, 0), 0), Unit("b", (1, 0), 0)], "都是 0"),
        ([Unit("a", (0, 0), 3), Unit("a", (1, 0), 3)], "编码重复：a"),
        ([Unit("a", (float("nan"), 0), 3)], "坐标缺失或不是数字：a"),
        ([Unit("a", (500000.0, 3400000.0), 3)], "不是经纬度：a"),
    ],
)
def test_bad_input_is_refused_by_name(units, words):
    with pytest.raises(PlanningError, match=words):
        build_graph(units)


def test_zero_households_are_kept_and_said():
    graph = build_graph([Unit("park", (0, 0), 0), Unit("b", (0.001, 0), 8)])
    assert [(f.kind, f.codes) for f in graph.findings] == [("zero_load", ("park",))]
    assert graph.load.tolist() == [0.0, 8.0]


def test_a_bow_tie_polygon_is_refused_by_name():
    from shapely.geometry import Polygon

    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(PlanningError, match="自相交：bow"):
        build_graph([Unit("bow", (0.5, 0.5), 3, area=bow)], touching="polygons", lonlat=False)
