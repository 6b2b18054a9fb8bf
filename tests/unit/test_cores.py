"""Web processes take a core each; one too many takes none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TAKE = "import sys; from tongxin.kernel.cores import take_core; print(take_core(), flush=True); sys.stdin.read()"


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core only")
def test_each_process_takes_its_own_core() -> None:
    cores = len(os.sched_getaffinity(0))

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", TAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def told(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    running = [start() for _ in range(cores + 1)]
    try:
        taken = [told(process) for process in running]
        held = [one for one in taken if one != "None"]
        assert len(set(held)) == len(held) <= cores  # servers of other tests may hold some
        assert "None" in taken
        for process, core in zip(running, taken, strict=True):
            assert os.sched_getscheduler(process.pid) == (os.SCHED_BATCH if core != "None" else os.SCHED_OTHER)
            assert os.sched_getaffinity(process.pid) == ({int(core)} if core != "None" else os.sched_getaffinity(0))
    finally:
        for process in running:
            process.communicate("")
