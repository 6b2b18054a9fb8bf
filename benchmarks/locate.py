"""Locating points in bulk, against a bare shapely STRtree query on the same outlines in the same run.

    python -m benchmarks.locate [--points 1000000] [--rounds 3] [--least 0.8] [--postgis postgresql://…]

Cases: the 193 real communities of Yichang under their 22 streets (skipped where the shared data is missing), and 25,000 synthetic
cells. "Ours" is ``AreaTree.locate_many``: from two arrays of degrees to one array of area ids, ties resolved by lowest code, levels
above asked for what is left. "Bare" is ``STRtree.query(points, predicate="intersects")`` with the points already made, answering
index pairs without any order; "with points" adds making them. Rounds alternate, so that a busy machine weighs on both. Exit code 1
when the ratio of the medians (ours to bare, points a CPU second) is below ``--least``, or when the answers differ.
With ``--postgis``, a server where the extension ``postgis`` can be made, the same points are also joined there with the same
outlines (GiST index, analysed, temporary tables), by the wall clock: ours should be at least five times as fast.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely

from tongxin.territory.rules.tree import AreaTree, Place

SEED = 20260302


def shared(*parts: str) -> Path | None:
    """Return a file of the shared data by TONGXIN_SHARED or by walking up, or None."""
    given = os.environ.get("TONGXIN_SHARED")
    roots = [Path(given)] if given else [above / "shared" for above in Path(__file__).resolve().parents]
    found = (base.joinpath(*parts) for root in roots for base in (root / "data", root))
    return next((path for path in found if path.exists()), None)


def tree_of(levels: list[list[tuple[str, Any]]]) -> AreaTree:
    """Return a tree of (name, outline) by level; parents do not matter here."""
    places, outlines = [], {}
    for depth, rows in enumerate(levels):
        for name, outline in rows:
            key = len(places)
            places.append(Place(key, f"level{depth}", f"{depth}{key:07}", name, None, (key,), None, None, None, False))
            outlines[key] = outline
    return AreaTree(places, outlines, [f"level{depth}" for depth in range(len(levels))])


def yichang() -> tuple[AreaTree, list[Any]] | None:
    """The real communities and streets."""
    levels: list[list[tuple[str, Any]]] = []
    for file, name in (("streets_22.geojson", "JDMC"), ("communities_193.geojson", "SQMC")):
        path = shared("yichang", file)
        if path is None:
            return None
        features = json.loads(path.read_text())["features"]
        levels.append([(f["properties"][name], shapely.geometry.shape(f["geometry"])) for f in features])
    return tree_of(levels), [outline for _, outline in levels[-1]]


def cells(count: int = 25_000) -> tuple[AreaTree, list[Any]]:
    """Irregular cells that fill a city: Voronoi cells of random points."""
    rng = np.random.default_rng(SEED)
    seeds = shapely.MultiPoint(np.column_stack((rng.uniform(111, 111.5, count), rng.uniform(30.5, 31, count))))
    outlines = list(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(111, 30.5, 111.5, 31))))
    return tree_of([[(str(number), outline) for number, outline in enumerate(outlines)]]), outlines


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return (CPU seconds, answer)."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def measure(title: str, tree: AreaTree, outlines: list[Any], options: argparse.Namespace) -> bool:
    """Measure one case; True when the ratio is reached and the answers agree."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.total_bounds(np.asarray(outlines, dtype=object))
    lons, lats = rng.uniform(west, east, options.points), rng.uniform(south, north, options.points)
    bare_tree = shapely.STRtree(shapely.from_wkb(shapely.to_wkb(np.asarray(outlines, dtype=object))))
    bare_tree.query(shapely.Point(west, south))
    ours, bare, making = [], [], []
    for _ in range(options.rounds):
        seconds, points = timed(lambda: shapely.points(lons, lats))
        making.append(seconds)
        seconds, pairs = timed(lambda points=points: bare_tree.query(points, predicate="intersects"))
        bare.append(seconds)
        seconds, found = timed(lambda: tree.locate_many(lons, lats))
        ours.append(seconds)
    a, b, m = statistics.median(ours), statistics.median(bare), statistics.median(making)
    deepest = [place.id for place in tree.at_level(tree.levels[-1])]
    hit = np.zeros(options.points, dtype=bool)
    hit[pairs[0]] = True
    agree = bool((np.isin(found, deepest) == hit).all())
    one, _ = timed(lambda: [tree.locate(x, y) for x, y in zip(lons[:5_000], lats[:5_000], strict=True)])
    print(
        f"{title}: ours {options.points / a:,.0f}/s, bare {options.points / b:,.0f}/s, bare with points"
        f" {options.points / (b + m):,.0f}/s (CPU); ratio {b / a:.2f} (with points {(b + m) / a:.2f});"
        f" one by one {one / 5_000 * 1e6:.1f} µs; {hit.mean():.0%} inside; answers {'agree' if agree else 'DIFFER'}"
    )
    return agree and b / a >= options.least


