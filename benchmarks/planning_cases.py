"""Cases and clocks of the planning benchmarks. Not a benchmark itself.

Time is CPU seconds of the process, so that other work on the machine does not count; wall seconds stand beside it.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import numpy as np
from shapely.geometry import shape

# the door of planning names tables, too; nothing here opens a database
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")
os.environ.setdefault("TONGXIN_ENV", "test")
django.setup()

from tongxin.planning.api import Unit, UnitGraph, build_graph  # noqa: E402


def shared() -> Path:
    """The folder of real data: TONGXIN_SHARED, or shared/data beside a folder above."""
    named = os.environ.get("TONGXIN_SHARED")
    places = [Path(named)] if named else [p / "shared" / "data" for p in Path(__file__).resolve().parents]
    for place in places:
        if place.is_dir():
            return place
    raise SystemExit("shared/data is missing: set TONGXIN_SHARED")


def wuhan_compounds() -> list[Unit]:
    """The 2,790 Wuhan compounds with a trusted coordinate."""
    with (shared() / "xiaoqu" / "compounds_wuhan_lanzhou.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["city"] == "武汉" and r["coord_ok"] == "True"]
    return [
        Unit(f"c{i}", (float(r["wgs_lon"]), float(r["wgs_lat"])), int(float(r["households"])))
        for i, r in enumerate(rows)
    ]


def redistricting(name: str) -> UnitGraph:
    """fl25, fl70, fl250 or iowa with population as load and shared borders as adjacency."""
    features = json.loads((shared() / "redist_r" / f"{name}.geojson").read_text())["features"]
    units = []
    for i, feature in enumerate(features):
        area = shape(feature["geometry"])
        centre = area.representative_point()
        units.append(Unit(f"u{i}", (centre.x, centre.y), int(feature["properties"]["pop"]), area=area))
    return build_graph(units, touching="polygons", lonlat=name != "iowa")


def synthetic(n: int, seed: int = 1) -> list[Unit]:
    """n random points at the density of a city quarter with 20–63 households each."""
    rng = np.random.default_rng(seed)
    xy = rng.random((n, 2)) * 100 * np.sqrt(n)
    loads = rng.integers(20, 64, n)
    return [Unit(f"b{i}", (float(x), float(y)), int(w)) for i, ((x, y), w) in enumerate(zip(xy, loads, strict=True))]


class OutOfTime(Exception):
    """The CPU seconds granted are used up."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise ``OutOfTime`` inside the block after so many CPU seconds."""

    def stop(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, max(seconds, 0.01))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def best_within(
    seconds: float, attempt: Callable[[int], np.ndarray | None], rank: Callable[[np.ndarray], tuple[float, ...]]
) -> tuple[np.ndarray | None, int]:
    """Repeat ``attempt(seed)`` for so many CPU seconds; the best answer by ``rank`` (least) and the number finished."""
    best, runs = None, 0
    try:
        with cpu_limit(seconds):
            while True:
                found = attempt(runs)
                runs += 1
                if found is not None and (best is None or rank(found) < rank(best)):
                    best = found
    except OutOfTime:
        pass
    return best, runs


@contextmanager
def clock() -> Iterator[list[float]]:
    """Fills [cpu seconds, wall seconds]."""
    spent = [0.0, 0.0]
    cpu, wall = time.process_time(), time.perf_counter()
    yield spent
    spent[:] = [time.process_time() - cpu, time.perf_counter() - wall]
