"""The worker: fires late actions when they are due, draws plans of grids, and tidies up. Any number may run; each says by its connection that it lives.

It sleeps on its own connection to the database until the nearest deadline, a call (`NOTIFY tongxin_work`) or a signal. That
connection is also its sign of life: the server lists it while the process lives and drops it when it dies, on whatever machine.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection
from psycopg.conninfo import make_conninfo

from tongxin.accounts import api as accounts
from tongxin.cadence import api as cadence
from tongxin.exchange import api as exchange
from tongxin.kernel import clock
from tongxin.kernel.errors import Refusal
from tongxin.learning import api as learning
from tongxin.learning.api import Training
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.planning import api as planning
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.web.pauses import BUSY, pause_of

CHANNEL = "tongxin_work"
NAME = "tongxin worker"
LONGEST_SLEEP_SECONDS = 30.0  # a deadline set meanwhile by somebody else is met that much late at most
STALE_SECONDS = 3 * LONGEST_SLEEP_SECONDS
TIDY_EVERY = timedelta(hours=1)
READ_EVERY = timedelta(minutes=2)  # how late a matter gets its proposal and joins the topic it belongs to
# No clock that is set right runs on by so much while the machine counts less: what is late by such a clock is not sent on.
JUMP_SECONDS = 12 * 3600
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # while the database is away

# The database cannot be reached or dropped the line. Any other error is a fault of ours: it ends the worker, loudly.
_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sign:
    """A worker as the database sees it."""

    name: str
    began_at: datetime
    seen_at: datetime

    def stale(self, now: datetime) -> bool:
        """Whether it holds its connection but has not stirred for too long."""
        return (now - self.seen_at).total_seconds() > STALE_SECONDS


def living_workers() -> list[Sign]:
    """Return the workers that live, longest first (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name, backend_start, state_change FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE %s ORDER BY backend_start",
            [f"{NAME} %"],
        )
        return [Sign(name.removeprefix(f"{NAME} "), began, seen) for name, began, seen in cursor.fetchall()]


