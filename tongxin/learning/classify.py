"""Propose classes for a text: the top three with calibrated confidence, the words that decided, or an honest "unsure".

It proposes; a person decides. It scores texts, never persons. It trains nothing (training.py) and keeps nothing
(artefact.py).

Two judges look at the same row of pieces: a linear one (support vector machine; it gives the deciding words) and a
small network. ``Calibration`` weighs both into probabilities, fitted on texts that neither had seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.learning.network import Network, softmax
from tongxin.learning.vectors import Lexicon, Text, han_count

Array = npt.NDArray[Any]
TOP = 3
WORDS = 5
FEWEST_HAN = 2
BATCH = 512

# Why a prediction abstains; the sentence a page may show.
REASONS = {
    "": "",
    "empty": "没有文字。",
    "too_short": "文字太少，无法判断类别。",
    "unfamiliar": "文字与以往办理的事项没有相同之处。",
    "unsure": "把握不足，请人工选择类别。",
    "new_class": "可能属于新设或样本太少的类别，请人工选择。",
    "catalogue": "类别目录在训练之后改动过，建议的类别已不存在，请重新训练。",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """One class with its probability, 0 to 1: of texts given 0.8, about 80 % belong there."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is proposed. ``guesses`` best first, may be empty; ``because`` words of the text that spoke for the first.

    ``reason`` is a key of ``REASONS``: empty when the first guess may be offered as chosen, else why not.
    """

    guesses: tuple[Guess, ...]
    because: tuple[str, ...] = ()
    reason: str = ""

    @property
    def abstains(self) -> bool:
        """Whether a page should leave the choice open; the guesses may still be listed."""
        return bool(self.reason)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One line of the card; ``f1`` is None for a class left out (too few examples)."""

    code: str
    examples: int
    f1: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """Evaluation card: what the model was measured to be, on texts it had not seen (inner folds, no text twice).

    ``calibration_error`` is measured by cross-fitting: each fold calibrated by the others. Rates are 0 to 1.
    """

    version: str
    made_at: str
    examples: int
    corrections: int
    folds: int
    seed: int
    macro_f1: float
    accuracy: float
    calibration_error: float
    coverage: float
    macro_f1_covered: float
    train_seconds: float
    classes: tuple[ClassFigures, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities = softmax(linear · scores₁ + network · scores₂ + bias)."""

    linear: float
    network: float
    bias: Array

    def confidences(self, linear: Array, network: Array) -> Array:
        """(n × classes) probabilities, each row summing to 1."""
        return softmax(self.linear * linear + self.network * network + self.bias)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier, immutable. ``threshold``: below this confidence it abstains."""

    codes: tuple[str, ...]
    lexicon: Lexicon
    weights: Array  # pieces × classes, float32
    offsets: Array  # classes
    network: Network
    calibration: Calibration
    threshold: float
    card: Card
    _names: dict[int, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def version(self) -> str:
        """The version named on the card; keep it with every suggestion made."""
        return self.card.version

    def confidences(self, texts: Sequence[Text]) -> Array:
        """(n × classes) float32 in the order of ``codes``; a text without known pieces gets the base rates."""
        parts = [
            self._confidences(self.lexicon.transform(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)
        ]
        return np.vstack(parts) if parts else np.zeros((0, len(self.codes)), np.float32)

    def _confidences(self, rows: sp.csr_matrix) -> Array:
        return self.calibration.confidences(rows @ self.weights + self.offsets, self.network.scores(rows))

    def predict(self, text: Text, catalogue: Collection[str] | None = None) -> Prediction:
        """Propose classes for one text, with the words that decided.

        Args:
            text: anything; see README for what happens to unusual input. Only its first 4,000 characters count.
            catalogue: codes that exist today; guesses outside are left out. None: as at training.
        """
        rows = self.lexicon.transform([text])
        return self._judge(text, self._confidences(rows)[0], rows, catalogue)

    def predict_many(self, texts: Sequence[Text], catalogue: Collection[str] | None = None) -> list[Prediction]:
        """As :meth:`predict` for many (imports), without the deciding words."""
        found = self.confidences(texts)
        return [self._judge(text, row, None, catalogue) for text, row in zip(texts, found, strict=True)]

    def _judge(
        self, text: Text, row: Array, rows: sp.csr_matrix | None, catalogue: Collection[str] | None
    ) -> Prediction:
        blank = unreadable(text)
        if blank or (rows is not None and rows.nnz == 0):
            return Prediction((), (), blank or "unfamiliar")
        order = np.argsort(-row)
        known = [place for place in order if catalogue is None or self.codes[place] in catalogue]
        guesses = tuple(Guess(self.codes[place], round(float(row[place]), 4)) for place in known[:TOP])
        if not known or known[0] != order[0]:
            return Prediction(guesses, (), "catalogue")
        because = self._because(text, rows, int(order[0])) if rows is not None else ()
        return Prediction(guesses, because, "unsure" if guesses[0].confidence < self.threshold else "")

    def _because(self, text: Text, rows: sp.csr_matrix, chosen: int) -> tuple[str, ...]:
        """Pieces with the largest say for the class against the mean of the others, without overlaps."""
        share = self.weights[rows.indices]
        say = rows.data * (share[:, chosen] - (share.sum(axis=1) - share[:, chosen]) / max(len(self.codes) - 1, 1))
        picked: list[str] = []
        for place in np.argsort(-say)[:40]:
            piece = self.lexicon.name(int(rows.indices[place]))
            if say[place] <= 0 or len(picked) == WORDS:
                break
            if len(piece) > 1 and piece.isalnum() and not any(piece in one or one in piece for one in picked):
                picked.append(piece)
        return tuple(picked)


def unreadable(text: Text) -> str:
    """Reason why a text cannot be judged at all, or empty."""
    whole = (text.title + text.body)[:4_000]
    if not whole.strip():
        return "empty"
    return "too_short" if han_count(whole) < FEWEST_HAN else ""
