"""The supervisor: a dead child is started again, a stopped one takes all it started along."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tongxin.web.supervisor import Child


def child(tmp_path: Path, code: str) -> Child:
    return Child("试", [sys.executable, "-S", "-c", code], log=tmp_path / "log", env=dict(os.environ))


def wait_until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < until, "did not happen within 30 s"
        time.sleep(0.01)


def test_a_dead_child_is_started_again_and_said_so(tmp_path: Path) -> None:
    kept = child(tmp_path, "import time; time.sleep(600)")
    kept.start()
    first = kept.pid
    assert first is not None
    assert kept.look_after() is None
    os.kill(first, signal.SIGKILL)
    said: list[str] = []

    def again() -> bool:
        if line := kept.look_after():
            said.append(line)
        return kept.pid not in {None, first}

    wait_until(again)
    assert len(said) == 1
    assert "-9" in said[0]
    kept.stop()
    assert kept.pid is None


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    kept = child(
        tmp_path,
        "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True); import time; time.sleep(600)",
    )
    kept.start()
    wait_until(lambda: (tmp_path / "log").read_text().strip().isdigit())
    grandchild = int((tmp_path / "log").read_text())
    kept.stop()
    wait_until(
        lambda: not Path(f"/proc/{grandchild}/cmdline").exists() or not Path(f"/proc/{grandchild}/cmdline").read_bytes()
    )
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0
