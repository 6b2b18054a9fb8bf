"""Service circles on the Porto Alegre network: every hexagon to the nearest of ten facility types.

    python -m benchmarks.places_circle                   (seed 0; r5r_poa/poa_osm.pbf, poa_hexgrid.csv)

Two types are real (schools, health care); eight are random sites of 5 to 200. "All dwellings" is also shown as one
dwelling at every node of the network.
"""

from __future__ import annotations

import csv
import resource

import numpy as np
import osmium

from benchmarks.planning_cases import clock, shared
from tongxin.places.rules.circle import service_circles
from tongxin.places.rules.cover import reach, site_more
from tongxin.places.rules.network import read_network
from tongxin.places.rules.study import Homes, study


def main() -> None:
    path = shared() / "r5r_poa" / "poa_osm.pbf"
    nodes = sum(1 for o in osmium.FileProcessor(str(path)) if o.is_node())
    with clock() as spent:
        network = read_network(path)
    print(
        f"read {nodes:,} nodes, {len(network.xy):,} walkable and connected: {spent[0]:.2f} CPU s ({spent[1]:.2f} wall)"
    )
    with (shared() / "r5r_poa" / "poa_hexgrid.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    homes = np.array([(float(r["lon"]), float(r["lat"])) for r in rows])
    people = np.array([float(r["population"] or 0) for r in rows])
    kinds = {
        "schools": homes[[float(r["schools"] or 0) > 0 for r in rows]],
        "health": homes[[float(r["healthcare"] or 0) > 0 for r in rows]],
    }
    rng = np.random.default_rng(0)
    for count in (5, 10, 20, 30, 50, 80, 120, 200):
        kinds[f"random {count}"] = homes[rng.choice(len(homes), count, replace=False)]
    with clock() as spent:
        circles = service_circles(homes, people, kinds, network)
    print(f"{len(homes):,} hexagons, {len(kinds)} types: {spent[0]:.2f} CPU s ({spent[1]:.2f} wall)")
    scale = np.degrees(1 / 6_371_008.8)
    lat = network.origin[1] + network.xy[:, 1] * scale
    lon = network.origin[0] + network.xy[:, 0] * scale / np.cos(np.radians(network.origin[1]))
    every = np.column_stack([lon, lat])
    with clock() as spent:
        service_circles(every, np.ones(len(every)), kinds, network)
    print(f"{len(every):,} dwellings (one a node), {len(kinds)} types: {spent[0]:.2f} CPU s ({spent[1]:.2f} wall)")
    for kind in ("schools", "health"):
        print(kind, {k: f"{v:.1%}" for k, v in circles[kind].within.items() if v is not None})
    with clock() as spent:
        table = reach(homes, homes, network)
    left = np.where(circles["health"].minutes > 15, people, 0.0)
    print(f"reach of {len(homes):,} candidate sites: {spent[0]:.2f} CPU s")
    for count in (1, 3):
        with clock() as spent:
            got = site_more(table, left, count)
        share = f"{got.people_gained:.0f} of {left.sum():.0f} people"
        print(f"{count} more: {share}, proven {got.proven}, {spent[0]:.2f} CPU s")
    minutes = {kind: (5, 10, 15)[n % 3] for n, kind in enumerate(kinds)}
    households = np.maximum(people / 2.6, 0).astype(np.int64)
    for title, spots, weights in (
        ("hexagon", homes, households), ("node", every, np.full(len(every), 10)),
    ):  # fmt: skip
        dwellings = Homes(
            [""] * len(spots), spots, weights, np.zeros(len(spots), dtype=np.int64), np.full(len(spots), 2.6)
        )
        with clock() as spent:
            study(dwellings, kinds, minutes, network)
        print(
            f"whole study with sites, {len(spots):,} dwellings (one a {title}), {len(kinds)} types: {spent[0]:.2f} CPU s"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
