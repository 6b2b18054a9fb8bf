"""The most even division of a small community, proven: contiguous groups are fitted together until all hold or none can.

Asks "can these units be divided into k contiguous parts, each between low and high?" and answers with the parts, with a
proof that they cannot (every way was tried or ruled out), or, after a counted amount of work, that it is not known.
For communities of some dozens of units; large ones are left to the search (``improve``). The division of least cost,
borders and barriers counted too, is in ``exact``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tongxin.planning.findings import Progress, tell
from tongxin.planning.units import Ints, UnitGraph, groups_from, sum_by

EVEN_ENOUGH = 1.05  # largest part over the mean that needs no further work
EVEN_UNITS = 64  # of more units, the search is as good and a proof rarely comes in time
WORK = 300_000  # steps before the answer is "open": below a second
WORK_TO_BETTER = 4_000  # the same, once it is known that even enough cannot be had

Status = Literal["found", "impossible", "open"]
Verdict = Literal["even", "least", "uneven", "outside", "open"]


@dataclass(frozen=True, eq=False)
class Fit:
    """``part`` (n,) when ``status`` is "found"; ``work`` the steps taken."""

    status: Status
    part: Ints | None
    work: int


@dataclass(frozen=True, eq=False)
class Evenness:
    """How even a graph can be divided inside a range, whatever the number of parts.

    ``verdict``: "even" even enough was reached; "least" it cannot be, and ``ratio`` is proven the least; "uneven" it cannot
    be, the least is not known; "outside" no contiguous division has every part inside the range; "open" not known.
    ``part`` (n,) the best division, ``ratio`` its largest part over the mean; None and infinite where there is none.
    """

    verdict: Verdict
    part: Ints | None
    ratio: float


def most_even(
    graph: UnitGraph,
    counts: Sequence[int],
    low: float,
    high: float,
    *,
    known: Ints | None = None,
    enough: float = EVEN_ENOUGH,
    work: int = WORK,
    work_to_better: int = WORK_TO_BETTER,
    progress: Progress | None = None,
) -> Evenness:
    """Divide into one of ``counts`` parts (best first), each in [low, high], so that largest over mean is at most ``enough``;

    where that is impossible, so that it is least. ``known`` (n,) is any contiguous division to begin from.
    """
    total = float(graph.load.sum())
    best, ratio = None, math.inf
    if known is not None:
        loads = sum_by(known, graph.load)
        if low <= loads.min() and loads.max() <= high and len(loads) in counts:
            best, ratio = known, float(loads.max() * len(loads) / total)
    if ratio <= enough:
        return Evenness("even", best, ratio)
    undecided = list(counts)
    for allowed in (work // 15, work):  # what is easily found or ruled out first
        for k in list(undecided):
            tell(progress, "even", 0.0)
            answer = fit_parts(graph, k, low, min(high, enough * total / k), work=allowed)
            if answer.part is not None:
                return Evenness("even", answer.part, float(sum_by(answer.part, graph.load).max() * k / total))
            if answer.status == "impossible":
                undecided.remove(k)
    if undecided:
        return Evenness("open", best, ratio)
    least = True
    for k in counts:
        status: Status = "found"
        while status == "found":
            tell(progress, "even", 0.5)
            answer = fit_parts(graph, k, low, min(high, ratio * total / k * (1 - 1e-9)), work=work_to_better)
            status = answer.status
            if answer.part is not None:
                best, ratio = answer.part, float(sum_by(answer.part, graph.load).max() * k / total)
        least &= status == "impossible"
    if best is None:
        return Evenness("outside" if least else "uneven", None, math.inf)
    return Evenness("least" if least else "uneven", best, ratio)


class _OutOfWork(Exception):
    pass


def fit_parts(graph: UnitGraph, parts: int, low: float, high: float, *, work: int = WORK) -> Fit:
    """Divide a graph into exactly ``parts`` contiguous parts with loads in [low, high], or prove that nobody can.

    The window is narrowed first: what all others may hold at most, this one must hold at least. ``low`` must be above 0.
    """
    total = float(graph.load.sum())
    low, high = max(low, total - (parts - 1) * high), min(high, total - (parts - 1) * low)
    if parts < 1 or parts > graph.n or low > high + 1e-9 or high <= 0 or float(graph.load.max()) > high + 1e-9:
        return Fit("impossible", None, 0)
    search = _Search(graph, max(low, 1e-9), high, work)
    try:
        groups = search.divide_all((1 << graph.n) - 1, parts)
    except _OutOfWork:
        return Fit("open", None, work - search.left)
    if groups is None:
        return Fit("impossible", None, work - search.left)
    part = np.zeros(graph.n, dtype=np.int64)
    for number, group in enumerate(groups):
        part[[u for u in range(graph.n) if group >> u & 1]] = number
    return Fit("found", part, work - search.left)


class _Search:
    """Depth first over groups as bit masks; what is left falls into pieces, each divided by itself, failures remembered."""

    def __init__(self, graph: UnitGraph, low: float, high: float, work: int) -> None:
        self.low, self.high, self.left = low - 1e-9, high + 1e-9, work
        self.load: list[float] = graph.load.tolist()
        self.adjacent = [0] * graph.n
        for u, v in graph.edges.tolist():
            self.adjacent[u] |= 1 << v
            self.adjacent[v] |= 1 << u
        self.failed: set[tuple[int, int]] = set()
        # A part holds at least so many units (the largest that reach low) and at most so many (the smallest within high).
        rising = np.cumsum(np.sort(graph.load))
        falling = np.cumsum(np.sort(graph.load)[::-1])
        self.fewest = int(np.searchsorted(falling, self.low, side="left")) + 1
        self.most = int(np.searchsorted(rising, self.high, side="right"))

    def divide_all(self, mask: int, parts: int) -> list[int] | None:
        """Divide what may be in several pieces; the parts are shared out in every way the loads allow."""
        pieces = self.pieces(mask)
        for shares in self.shares(pieces, parts):
            done: list[int] = []
            for piece, share in sorted(zip([p[0] for p in pieces], shares, strict=True), key=lambda p: p[1]):
                found = self.divide(piece, share)
                if found is None:
                    break
                done += found
            else:
                return done
        return None

    def divide(self, mask: int, parts: int) -> list[int] | None:
        """Divide one contiguous piece."""
        if parts == 1:
            return [mask]  # its load was looked at when it was cut off
        if (mask, parts) in self.failed:
            return None
        weight = self.weigh(mask)
        # What the other parts may hold at most, this one must hold at least, and the other way round.
        low, high = max(self.low, weight - (parts - 1) * self.high), min(self.high, weight - (parts - 1) * self.low)
        for group in self.groups(mask, self.corner(mask), low, high):
            self.spend(mask.bit_count() // 4)
            rest = self.divide_all(mask ^ group, parts - 1)
            if rest is not None:
                return [group, *rest]
        self.failed.add((mask, parts))
        return None

    def corner(self, mask: int) -> int:
        """The unit with the fewest neighbours left: few groups can hold it."""
        best, fewest, rest = 0, 1 << 30, mask
        while rest:
            bit = rest & -rest
            rest ^= bit
            u = bit.bit_length() - 1
            around = (self.adjacent[u] & mask).bit_count()
            if around < fewest:
                best, fewest = u, around
        return best

    def weigh(self, mask: int) -> float:
        """Load of the units in a mask."""
        total = 0.0
        while mask:
            bit = mask & -mask
            mask ^= bit
            total += self.load[bit.bit_length() - 1]
        return total

    def spend(self, work: int) -> None:
        """Count work done; raises ``_OutOfWork``."""
        self.left -= work
        if self.left < 0:
            raise _OutOfWork

    def groups(self, mask: int, first: int, low: float, high: float) -> Iterator[int]:
        """Every contiguous group inside ``mask`` that holds ``first`` and whose load lies in [low, high], once each."""
        for group, weight in groups_from(first, self.adjacent, self.load, ~mask, high):
            self.spend(1)
            if weight >= low:
                yield group

    def pieces(self, mask: int) -> list[tuple[int, float]]:
        """The contiguous pieces of ``mask`` with their loads."""
        found = []
        while mask:
            piece, front, weight = 0, mask & -mask, 0.0
            while front:
                bit = front & -front
                piece |= bit
                i = bit.bit_length() - 1
                weight += self.load[i]
                front = (front | self.adjacent[i] & mask) & ~piece
            found.append((piece, weight))
            mask &= ~piece
        return found

    def shares(self, pieces: list[tuple[int, float]], parts: int) -> Iterator[tuple[int, ...]]:
        """The ways to share ``parts`` out among the pieces that loads and numbers of units allow."""
        ranges = []
        for piece, weight in pieces:
            units = piece.bit_count()
            least = max(math.ceil(weight / self.high), -(-units // self.most) if self.most else parts + 1, 1)
            most = min(math.floor(weight / self.low), units // self.fewest)
            if least > most:
                return
            ranges.append((least, most))
        yield from _compositions(ranges, parts)


def _compositions(ranges: list[tuple[int, int]], total: int) -> Iterator[tuple[int, ...]]:
    if not ranges:
        if total == 0:
            yield ()
        return
    (least, most), rest = ranges[0], ranges[1:]
    for share in range(least, min(most, total) + 1):
        for others in _compositions(rest, total - share):
            yield (share, *others)
