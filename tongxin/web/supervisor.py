"""Keeps a few child processes running and stops them in order. Knows nothing of what they do.

Each child leads a process group of its own: the terminal's Ctrl-C reaches the supervisor alone, which then stops the
children one after the other, and nothing they started survives them. Should the supervisor itself be killed, the
kernel tells the children to stop (Linux).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE_SECONDS = 8  # for a child to finish what it does
HEALTHY_SECONDS = 60  # after which an earlier crash is forgotten
LONGEST_PAUSE_SECONDS = 30
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """One program kept running, with its output in a file."""

    def __init__(self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        self.crashes = 0
        self._command = list(command)
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._again = 0.0

    @property
    def pid(self) -> int | None:
        """The process number while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the program in a new process group."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(self.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  the supervisor has no threads
            )
        self._began = time.monotonic()

    def look_after(self) -> str | None:
        """Start it again if it died, after a pause that doubles; returns a line for the screen when it did."""
        if self._process is None or self._process.poll() is None:
            if time.monotonic() - self._began > HEALTHY_SECONDS:
                self.crashes = 0
            return None
        if not self._again:
            self._kill_group()
            self.crashes += 1
            pause = min(2.0 ** (self.crashes - 2), LONGEST_PAUSE_SECONDS)
            self._again = time.monotonic() + pause
            return f"{self.name} 退出 ({self._process.returncode}), {pause:.1f} 秒后重启, 见 {self.log} · restarting"
        if time.monotonic() >= self._again:
            self._again = 0.0
            self.start()
        return None

    def stop(self) -> None:
        """Ask it to end, wait, then end it and all it started."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE_SECONDS)
        self._kill_group()
        self._process.wait()
        self._process = None

    def _kill_group(self) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


class StopWish:
    """Turns Ctrl-C, SIGTERM and a closed terminal into a flag; a signal sent twice is one wish.

    While `breaks` is set the first one also interrupts the work in hand, by KeyboardInterrupt.
    """

    def __init__(self) -> None:
        self.given = False
        self.breaks = True
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup stays what it says; Ctrl-C counts even where a script put us in the background
            if sign != signal.SIGHUP or signal.getsignal(sign) is not signal.SIG_IGN:
                signal.signal(sign, self._take)

    def _take(self, number: int, frame: object) -> None:
        if not self.given:
            self.given = True
            if self.breaks:
                raise KeyboardInterrupt


def supervise(
    children: Sequence[Child], *, wish: StopWish, each_second: Callable[[], None], say: Callable[[str], None]
) -> None:
    """Watch the children until a stop is wished. Does not stop them: the caller does, in its order."""
    second = 0.0
    while not wish.given:
        for child in children:
            if line := child.look_after():
                say(line)
        if time.monotonic() - second >= 1:
            second = time.monotonic()
            each_second()
        time.sleep(0.1)


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
