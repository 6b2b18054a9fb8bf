"""What no plan can beat: bounds that hold for any division into k parts, contiguous or not.

Cheap, so that the page can say how far a large plan is from the best possible. Exact answers are in ``exact``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tongxin.planning.units import Floats

SUBSET_WORK = 4_000_000_000  # bits touched by the subset-sum table before it is left out (about half a second)


@dataclass(frozen=True, slots=True)
class Bound:
    """Every plan of ``parts`` parts has a largest part ≥ ``largest``, a smallest ≤ ``smallest``, and a greatest

    absolute deviation from the mean ≥ ``deviation``. ``reason`` says which argument gave ``largest``.
    """

    parts: int
    largest: float
    smallest: float
    deviation: float
    reason: str


def bound_loads(load: Floats, parts: int) -> Bound:
    """Bounds for dividing ``load`` (n,) into ``parts`` non-empty parts."""
    total, n = float(load.sum()), len(load)
    mean = total / parts
    whole = bool(np.all(load == np.floor(load)))
    candidates = [(mean, "平均值"), (float(load.max()), "最大的单元"), (_pigeonhole(load, parts), "单元个数")]
    smallest = mean
    if whole:
        candidates.append((float(math.ceil(mean - 1e-9)), "整数"))
        smallest = float(math.floor(mean + 1e-9))
        if parts > 1 and n * total <= SUBSET_WORK:
            above, below = _nearest_sums(load, mean)
            candidates.append((above, "单元的组合"))
            smallest = below
    largest, reason = max(candidates, key=lambda c: c[0])
    if parts > 1:
        # One part holds ``largest`` or more; the others share what is left.
        smallest = min(smallest, (total - largest) / (parts - 1))
    deviation = max(largest - mean, mean - smallest) if parts > 1 else 0.0
    return Bound(parts, largest, smallest, deviation, reason)


def _pigeonhole(load: Floats, parts: int) -> float:
    """Among the j·k+1 largest units some part holds j+1, which weigh at least the j+1 smallest of them."""
    summed = np.concatenate([[0.0], np.cumsum(np.sort(load)[::-1])])
    j = np.arange(1, (len(load) - 1) // parts + 1)
    top = j * parts + 1
    return float((summed[top] - summed[top - j - 1]).max()) if len(j) else 0.0


def _nearest_sums(load: Floats, mean: float) -> tuple[float, float]:
    """The least subset sum ≥ mean and the greatest ≤ mean: some part is on each side of the mean."""
    sums = 1
    for w in load.astype(np.int64).tolist():
        sums |= sums << w
    up, down = math.ceil(mean - 1e-9), math.floor(mean + 1e-9)
    above = sums >> up
    least = up + ((above & -above).bit_length() - 1) if above else int(load.sum())
    greatest = (sums & ((1 << (down + 1)) - 1)).bit_length() - 1
    return float(least), float(greatest)
