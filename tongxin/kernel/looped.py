"""Plain code on an event loop: it waits as a greenlet, so one thread carries many requests and no thread is woken for each.

The code is the one that threads run; only where it must wait it asks :func:`on_loop` and calls :func:`wait_for`, and the loop goes on
with others meanwhile. What cannot wait that way (Django's connection, a key that must be looked up) calls :func:`need_thread`, which
gives the work up before it has done anything; the web server then has it done by a thread from the start. Why: ADR 0010.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from threading import Lock, get_ident
from typing import Any, Protocol, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")
KEPT = 256  # greenlets kept for the next work; a new one costs ten times as much as one that ran before


class Elsewhere(BaseException):
    """The work cannot go on here and has done nothing yet: a thread must do it. No error, so nothing on the way may swallow it."""


class _Looped(greenlet):
    written = False  # whether the work has written something, so that it must not be done anew


class _Outcome:
    """What became of a work; switched out in place of something to wait for."""

    __slots__ = ("error", "result")

    def __init__(self) -> None:
        self.result: Any = None
        self.error: BaseException | None = None


def on_loop() -> bool:
    """Whether this code runs on an event loop, where waiting otherwise than by :func:`wait_for` would stop everybody."""
    return type(getcurrent()) is _Looped


def wait_for(awaitable: Awaitable[T]) -> T:
    """Return what the awaitable gives, letting the loop go on until then. Only where :func:`on_loop` says yes."""
    parent = getcurrent().parent
    assert parent is not None
    result: T = parent.switch(awaitable)
    return result


def need_thread() -> None:
    """Go on only in a thread.

    Raises:
        Elsewhere: this is a loop.
        RuntimeError: it is a loop, and the work has written already; doing it anew would write it twice.
    """
    here = getcurrent()
    if type(here) is _Looped:
        if here.written:
            raise RuntimeError("the database was asked on the event loop after the work had written; see kernel.looped")
        raise Elsewhere


def has_written() -> None:
    """Say that the work has written: from now on it cannot be given to a thread."""
    here = getcurrent()
    if type(here) is _Looped:
        here.written = True


class Looping:
    """Runs plain functions on the event loop that awaits them; used by one loop alone."""

    def __init__(self) -> None:
        self._idle: list[_Looped] = []

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Return what ``work(*args)`` returns, or raise what it raises; its context variables are its own."""
        carrier = self._idle.pop() if self._idle else _Looped(_carry)
        carrier.gr_context, carrier.written = copy_context(), False
        told = carrier.switch(work, args)
        while type(told) is not _Outcome:
            try:
                value = await told
            except BaseException as fault:
                told = carrier.throw(fault)
            else:
                told = carrier.switch(value)
        result, error = told.result, told.error
        told.result = told.error = None
        if len(self._idle) < KEPT:
            self._idle.append(carrier)
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]


def _carry(work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Do one work after the other, telling the outcome of each."""
    parent = getcurrent().parent
    assert parent is not None
    outcome = _Outcome()
    while True:
        try:
            outcome.result = work(*args)
        except BaseException as error:
            outcome.error = error
        del work, args
        work, args = parent.switch(outcome)


class Turn(Protocol):
    """What one waits for until another releases it, once."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> object:
        """Wait until it is released, at most so many seconds (-1: without end)."""

    def release(self) -> None:
        """Let the one who waits go on; from any thread, once."""


def new_turn() -> Turn:
    """Return a turn for whoever asks: a lock that is taken in a thread, something to wait for on a loop."""
    if on_loop():
        return _TurnOnLoop()
    lock = Lock()
    lock.acquire()
    return lock


class _TurnOnLoop:
    __slots__ = ("_come", "_loop", "_thread")

    def __init__(self) -> None:
        self._loop, self._thread = asyncio.get_running_loop(), get_ident()
        self._come = self._loop.create_future()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> object:
        if timeout < 0:
            return wait_for(self._come)
        late = self._loop.call_later(timeout, self._end)
        wait_for(self._come)
        late.cancel()
        return None

    def release(self) -> None:
        if get_ident() == self._thread:
            self._end()
        else:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits there any more
                self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if not self._come.done():
            self._come.set_result(None)
