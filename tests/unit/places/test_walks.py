from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from tongxin.places.api import network_from_links, walk_to_bases

STEP = 0.001  # about 111 m of latitude
M = 111.195


def test_without_a_network_every_walk_is_estimated():
    points = np.array([(0.0, 0.0), (0.0, 2 * STEP), (0.0, 5 * STEP)])
    walks = walk_to_bases(points, np.array([0, 0, -1]), None)
    assert walks.metres[:2] == pytest.approx([0.0, 2 * M * 1.3], rel=1e-3)
    assert np.isinf(walks.metres[2])
    assert walks.estimated.tolist() == [True, True, False]


def test_a_detour_is_walked_and_a_yard_is_crossed():
    # A street goes 10 steps north, one east and back south: the two feet are 1 step apart and walk 21.
    feet = [(0.0, STEP * i) for i in range(11)] + [(STEP, STEP * i) for i in range(10, -1, -1)]
    network = network_from_links(np.array(feet), np.array([(i, i + 1) for i in range(21)]))
    yard = 5.4 * STEP
    points = np.array([
        (0.0, 0.0), (STEP, 0.0),  # the feet
        (0.4 * STEP, yard), (0.6 * STEP, yard),  # nearer to each other than to the street
        (0.5 * STEP, 30 * STEP),  # off the network
    ])  # fmt: skip
    walks = walk_to_bases(points, np.array([0, 0, 2, 2, 0]), network)
    assert walks.metres[1] == pytest.approx(21 * M, rel=1e-3)
    assert walks.metres[3] == pytest.approx(0.2 * M * 1.3, rel=1e-2)
    assert walks.metres[4] == pytest.approx(np.hypot(0.5, 30) * M * 1.3, rel=1e-2)
    assert walks.estimated.tolist() == [False, False, False, False, True]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999), bases=st.integers(1, 90))
def test_walks_are_the_shortest_ways(seed, bases):
    rng = np.random.default_rng(seed)
    lonlat = rng.random((120, 2)) * 0.02
    network = network_from_links(lonlat, rng.integers(0, 120, (260, 2)))
    points = rng.random((100, 2)) * 0.02
    base = rng.integers(0, bases, 100)
    walks = walk_to_bases(points, base, network, snap_limit_m=1e9)
    node, off = network.nearest_nodes(points)
    along = dijkstra(network.links)[node[base], node] + off + off[base]
    plane = network.plane(points)
    straight = np.hypot(*(plane - plane[base]).T)
    expected = np.where(straight <= off + off[base], np.minimum(along, 1.3 * straight), along)
    assert walks.metres == pytest.approx(expected)
    assert (walks.metres >= straight - 1e-6).all()
