"""Propose classes for a text: the top three with calibrated confidence, the words that decided, or an honest "unsure".

It proposes; a person decides. It scores texts, never persons. It trains nothing (training.py) and keeps nothing
(artefact.py).

``Judges`` (judges.py) give scores; ``Calibration`` weighs these into probabilities, fitted on texts that no judge had seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.learning.judges import Judges
from tongxin.learning.network import softmax
from tongxin.learning.vectors import Lexicon, Reading, Text, count_han, whole_words, word_lines

Array = npt.NDArray[Any]
TOP = 3
WORDS = 5
FEWEST_HAN = 2
FAMILIAR = 0.15  # of 1,076 messages not learned from, none had so few known pairs of characters
BATCH = 512

# Why a prediction abstains; the sentence a page may show.
REASONS = {
    "": "",
    "empty": "没有文字。",
    "too_short": "文字太少，无法判断类别。",
    "unfamiliar": "文字与以往办理的事项很少相同之处，请人工选择类别。",
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
    """Probabilities = softmax(Σ scale · scores + bias). ``scales`` (says,), ``bias`` (classes,)."""

    scales: Array
    bias: Array

    def confidences(self, scores: Array) -> Array:
        """(n × classes) probabilities, each row summing to 1, from scores (says × n × classes)."""
        return softmax(np.tensordot(self.scales, scores, axes=1) + self.bias)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier, immutable. ``threshold``: below this confidence it abstains."""

    codes: tuple[str, ...]
    lexicon: Lexicon
    judges: Judges
    calibration: Calibration
    threshold: float
    card: Card

    @property
    def version(self) -> str:
        """The version named on the card; keep it with every suggestion made."""
        return self.card.version

    def confidences(self, texts: Sequence[Text]) -> Array:
        """(n × classes) float32 in the order of ``codes``; a text without known pieces gets the base rates."""
        return self._look(texts)[0]

    def _look(self, texts: Sequence[Text]) -> tuple[Array, Array]:
        """Confidences and familiarity, in batches so that memory stays small."""
        parts, familiar = [np.zeros((0, len(self.codes)), np.float32)], [np.zeros(0)]
        for start in range(0, len(texts), BATCH):
            read = self.lexicon.read(texts[start : start + BATCH])
            parts.append(self._confidences(read))
            familiar.append(read.familiar)
        return np.vstack(parts), np.concatenate(familiar)

    def _confidences(self, read: Reading) -> Array:
        return self.calibration.confidences(self.judges.scores(read))

    def predict(self, text: Text, catalogue: Collection[str] | None = None) -> Prediction:
        """Propose classes for one text, with the words that decided.

        Args:
            text: anything; see README for what happens to unusual input. Only its first 4,000 characters count.
            catalogue: codes that exist today; guesses outside are left out. None: as at training.
        """
        read = self.lexicon.read([text])
        said = self._judge(text, self._confidences(read)[0], float(read.familiar[0]), catalogue)
        if not said.guesses or said.reason == "catalogue":
            return said
        return replace(said, because=self._because(text, read.rows, self.codes.index(said.guesses[0].code)))

    def predict_many(self, texts: Sequence[Text], catalogue: Collection[str] | None = None) -> list[Prediction]:
        """As :meth:`predict` for many (imports), without the deciding words."""
        found, familiar = self._look(texts)
        return [
            self._judge(text, row, known, catalogue)
            for text, row, known in zip(texts, found, familiar.tolist(), strict=True)
        ]

    def _judge(self, text: Text, row: Array, familiar: float, catalogue: Collection[str] | None) -> Prediction:
        blank = unreadable(text)
        if blank or familiar < FAMILIAR:
            return Prediction((), (), blank or "unfamiliar")
        order = np.argsort(-row).tolist()
        known = [place for place in order if catalogue is None or self.codes[place] in catalogue]
        guesses = tuple(Guess(self.codes[place], round(float(row[place]), 4)) for place in known[:TOP])
        if not known or known[0] != order[0]:
            return Prediction(guesses, (), "catalogue")
        return Prediction(guesses, (), "unsure" if guesses[0].confidence < self.threshold else "")

    def _because(self, text: Text, rows: sp.csr_matrix, chosen: int) -> tuple[str, ...]:
        """Words around the pieces with the largest say for the class against the mean of the others, none within another."""
        share = self.judges.weights[rows.indices]
        say = rows.data * (share[:, chosen] - (share.sum(axis=1) - share[:, chosen]) / max(len(self.codes) - 1, 1))
        picked: list[str] = []
        lines = word_lines(text)
        for place in np.argsort(-say)[:60]:
            if say[place] <= 0 or len(picked) == WORDS:
                break
            piece = self.lexicon.name(int(rows.indices[place]))
            if len(piece) < 2 or not piece.isalnum() or any(mark.isdigit() for mark in piece):
                continue  # a number decides nothing
            told = whole_words(lines, piece)
            within = next((at for at, one in enumerate(picked) if one in told), None)
            if within is not None:
                picked[within] = told  # 灯不亮, then 路灯: 路灯不亮
            elif not any(told in one or piece in one for one in picked):
                picked.append(told)
        picked = [one for one in picked if not any(one != other and one in other for other in picked)]
        return tuple(dict.fromkeys(picked))


def unreadable(text: Text) -> str:
    """Reason why a text cannot be judged at all, or empty."""
    whole = (text.title + text.body)[:4_000]
    if not whole.strip():
        return "empty"
    return "too_short" if count_han(whole, FEWEST_HAN) < FEWEST_HAN else ""
