"""A core of its own for each web process, on which its threads wait for each other instead of pushing each other aside.

A Python process computes on one core at a time, whatever its number of threads. Left to themselves they wake on other cores, and each
that wakes interrupts the one at work only to find that it must wait for it. Held to one core, and taken as work in batches that
interrupts nobody, a busy server takes in clearly more reports (compare ``TONGXIN_PIN=0 python -m benchmarks.report``); neither does much alone.
"""

from __future__ import annotations

import contextlib
import os
import socket

_claim: socket.socket | None = None  # as long as the process lives


def take_core() -> int | None:
    """Keep this process on a core that no other web process has taken; the claim ends with the process.

    Returns:
        The core's number; None where all are taken, where there is only one, and on systems that do not let one choose.
    """
    global _claim
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    for core in cores if len(cores) > 1 and _claim is None else ():
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0tongxin.core.{core}")  # a name without a file: taken until its holder ends
        except OSError:
            claim.close()
            continue
        _claim = claim
        for thread in map(int, os.listdir("/proc/self/task")):
            with contextlib.suppress(OSError):  # it ended, or the system does not allow it
                os.sched_setaffinity(thread, {core})
                os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
        return core
    return None
