"""The two networks: slopes against differences, and what attention is for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from tongxin.learning import attention, network
from tongxin.learning.network import Plan, softmax

Array = npt.NDArray[Any]
WHOLE = Plan(hidden=8, drop_input=0.0, drop_hidden=0.0)
FIRST = np.array([0, 1, 4, 9])  # four texts of one, three, five and two sentences


def _cost(scores: Array, soft: Array, weights: Array) -> float:
    return float(-(weights[:, None] * soft * np.log(softmax(scores.astype(float)))).sum() / len(soft))


def _check(parts: list[Array], slopes: list[Array], cost: Any) -> None:
    """Every part's slope along a chance direction equals the difference that a small step makes."""
    draw = np.random.default_rng(1)
    for part, slope in zip(parts, slopes, strict=True):
        way = draw.normal(size=part.shape).astype(np.float32)
        step = 2e-3
        before = part.copy()
        part += step * way
        above = cost()
        part[:] = before - step * way
        below = cost()
        part[:] = before
        assert (above - below) / (2 * step) == pytest.approx(float((slope * way).sum()), rel=0.03, abs=2e-3)


def _case() -> tuple[np.random.Generator, sp.csr_matrix, Array, Array]:
    draw = np.random.default_rng(0)
    rows = sp.csr_matrix(draw.random((11, 20)) * (draw.random((11, 20)) < 0.4), dtype=np.float32)
    soft = WHOLE.soften(np.eye(3, dtype=np.float32)[[0, 1, 2, 1]])
    return draw, rows, soft, np.array([1, 2, 0.5, 0.5], np.float32)


def test_the_slopes_of_the_sentence_network_are_right() -> None:
    draw, rows, soft, weights = _case()
    shapes = [(20, 8), (8,), (8,), (8, attention.HEADS), (attention.PLACES, attention.HEADS), (8, 3), (3,)]
    parts = [draw.normal(0, 0.7, shape).astype(np.float32) for shape in shapes]
    net = attention.SentenceNetwork(*parts)
    slopes = attention._slopes(net, rows, FIRST, soft, weights, draw, WHOLE)
    _check(parts, slopes, lambda: _cost(net.scores(rows, FIRST), soft, weights))


def test_the_slopes_of_the_plain_network_are_right() -> None:
    draw, rows, soft, weights = _case()
    parts = [draw.normal(0, 0.7, shape).astype(np.float32) for shape in [(20, 8), (8,), (8, 3), (3,)]]
    slopes = network._slopes(parts, rows[:4], soft, weights, draw, WHOLE)
    _check(parts, slopes, lambda: _cost(network.Network(*parts).scores(rows[:4]), soft, weights))


def test_it_finds_the_one_sentence_that_matters() -> None:
    """Ten sentences a text, nine of them chance: piece 0 or 1 in one of them is the class."""
    draw = np.random.default_rng(0)
    count, size = 300, 10
    classes = draw.integers(2, size=count)
    rows = (draw.random((count * size, 40)) < 0.2).astype(np.float32)
    rows[:, :2] = 0
    first = np.arange(count) * size
    rows[first + draw.integers(size, size=count), classes] = 1
    sentences = sp.csr_matrix(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1))
    targets = np.eye(2, dtype=np.float32)[classes]
    plan = Plan(hidden=16, rounds=25, step=1e-2, batch=32)
    learn = 200 * size
    net = attention.train_sentences(sentences[:learn], first[:200], targets[:200], np.ones(200, np.float32), 0, plan)
    said = net.scores(sentences[learn:], first[200:] - learn).argmax(axis=1)
    assert (said == classes[200:]).mean() > 0.95
    again = attention.train_sentences(sentences[:learn], first[:200], targets[:200], np.ones(200, np.float32), 0, plan)
    assert np.array_equal(net.inner, again.inner), "the same seed gives the same numbers"


def test_one_text_is_judged_alike_alone_and_among_others() -> None:
    draw, rows, _, _ = _case()
    shapes = [(20, 8), (8,), (8,), (8, attention.HEADS), (attention.PLACES, attention.HEADS), (8, 3), (3,)]
    net = attention.SentenceNetwork(*[draw.normal(size=shape).astype(np.float32) for shape in shapes])
    together = net.scores(rows, FIRST)
    alone = [net.scores(rows[start:end], np.array([0])) for start, end in zip(FIRST, [*FIRST[1:], 11], strict=True)]
    assert together == pytest.approx(np.vstack(alone), abs=1e-4)
    assert net.scores(rows[:0], FIRST[:0]).shape == (0, 3)
