"""What a process keeps goes into large pages, and it hardly grows by it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HAVE = Path("/sys/kernel/mm/transparent_hugepage/enabled")
KEEP_AND_GATHER = """
import re
from pathlib import Path
from tongxin.kernel.large_pages import gather
kept = [str(number) for number in range(400_000)]
thinned = [str(number) for number in range(400_000, 1_200_000)][::50]  # leaves stretches that are nearly empty
def kib(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])
before = kib("Rss")
print(gather(), kib("AnonHugePages"), kib("Rss") / before)
"""


def _can() -> bool:
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    known = release is not None and (int(release[1]), int(release[2])) >= (6, 1)
    return known and HAVE.exists() and "[never]" not in HAVE.read_text()


@pytest.mark.skipif(not _can(), reason="this system has no large pages to give")
def test_what_a_process_keeps_goes_into_large_pages() -> None:
    told = subprocess.run(
        [sys.executable, "-c", KEEP_AND_GATHER], capture_output=True, text=True, check=True
    ).stdout.split()
    pages, kib, grown = int(told[0]), int(told[1]), float(told[2])
    assert pages > 0
    assert kib >= pages * 2048
    assert grown < 1.15
