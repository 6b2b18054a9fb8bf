"""Suggestions on the first day, before anything was handled: keywords and names from the locality's own catalogue.

Its confidence is a cautious rule, not a measured probability (never above 0.6), and it always abstains from choosing
by itself. Once a trained model exists, it still speaks for classes which that model does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tongxin.learning.classify import TOP, WORDS, Guess, Model, Prediction, unreadable
from tongxin.learning.vectors import Text, normalise, words

_KEYWORD, _TITLE, _PIECE = 3.0, 3.0, 1.0
_MOST = 0.6
_EVEN = 3.0  # a score of one keyword gives half of _MOST
# Words that stand in many class names and tell nothing.
EMPTY_WORDS = frozenset(
    ["问题", "其他", "其它", "管理", "服务", "工作", "相关", "方面", "有关", "情况", "类", "及", "与", "和", "等", "的"]
)


@dataclass(frozen=True, slots=True)
class Category:
    """One class of the catalogue. ``keywords`` from the pack; ``above`` the titles over it, broadest first."""

    code: str
    title: str
    keywords: tuple[str, ...] = ()
    above: tuple[str, ...] = ()


class Proposer(Protocol):
    """What a page needs of a classifier; ``Starter`` and ``classify.Model`` are both one."""

    def predict(self, text: Text) -> Prediction:
        """Propose classes for one text."""


class Starter:
    """Keyword rules over a catalogue; immutable, built in a millisecond a hundred classes."""

    def __init__(self, catalogue: Sequence[Category]) -> None:
        self.titles = {category.code: category.title for category in catalogue}
        self._clues: dict[str, list[tuple[str, float]]] = {}
        for category in catalogue:
            for clue, weight in _clues(category).items():
                self._clues.setdefault(clue, []).append((category.code, weight))

    def scores(self, text: Text) -> dict[str, tuple[float, list[str]]]:
        """For each class with a clue in the text: score and the clues, strongest first. A title counts like a body."""
        whole = normalise(text.title) + "|" + normalise(text.body)
        found: dict[str, list[tuple[float, str]]] = {}
        for clue, owners in self._clues.items():
            if clue in whole:
                for code, weight in owners:
                    found.setdefault(code, []).append((weight / len(owners) ** 0.5, clue))
        return {
            code: (sum(weight for weight, _ in hits), [clue for _, clue in sorted(hits, reverse=True)])
            for code, hits in found.items()
        }

    def predict(self, text: Text) -> Prediction:
        """Up to three classes by clues; always with a reason, because a rule does not know how often it is right."""
        blank = unreadable(text)
        scores = {} if blank else self.scores(text)
        ranked = sorted(scores, key=lambda code: (-scores[code][0], code))[:TOP]
        if not ranked:
            return Prediction((), (), blank or "unfamiliar")
        guesses = tuple(Guess(code, _confidence(scores[code][0])) for code in ranked)
        return Prediction(guesses, tuple(scores[ranked[0]][1][:WORDS]), "unsure")


def propose(text: Text, starter: Starter, model: Model | None) -> Prediction:
    """What a page shows: the model's proposal limited to today's catalogue, helped by the rules where it is blind.

    Without a model: the rules. With one: its guesses; a class that it never learned (new, or too few examples) and
    that the rules name with a keyword or its title joins as the last guess; if the model says nothing, the rules do.
    """
    if model is None:
        return starter.predict(text)
    return _joined(text, starter, model, model.predict(text, starter.titles.keys()))


def propose_many(texts: Sequence[Text], starter: Starter, model: Model | None) -> list[Prediction]:
    """As :func:`propose` for many (imports), without the deciding words where the model speaks."""
    if model is None:
        return [starter.predict(text) for text in texts]
    said = model.predict_many(texts, starter.titles.keys())
    return [_joined(text, starter, model, one) for text, one in zip(texts, said, strict=True)]


def _joined(text: Text, starter: Starter, model: Model, said: Prediction) -> Prediction:
    if said.reason == "empty" or said.reason == "too_short":
        return said
    if not said.guesses:
        return starter.predict(text)
    unknown = {
        code: found for code, found in starter.scores(text).items() if code not in model.codes and found[0] >= _KEYWORD
    }
    if not unknown:
        return said
    best = max(unknown, key=lambda code: (unknown[code][0], code))
    share = _confidence(unknown[best][0])  # the model's own are of the classes it knows: what is left to these
    known = tuple(Guess(one.code, round(one.confidence * (1 - share), 4)) for one in said.guesses[: TOP - 1])
    guesses = (*known, Guess(best, share))
    return Prediction(guesses, said.because, said.reason or "new_class")


def _confidence(score: float) -> float:
    return round(_MOST * score / (score + _EVEN), 3)


def _clues(category: Category) -> dict[str, float]:
    """Clue → weight. Names above give their words at half weight."""
    clues: dict[str, float] = {}
    for piece in (word for title in category.above for word in words(normalise(title))):
        if len(piece) > 1 and piece not in EMPTY_WORDS:
            clues[piece] = _PIECE / 2
    for piece in words(normalise(category.title)):
        if len(piece) > 1 and piece not in EMPTY_WORDS:
            clues[piece] = _PIECE
    if len(normalise(category.title)) > 1:
        clues[normalise(category.title)] = _TITLE
    for keyword in category.keywords:
        if normalise(keyword):
            clues[normalise(keyword)] = _KEYWORD
    return clues
