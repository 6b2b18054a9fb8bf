"""Work of many threads done together: nobody waits alone, nobody gets another's answer or another's fault."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest
from django.db import DataError, OperationalError

from tongxin.kernel import gathering
from tongxin.kernel.gathering import MOST, Gathered

PATIENCE_SECONDS = 30


class Counter:
    """A function of numbers that doubles them; its first round is held until told."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.refused: set[int] = set()
        self.lost: set[int] = set()
        self.because: psycopg.Error | None = None
        self.call = Gathered(self.work)

    def work(self, items: Sequence[int]) -> list[int]:
        first = not self.rounds
        self.rounds.append(list(items))
        if first:
            self.begun.set()
            assert self.go.wait(PATIENCE_SECONDS)
        if self.lost & set(items):
            raise OperationalError("not done") from self.because
        if self.refused & set(items):
            raise DataError("too long") from psycopg.errors.StringDataRightTruncation()
        return [2 * item for item in items]

    def asked(self, pool: ThreadPoolExecutor, items: Sequence[int]) -> list[Future[int]]:
        """Ask for the first item, and for the others while it is under way; returns when all of them wait."""
        futures = [pool.submit(self.call, items[0])]
        assert self.begun.wait(PATIENCE_SECONDS)
        futures += [pool.submit(self.call, item) for item in items[1:]]
        pause = threading.Event()
        while len(self.call._waiting) < len(items) - 1:
            pause.wait(0.002)
        self.go.set()
        return futures


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_one_alone_goes_alone_and_at_once(counter: Counter) -> None:
    counter.go.set()
    assert [counter.call(item) for item in (1, 2)] == [2, 4]
    assert counter.rounds == [[1], [2]]


def test_who_comes_meanwhile_goes_together_and_each_gets_their_own(counter: Counter) -> None:
    with ThreadPoolExecutor(100) as pool:
        asked = counter.asked(pool, range(100))
        assert [future.result(PATIENCE_SECONDS) for future in asked] == [2 * item for item in range(100)]
    assert [len(done) for done in counter.rounds] == [1, MOST, 99 - MOST]


def test_what_the_server_refuses_is_the_fault_of_one(counter: Counter) -> None:
    counter.refused = {5}
    with ThreadPoolExecutor(10) as pool:
        asked = counter.asked(pool, range(10))
        with pytest.raises(DataError):
            asked[5].result(PATIENCE_SECONDS)
        assert [future.result(PATIENCE_SECONDS) for future in asked if future is not asked[5]] == [
            2 * item for item in range(10) if item != 5
        ]
    assert sorted(map(len, counter.rounds)) == [1] * 10 + [9]


@pytest.mark.parametrize(
    "because", [None, psycopg.errors.AdminShutdown(), psycopg.errors.LockNotAvailable(), psycopg.errors.QueryCanceled()]
)
def test_when_the_server_is_lost_or_out_of_time_nothing_is_tried_again(
    counter: Counter, because: psycopg.Error | None
) -> None:
    counter.lost, counter.because = {5}, because
    with ThreadPoolExecutor(10) as pool:
        asked = counter.asked(pool, range(10))
        assert asked[0].result(PATIENCE_SECONDS) == 0
        for future in asked[1:]:
            with pytest.raises(OperationalError):
                future.result(PATIENCE_SECONDS)
    assert list(map(len, counter.rounds)) == [1, 9]
    assert counter.call(7) == 14  # and the next one is served


def test_where_company_was_good_the_next_waits_for_as_many_and_no_longer_than_its_patience(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", PATIENCE_SECONDS)
    with ThreadPoolExecutor(3) as pool:
        for future in counter.asked(pool, [1, 2, 3]):
            future.result(PATIENCE_SECONDS)
        assert counter.rounds == [[1], [2, 3]]
        again = [pool.submit(counter.call, item) for item in (4, 5)]
        assert [future.result(PATIENCE_SECONDS) for future in again] == [8, 10]
        assert sorted(counter.rounds[2]) == [4, 5]
        monkeypatch.setattr(gathering, "PATIENCE", 0.001)
        assert counter.call(7) == 14  # it hoped for company in vain, and the next hopes for none
        monkeypatch.setattr(gathering, "PATIENCE", PATIENCE_SECONDS)
        assert counter.call(8) == 16
    assert counter.rounds[3:] == [[7], [8]]


def test_who_comes_while_several_are_at_it_is_waited_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", PATIENCE_SECONDS)
    rounds: list[list[int]] = []
    begun, go = threading.Semaphore(0), threading.Semaphore(0)

    def work(items: Sequence[int]) -> list[int]:
        rounds.append(list(items))
        begun.release()
        assert go.acquire(timeout=PATIENCE_SECONDS)
        return list(items)

    call, pause = Gathered(work), threading.Event()
    with ThreadPoolExecutor(9) as pool:
        asked: list[Future[int]] = []

        def ask(items: Sequence[int], *, waiting: int) -> None:
            asked.extend([pool.submit(call, item) for item in items])
            while len(call._waiting) < waiting:
                pause.wait(0.002)

        ask([1], waiting=0)
        assert begun.acquire(timeout=PATIENCE_SECONDS)
        ask([2, 3], waiting=2)
        go.release()
        assert begun.acquire(timeout=PATIENCE_SECONDS)
        ask([4, 5], waiting=2)  # two are at it, and two more came
        go.release()
        assert [future.result(PATIENCE_SECONDS) for future in asked[:3]] == [1, 2, 3]
        ask([6], waiting=3)
        assert not begun.acquire(timeout=0.05)  # four are hoped for
        ask([7], waiting=0)
        assert begun.acquire(timeout=PATIENCE_SECONDS)
        go.release()
        assert [future.result(PATIENCE_SECONDS) for future in asked[3:]] == [4, 5, 6, 7]
    assert list(map(sorted, rounds)) == [[1], [2, 3], [4, 5, 6, 7]]
