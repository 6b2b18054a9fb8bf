"""Small graphs for the planner's tests."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tongxin.planning.api import Unit, UnitGraph, build_graph


def shared_data() -> Path:
    """The folder of real data, by TONGXIN_SHARED or beside the repository; skips loudly where it is missing."""
    named = os.environ.get("TONGXIN_SHARED")
    places = [Path(named)] if named else [p / "shared" / "data" for p in Path(__file__).resolve().parents]
    for place in places:
        if place.is_dir():
            return place
    pytest.skip("shared/data is missing: set TONGXIN_SHARED to run the tests on real data")


def scattered(n: int, seed: int, low: int = 20, high: int = 80) -> UnitGraph:
    """n random points with random households."""
    return build_graph(scattered_units(n, seed, low, high), lonlat=False)


def scattered_units(n: int, seed: int, low: int = 20, high: int = 80) -> list[Unit]:
    rng = np.random.default_rng(seed)
    xy = rng.random((n, 2)) * 100 * np.sqrt(n)
    loads = rng.integers(low, high + 1, n)
    return [Unit(f"u{i}", (float(x), float(y)), int(w)) for i, ((x, y), w) in enumerate(zip(xy, loads, strict=True))]


def row_of(loads: list[int]) -> UnitGraph:
    """Units on a line, 100 m apart."""
    return build_graph([Unit(f"u{i}", (100.0 * i, 0.0), w) for i, w in enumerate(loads)], lonlat=False)
