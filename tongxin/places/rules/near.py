"""Which facilities a person can walk to from one point, and how long it takes."""

from __future__ import annotations

import numpy as np

from tongxin.places.rules.circle import service_circles
from tongxin.places.rules.network import Floats, WalkNetwork


def walk_minutes(lon: float, lat: float, facilities: Floats, network: WalkNetwork | None) -> tuple[Floats, bool]:
    """Minutes on foot from a point to each of ``facilities`` (f, 2), and whether they are estimated (straight × 1.3).

    Ways are walked in both directions, so the walk there is measured as the walk back.
    """
    if not len(facilities):
        return np.zeros(0), False
    here = np.array([[lon, lat]])
    circle = service_circles(facilities, np.ones(len(facilities)), {"here": here}, network)["here"]
    return circle.minutes, bool(circle.estimated.any())
