"""Decisions over lists on plain values: what differs between two editions, and whether a body may be given a matter."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tongxin.kernel.codes import highest_number

QUARTER_NAMES = ("第一季度", "第二季度", "第三季度", "第四季度")


@dataclass(frozen=True, slots=True)
class Line:
    """An item as editions are compared and the gate reads it."""

    key: str
    klass: str
    title: str
    share: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the comparison; ``what`` is added, removed, moved (another class) or changed."""

    what: str
    key: str
    before: Line | None
    after: Line | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two editions side by side. ``classes``: (title, before, after) in order of the later edition, then those that are gone."""

    before: int
    after: int
    classes: tuple[tuple[str, int, int], ...]
    changes: tuple[Change, ...]

    @property
    def difference(self) -> int:
        """How many more items the later edition has."""
        return self.after - self.before

    def count(self, what: str) -> int:
        """Number of rows of one kind."""
        return sum(change.what == what for change in self.changes)


def compare(
    before: Sequence[Line],
    after: Sequence[Line],
    before_classes: Mapping[str, str],
    after_classes: Mapping[str, str],
    field_titles: Mapping[str, str],
) -> Comparison:
    """Compare two editions item by item, by their lasting keys (ZS-18)."""
    old, new = {line.key: line for line in before}, {line.key: line for line in after}
    changes = [Change("removed", key, line, None) for key, line in old.items() if key not in new]
    for key, line in new.items():
        then = old.get(key)
        if then is None:
            changes.append(Change("added", key, None, line))
            continue
        words = _words(then, line, field_titles)
        if before_classes.get(then.klass, then.klass) != after_classes.get(line.klass, line.klass):
            changes.append(Change("moved", key, then, line, words))
        elif words:
            changes.append(Change("changed", key, then, line, words))
    counts_before = Counter(before_classes.get(line.klass, line.klass) for line in before)
    counts_after = Counter(after_classes.get(line.klass, line.klass) for line in after)
    titles = list(dict.fromkeys([*after_classes.values(), *before_classes.values()]))
    classes = tuple(
        (title, counts_before[title], counts_after[title])
        for title in titles
        if counts_before[title] or counts_after[title]
    )
    return Comparison(len(before), len(after), classes, tuple(changes))


def _words(then: Line, now: Line, field_titles: Mapping[str, str]) -> tuple[str, ...]:
    words = []
    for title, a, b in (
        ("名称", then.title, now.title),
        ("社区的责任", then.share, now.share),
        ("责任单位", then.owner, now.owner),
    ):
        if a != b:
            words.append(f"{title}：{a or '无'} → {b or '无'}")
    for key, title in field_titles.items():
        a, b = str(then.fields.get(key, "")), str(now.fields.get(key, ""))
        if a != b:
            words.append(f"{title}：{a or '无'} → {b or '无'}")
    return tuple(words)


# ---- periods ----


def period_of(period: str, day: date) -> tuple[str, date, date | None]:
    """Return (title, first day, last day) of the period of a list that a day lies in; no last day for lists without periods."""
    if period == "quarter":
        number = (day.month - 1) // 3
        first, last_month = date(day.year, number * 3 + 1, 1), number * 3 + 3
        last = date(day.year, last_month, calendar.monthrange(day.year, last_month)[1])
        return f"{day.year}年{QUARTER_NAMES[number]}", first, last
    if period == "year":
        return f"{day.year}年度", date(day.year, 1, 1), date(day.year, 12, 31)
    return "", day, None


def next_period(period: str, last: date) -> tuple[str, date, date | None]:
    """Return the period that follows one whose last day is given."""
    return period_of(period, last + timedelta(days=1))


def next_key(keys: Iterable[str]) -> str:
    """Return the next free number of a list: one above the highest all-digit key, three digits at least."""
    return f"{highest_number(keys) + 1:03d}"


def pairs_of(classes: Mapping[str, str]) -> list[list[str]]:
    """Return classes as they are stored: pairs, in their order."""
    return [[key, title] for key, title in classes.items()]


# ---- the admission gate ----


@dataclass(frozen=True, slots=True)
class Standing:
    """One published edition as the gate reads it. ``area_ids``: None when it stands for the whole district."""

    list_key: str
    list_title: str
    edition_id: int
    edition_title: str
    area_id: int | None
    protects: frozenset[str]
    closed: bool  # what is not on it cannot be given
    lines: Mapping[str, tuple[Line, ...]]  # category code → items


@dataclass(frozen=True, slots=True)
class Leave:
    """What is admitted for a time."""

    list_key: str
    title: str
    categories: frozenset[str]
    area_id: int | None
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the lists say about giving a matter to a body.

    ``answer``: no_list (nothing protects this kind), main, assist, taken_back, leave (admitted for a time), lapsed (was, and is
    no more), unlisted. ``line`` and ``standing`` are those that decided.
    """

    answer: str
    standing: Standing | None = None
    line: Line | None = None
    leave: Leave | None = None


def judge(
    standings: Sequence[Standing],
    leaves: Sequence[Leave],
    *,
    kind: str,
    codes: Sequence[str],
    area_path: frozenset[int],
    now: datetime,
) -> Verdict:
    """Return what the published lists say (norms G-11, J-09, W-06).

    Args:
        kind: of the body that is to take it. codes: the matter's category and those above it, nearest first.
        area_path: the areas that the body covers and those above them.
    """
    ours = [one for one in standings if kind in one.protects and (one.area_id is None or one.area_id in area_path)]
    if not ours:
        return Verdict("no_list")
    for code in codes:
        found = [(one, line) for one in ours for line in one.lines.get(code, ())]
        for share in ("taken_back", "main", "assist"):
            for one, line in found:
                if (line.share or "main") == share:
                    return Verdict(share, one, line)
    barring = [one for one in ours if one.closed]
    if not barring:
        return Verdict("no_list")
    fitting = [
        leave for leave in leaves
        if not leave.categories.isdisjoint(codes) and (leave.area_id is None or leave.area_id in area_path)
    ]  # fmt: skip
    for leave in fitting:
        if leave.from_at <= now < leave.until_at:
            return Verdict("leave", barring[0], None, leave)
    lapsed = max((leave for leave in fitting if leave.until_at <= now), key=lambda one: one.until_at, default=None)
    return Verdict("lapsed" if lapsed else "unlisted", barring[0], None, lapsed)
