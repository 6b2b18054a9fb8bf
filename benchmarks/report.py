"""Reports a second through the public API, all work included, against the same server's single-row-insert ceiling.

    python -m benchmarks.report [--rounds 3] [--seconds 8] [--key] [--least 0.15]

Two granian processes, 16 connections, database and load on the same machine. Each round measures ceiling, reports, ceiling, so
that a busy machine weighs on both. Residents' devices report (each with its signed cookie, within its allowance); with ``--key``
one program does. Exit code 1 when the ratio is below ``--least`` or a report takes more than 8 statements.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.ground import (
    CEILING_TABLE,
    CONNECTIONS,
    FOLDER,
    ROOT,
    THREADS,
    WORKERS,
    Rate,
    ceiling,
    cpu_of,
    database_pid,
    open_ground,
    serve,
)

DEVICES = 4_000
STATEMENTS = 8


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--least", type=float, default=0.15)
    parser.add_argument("--key", action="store_true")
    options = parser.parse_args()
    with open_ground() as url:
        return measure(options, url)


def measure(options: argparse.Namespace, url: str) -> int:
    """Run the rounds on an open ground."""
    from django.db import connection

    from tests.world import open_world

    open_world()
    with connection.cursor() as cursor:
        cursor.execute(CEILING_TABLE)
    statements = count_statements(by_key=options.key)
    path = FOLDER / "requests"
    ratios, costs, ceilings, rates = [], [], [], []
    with serve() as (port, server):
        send(path, port, 3, by_key=options.key)  # fills the copies of places, posts and pack; prepares statements
        for number in range(1, options.rounds + 1):
            before = ceiling(url, options.seconds)
            reports = report_for(path, port, server, options)
            after = ceiling(url, options.seconds)
            top, cost = (before.per_second + after.per_second) / 2, (before.cpu + after.cpu) / 2
            print(
                f"round {number}: {reports.per_second:.0f} reports/s, {reports.cpu * 1000:.2f} ms CPU each; ceiling "
                f"{before.per_second:.0f} and {after.per_second:.0f} inserts/s, {cost * 1000:.2f} ms CPU each; "
                f"ratio {reports.per_second / top:.1%}, by CPU {cost / reports.cpu:.1%}",
                flush=True,
            )
            ratios.append(reports.per_second / top)
            costs.append(cost / reports.cpu)
            ceilings.append(top)
            rates.append(reports.per_second)
    ratio = statistics.median(ratios)
    print(
        f"POST /api/v1/matters: {statistics.median(rates):.0f} reports/s; ceiling {statistics.median(ceilings):.0f} "
        f"inserts/s (pgbench, prepared, {CONNECTIONS} connections); ratio {ratio:.1%} (reach ≥ {options.least:.0%}), by CPU "
        f"{statistics.median(costs):.1%}; {statements} statements with BEGIN and COMMIT (reach ≤ {STATEMENTS}); "
        f"{WORKERS} processes × {THREADS} threads; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return int(ratio < options.least or statements > STATEMENTS)


def report_for(path: Path, port: int, server: int, options: argparse.Namespace) -> Rate:
    """Report for so many seconds and count what it cost all who took part."""
    database = database_pid()
    begun = cpu_of(database) + cpu_of(server)
    told = send(path, port, options.seconds, by_key=options.key)
    spent = cpu_of(database) + cpu_of(server) - begun + told["cpu"]
    statuses = told["statuses"]
    if set(statuses) != {"201"}:
        raise SystemExit(f"not every report was taken: {statuses}")
    return Rate(statuses["201"] / told["seconds"], spent / statuses["201"])


def requests(number: int, *, by_key: bool) -> list[bytes]:
    """Return so many reports as HTTP requests: different words, points and devices."""
    from django.core import signing

    from tests.domain.smalltown import SIDE, SOUTH, WEST
    from tests.world import pack
    from tongxin.accounts import api as accounts
    from tongxin.kernel import clock
    from tongxin.packs import api as packs
    from tongxin.web import sources

    chance = random.Random(1)
    words = [word for category, _ in pack().catalogue.walk() for word in category.keywords] or ["路灯"]
    who = []
    if by_key:
        district = packs.list_districts()[0]
        _, secret = accounts.make_api_key(district=district, name="bench", may=[], now=clock.now(), per_minute=100_000)
        who = [f"Authorization: Bearer {secret}"]
    else:
        born = int(time.time()) - 7_200
        sign = signing.Signer(salt=sources._SALT).sign
        who = [f"Cookie: {sources.COOKIE}={sign(f'{chance.randbytes(8).hex()}.{born}')}" for _ in range(number)]
    made = []
    for index in range(number):
        body = json.dumps(
            {
                "text": f"第{chance.randrange(1, 90)}栋{chance.choice(words)}的问题反映过还没有人来，麻烦看一下。",
                "lon": WEST + chance.random() * 8 * SIDE,
                "lat": SOUTH + chance.random() * 2 * SIDE,
                "reporter_phone": f"1380000{chance.randrange(10_000):04d}",
            },
            ensure_ascii=False,
        ).encode()
        head = (
            f"POST /api/v1/matters HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"{who[index % len(who)]}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def send(path: Path, port: int, seconds: int, *, by_key: bool) -> dict[str, Any]:
    """Let the load generator report for so long; every call brings devices of its own."""
    from benchmarks.load import write_requests

    made = requests(DEVICES, by_key=by_key)
    write_requests(path, made)
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(seconds), str(CONNECTIONS), str(path)]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    answer: dict[str, Any] = json.loads(told)
    return answer


def count_statements(*, by_key: bool) -> int:
    """Return how many statements a warm report sends, transaction frames included, by the middleware and all."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    raw = requests(3, by_key=by_key)
    for one in raw:
        head, _, body = one.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        with CaptureQueriesContext(connection) as caught:
            response = client.post(
                "/api/v1/matters", body, content_type="application/json",
                headers={k: v for k, v in fields.items() if k in ("Cookie", "Authorization")},
            )  # fmt: skip
        assert response.status_code == 201, response.content
    return len(caught.captured_queries)


if __name__ == "__main__":
    sys.exit(main())
