"""Every performance figure that the README states, one after another: ``make bench``; names choose some of them.

Each measures against a named reference in the same run and prints the ratio. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import subprocess
import sys

ALL = (
    "report", "lists", "locate", "imports", "classify_messages", "suggest_while_typing", "hot_topics",
    "planning_communities", "planning_grids", "planning_districts", "planning_growth", "places_circle", "mobilise",
)  # fmt: skip


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all; returns how many failed."""
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"没有这些测量 · no such benchmark: {' '.join(unknown)}; 有 · there are: {' '.join(ALL)}")
        return 2
    failed = 0
    for name in wanted or ALL:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
