"""A core of its own for each web process.

A Python process computes on one core at a time, whatever its number of threads. Where they all stay on one, a thread that hands over
to another need not wake a second core first, which costs more than the handing over itself (an eighth of a busy server's reports).
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
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread), {core})
        return core
    return None
