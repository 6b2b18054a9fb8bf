"""A small network over sparse rows: one hidden layer, trained by numpy. It knows vectors only, no text.

Its weak sides are stated by the classifier that uses it; here are only the sums. Training is repeatable: the same
rows, targets and seed give the same numbers on one machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Array = npt.NDArray[Any]
BLOCK = 256  # rows of a part that stay in the processor's near memory through one step: a seventh less time


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


def join_networks(networks: list[Network]) -> Network:
    """One network whose scores are the mean of the given ones."""
    share = np.float32(1 / len(networks))
    return Network(
        np.hstack([one.inner for one in networks]),
        np.concatenate([one.inner_bias for one in networks]),
        np.vstack([one.outer for one in networks]) * share,
        np.sum([one.outer_bias for one in networks], axis=0) * share,
    )


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
    count, pieces = rows.shape
    classes = targets.shape[1]
    scaled = rows * np.float32(plan.scale)
    soft = (targets * (1 - plan.smoothing) + plan.smoothing / classes).astype(np.float32)
    inner = draw.normal(0, np.sqrt(2 / (pieces + plan.hidden)), (pieces, plan.hidden)).astype(np.float32)
    outer = draw.normal(0, np.sqrt(2 / (plan.hidden + classes)), (plan.hidden, classes)).astype(np.float32)
    parts = [inner, np.zeros(plan.hidden, np.float32), outer, np.zeros(classes, np.float32)]
    adam = _Adam(parts)
    total = plan.rounds * -(-count // plan.batch)
    for _ in range(plan.rounds):
        order = draw.permutation(count)
        for start in range(0, count, plan.batch):
            chosen = order[start : start + plan.batch]
            slopes = _slopes(parts, scaled[chosen], soft[chosen], weights[chosen], draw, plan)
            adam.move(slopes, plan.step * (1 - adam.moves / total))
    return Network(parts[0] * np.float32(plan.scale), *parts[1:])


def _slopes(
    parts: list[Array], rows: sp.csr_matrix, soft: Array, weights: Array, draw: np.random.Generator, plan: Plan
) -> list[Array]:
    """Slope of the cross-entropy for each part, with pieces and hidden cells dropped at random."""
    inner, inner_bias, outer, outer_bias = parts
    stay = draw.random(rows.nnz, dtype=np.float32) >= plan.drop_input
    rows.data = rows.data * (stay / np.float32(1 - plan.drop_input))
    raw = rows @ inner + inner_bias
    mask = (draw.random(raw.shape, dtype=np.float32) >= plan.drop_hidden) / np.float32(1 - plan.drop_hidden)
    hidden = np.maximum(raw, 0) * mask
    off = (softmax(hidden @ outer + outer_bias) - soft) * (weights[:, None] / np.float32(len(weights)))
    off = off.astype(np.float32)
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
        pace = np.float32(step * np.sqrt(1 - 0.999**self.moves) / (1 - 0.9**self.moves))
        for part, slope, mean, spread in zip(self.parts, slopes, self.mean, self.spread, strict=True):
            for at in range(0, len(part), BLOCK):
                near = slice(at, at + BLOCK)
                self._turn(part[near], slope[near], mean[near], spread[near], pace)

    @staticmethod
    def _turn(part: Array, slope: Array, mean: Array, spread: Array, pace: np.float32) -> None:
        """In place, also ``slope``."""
        mean *= np.float32(0.9)
        mean += np.float32(0.1) * slope
        spread *= np.float32(0.999)
        slope *= slope
        slope *= np.float32(0.001)
        spread += slope
        np.sqrt(spread, out=slope)
        slope += np.float32(1e-8)
        np.divide(mean, slope, out=slope)
        slope *= pace
        part -= slope
