"""Train a classifier from handled matters and from corrections. Pure: examples in, model out; nothing is kept here.

Inner folds give the scores of texts that were not learned from; the calibration, the threshold and the evaluation
card come from these. The model itself then learns from all examples.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tongxin.learning.attention import train_sentences
from tongxin.learning.classify import Calibration, Card, ClassFigures, Model
from tongxin.learning.errors import LearningError
from tongxin.learning.figures import expected_calibration_error, f1_by_class
from tongxin.learning.judges import SAYS, Judges
from tongxin.learning.network import train_network
from tongxin.learning.vectors import Lexicon, Reading, Text, fit_lexicon, plain_key

Array = npt.NDArray[Any]
FEWEST_EXAMPLES = 5  # a class with fewer is left to the starter's rules
FEWEST_IN_ALL = 20
CORRECTION_COUNTS = 5.0  # a correction was looked at twice: it speaks as loud as five
COVERAGE = 0.9  # it abstains for the least sure tenth,
SURE = 0.8  # but never where it is surer than this
FAINT = 0.01  # seen so little, in sums of weights, before anything is seen: no piece is impossible in a class


@dataclass(frozen=True, slots=True)
class Example:
    """A handled matter. ``corrected``: a person put another class in place of the proposal."""

    text: Text
    code: str
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """What training does. ``seed`` is the only source of chance."""

    seed: int = 0
    folds: int = 3
    pieces: int = 60_000


class _Steps:
    """Counts what is done and tells it."""

    def __init__(self, number: int, tell: Callable[[float], None]) -> None:
        self._done, self._number, self._tell = 0, number, tell
        tell(0.0)

    def next(self) -> None:
        """One more network is trained: of all that is to do, these take the time."""
        self._done += 1
        self._tell(min(self._done / self._number, 1.0))


def train(
    examples: Sequence[Example],
    *,
    version: str,
    made_at: str,
    recipe: Recipe | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> Model:
    """Learn from examples.

    Args:
        examples: 20 or more, of two or more classes with 5 or more each; order does not matter for folds.
        version: kept on the card, e.g. ``2025-03-01.1``.
        made_at: ISO time for the card; this module asks no clock for it.
        recipe: folds, seed, sizes.
        tell: is told now and then which share (0 to 1) is done; what it raises ends the training.

    A text that occurs more than once counts once per class; of two classes a corrected one wins, else the latest.
    Classes with fewer than 5 examples are left out and named on the card.
    Raises: LearningError when there is too little to learn from.
    """
    recipe = recipe or Recipe()
    started = time.process_time()
    kept = _once_each(examples)
    counts = Counter(example.code for example in kept)
    left_out = tuple(sorted(code for code, number in counts.items() if number < FEWEST_EXAMPLES))
    used = [example for example in kept if example.code not in left_out]
    codes = tuple(sorted({example.code for example in used}))
    if len(codes) < 2 or len(used) < FEWEST_IN_ALL:
        raise LearningError(
            "too_few_examples",
            f"可供学习的事项太少：{len(used)} 件，{len(codes)} 类（至少 {FEWEST_IN_ALL} 件、2 类，每类 {FEWEST_EXAMPLES} 件）。",
            "先按关键词规则给出建议，办结更多事项后再训练。",
        )
    texts = [example.text for example in used]
    classes = np.array([codes.index(example.code) for example in used])
    weights = np.array([CORRECTION_COUNTS if example.corrected else 1.0 for example in used], np.float32)
    folds = _folds(classes, min(recipe.folds, *Counter(classes.tolist()).values()), recipe.seed)
    steps = _Steps(2 * (int(folds.max()) + 2), tell)
    scores = _unseen_scores(texts, classes, weights, folds, len(codes), recipe, steps)
    lexicon = fit_lexicon(texts, classes, keep=recipe.pieces)
    judges = _learn(lexicon.read(texts), classes, weights, len(codes), recipe.seed, steps)
    calibration = calibrate(scores, classes)
    honest = np.zeros((len(used), len(codes)))
    for fold in range(int(folds.max()) + 1):
        inside, out = folds != fold, folds == fold
        honest[out] = calibrate(scores[:, inside], classes[inside]).confidences(scores[:, out])
    best = honest.max(axis=1)
    threshold = min(float(np.quantile(best, 1 - COVERAGE)), SURE)
    card = _card(honest, classes, codes, counts, threshold)
    return Model(
        codes, lexicon, judges, calibration, threshold,
        Card(
            version=version, made_at=made_at, examples=len(used), corrections=sum(one.corrected for one in used),
            folds=int(folds.max()) + 1, seed=recipe.seed, train_seconds=round(time.process_time() - started, 1),
            left_out=left_out, notes=_notes(left_out), **card,
        ),
    )  # fmt: skip


def _notes(left_out: Sequence[str]) -> tuple[str, ...]:
    if not left_out:
        return ()
    return (f"以下类别不足 {FEWEST_EXAMPLES} 件，未参与学习，仍按关键词建议：{'、'.join(left_out)}。",)


def _once_each(examples: Sequence[Example]) -> list[Example]:
    """Each text once: a correction beats what was there, then the later one does. Empty texts and codes go."""
    kept: dict[str, Example] = {}
    for example in examples:
        key = plain_key(example.text.title + "|" + example.text.body)
        if not key or not example.code:
            continue
        before = kept.get(key)
        if before is None or example.corrected or not before.corrected:
            kept[key] = example
    return list(kept.values())


def _folds(classes: Array, number: int, seed: int) -> Array:
    """Fold of each example, every class spread evenly."""
    fold = np.zeros(len(classes), int)
    draw = np.random.default_rng(seed)
    for one in np.unique(classes):
        places = draw.permutation(np.flatnonzero(classes == one))
        fold[places] = (np.arange(len(places)) + draw.integers(number)) % number
    return fold


def _unseen_scores(
    texts: Sequence[Text], classes: Array, weights: Array, folds: Array, number: int, recipe: Recipe, steps: _Steps
) -> Array:
    """(says × texts × classes) what judges say of each text who had not seen it; lexicon included."""
    scores = np.zeros((SAYS, len(texts), number), np.float32)
    for fold in range(int(folds.max()) + 1):
        inside, out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        seen = [texts[place] for place in inside.tolist()]
        lexicon: Lexicon = fit_lexicon(seen, classes[inside], keep=recipe.pieces)
        judges = _learn(lexicon.read(seen), classes[inside], weights[inside], number, recipe.seed + fold, steps)
        scores[:, out] = judges.scores(lexicon.read([texts[place] for place in out.tolist()]))
    return scores


def _learn(read: Reading, classes: Array, weights: Array, number: int, seed: int, steps: _Steps) -> Judges:
    targets = np.eye(number, dtype=np.float32)[classes]
    even = weights / weights.mean()
    slopes, offsets = _weigh_pieces(read.rows, targets, weights, seed)
    network = train_network(read.rows, targets, even, seed)
    steps.next()
    reader = train_sentences(read.sentences, read.first, targets, even, seed)
    steps.next()
    return Judges(slopes, offsets, network, reader)


def _weigh_pieces(rows: sp.csr_matrix, targets: Array, weights: Array, seed: int) -> tuple[Array, Array]:
    """The linear judge: what each piece says for each class (pieces × classes), and the offsets.

    One support vector machine a class. Each sees the pieces multiplied by the logarithm of how much likelier they are
    inside the class than outside (Wang & Manning 2012): what tells apart may speak loud, what does not costs dear.
    """
    from sklearn.svm import LinearSVC  # seconds to import, and a web process never trains

    inside = rows.T @ (targets * weights[:, None]) + FAINT
    outside = inside.sum(axis=1, keepdims=True) - inside
    told = np.log(inside / inside.sum(axis=0) / (outside / outside.sum(axis=0))).astype(np.float32)
    slopes, offsets = np.empty_like(told), np.empty(targets.shape[1], np.float32)
    for one in range(targets.shape[1]):
        loud = sp.csr_matrix((rows.data * told[rows.indices, one], rows.indices, rows.indptr), shape=rows.shape)
        machine = LinearSVC(C=0.3, random_state=seed).fit(loud, targets[:, one], sample_weight=weights)
        slopes[:, one], offsets[one] = machine.coef_[0] * told[:, one], machine.intercept_[0]
    return slopes, offsets


def calibrate(scores: Array, classes: Array) -> Calibration:
    """Fit scales and bias by maximum likelihood on unseen texts (says × n × classes), with a light pull to zero bias."""
    from scipy.optimize import minimize

    says, _, number = scores.shape
    rows = np.arange(len(classes))
    table = np.eye(number)[classes]

    def loss(values: Array) -> tuple[float, Array]:
        bias = values[says:]
        found = Calibration(values[:says], bias).confidences(scores)
        off = (found - table) / len(classes)
        slope = np.concatenate([np.tensordot(scores, off, axes=2), off.sum(axis=0) + 2e-3 * bias])
        cost = -np.log(np.maximum(found[rows, classes], 1e-12)).mean() + 1e-3 * np.sum(bias**2)
        return float(cost), slope

    start = np.concatenate([np.ones(says), np.zeros(number)])
    bounds = [*[(0, 20)] * says, *[(-5, 5)] * number]
    values = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration(values[:says], values[says:])


def _card(
    honest: Array, classes: Array, codes: Sequence[str], counts: Counter[str], threshold: float
) -> dict[str, Any]:
    said, best = honest.argmax(axis=1), honest.max(axis=1)
    covered = best >= threshold
    scores = f1_by_class(classes, said, len(codes))
    lines = [ClassFigures(code, counts[code], round(score, 4)) for code, score in zip(codes, scores, strict=True)]
    rare = [ClassFigures(code, number, None) for code, number in sorted(counts.items()) if code not in codes]
    return {
        "macro_f1": round(float(np.mean(scores)), 4),
        "accuracy": round(float((said == classes).mean()), 4),
        "calibration_error": round(expected_calibration_error(best, said == classes), 4),
        "coverage": round(float(covered.mean()), 4),
        "macro_f1_covered": round(float(np.mean(f1_by_class(classes[covered], said[covered], len(codes)))), 4),
        "classes": tuple(lines + rare),
    }
