"""The small town with homes and a clinic; distances are worked by hand: 0.001° east is 97.4 m, north 110.9 m."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pytest

from tests.domain import smalltown
from tests.world import World, open_world
from tongxin.kernel import caches
from tongxin.territory import api as territory

HOMES = {  # name → column, row in grid sides, households
    "东苑": (0.5, 0.5, 100),
    "西苑": (0.8, 0.5, 60),  # 292 m east: 380 m walked, 5.1 minutes
    "南苑": (1.5, 0.5, 40),  # 974 m east: 1,266 m walked, 16.9 minutes
    "北苑": (1.6, 0.6, 30),
    "远村": (7.5, 1.5, 50),
}


def at(column: float, row: float) -> tuple[float, float]:
    return smalltown.WEST + column * smalltown.SIDE, smalltown.SOUTH + row * smalltown.SIDE


@pytest.fixture
def world(db: None) -> World:
    caches.clear_all()
    found = open_world()
    names = [
        territory.NewPlaceName(name, "estate", (), None, *at(column, row), households)
        for name, (column, row, households) in HOMES.items()
    ]
    names.append(territory.NewPlaceName("空苑", "estate", (), None, *at(4.5, 0.5), None))
    territory.add_place_names(district=found.district, names=names, actor_label="测试", now=found.now)
    found.district = smalltown.seen()
    return found


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """An OpenStreetMap extract: one street from 东苑 to 南苑 with a detour of 2 km, and a motorway nobody may walk."""
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        corners = [(0.5, 0.5), (0.5, 1.4), (1.5, 1.4), (1.5, 0.5)]
        for number, (column, row) in enumerate(corners, start=1):
            lon, lat = at(column, row)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 4], tags={"highway": "residential"}))
        writer.add_way(osmium.osm.mutable.Way(id=2, nodes=[1, 4], tags={"highway": "motorway"}))
    return path


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.hypot((a[0] - b[0]) * 97_400, (a[1] - b[1]) * 110_900))
