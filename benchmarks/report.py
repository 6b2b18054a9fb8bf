"""Reports a second through the public API, all work included, against the same server's single-row-insert ceiling.

    python -m benchmarks.report [--rounds 3] [--seconds 8] [--key] [--least 0.15] [--reporters 16 128] [--threads 8]

Two granian processes, database and load on the same machine. Each round measures ceiling, reports, ceiling, so that a busy machine
weighs on both; the ceiling is pgbench's at 16 connections, whatever the number of reporters. Beside the plain table's ceiling that
of bare rows into the matters table itself is given, and what a report costs in CPU time.

Two figures: with as many reporters as pgbench has connections, and in a rush, where more reports share a statement and the platform
does as many as it can. Residents' devices report (each with its signed cookie, within its allowance), which runs on the event loop;
with ``--key`` one program does, in ``--threads`` threads. Exit code 1 when even the rush stays below ``--least``, or a report takes
more than 8 statements.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
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
    settle,
)

DEVICES = 4_000
RUSH = 128  # as many as fill one statement in each process (kernel.gathering.MOST)
STATEMENTS = 8


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--least", type=float, default=0.15)
    parser.add_argument("--key", action="store_true")
    parser.add_argument(
        "--reporters", type=int, nargs="+", default=[CONNECTIONS, RUSH], help="how many report at the same time"
    )
    parser.add_argument("--threads", type=int, default=THREADS, help="of each web process")
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
    path, row = FOLDER / "requests", bare_matter()
    rounds: dict[int, list[tuple[float, float, float]]] = {many: [] for many in options.reporters}
    with serve(options.threads) as (port, server):
        send(path, port, 3, max(rounds), options)  # fills the copies of places, posts and pack; prepares statements
        for number in range(1, options.rounds + 1):
            top = ceiling(url, options.seconds)
            for many, measured in rounds.items():
                before = top
                reports = report_for(path, port, server, many, options)
                settle(url)
                bare = ceiling(url, options.seconds, row)
                top = ceiling(url, options.seconds)
                measured.append((reports.per_second, (before + top) / 2, bare))
                print(
                    f"round {number}, {many} at the same time: {reports.per_second:.0f} reports/s ({reports.web_cpu * 1000:.2f} ms CPU web, "
                    f"{reports.database_cpu * 1000:.2f} ms database each); {measured[-1][1]:.0f} plain inserts/s, {bare:.0f} bare matters/s; "
                    f"load average {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
    ratios = [told(many, measured, options.least) for many, measured in rounds.items()]
    print(
        f"{statements} statements with BEGIN and COMMIT (reach ≤ {STATEMENTS}); {WORKERS} processes × {options.threads} threads on "
        f"{os.cpu_count()} cores"
    )
    return int(max(ratios) < options.least or statements > STATEMENTS)


def told(many: int, rounds: list[tuple[float, float, float]], least: float) -> float:
    """Print the medians of reports, ceiling and bare rows a second; returns the ratio of the first two."""
    ratio, of_rows = (statistics.median(r[0] / r[n] for r in rounds) for n in (1, 2))
    rate, top, rows = (statistics.median(r[n] for r in rounds) for n in range(3))
    print(
        f"POST /api/v1/matters, {many} at the same time: {rate:.0f} reports/s; pgbench, prepared, {CONNECTIONS} connections: {top:.0f} "
        f"inserts/s into a plain table, {rows:.0f} bare rows/s into the matters table; ratio {ratio:.1%} (reach ≥ {least:.0%}), of bare "
        f"rows {of_rows:.1%}"
    )
    return ratio


def bare_matter() -> str:
    """Return an insert of the same row as a report's into the matters table, and nothing else of what a report does."""
    from tongxin.matters.models import Matter

    kept = Matter.objects.latest("id")
    return (
        f"""INSERT INTO matters_matter (district_id, receipt, channel, category, title, text, area_id, lon, lat, precision, address,
reporter_name, reporter_phone, public, reported_at, source, source_key, extra) SELECT {kept.district_id},
substr(md5(random()::text), 1, 12), 'api', '', '{kept.title}', '{kept.text}', {kept.area_id}, 118.01, 29.01, 'exact', '', '',
'13800001234', false, now(), '', '', '{{}}';
""".replace("\n", " ")
        + "\n"
    )


def report_for(path: Path, port: int, server: int, many: int, options: argparse.Namespace) -> Rate:
    """Report for so many seconds and count what it cost."""
    database = database_pid()
    base, web = cpu_of(database), cpu_of(server)
    answers = send(path, port, options.seconds, many, options)
    base, web = cpu_of(database) - base, cpu_of(server) - web
    statuses = answers["statuses"]
    if set(statuses) != {"201"}:
        raise SystemExit(f"not every report was taken: {statuses}")
    return Rate(statuses["201"] / answers["seconds"], web / statuses["201"], base / statuses["201"])


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
        who = [f"Cookie: {sources.COOKIE}={sign(f'{secrets.token_hex(8)}.{born}')}" for _ in range(number)]
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


def send(path: Path, port: int, seconds: int, many: int, options: argparse.Namespace) -> dict[str, Any]:
    """Let the load generator report for so long; every call brings devices of its own."""
    from benchmarks.load import write_requests

    made = requests(DEVICES, by_key=options.key)
    write_requests(path, made)
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(seconds), str(many), str(path)]
    answers: dict[str, Any] = json.loads(
        subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    )
    return answers


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
