"""Which topic a later matter belongs to: likeness to the topic's own matters. Pure; it attaches nothing.

A matter is as like a topic as the mean of its three likest pairs with it, after place and time. The two bars were read off
168 later messages that one reader labelled (tests/unit/learning/topic_arrivals.csv): above ``ATTACHED`` 26 of 29 belong,
between the two 52 of 70.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tongxin.learning.near import Item, Surroundings
from tongxin.learning.vectors import Lexicon

ATTACHED = 0.34
OFFERED = 0.25
_LIKEST = 3
_PER_TOPIC = 200  # its newest matters stand for it
_BATCH = 500  # bounds memory: 40 MB with 50 topics


@dataclass(frozen=True, slots=True)
class Arrival:
    """A matter that belongs to a topic (``sure``) or may belong to it."""

    topic: int
    matter: int
    likeness: float
    sure: bool


def find_topic_of(
    topics: Sequence[tuple[int, Sequence[Item]]], items: Sequence[Item], lexicon: Lexicon
) -> list[Arrival]:
    """For each item at most one topic, the likest, if like enough.

    Args:
        topics: (id, its matters); of a long list the last 200 are compared.
        lexicon: of the district's texts (near.likeness_rows), so that rare words weigh as they do there.
    """
    kept = [(ident, list(members)[-_PER_TOPIC:]) for ident, members in topics if members]
    if not kept or not items:
        return []
    known = [item for _, members in kept for item in members]
    columns = lexicon.transform([item.text for item in known]).T.tocsr()
    best, which = np.zeros(len(items)), np.zeros(len(items), np.int64)
    for first in range(0, len(items), _BATCH):
        some = items[first : first + _BATCH]
        around = Surroundings([*known, *some])
        likes = (lexicon.transform([item.text for item in some]) @ columns).toarray()
        likes *= around.factor(len(known) + np.arange(len(some))[:, None], np.arange(len(known))[None, :])
        here, start = slice(first, first + len(some)), 0
        for ident, members in kept:
            score = np.sort(likes[:, start : start + len(members)], axis=1)[:, -_LIKEST:].mean(axis=1)
            which[here][score > best[here]] = ident
            best[here], start = np.maximum(best[here], score), start + len(members)
    return [
        Arrival(int(which[at]), items[at].id, round(float(min(best[at], 1)), 3), bool(best[at] >= ATTACHED))
        for at in np.flatnonzero(best >= OFFERED).tolist()
    ]
