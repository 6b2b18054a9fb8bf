"""The worker: serves what is due, shows that it lives, is woken, outlives its connections, stops when asked."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections

from tests.world import open_world
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
def working():
    worker = Worker()

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
