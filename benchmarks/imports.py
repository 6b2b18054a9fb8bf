"""Rows a second that `manage.py import_messages` takes in: a year of hotline tickets, placed on the city's own polygons.

    python -m benchmarks.imports [--rounds 3] [--least 2000]

Reading, checking, locating, holder, deadline, hash chain and writing are all in it; each round takes the same 12,709 tickets in
under another source name. The wall clock suffers from whatever else runs on the machine, so the processor time of the program
and of its database session is told beside it. Exit code 1 when the best round is below ``--least``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks.ground import ROOT, open_ground


def shared(*parts: str) -> Path:
    """A file of the shared data folder: by TONGXIN_SHARED, else by walking up."""
    given = os.environ.get("TONGXIN_SHARED")
    for root in [Path(given)] if given else [above / "shared" for above in ROOT.parents]:
        for base in (root / "data", root):
            if base.joinpath(*parts).exists():
                return base.joinpath(*parts)
    raise SystemExit(f"real data {'/'.join(parts)} not found; set TONGXIN_SHARED")


def main() -> int:
    """Measure and print; 1 when the figure is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--least", type=float, default=2_000)
    options = parser.parse_args()
    tickets = shared("yichang", "yichang_12345_2024.csv")
    with open_ground():
        return measure(options, tickets)


def measure(options: argparse.Namespace, tickets: Path) -> int:
    """Open the city and take the tickets in, round after round."""
    import psutil
    from django.core.management import call_command
    from django.db import connection

    from tests.domain.matters.imports import city
    from tongxin.kernel import clock
    from tongxin.matters.imports import api as imports
    from tongxin.organization import api as organization

    city.open_city("yichang")
    quiet = {"stdout": open(os.devnull, "w"), "verbosity": 0}  # noqa: SIM115 - for the whole run
    call_command(
        "import_areas", "yichang", shared("yichang", "streets_22.geojson"), level="street", name="JDMC", **quiet
    )
    communities = shared("yichang", "communities_193.geojson")
    call_command("import_areas", "yichang", communities, level="community", name="SQMC", parent_name="SSJD", **quiet)
    city.fill_posts("yichang")
    district = city.seen("yichang")
    mapping = imports.load_mapping(city.MAPPINGS / "hotline_tickets.yaml")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])
    best = 0.0
    for number in range(1, options.rounds + 1):
        before, mine, began = sum(server.cpu_times()[:2]), time.process_time(), time.perf_counter()
        table, settled = imports.open_file(tickets, mapping, (), None)
        done = imports.import_rows(
            table, settled, district=district, source=f"round {number}", channel="import",
            actor=organization.system_actor(district), now=clock.now(),
        )  # fmt: skip
        wall, mine = time.perf_counter() - began, time.process_time() - mine
        theirs = sum(server.cpu_times()[:2]) - before
        if done.added != done.read:
            raise SystemExit(f"not every row was taken: {done.sentences()}")
        best = max(best, done.added / wall)
        print(
            f"round {number}: {done.added:,} tickets in {wall:.1f} s = {done.added / wall:,.0f} rows/s; processor {mine:.1f} s here + "
            f"{theirs:.1f} s in the database = {done.added / (mine + theirs):,.0f} rows per second of it",
            flush=True,
        )
    print(
        f"import_messages: {best:,.0f} rows/s (reach ≥ {options.least:,.0f}); load of the machine {os.getloadavg()[0]:.1f}"
    )
    return int(best < options.least)


if __name__ == "__main__":
    sys.exit(main())
