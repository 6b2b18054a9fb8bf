"""How many matters a week to expect of a building, learned from those that came. Pure; an estimate, never a record of a household.

A building's own count says little (most have none in a year), so it is drawn towards its households' share of its place: the count of
a year is weighed as the evidence it is against half a year's worth of the place's rate (a gamma prior, its mean known, its weight chosen).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from tongxin.planning.units import metres_from_lonlat

PRIOR_WEEKS = 26.0
NEAR_M = 80.0  # a point farther than this from every building says nothing about one of them


def expected_matters(
    points: np.ndarray,
    households: Sequence[int | None],
    places: Sequence[int],
    spots: Sequence[tuple[int, float | None, float | None]],
    *,
    weeks: float,
) -> list[float]:
    """Return matters a week for each unit.

    Args:
        points: (n, 2) longitude and latitude. places: the place each unit lies in.
        spots: (place, lon, lat) of each matter of the last ``weeks``; without a point it counts for its whole place.
    """
    n = len(points)
    if not n:
        return []
    homes = np.array([max(h or 0, 0) for h in households], dtype=np.float64)
    where = np.array(places, dtype=np.int64)
    own = np.zeros(n)
    shared: dict[int, int] = {}
    exact = [(lon, lat) for _, lon, lat in spots if lon is not None and lat is not None]
    taken = np.full(len(exact), -1, dtype=np.int64)
    if exact:
        origin = points.mean(axis=0)
        tree = shapely.STRtree(shapely.points(metres_from_lonlat(points, origin)))
        flat = shapely.points(metres_from_lonlat(np.array(exact, dtype=np.float64), origin))
        asked, nearest = tree.query_nearest(flat, max_distance=NEAR_M, all_matches=False)
        taken[asked] = nearest
        np.add.at(own, nearest, 1.0)
    number = 0
    for place, lon, lat in spots:
        if lon is not None and lat is not None:
            number += 1
            if taken[number - 1] != -1:
                continue
        shared[place] = shared.get(place, 0) + 1
    counts = own.copy()
    for place, times in shared.items():
        members = np.flatnonzero(where == place)
        if len(members):
            counts[members] += times * _shares(homes[members])
    rate = np.zeros(n)
    for place in np.unique(where).tolist():
        members = np.flatnonzero(where == place)
        rate[members] = counts[members].sum() / weeks * _shares(homes[members])
    return [round(float(v), 4) for v in (counts + rate * PRIOR_WEEKS) / (weeks + PRIOR_WEEKS)]


def _shares(homes: np.ndarray) -> np.ndarray:
    """Each one's share of the households, equal where none are known."""
    total = homes.sum()
    return homes / total if total > 0 else np.full(len(homes), 1.0 / len(homes))
