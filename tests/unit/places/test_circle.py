from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from tongxin.places.api import (
    PlacesError,
    find_gaps,
    network_from_links,
    reach,
    read_network,
    service_circles,
    site_more,
)
from tongxin.places.rules.network import on_foot

STEP = 0.001  # about 111 m of latitude
M = 111.195


def ladder(n=11):
    """A street of n nodes going north."""
    lonlat = np.array([(0.0, STEP * i) for i in range(n)])
    return network_from_links(lonlat, np.array([(i, i + 1) for i in range(n - 1)]))


def test_minutes_and_shares_worked_by_hand():
    homes = np.array([(0.0, STEP * i) for i in (0, 5, 10)])
    people = np.array([10.0, 20.0, 70.0])
    got = service_circles(homes, people, {"school": np.array([(0.0, 0.0)])}, ladder())["school"]
    assert got.minutes == pytest.approx([0.01 / 75, 5 * M / 75, 10 * M / 75], rel=1e-3)
    assert got.within == {5: 0.1, 10: pytest.approx(0.3), 15: pytest.approx(1.0)}
    assert not got.estimated.any()


def test_without_a_network_the_straight_line_times_1_3():
    homes = np.array([(0.0, 0.0), (0.0, STEP)])
    got = service_circles(homes, np.ones(2), {"x": np.array([(0.0, 0.0)])}, None)["x"]
    assert got.minutes == pytest.approx([0.0, M * 1.3 / 75], rel=1e-3)
    assert got.estimated.all()


def test_a_type_without_facilities_reaches_nobody_and_no_people_gives_no_rate():
    got = service_circles(np.zeros((1, 2)), np.zeros(1), {"x": np.empty((0, 2))}, None)["x"]
    assert np.isinf(got.minutes).all()
    assert got.within == {5: None, 10: None, 15: None}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999), facilities=st.integers(1, 6))
def test_one_dijkstra_equals_the_minimum_over_facilities(seed, facilities):
    rng = np.random.default_rng(seed)
    lonlat = rng.random((30, 2)) * 0.01
    network = network_from_links(lonlat, rng.integers(0, 30, (60, 2)))
    homes, spots = rng.random((15, 2)) * 0.01, rng.random((facilities, 2)) * 0.01
    got = service_circles(homes, np.ones(15), {"x": spots}, network, snap_limit_m=1e9)["x"].minutes
    node, off = network.nearest_nodes(homes)
    target, target_off = network.nearest_nodes(spots)
    every = dijkstra(network.links)[np.ix_(node, target)] + off[:, None] + np.maximum(target_off, 0.01)
    assert got == pytest.approx(every.min(axis=1) / 75)


def test_gaps_are_named_worst_first():
    homes = np.array([(0.0, STEP * i) for i in (0, 20, 30)])
    got = service_circles(homes, np.array([5.0, 6.0, 7.0]), {"x": np.array([(0.0, 0.0)])}, None)["x"]
    gaps = find_gaps(got, np.array([5.0, 6.0, 7.0]), ["东", "东", "西"])
    assert [(g.area, g.people_beyond, g.people) for g in gaps] == [("西", 7.0, 7.0), ("东", 6.0, 11.0)]


def test_reach_is_the_same_from_either_side():
    network = ladder(40)
    a = np.array([(0.0, STEP * i) for i in (0, 9, 30)])
    b = np.array([(0.0, STEP * i) for i in range(0, 40, 3)])
    assert (reach(a, b, network) != reach(b, a, network).T).nnz == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999))
def test_siting_several_is_the_best_of_all_choices(seed):
    from itertools import combinations

    rng = np.random.default_rng(seed)
    table = rng.random((6, 12)) < 0.3
    people = rng.integers(0, 50, 12).astype(float)
    best = max(people[table[list(c)].any(axis=0)].sum() for c in combinations(range(6), 2))
    got = site_more(csr_matrix(table), people, 2)
    assert got.people_gained == pytest.approx(best)
    assert got.proven
    assert site_more(csr_matrix(table), people, 1).people_gained == pytest.approx((table @ people).max())


@pytest.mark.parametrize(
    ("tags", "walks"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"waterway": "river"}, False),
    ],
)
def test_where_people_may_walk(tags, walks):
    assert on_foot(tags) is walks


def test_bad_input_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(PlacesError, match="找不到路网文件"):
        read_network(tmp_path / "none.pbf")
    broken = tmp_path / "broken.pbf"
    broken.write_bytes(b"this is not a map")
    with pytest.raises(PlacesError, match="读不出来"):
        read_network(broken)
    with pytest.raises(PlacesError, match="超过上限"):
        read_network(broken, max_mb=0)
    with pytest.raises(PlacesError, match="没有任何住处"):
        service_circles(np.empty((0, 2)), np.empty(0), {}, None)
    with pytest.raises(PlacesError, match="候选只有 2 处"):
        site_more(csr_matrix(np.ones((2, 2))), np.ones(2), 3)


@pytest.mark.realdata
def test_porto_alegre_reads_as_one_connected_network():
    named = os.environ.get("TONGXIN_SHARED")
    places = [Path(named)] if named else [p / "shared" / "data" for p in Path(__file__).resolve().parents]
    folder = next((p for p in places if p.is_dir()), None)
    if folder is None:
        pytest.skip("shared/data is missing: set TONGXIN_SHARED to run the tests on real data")
    network = read_network(folder / "r5r_poa" / "poa_osm.pbf")
    assert len(network.xy) > 30_000
    assert np.isfinite(dijkstra(network.links, indices=0)).all()
