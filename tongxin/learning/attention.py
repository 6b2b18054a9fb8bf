"""A network that reads sentence by sentence and learns which to heed. It knows vectors only, no text.

A sentence becomes hidden cells, in the light of the mean of its text; each head (a share of the cells) sums the
sentences by its own attention (softmax over the text's sentences, Bahdanau et al. 2015; several heads: Vaswani et al.
2017). Trained by network.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.learning.network import Plan, cross_entropy_slope, descend, draw_weights, keep_some, thin
from tongxin.learning.rows import group_of, sum_groups

Array = npt.NDArray[Any]
PLAN = Plan(hidden=128, step=3e-3, batch=256)  # smaller batches gained nothing and took twice the time
HEADS = 4
PLACES = 6  # the first sentence (the title), the second, the third, those between, the last but one, the last


@dataclass(frozen=True, slots=True)
class SentenceNetwork:
    """Weights, float32.

    ``inner`` (pieces × cells), ``inner_bias`` (cells,); ``around`` (cells,): what the mean of the text adds to each of its
    sentences; ``heed`` (cells × heads) and ``place`` (places × heads): what draws attention; ``outer`` (cells × classes),
    ``outer_bias``.
    """

    inner: Array
    inner_bias: Array
    around: Array
    heed: Array
    place: Array
    outer: Array
    outer_bias: Array

    def scores(self, sentences: sp.csr_matrix, first: Array) -> Array:
        """(texts × classes) float32 log-odds up to a constant a row; ``first`` (texts,): where each text's sentences begin."""
        if not len(first):
            return np.zeros((0, len(self.outer_bias)), np.float32)
        seen = _attend(sentences @ self.inner, self, first)
        return np.asarray(seen.summed @ self.outer + self.outer_bias)


class _Seen(NamedTuple):
    """What one look gives: sums over each text, the mean of each, cells a sentence, and shares (sentences × heads)."""

    together: sp.csr_matrix
    mean: Array
    hidden: Array
    shares: Array
    summed: Array


def _attend(raw: Array, net: SentenceNetwork, first: Array) -> _Seen:
    """From ``raw`` (sentences × cells), which is used up, to the sums of each text (texts × cells)."""
    of, together = group_of(first, len(raw)), sum_groups(first, len(raw))
    lengths = np.diff(first, append=len(raw))
    mean = (together @ raw) / lengths[:, None].astype(np.float32)
    raw += (mean * net.around + net.inner_bias)[of]
    hidden = np.maximum(raw, 0, out=raw)
    loud = hidden @ net.heed + net.place[_places(first, lengths, of)]
    shares = np.exp(loud - np.maximum.reduceat(loud, first)[of])
    shares /= (together @ shares)[of]
    return _Seen(together, mean, hidden, shares, together @ (_each_cell(shares, hidden) * hidden))


def _places(first: Array, lengths: Array, of: Array) -> Array:
    at = np.arange(len(of)) - first[of]
    left = lengths[of] - 1 - at
    return np.where(at < 2, at, np.where(left < 2, PLACES - 1 - left, np.where(at == 2, 2, 3)))


def _each_cell(shares: Array, hidden: Array) -> Array:
    """(sentences × cells): the share that the head of each cell gives."""
    return np.repeat(shares, hidden.shape[1] // shares.shape[1], axis=1)


def train_sentences(
    sentences: sp.csr_matrix, first: Array, targets: Array, weights: Array, seed: int, plan: Plan = PLAN
) -> SentenceNetwork:
    """Fit by Adam with a falling step, as ``network.train_network``.

    Args:
        sentences: (sentences × pieces) float32, those of one text together.
        first: (texts,) where those of each text begin.
        targets, weights, seed: (texts × classes), (texts,), as there.
    """
    draw = np.random.default_rng(seed)
    pieces, classes, cells = sentences.shape[1], targets.shape[1], plan.hidden
    scaled = sentences * np.float32(plan.scale)
    soft = plan.soften(targets)
    lengths = np.diff(first, append=sentences.shape[0])
    parts = [
        draw_weights(draw, pieces, cells), np.zeros(cells, np.float32), np.zeros(cells, np.float32),
        draw_weights(draw, cells, HEADS), np.zeros((PLACES, HEADS), np.float32),
        draw_weights(draw, cells, classes), np.zeros(classes, np.float32),
    ]  # fmt: skip

    def slopes(chosen: Array) -> list[Array]:
        begin = np.cumsum(lengths[chosen]) - lengths[chosen]
        mine = np.arange(lengths[chosen].sum()) + np.repeat(first[chosen] - begin, lengths[chosen])
        rows = thin(scaled[mine], plan.drop_input, draw)
        return _slopes(SentenceNetwork(*parts), rows, begin, soft[chosen], weights[chosen], draw, plan)

    descend(parts, slopes, len(first), draw, plan)
    return SentenceNetwork(parts[0] * np.float32(plan.scale), *parts[1:])


def _slopes(
    net: SentenceNetwork,
    rows: sp.csr_matrix,
    first: Array,
    soft: Array,
    weights: Array,
    draw: np.random.Generator,
    plan: Plan,
) -> list[Array]:
    """Slope of the cross-entropy for each part, in their order, with summed cells dropped at random."""
    seen = _attend(rows @ net.inner, net, first)
    of, heads = group_of(first, rows.shape[0]), net.heed.shape[1]
    mask = keep_some(seen.summed.shape, plan.drop_hidden, draw)
    kept = seen.summed * mask
    off = cross_entropy_slope(kept @ net.outer + net.outer_bias, soft, weights)
    down = ((off @ net.outer.T) * mask)[of]
    gain = (down * seen.hidden).reshape(len(down), heads, -1).sum(axis=2)
    loud = seen.shares * (gain - (seen.together @ (seen.shares * gain))[of])
    back = (_each_cell(seen.shares, seen.hidden) * down + loud @ net.heed.T) * (seen.hidden > 0)
    place = _sum_places(loud, _places(first, np.diff(first, append=len(of)), of))
    whole = seen.together @ back
    share = whole * net.around / np.diff(first, append=len(of))[:, None].astype(np.float32)
    return [
        rows.T @ (back + share[of]), back.sum(axis=0), (whole * seen.mean).sum(axis=0),
        seen.hidden.T @ loud, place, kept.T @ off, off.sum(axis=0),
    ]  # fmt: skip


def _sum_places(loud: Array, places: Array) -> Array:
    """(places × heads) sum of what stands at each place."""
    return np.stack([loud[places == one].sum(axis=0) for one in range(PLACES)])
