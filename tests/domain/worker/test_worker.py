"""The worker: serves what is due, shows that it lives, is woken, outlives its connections, stops when asked."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections

from tests.world import open_world
from tongxin.accounts.models import Throttle
from tongxin.kernel import caches, clock
from tongxin.packs import api as packs
from tongxin.procedures.models import LogEntry, Run
from tongxin.web.worker import Worker, call_workers, living_workers

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 30


@pytest.fixture
def world():
    caches.clear_all()
    packs.forget_districts()
    world = open_world()
    world.now = clock.now()
    return world


@contextmanager
def working(worker=None):
    worker = worker or Worker()

    def live():
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def eventually(true):
    """Wait on a condition, with a bound; returns what made it true."""
    until = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not (found := true()):
        assert time.monotonic() < until, "not within the time"
        pause.wait(0.02)
    return found


def make_late(run_id):
    Run.objects.filter(id=run_id).update(next_timer_at=clock.now() - timedelta(seconds=1))


def late_entries(run_id):
    return LogEntry.objects.filter(run_id=run_id, transition="late").count()


def test_what_is_due_is_served_at_start_and_on_call_exactly_once_by_two_workers(world):
    first, second = world.report(), world.report(text="楼道里堆满杂物，过不去。")
    make_late(first.run_id)
    with working(), working():
        eventually(lambda: late_entries(first.run_id))
        eventually(lambda: len(living_workers()) == 2)
        make_late(second.run_id)
        call_workers()
        eventually(lambda: late_entries(second.run_id))
    assert (late_entries(first.run_id), late_entries(second.run_id)) == (1, 1)


def test_it_shows_that_it_lives_and_is_gone_when_it_stops(world):
    assert living_workers() == []
    with working():
        sign = eventually(living_workers)[0]
        assert not sign.stale(clock.now())
        assert sign.stale(clock.now() + timedelta(minutes=5))
    eventually(lambda: living_workers() == [])


def test_it_outlives_the_loss_of_all_its_connections(world):
    reported = world.report()
    with working():
        began = eventually(living_workers)[0].began_at
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        eventually(lambda: any(sign.began_at > began for sign in living_workers()))
        make_late(reported.run_id)
        call_workers()
        eventually(lambda: late_entries(reported.run_id))


def test_a_clock_that_jumps_a_month_ahead_makes_nothing_late_and_one_set_right_again_goes_on(world, caplog):
    late, open_case = world.report(), world.report(text="楼道里堆满杂物，过不去。")
    jump = timedelta()
    make_late(late.run_id)
    with working(Worker(now=lambda: clock.now() + jump)) as worker:
        eventually(lambda: late_entries(late.run_id))
        jump = timedelta(days=31)
        call_workers()
        eventually(lambda: "时钟往前跳了约 744 小时" in caplog.text)
        assert late_entries(open_case.run_id) == 0
        jump = timedelta()
        make_late(late.run_id)
        worker._wake.send(b"\0")
        eventually(lambda: late_entries(late.run_id) == 2)
    assert late_entries(open_case.run_id) == 0


def test_a_clock_set_back_a_day_does_not_keep_the_worker_from_tidying(world):
    worker = Worker(now=lambda: clock.now() + jump)
    jump = timedelta(days=1)
    worker.work()
    Throttle.objects.create(bucket="kept", window=int((clock.now() + timedelta(minutes=10)).timestamp()), count=1)
    Throttle.objects.create(bucket="ahead", window=int((clock.now() + timedelta(days=31)).timestamp()), count=99)
    jump = timedelta()
    worker.work()
    assert set(Throttle.objects.values_list("bucket", flat=True)) == {"kept"}, "nobody is locked out for a month"
