"""Plain code on an event loop: many wait in one thread, each with its own context; what needs a thread says so before it writes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

from django.db import connection

from tests.loops import run
from tongxin.kernel.gathering import Gathered
from tongxin.kernel.looped import KEPT, Elsewhere, Looping, has_written, need_thread, new_turn, on_loop, wait_for

PATIENCE_SECONDS = 30
_name: ContextVar[str] = ContextVar("_name", default="nobody")


def run_all(*works: Any) -> list[Any]:
    """Run works side by side on one loop; returns results and errors."""

    async def together() -> list[Any]:
        looping = Looping()
        return await asyncio.gather(*(looping.run(*work) for work in works), return_exceptions=True)

    return run(together())


def test_works_wait_for_each_other_in_one_thread_with_a_context_of_their_own() -> None:
    async def told() -> str:
        return _name.get()

    came: list[Any] = []

    def work(name: str) -> tuple[str, str, int]:
        assert on_loop()
        assert _name.get() == "nobody"  # not what ran on this greenlet before
        _name.set(name)
        turn = new_turn()
        came.append(turn)
        if len(came) % 2:
            turn.acquire()
        else:
            came[-2].release()  # a lock would have stopped the thread that it needs
        wait_for(asyncio.sleep(0))
        return name, _name.get(), threading.get_ident()

    async def twice(names: list[str]) -> list[Any]:
        looping = Looping()
        return [await asyncio.gather(*(looping.run(work, name) for name in names)) for _ in range(2)]

    names = [str(number) for number in range(2 * KEPT + 10)]
    for done in run(twice(names)):  # the second time on greenlets that ran before
        assert [(name, kept) for name, kept, _ in done] == [(name, name) for name in names]
        assert len({thread for _, _, thread in done}) == 1
    assert not on_loop()


def test_a_turn_is_released_from_another_thread_or_ends_by_itself() -> None:
    def work() -> str:
        turn = new_turn()
        threading.Thread(target=turn.release).start()
        turn.acquire()
        late = new_turn()
        late.acquire(timeout=0.001)
        late.release()  # too late, and nobody minds
        return "done"

    assert run_all((work,)) == ["done"]


def test_errors_come_out_where_the_work_was_asked_for_and_can_be_caught_inside() -> None:
    async def fails() -> None:
        raise ValueError("from the loop")

    def caught() -> str:
        try:
            wait_for(fails())
        except ValueError as error:
            return str(error)
        return ""

    def uncaught() -> None:
        wait_for(fails())

    first, second = run_all((caught,), (uncaught,))
    assert first == "from the loop"
    assert isinstance(second, ValueError)


def test_what_needs_a_thread_says_so_and_never_after_it_has_written() -> None:
    def ask() -> None:
        connection.ensure_connection()

    def write_and_ask() -> None:
        has_written()
        need_thread()

    need_thread()  # in a thread nothing happens
    asked, wrote, again = run_all((ask,), (write_and_ask,), (ask,))
    assert isinstance(asked, Elsewhere)
    assert isinstance(wrote, RuntimeError)
    assert isinstance(again, Elsewhere)  # on the same greenlet, perhaps; what it wrote before does not count


def test_threads_and_works_on_a_loop_are_gathered_together() -> None:
    rounds: list[list[int]] = []
    begun, go = threading.Event(), threading.Event()

    def double(items: Any) -> list[int]:
        rounds.append(list(items))
        if len(rounds) == 1:
            begun.set()
            assert go.wait(PATIENCE_SECONDS)
        return [2 * item for item in items]

    call = Gathered(double)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(call, 0)
        assert begun.wait(PATIENCE_SECONDS)
        others = [pool.submit(call, item) for item in (1, 2, 3, 4)]
        pause = threading.Event()
        while len(call._waiting) < 4:
            pause.wait(0.002)

        def let_go() -> None:
            while len(call._waiting) < 24:
                pause.wait(0.002)
            go.set()

        letting = pool.submit(let_go)
        assert run_all(*((call, item) for item in range(5, 25))) == [2 * item for item in range(5, 25)]
        letting.result(PATIENCE_SECONDS)
        assert [future.result(PATIENCE_SECONDS) for future in (first, *others)] == [0, 2, 4, 6, 8]
    assert rounds == [[0], list(range(1, 25))]
    assert call(7) == 14
    assert run_all((call, 8)) == [16]
