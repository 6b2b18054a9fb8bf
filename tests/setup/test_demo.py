"""`manage.py demo` from an empty folder to its clean end, and what happens to it on the way."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tongxin.kernel import postgres
from tongxin.kernel.postgres import place

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.faults


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

    def start(self, *words: str) -> None:
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=5).status)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def wait_until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not seen():
        assert time.monotonic() < until, "did not happen within 120 s"
        time.sleep(0.05)


def stop(demo: Demo, sign: signal.Signals) -> None:
    demo.process.send_signal(sign)
    demo.process.send_signal(sign)  # make hands the signal on a second time
    assert demo.process.wait(30) == 0, demo.screen()
    assert "已停止" in demo.screen()
    assert demo.left_behind() == []


def test_it_starts_from_nothing_survives_deaths_and_leaves_nothing_running(demo: Demo) -> None:
    demo.start()
    address = demo.wait_ready()
    assert answers(address)

    web, database = demo.web(), postgres.status(demo.data / "pg").pid
    assert database is not None
    os.kill(web, signal.SIGKILL)
    os.kill(database, signal.SIGKILL)
    wait_until(lambda: postgres.status(demo.data / "pg").pid not in {None, database})
    wait_until(lambda: any(pid != web for pid in demo.children()) and answers(address))
    stop(demo, signal.SIGINT)

    demo.start()
    wait_until(lambda: "database" in demo.screen())
    stop(demo, signal.SIGTERM)  # amid the preparations

    demo.start()
    demo.wait_ready()
    stop(demo, signal.SIGHUP)  # the terminal was closed


def test_a_second_demo_names_the_first_which_can_be_stopped_killed_and_reset(demo: Demo) -> None:
    demo.start()
    address = demo.wait_ready()
    command = [sys.executable, "manage.py", "demo"]
    second = subprocess.run(command, cwd=ROOT, env=demo.environment, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert address.rstrip("/") in second.stderr

    demo.process.kill()
    demo.process.wait()
    wait_until(lambda: not [line for line in demo.left_behind() if "postgres" not in line])

    demo.start("--reset")
    assert answers(demo.wait_ready())
    assert "旧数据已删除" in demo.screen()
    subprocess.run([*command, "--stop"], cwd=ROOT, env=demo.environment, check=True)
    assert demo.process.wait(30) == 0
    assert demo.left_behind() == []