class Worker:
    """The loop. ``stop`` may be called from a signal handler or another thread."""

    def __init__(
        self,
        now: Callable[[], datetime] = clock.now,
        train: Callable[[Training], subprocess.Popen[bytes] | None] | None = None,
        uptime: Callable[[], float] = clock.uptime_seconds,
    ) -> None:
        self._now, self._uptime = now, uptime
        self._train = train or _train_beside
        self._training: subprocess.Popen[bytes] | None = None
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._stopping = False
        self._line: psycopg.Connection[Any] | None = None
        self._tidied: datetime | None = None
        self._read: datetime | None = None
        self._beat: tuple[datetime, float] | None = None

    def stop(self) -> None:
        """End after what is in hand."""
        self._stopping = True
        with contextlib.suppress(BlockingIOError):
            self._wake.send(b"\0")

    def run(self) -> None:
        """Work until :meth:`stop`; a database that goes away is waited for."""
        failures = 0
        while not self._stopping:
            if self._jumped():
                self._pause(LONGEST_SLEEP_SECONDS)
                continue
            try:
                self._listen()
                self.work()
                failures = 0
                self._sleep(self._seconds())
            except _AWAY as error:
                log.warning(
                    "database %s (%s), waiting", "busy" if pause_of(error) is BUSY else "away", type(error).__name__
                )
                self._hang_up()
                self._pause(_PAUSES[min(failures, len(_PAUSES) - 1)])
                failures += 1
        self._hang_up()

    def _jumped(self) -> bool:
        """Whether the clock has run ahead by itself since the last round: then every open case would be late at once, and that cannot be undone."""
        now, uptime = self._now(), self._uptime()
        if self._beat is not None:
            ahead = (now - self._beat[0]).total_seconds() - (uptime - self._beat[1])
            if ahead > JUMP_SECONDS:
                log.error(
                    "服务器时钟往前跳了约 %d 小时（现在显示 %s），暂停处理到期事项，免得把没到期的都升级。请用 timedatectl 核对：钟错了就校正，"
                    "后台自己接着做；钟是对的就重启后台。 · the clock jumped ahead, nothing late is served until it is set right or this is restarted",
                    round(ahead / 3600), f"{clock.local(now):%Y-%m-%d %H:%M}",
                )  # fmt: skip
                return True
        self._beat = now, uptime
        return False

    def work(self) -> int:
        """Fire all that is due, tidy up and read new matters when it is time; return how many cases were served."""
        served = 0
        while not self._stopping and (some := procedures.sweep(self._now())):
            served += some
        served += self._plans()
        served += exchange.send_due(self._now)
        if not self._stopping:
            places.read_waiting(self._now)
            planning.read_waiting_lines(self._now)
            if _time_for(self._read, READ_EVERY, self._now()):
                places.ask_again(self._now())
            places.run_waiting(self._now)
        now = self._now()
        if _time_for(self._tidied, TIDY_EVERY, now):
            self._tidied = now
            while not self._stopping and records.sweep_unclaimed(now):
                pass
            accounts.sweep_throttle(now)
            exchange.forget_numbers(now)
            accounts.sweep_sign_ins(now, idle=timedelta(minutes=settings.IDLE_MINUTES))
            self._come_round(now)
            learning.schedule_trainings(now)
            import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        if _time_for(self._read, READ_EVERY, now):
            self._read = now
            learning.sweep_proposals(now)
            learning.sweep_topics(now)
        self._look_after_training(now)
        return served

    def _come_round(self, now: datetime) -> None:
        """Make the dates that come round ahead, and open what has become due; one district's trouble is not another's."""
        for district in packs.list_districts():
            if self._stopping:
                return
            try:
                cadence.make_occurrences(district, now=now)
                cadence.open_due(district, now=now)
            except Refusal as refusal:
                log.warning("cadence of %s: %s", district.key, refusal.what)

    def _plans(self) -> int:
        """Let plans of grids take effect whose day has come, and draw those that wait; deadlines are kept meanwhile."""
        served = planning.put_due_in_force(self._now()) + planning.settle_stragglers(self._now())
        served += planning.put_due_changes(self._now())
        if not self._stopping:
            served += planning.draft_waiting(self._now, meanwhile=lambda: procedures.sweep(self._now()))
        return served

    def _look_after_training(self, now: datetime) -> None:
        """Begin the next training that waits, one at a time, in a process of its own: deadlines go on meanwhile."""
        if self._training is not None and self._training.poll() is None:
            return
        asked = learning.begin_training(now)
        self._training = self._train(asked) if asked is not None else None

    def _seconds(self) -> float:
        """How long nothing is due."""
        now = self._now()
        due = min((at for at in (procedures.next_timer(), exchange.next_due()) if at is not None), default=None)
        if due is None:
            return LONGEST_SLEEP_SECONDS
        # what is due and was not served is held by another worker: a short while, not a spin
        return min(max((due - now).total_seconds(), 1.0), LONGEST_SLEEP_SECONDS)

    def _listen(self) -> None:
        if self._line is not None:
            return
        name = f"{NAME} {socket.gethostname()[:30]}/{os.getpid()}"
        # of Django's parameters only those of the line itself; the rest is psycopg's or Django's own
        words = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
        params = connection.get_connection_params().items()
        known = {key: str(value) for key, value in params if key in words and value is not None}
        known["application_name"] = name
        self._line = psycopg.connect(make_conninfo("", **known), autocommit=True)
        self._line.execute(f"LISTEN {CHANNEL}")

    def _sleep(self, seconds: float) -> None:
        """Wait for the time, a call or a signal; then stir the line, which is the sign of life."""
        assert self._line is not None
        connection.close_if_unusable_or_obsolete()
        select.select([self._line.fileno(), self._woken.fileno()], [], [], seconds)
        if not self._stopping:
            self._line.execute("SELECT 1")
            list(self._line.notifies(timeout=0))

    def _pause(self, seconds: float) -> None:
        if select.select([self._woken], [], [], seconds)[0]:
            self._woken.recv(64)

    def _hang_up(self) -> None:
        with contextlib.suppress(Error, psycopg.Error):
            connection.close()
        if self._line is not None:
            with contextlib.suppress(psycopg.Error):
                self._line.close()
            self._line = None


def _time_for(last: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether it is so long ago, or was done by a clock that has since been set back."""
    return last is None or abs(now - last) >= every


def _train_beside(asked: Training) -> subprocess.Popen[bytes]:
    """Start the training as the command that an operator would type."""
    key = next(view.key for view in packs.list_districts() if view.id == asked.district_id)
    command = [sys.executable, "-m", "django", "text", "train", key, "--asked", str(asked.pk)]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def run_until_signalled() -> None:
    """Work until SIGTERM or SIGINT."""
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


def call_workers() -> None:
    """Wake the workers: something has become due sooner than they know (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
