"""Hot topics (高频问题): what many people raise in one window, found by meaning, place and time. It names no person.

Like pairs make a graph; inside each connected part the average-linkage tree is cut, so that a chain of half-likes does
not become one topic. A topic is ranked by how many different people raised it: one person's ten messages count once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from tongxin.learning.near import Item, Surroundings, like_pairs, likeness_rows
from tongxin.learning.vectors import normalise, words

Array = npt.NDArray[Any]
LINKED = 0.16  # weakest likeness that joins two matters into one part of the graph
TOGETHER = 0.11  # mean likeness between two halves below which a topic is cut
LARGEST_PART = 4_000  # a larger part is first split by a higher bar; bounds memory to 64 MB
FEWEST_PEOPLE = 2
_LONGEST_NAME = 4  # words
_LONGEST_RUN = 16  # characters
_PARTICLES = frozenset("的了着和与及等")  # no name begins or ends with one
# What people do by writing, not what they write about; such runs name nothing.
_SPEECH = re.compile(
    "投诉|咨询|反映|关于|请问|请求|希望|建议|举报|问题|存在|何时|什么|如何|为何|怎么|有关|相关|强烈|要求|再次|解决|情况"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``members`` are item ids, the most typical first; ``words`` its own words, best first.

    ``people`` counts different ``Item.who`` (an empty one counts as a person of its own); ``messages`` counts items.
    ``weekly`` people a week, oldest first (empty where no times are known); ``trend`` is the number of people in the
    latter half of the window minus the former half.
    """

    members: tuple[int, ...]
    words: tuple[str, ...]
    people: int
    messages: int
    first_at: datetime | None
    last_at: datetime | None
    weekly: tuple[int, ...]
    trend: int

    @property
    def name(self) -> str:
        """The topic's words as one line; made of words of at least two people's messages."""
        return " ".join(self.words)


def find_topics(
    items: Sequence[Item],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 20,
    fewest: int = FEWEST_PEOPLE,
) -> list[Topic]:
    """Topics of the window, most people first (then more messages, then the earlier first member).

    Args:
        items: the matters of the window, any order. 4,326 take a few seconds (benchmarks/hot_topics.py).
        since, until: the window for weeks and trend (all aware or all naive); None: first and last time of the items.
            Items outside count as members, not in the course.
        most: at most so many topics.
        fewest: topics with fewer different people are left out.
    An empty window has no topics.
    """
    if not items:
        return []
    rows = likeness_rows([item.text for item in items])[1]
    around = Surroundings(items)
    links = _links(rows, around)
    groups = [group for part in _parts(links, LINKED) for group in _cut(part, rows, around)]
    spread = _word_spread(items)
    counted = [(_people(items, group), group) for group in groups]
    ranked = sorted(
        (pair for pair in counted if pair[0] >= fewest), key=lambda pair: (-pair[0], -len(pair[1]), min(pair[1]))
    )
    times = [item.at for item in items if item.at]
    window = (since or min(times), until or max(times)) if times else None
    return [_describe(group, rows, items, spread, window) for _, group in ranked[:most]]


def _links(rows: sp.csr_matrix, around: Surroundings) -> sp.csr_matrix:
    """Upper triangle of likenesses ≥ LINKED after place and time."""
    left, right, likes = [], [], []
    for i, j, like in like_pairs(rows, LINKED):
        factors = around.factor(i, j)
        keep = like * factors >= LINKED
        left.append(i[keep])
        right.append(j[keep])
        likes.append((like * factors)[keep])
    joined = (np.concatenate(left), np.concatenate(right))
    return sp.coo_matrix((np.concatenate(likes), joined), shape=rows.shape[:1] * 2).tocsr()


def _parts(links: sp.csr_matrix, bar: float) -> list[Array]:
    """Connected parts with two or more members; a part that is too large is split by a higher bar."""
    number, part = connected_components(links, directed=False)
    order = np.argsort(part, kind="stable")
    pieces = np.split(order, np.cumsum(np.bincount(part, minlength=number))[:-1])
    found: list[Array] = []
    for piece in pieces:
        if len(piece) > LARGEST_PART and bar < 0.9:
            inner = links[piece][:, piece]
            inner.data[inner.data < bar + 0.05] = 0
            inner.eliminate_zeros()
            found.extend(piece[smaller] for smaller in _parts(inner, bar + 0.05))
        elif len(piece) > 1:
            found.append(piece)
    return found


def _cut(part: Array, rows: sp.csr_matrix, around: Surroundings) -> list[list[int]]:
    """Average linkage inside one part, cut at TOGETHER."""
    if len(part) == 2:
        return [part.tolist()]
    near = (rows[part] @ rows[part].T).toarray() * around.factor(part[:, None], part[None, :])
    far = np.clip(1 - near, 0, None)
    np.fill_diagonal(far, 0)
    label = fcluster(linkage(squareform(far, checks=False), "average"), 1 - TOGETHER, "distance")
    groups: dict[int, list[int]] = {}
    for place, one in zip(part.tolist(), label.tolist(), strict=True):
        groups.setdefault(one, []).append(place)
    return [group for group in groups.values() if len(group) > 1]


