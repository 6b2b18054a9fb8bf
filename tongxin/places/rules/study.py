"""One study of the service circles: shares within 5, 10 and 15 minutes, named gaps, and where one more would help most.

Pure: points and households in, plain values for storing and showing out. Which kinds there are, and their minutes, the
pack says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tongxin.kernel.errors import Cancelled
from tongxin.places.rules.circle import WITHIN_MINUTES, Circle, service_circles
from tongxin.places.rules.cover import reach
from tongxin.places.rules.network import Floats, Ints, WalkNetwork, to_plane

Progress = Callable[[float], "bool | None"]
MOST_CANDIDATES = 1_500
TIES_TRIED = 200
AREAS_KEPT = 2_000
HOMES_KEPT = 40  # by name; the map draws more of them from the walks
FAR = 9_999  # tenths of minutes: no facility at all, or farther than anybody walks
CIRCLES_SHARE = 0.2  # of the whole work, for the progress bar


@dataclass(frozen=True, eq=False)
class Homes:
    """Dwellings, one dimension each: names, (d, 2) points, households, the area in which they are counted (-1: none),

    and people per household there (nan: not known).
    """

    names: Sequence[str]
    spots: Floats
    households: Ints
    areas: Ints
    people_per_household: Floats


def study(
    homes: Homes,
    facilities: Mapping[str, Floats],
    minutes: Mapping[str, int],
    network: WalkNetwork | None,
    *,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], Ints]:
    """Study all kinds.

    Args:
        facilities: kind → (f, 2) points, possibly none. minutes: kind → within how many minutes it should be.
        progress: called with 0…1; False cancels.

    Returns:
        kind → figures (households, never shares: who shows them divides), and the walks (kinds, d) in tenths of minutes.

    Raises:
        PlacesError: no dwelling, or broken coordinates. Cancelled: progress said so.
    """
    circles: dict[str, Circle] = {}
    for number, (kind, points) in enumerate(facilities.items()):
        _tell(progress, CIRCLES_SHARE * number / max(len(facilities), 1))
        circles |= service_circles(homes.spots, homes.households.astype(np.float64), {kind: points}, network)
    walks = np.array([np.minimum(np.ceil(c.minutes * 10), FAR) for c in circles.values()]).astype(np.int64)
    sites = _sites(homes, {k: c.minutes for k, c in circles.items()}, minutes, network, progress)
    result = {}
    for (kind, circle), walk in zip(circles.items(), walks, strict=True):
        limit = minutes[kind]
        result[kind] = {
            "facilities": circle.facilities,
            "minutes": limit,
            "within": {str(m): int(homes.households[walk <= m * 10].sum()) for m in WITHIN_MINUTES},
            "estimated": int(homes.households[circle.estimated].sum()) if circle.facilities else 0,
            "areas": _by_area(homes, walk, limit),
            "site": sites[kind],
            "homes": _left_out(homes, walk, limit) if circle.facilities else [],
        }
    _tell(progress, 1.0)
    return result, walks


def _left_out(homes: Homes, walk: Ints, limit: int) -> list[list[Any]]:
    """[name, households] of the largest dwellings beyond the minutes."""
    beyond = np.flatnonzero(walk > limit * 10)
    order = beyond[np.argsort(-homes.households[beyond], kind="stable")][:HOMES_KEPT]
    return [[homes.names[i], int(homes.households[i])] for i in order.tolist()]


def _tell(progress: Progress | None, done: float) -> None:
    if progress is not None and progress(done) is False:
        raise Cancelled


def _by_area(homes: Homes, walk: Ints, limit: int) -> list[list[int]]:
    """[area, households within, households, longest walk in tenths of minutes], most households left out first."""
    areas, index = np.unique(homes.areas, return_inverse=True)
    index = np.asarray(index).ravel()
    everyone = np.bincount(index, weights=homes.households, minlength=len(areas)).astype(np.int64)
    near = np.bincount(index, weights=homes.households * (walk <= limit * 10), minlength=len(areas)).astype(np.int64)
    longest = np.zeros(len(areas), dtype=np.int64)
    np.maximum.at(longest, index, walk)
    rows = [list(row) for row in zip(areas.tolist(), near.tolist(), everyone.tolist(), longest.tolist(), strict=True)]
    return sorted(rows, key=lambda row: (row[1] - row[2], row[0]))[:AREAS_KEPT]


def candidates(homes: Homes) -> Ints:
    """Which dwellings may stand for sites: all of them, or the largest of each square where there are very many."""
    count = len(homes.households)
    if count <= MOST_CANDIDATES:
        return np.arange(count)
    low, high = homes.spots.min(axis=0), homes.spots.max(axis=0)
    side = int(np.sqrt(MOST_CANDIDATES))
    cell = np.minimum(((homes.spots - low) / np.maximum(high - low, 1e-12) * side).astype(np.int64), side - 1)
    key = cell[:, 0] * side + cell[:, 1]
    order = np.lexsort((-homes.households, key))
    return np.sort(order[np.unique(key[order], return_index=True)[1]])


def _sites(
    homes: Homes,
    walks: Mapping[str, Floats],
    minutes: Mapping[str, int],
    network: WalkNetwork | None,
    progress: Progress | None,
) -> dict[str, dict[str, Any] | None]:
    """For each kind the dwelling beside which one more facility would newly reach most households."""
    limits = sorted({minutes[kind] for kind in walks})
    chosen = candidates(homes)
    found: dict[str, dict[str, Any] | None] = dict.fromkeys(walks)
    for number, limit in enumerate(limits):

        def part(done: float, number: int = number) -> bool | None:
            share = (number + done) / len(limits)
            return None if progress is None else progress(CIRCLES_SHARE + (1 - CIRCLES_SHARE) * share)

        kinds = [kind for kind in walks if minutes[kind] == limit]
        left = {kind: np.where(walks[kind] > limit, homes.households, 0) for kind in kinds}
        if not any(weights.any() for weights in left.values()):
            continue
        served = reach(homes.spots[chosen], homes.spots, network, minutes=limit, progress=part)
        for kind in kinds:
            if left[kind].any():
                found[kind] = _site(homes, chosen, served, left[kind])
    return found


def _site(homes: Homes, chosen: Ints, served: Any, left: Ints) -> dict[str, Any]:
    gained = np.asarray(served.astype(np.int64) @ left).ravel()
    best = _closest(homes, chosen, served, left, np.flatnonzero(gained == gained.max()))
    row = served[best].indices
    people = float((left[row] * homes.people_per_household[row])[left[row] > 0].sum())
    return {
        "lon": round(float(homes.spots[chosen[best], 0]), 6),
        "lat": round(float(homes.spots[chosen[best], 1]), 6),
        "near": homes.names[chosen[best]],
        "households": int(gained[best]),
        "people": round(people) if np.isfinite(people) else None,
        "left_out": int(left.sum()),
        "tried": len(chosen),
    }


def _closest(homes: Homes, chosen: Ints, served: Any, left: Ints, best: Ints) -> int:
    """Of sites that reach the same number of households the one from which they walk least, in a straight line."""
    if len(best) == 1:
        return int(best[0])

    def walk(site: int) -> float:
        row = served[site].indices
        away = to_plane(homes.spots[row], (float(homes.spots[chosen[site], 0]), float(homes.spots[chosen[site], 1])))
        return float((np.hypot(*away.T) * left[row]).sum())

    return min((int(site) for site in best[:TIES_TRIED]), key=walk)


def expected_seconds(dwellings: int, kinds: int, nodes: int) -> float:
    """About how long a study takes on one core: decides whether a page waits for it or the worker does it."""
    sites = 3 * min(dwellings, MOST_CANDIDATES)  # three limits of minutes
    on_ways = nodes * (kinds * 1.5e-6 + sites * 2.5e-9)
    return 0.05 + on_ways + dwellings * (kinds * 3e-7 + sites * (1.4e-8 if nodes else 1e-9))
