"""Which facilities are near a point: the residents' question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tongxin.packs import api as packs
from tongxin.places.queries.facilities import FacilityRow, list_facilities
from tongxin.places.queries.networks import walk_network
from tongxin.places.rules.near import walk_minutes

LONGEST_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Near:
    """A facility and the minutes to walk there, rounded up."""

    facility: FacilityRow
    minutes: int


@dataclass(frozen=True, slots=True)
class Nearby:
    """What lies within 15 minutes, nearest first; ``next`` the nearest of each kind that lies beyond; whether estimated."""

    near: tuple[Near, ...]
    beyond: tuple[Near, ...]
    estimated: bool


def list_nearby(district: packs.DistrictView, lon: float, lat: float) -> Nearby:
    """Return the facilities around a point (2 statements, 4 when neither facilities nor network are kept)."""
    facilities = list_facilities(district)
    points = np.array([(row.lon, row.lat) for row in facilities], dtype=np.float64).reshape(-1, 2)
    minutes, estimated = walk_minutes(lon, lat, points, walk_network(district.id))
    walks = sorted(
        (
            Near(row, max(1, int(np.ceil(m))))
            for row, m in zip(facilities, minutes.tolist(), strict=True)
            if np.isfinite(m)
        ),
        key=lambda one: (one.minutes, one.facility.name),
    )
    near = tuple(one for one in walks if one.minutes <= LONGEST_MINUTES)
    served = {one.facility.kind for one in near}
    beyond: dict[str, Near] = {}
    for one in walks:
        if one.facility.kind not in served:
            beyond.setdefault(one.facility.kind, one)
    return Nearby(near, tuple(beyond.values()), estimated)
