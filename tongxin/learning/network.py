"""A small network over sparse rows: one hidden layer, trained by numpy; and how to train one. No text, vectors only.

Its weak sides are stated by the classifier that uses it; here are only the sums. Training is repeatable: the same
rows, targets and seed give the same numbers on one machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Array = npt.NDArray[Any]
BLOCK = 16_384  # numbers of a part that stay in the processor's near memory through one step: a seventh less time
_TINY = np.float32(1e-8 / np.sqrt(0.001))


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. ``smoothing`` takes that share of each label away, because hand-given labels err."""

    hidden: int = 64
    rounds: int = 6
    step: float = 2e-3
    batch: int = 128
    drop_input: float = 0.1
    drop_hidden: float = 0.2
    smoothing: float = 0.2
    scale: float = 2.0

    def soften(self, targets: Array) -> Array:
        """One-hot (n × classes) with ``smoothing`` shared out."""
        return np.asarray((targets * (1 - self.smoothing) + self.smoothing / targets.shape[1]).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Network:
    """Weights: ``inner`` (pieces × hidden), ``inner_bias``, ``outer`` (hidden × classes), ``outer_bias``; float32."""

    inner: Array
    inner_bias: Array
    outer: Array
    outer_bias: Array

    def scores(self, rows: sp.csr_matrix) -> Array:
        """(n × classes) float32 log-odds, up to a constant a row."""
        hidden = rows @ self.inner
        hidden += self.inner_bias
        return np.asarray(np.maximum(hidden, 0, out=hidden) @ self.outer + self.outer_bias)


def softmax(scores: Array) -> Array:
    """Row-wise probabilities."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def train_network(rows: sp.csr_matrix, targets: Array, weights: Array, seed: int, plan: Plan | None = None) -> Network:
    """Fit by Adam with a falling step.

    Args:
        rows: (n × pieces) float32.
        targets: (n × classes) one-hot float32.
        weights: (n,) how much each row counts, mean near 1.
        seed: of the only randomness.
    """
    plan = plan or Plan()
    draw = np.random.default_rng(seed)
    pieces, classes = rows.shape[1], targets.shape[1]
    scaled = rows * np.float32(plan.scale)
    soft = plan.soften(targets)
    parts = [
        draw_weights(draw, pieces, plan.hidden), np.zeros(plan.hidden, np.float32),
        draw_weights(draw, plan.hidden, classes), np.zeros(classes, np.float32),
    ]  # fmt: skip

    def slopes(chosen: Array) -> list[Array]:
        return _slopes(parts, thin(scaled[chosen], plan.drop_input, draw), soft[chosen], weights[chosen], draw, plan)

    descend(parts, slopes, rows.shape[0], draw, plan)
    return Network(parts[0] * np.float32(plan.scale), *parts[1:])


def descend(
    parts: list[Array], slopes: Callable[[Array], list[Array]], count: int, draw: np.random.Generator, plan: Plan
) -> None:
    """Move ``parts`` in place down ``slopes(chosen)``, batch after batch of ``count`` examples."""
    adam = _Adam(parts)
    total = plan.rounds * -(-count // plan.batch)
    for _ in range(plan.rounds):
        order = draw.permutation(count)
        for start in range(0, count, plan.batch):
            adam.move(slopes(order[start : start + plan.batch]), plan.step * (1 - adam.moves / total))


def draw_weights(draw: np.random.Generator, here: int, there: int) -> Array:
    """(here × there) to begin with (Glorot & Bengio 2010)."""
    return draw.normal(0, np.sqrt(2 / (here + there)), (here, there)).astype(np.float32)


def keep_some(shape: tuple[int, ...], drop: float, draw: np.random.Generator) -> Array:
    """Zero for the share ``drop``, the others so much larger that the mean stays 1."""
    return (draw.random(shape, dtype=np.float32) >= drop) / np.float32(1 - drop)


def thin(rows: sp.csr_matrix, drop: float, draw: np.random.Generator) -> sp.csr_matrix:
    """The rows with pieces dropped at random; changed in place."""
    rows.data = rows.data * keep_some((rows.nnz,), drop, draw)
    return rows


def cross_entropy_slope(scores: Array, soft: Array, weights: Array) -> Array:
    """(n × classes) slope of the weighed mean cross-entropy by the scores."""
    off = (softmax(scores) - soft) * (weights[:, None] / np.float32(len(weights)))
    return np.asarray(off.astype(np.float32))


def _slopes(
    parts: list[Array], rows: sp.csr_matrix, soft: Array, weights: Array, draw: np.random.Generator, plan: Plan
) -> list[Array]:
    """Slope of the cross-entropy for each part, with hidden cells dropped at random."""
    inner, inner_bias, outer, outer_bias = parts
    raw = rows @ inner + inner_bias
    mask = keep_some(raw.shape, plan.drop_hidden, draw)
    hidden = np.maximum(raw, 0) * mask
    off = cross_entropy_slope(hidden @ outer + outer_bias, soft, weights)
    back = (off @ outer.T) * mask * (raw > 0)
    return [rows.T @ back, back.sum(axis=0), hidden.T @ off, off.sum(axis=0)]


class _Adam:
    """Adam (Kingma & Ba 2015), in place."""

    def __init__(self, parts: list[Array]) -> None:
        self.parts, self.moves = parts, 0
        self.mean = [np.zeros_like(part) for part in parts]
        self.spread = [np.zeros_like(part) for part in parts]

    def move(self, slopes: list[Array], step: float) -> None:
        """One step down ``slopes``, which are used up."""
        self.moves += 1
        pace = step * np.sqrt(1 - 0.999**self.moves) / (1 - 0.9**self.moves) * 0.1 / np.sqrt(0.001)
        for part, slope, mean, spread in zip(self.parts, slopes, self.mean, self.spread, strict=True):
            rows = max(BLOCK // part[0].size, 1)
            for at in range(0, len(part), rows):
                near = slice(at, at + rows)
                self._turn(part[near], slope[near], mean[near], spread[near], np.float32(pace))

    @staticmethod
    def _turn(part: Array, slope: Array, mean: Array, spread: Array, pace: np.float32) -> None:
        """In place, also ``slope``. Both moments are kept unscaled, ``pace`` makes up for it: two passes fewer."""
        mean *= np.float32(0.9)
        mean += slope
        slope *= slope
        spread *= np.float32(0.999)
        spread += slope
        np.sqrt(spread, out=slope)
        slope += _TINY
        np.divide(mean, slope, out=slope)
        slope *= pace
        part -= slope
