"""The judges of a text: what each says for each class. It trains nothing (training.py) and knows rows only, no text.

A linear judge (support vector machines; it gives the deciding words) and a small network look at the whole text and at
each of its sentences; of the sentences the loudest for a class speaks for it. A second network reads the sentences
and learns which to heed (attention.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.learning.attention import SentenceNetwork
from tongxin.learning.network import Network, softmax
from tongxin.learning.vectors import Reading

Array = npt.NDArray[Any]
SAYS = 5
SHARPEN = np.float32(1.5)  # the network learned from softened labels, and is too modest about a sentence
_LEAST = np.float32(1e-9)


@dataclass(frozen=True, slots=True)
class Judges:
    """What was learned. ``weights`` (pieces × classes) and ``offsets`` (classes,), float32: the linear judge."""

    weights: Array
    offsets: Array
    network: Network
    reader: SentenceNetwork

    def scores(self, read: Reading) -> Array:
        """(says × texts × classes) float32: what ``Calibration`` weighs."""
        if not len(read.first):
            return np.zeros((SAYS, 0, len(self.offsets)), np.float32)
        sure = np.log(np.maximum(softmax(SHARPEN * self.network.scores(read.sentences)), _LEAST))
        return np.stack([
            self._linear(read.rows), self.network.scores(read.rows), self.reader.scores(read.sentences, read.first),
            np.maximum.reduceat(self._linear(read.sentences), read.first), np.maximum.reduceat(sure, read.first),
        ])  # fmt: skip

    def _linear(self, rows: sp.csr_matrix) -> Array:
        return np.asarray(rows @ self.weights + self.offsets)