def _who(items: Sequence[Item], place: int) -> str:
    return items[place].who or f"#{place}"


def _people(items: Sequence[Item], group: Iterable[int]) -> int:
    return len({_who(items, place) for place in group})


def _runs(text: str) -> set[str]:
    """Runs of one to four words that could name something: no marks inside, no particle at either end, two characters or more."""
    line = words(normalise(text))
    found = set()
    for start in range(len(line)):
        if line[start] in _PARTICLES:
            continue
        for size in range(1, _LONGEST_NAME + 1):
            run = line[start : start + size]
            if len(run) < size or not run[-1].isalnum():
                break
            if run[-1] in _PARTICLES:
                continue
            name = "".join(run)
            if 2 <= len(name) <= 12 and not name.isascii() and not _SPEECH.search(name):
                found.add(name)
    return found


def _headline(item: Item) -> str:
    return item.text.title or item.text.body[:60]


def _word_spread(items: Sequence[Item]) -> Counter[str]:
    """In how many headlines of the window each run of words stands."""
    spread: Counter[str] = Counter()
    for item in items:
        spread.update(_runs(_headline(item)))
    return spread


def _describe(
    group: list[int],
    rows: sp.csr_matrix,
    items: Sequence[Item],
    spread: Counter[str],
    window: tuple[datetime, datetime] | None,
) -> Topic:
    inside = rows[group]
    centre = np.asarray(inside.sum(axis=0)).ravel()
    typical = np.argsort(-np.asarray(inside @ centre).ravel(), kind="stable")
    members = [group[place] for place in typical]
    times = sorted(when for when in (items[place].at for place in group) if when)
    weekly, trend = _course(group, items, window) if window else ((), 0)
    return Topic(
        members=tuple(items[place].id for place in members),
        words=_own_words(members, items, spread),
        people=_people(items, group),
        messages=len(group),
        first_at=times[0] if times else None,
        last_at=times[-1] if times else None,
        weekly=weekly,
        trend=trend,
    )


def _own_words(group: Sequence[int], items: Sequence[Item], spread: Counter[str], most: int = 4) -> tuple[str, ...]:
    """Runs that many of the group's people use and the rest of the window does not, without overlaps.

    Every word is used by two or more people, so no single person's words name a topic.
    """
    users: dict[str, set[str]] = {}
    for place in group:
        for run in _runs(_headline(items[place])):
            users.setdefault(run, set()).add(_who(items, place))
    people = _people(items, group)
    scored = {
        run: len(who) / people * np.log(len(items) / spread[run]) * np.sqrt(min(len(run), 6))
        for run, who in users.items()
        if len(who) >= max(2, 0.2 * people)
    }
    lines = [normalise(_headline(items[place])) for place in group]
    picked: list[str] = []
    for run in sorted(scored, key=lambda run: (-scored[run], run)):
        if len(picked) == most:
            break
        whole = _whole(run, lines)
        if not any(_overlap(whole, one) for one in picked):
            picked.append(whole)
    return tuple(one.upper() for one in picked)


def _whole(run: str, lines: Sequence[str]) -> str:
    """The run with the characters that nearly always stand beside it: word cutting splits unknown names."""
    having = [line for line in lines if run in line]
    while len(run) < _LONGEST_RUN:
        sides = Counter(line[at - 1] + "<" for line in having if (at := line.find(run)) > 0)
        sides.update(line[at : at + 1] + ">" for line in having if (at := line.find(run) + len(run)) < len(line))
        if not sides:
            return run
        (best, count), *_ = sides.most_common(1)
        if count < 0.8 * len(having) or not best[0].isalnum() or best[0] in _PARTICLES:
            return run
        run = best[0] + run if best[1] == "<" else run + best[0]
        having = [line for line in having if run in line]
    return run


def _overlap(one: str, other: str) -> bool:
    """Whether two runs share two characters in a row."""
    return any(one[at : at + 2] in other for at in range(len(one) - 1))


def _course(
    group: Sequence[int], items: Sequence[Item], window: tuple[datetime, datetime]
) -> tuple[tuple[int, ...], int]:
    """People a week over the whole window, and latter half minus former half."""
    start, end = window
    half = start + (end - start) / 2
    weeks: list[set[str]] = [set() for _ in range((end - start) // timedelta(weeks=1) + 1)]
    before: set[str] = set()
    after: set[str] = set()
    for place in group:
        when = items[place].at
        if when and start <= when <= end:
            weeks[(when - start) // timedelta(weeks=1)].add(_who(items, place))
            (after if when > half else before).add(_who(items, place))
    return tuple(len(week) for week in weeks), len(after) - len(before)