def joined(address: str, outlines: list[Any], lons: Any, lats: Any, rounds: int) -> tuple[float, int]:
    """Return (median wall seconds, points inside) of a PostGIS join of points with outlines."""
    with psycopg.connect(address, autocommit=True) as link:
        link.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        link.execute("CREATE TEMP TABLE area (id int, shape geometry)")
        link.execute("CREATE TEMP TABLE point (id int, lon float8, lat float8, shape geometry)")
        with link.cursor().copy("COPY area FROM STDIN") as copy:
            for number, shape in enumerate(shapely.to_wkb(np.asarray(outlines, dtype=object), hex=True)):
                copy.write_row((number, shape))
        with link.cursor().copy("COPY point (id, lon, lat) FROM STDIN") as copy:
            for number, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True)):
                copy.write_row((number, lon, lat))
        link.execute("UPDATE point SET shape = ST_MakePoint(lon, lat)")
        link.execute("CREATE INDEX ON area USING gist (shape)")
        link.execute("VACUUM ANALYZE area")
        link.execute("VACUUM ANALYZE point")
        spans, inside = [], 0
        for _ in range(rounds):
            began = time.perf_counter()
            row = link.execute(
                "SELECT count(DISTINCT point.id) FROM point JOIN area ON ST_Intersects(area.shape, point.shape)"
            ).fetchone()
            spans.append(time.perf_counter() - began)
            assert row is not None
            inside = row[0]
        return statistics.median(spans), inside


def against_postgis(title: str, tree: AreaTree, outlines: list[Any], options: argparse.Namespace) -> bool:
    """Compare with a PostGIS join on the same points; True when ours is five times as fast and as many points are inside."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.total_bounds(np.asarray(outlines, dtype=object))
    lons, lats = rng.uniform(west, east, options.points), rng.uniform(south, north, options.points)
    spans = []
    for _ in range(options.rounds):
        began = time.perf_counter()
        found = tree.locate_many(lons, lats)
        spans.append(time.perf_counter() - began)
    ours, (theirs, inside) = statistics.median(spans), joined(options.postgis, outlines, lons, lats, options.rounds)
    deepest = [place.id for place in tree.at_level(tree.levels[-1])]
    agree = int(np.isin(found, deepest).sum()) == inside
    print(
        f"{title}: ours {options.points / ours:,.0f}/s, PostGIS join {options.points / theirs:,.0f}/s (wall); ratio {theirs / ours:.1f}"
        f" (reach ≥ 5); {inside:,} inside, {'agree' if agree else 'DIFFER'}"
    )
    return agree and theirs / ours >= 5


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--least", type=float, default=0.8)
    parser.add_argument("--postgis", default="", help="address of a server with PostGIS to compare with")
    options = parser.parse_args()
    real = yichang()
    if real is None:
        print("Yichang: NOT MEASURED, shared data is missing (TONGXIN_SHARED)")
    reached = [measure("Yichang, 193 communities", *real, options)] if real else []
    reached.append(measure("25,000 cells", *cells(), options))
    if options.postgis:
        reached.append(against_postgis("25,000 cells", *cells(), options))
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
