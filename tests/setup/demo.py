"""A demo in a data folder and on a port of its own, for the tests that start and kill one."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ports import free_port
from tongxin.kernel import postgres
from tongxin.kernel.postgres import place

ROOT = Path(__file__).resolve().parents[2]


class Demo:
    """A demo in a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("TONGXIN_") and key not in {"DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE", "HOST"}
        } | {"TONGXIN_DATA_DIR": str(data), "PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
        self.out = data / "screen"

    def start(self, *words: str, data: bool = False) -> None:
        """Start it; with ``data`` the five districts live through their three months first."""
        words = words if data else ("--no-data", *words)
        with open(self.out, "wb") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
            )

    def screen(self) -> str:
        return self.out.read_text()

    def wait_ready(self) -> str:
        wait_until(lambda: "Ctrl-C" in self.screen() or self.process.poll() is not None)
        found = re.search(r"http://\S+/", self.screen())
        assert found, self.screen()
        return found[0]

    def children(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def web(self) -> int:
        return next(pid for pid in self.children() if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes())

    def stop(self, sign: signal.Signals) -> None:
        """Stop it by `sign`, sent twice as make does, and see that it left nothing."""
        self.process.send_signal(sign)
        self.process.send_signal(sign)
        assert self.process.wait(60) == 0, self.screen()
        assert "已停止" in self.screen()
        assert self.left_behind() == []

    def left_behind(self) -> list[str]:
        """Living processes that belong to this demo: they carry its data folder in their environment or command."""
        mark, found = os.fsencode(self.data), []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (folder / "cmdline").read_bytes()
                if line and int(folder.name) != os.getpid() and mark in line + (folder / "environ").read_bytes():
                    found.append(line.decode(errors="replace"))
        return found


@pytest.fixture
def demo() -> Iterator[Demo]:
    data = Path(tempfile.mkdtemp(prefix="tongxin-demo-"))
    data.chmod(0o755)
    made = Demo(data)
    yield made
    if made.process.poll() is None:
        made.process.terminate()
        made.process.wait(60)
    postgres.destroy(data / "pg")
    shutil.rmtree(place.elsewhere(data / "pg").parent, ignore_errors=True)
    shutil.rmtree(data)


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=5).status)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def wait_until(seen: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, f"did not happen within {seconds:.0f} s"
        time.sleep(0.05)
