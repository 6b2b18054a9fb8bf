"""The figures a classifier is measured by. Plain sums over arrays, no model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def f1_by_class(truth: Array, said: Array, number: int) -> list[float]:
    """F1 of each class 0…number-1; a class neither present nor said has 0."""
    hit = np.bincount(truth[truth == said], minlength=number)
    present, named = np.bincount(truth, minlength=number), np.bincount(said, minlength=number)
    return [2 * int(h) / max(int(p) + int(n), 1) for h, p, n in zip(hit, present, named, strict=True)]


def macro_f1(truth: Array, said: Array, number: int) -> float:
    """Mean of the classes' F1, each class counting the same."""
    return float(np.mean(f1_by_class(truth, said, number)))


def expected_calibration_error(confidence: Array, right: Array, bins: int = 15) -> float:
    """Mean gap between confidence and share right, over equal-width bins, weighted by size (Guo et al. 2017)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for one in range(bins):
        inside = place == one
        if inside.any():
            gap += inside.mean() * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return float(gap)
