"""Work of many threads done together: who comes while one is at work goes with the next, as a database commits in groups.

The first goes alone at once, and what arrives meanwhile goes together. Where several went together, the next waits a moment for these
and for who came while they were at it (as ``commit_delay`` does where ``commit_siblings`` are about), so a quiet server is as quick as
before and a busy one does the same work with a fraction of the statements and commits. Callers are threads, or pieces of work on an
event loop (``kernel.looped``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import zip_longest
from threading import Lock
from typing import Generic, TypeVar

from django.db import Error

from tongxin.kernel.lines import own
from tongxin.kernel.looped import Turn, new_turn

T = TypeVar("T")
R = TypeVar("R")

MOST = 64  # in one go; the rest goes with the next
ABREAST = 8  # callers woken at once, each wakes another: more would only queue for the interpreter
PATIENCE = 0.005  # seconds that the first of several waits for the others, at most
_CONTENT = 16  # so many goes after one that waited in vain, no more company is hoped for than came
# The server went away or is going: what it did with the statement is not known, so nothing is tried again; nor after it ran out of
# time (57014, 55P03, 25P04), for each alone would wait as long once more.
_NOT_AGAIN = ("08", "57P", "58", "XX", "57014", "55P03", "25P04")


class _Ticket(Generic[T, R]):
    """One caller's item and what became of it; ``turn`` is released when it is done, or when its caller is to work for all.

    Whose item is done wakes the caller of ``following``.
    """

    __slots__ = ("done", "error", "following", "item", "result", "turn")

    def __init__(self, item: T) -> None:
        self.item = item
        self.turn = new_turn()
        self.done = False
        self.following: _Ticket[T, R] | None = None
        self.result: R | None = None
        self.error: BaseException | None = RuntimeError("the work was broken off")


class Gathered(Generic[T, R]):
    """A function of one item whose calls from several threads are done together.

    Args:
        work: takes items, returns a result for each, in order; by one statement or several that are each whole by themselves.
            It runs in the thread and on the connection of one of the callers.

    When the server refuses the work for several, each is done alone, so that one caller's fault is not another's. Inside a
    transaction the caller's own item goes alone and at once: it belongs to that transaction.
    """

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._work = work
        self._lock = Lock()
        self._waiting: deque[_Ticket[T, R]] = deque()
        self._busy = False
        self._hoped, self._content = 1, 0
        self._come: Turn | None = None  # for whom the leader waits: released when as many wait as were hoped for

    def __call__(self, item: T) -> R:
        """Return the item's result, or raise what went wrong with it."""
        if own.line.in_atomic_block:
            return self._work([item])[0]
        ticket: _Ticket[T, R] = _Ticket(item)
        with self._lock:
            self._waiting.append(ticket)
            leads, self._busy = not self._busy, True
            come = self._come if len(self._waiting) >= self._hoped else None
            if come is not None:
                self._come = None
        if come is not None:
            come.release()
        if not leads:
            ticket.turn.acquire()
        try:
            if not ticket.done:
                self._lead()
        finally:
            if ticket.following is not None:
                ticket.following.turn.release()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    @property
    def busy(self) -> bool:
        """Whether somebody is at work just now."""
        return self._busy

    def _lead(self) -> None:
        """Do what waits, one's own first, then hand over to the first that came meanwhile."""
        batch = self._assemble()
        try:
            self._do(batch)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
                if len(batch) > 1 and not self._content:  # who waits now is not of the batch: there are so many
                    self._hoped = min(len(batch) + len(self._waiting), MOST)
            if following is not None:
                following.turn.release()
            for ticket, later in zip_longest(batch, batch[ABREAST:]):
                ticket.done, ticket.following = True, later
            for ticket in batch[1:ABREAST]:
                ticket.turn.release()

    def _assemble(self) -> list[_Ticket[T, R]]:
        """Take what waits; where company was good last time, wait a moment for more."""
        with self._lock:
            come = self._come = new_turn() if len(self._waiting) < self._hoped else None
        if come is not None:
            come.acquire(timeout=PATIENCE)
        with self._lock:
            self._come = None
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            self._content = _CONTENT if len(batch) < self._hoped else max(self._content - 1, 0)
            self._hoped = len(batch)
        return batch

    def _do(self, batch: Sequence[_Ticket[T, R]]) -> None:
        try:
            for ticket, result in zip(batch, self._work([ticket.item for ticket in batch]), strict=True):
                ticket.result, ticket.error = result, None
        except BaseException as error:
            if len(batch) > 1 and _refused(error):
                for ticket in batch:
                    self._do([ticket])
                return
            for ticket in batch:
                ticket.error = error
            if not isinstance(error, Exception):
                raise


def _refused(error: BaseException) -> bool:
    """Whether the server said no to what the statement asks, so that a part of it may be taken alone."""
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, Error) and state is not None and not state.startswith(_NOT_AGAIN)
