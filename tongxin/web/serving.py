"""How the web processes are started: granian's words, and what must be in place before. Not the processes' own start (`tongxin.asgi`)."""

from __future__ import annotations

import errno
import json
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ONE_OF_OTHERS = "vendor/tabler.min.css"


def web_command(host: str, port: int, *, processes: int) -> list[str]:
    """The command that serves: a process that dies is started again, one that does not stop is ended.

    How many threads each process has, its environment tells: see :func:`web_environment`.
    """
    words = [sys.executable, "-m", "granian", "--interface", "asginl", "--loop", "uvloop", "--no-ws"]
    words += ["--workers", str(processes), "--respawn-failed-workers", "--workers-kill-timeout", "5"]
    words += ["--host", host, "--port", str(port)]
    return [*words, "tongxin.asgi:application"]


def web_environment(*, threads: int) -> dict[str, str]:
    """What the processes that serve find in their environment, beside what is there already."""
    return {"TONGXIN_WEB_THREADS": str(threads)}


def try_port(host: str, port: int) -> None:
    """Take the port for a moment; raises OSError (EADDRINUSE, EADDRNOTAVAIL, EACCES or socket.gaierror) where that cannot be."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def fault_of_address(host: str, port: int) -> str:
    """Why nothing can be served there, and what to do; empty where it can."""
    try:
        try_port(host, port)
    except socket.gaierror:
        return f"{host} 不是地址。请写这台机器的地址，例如 127.0.0.1 或 0.0.0.0。"
    except OSError as trouble:
        return {
            errno.EADDRINUSE: f"端口 {port} 已被别的程序占用。请先停掉它（ss -ltnp 能看到是谁），或用 --port 换一个。",
            errno.EACCES: f"不许用端口 {port}：1024 以下的要 root。请用 8000 这样的端口，由代理对外。",
            errno.EADDRNOTAVAIL: f"{host} 不是这台机器的地址。请写 127.0.0.1、0.0.0.0 或网卡上的地址。",
        }.get(trouble.errno or 0, f"{host}:{port} 用不了（{trouble.strerror}）。请换一个地址或端口。")
    return ""


def tables_missing() -> int:
    """How many steps of migration the database still needs."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def faults_of_installation() -> list[str]:
    """What an operator has left out, each with the command that mends it; raises OperationalError where there is no database."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
        [(ctype,)] = cursor.fetchall()
    if ctype in {"C", "POSIX"}:
        found.append(
            f"数据库的 lc_ctype 是 {ctype}，按字检索看不见中文。请倒出来，建一个 --locale C.UTF-8 的库再恢复（docs/how-to/production.md 第 1、6 节）。"
        )
    if steps := tables_missing():
        found.append(f"数据表还差 {steps} 步。请运行 manage.py migrate。")
    if lacking := _files_lacking():
        found.append(
            f"{settings.STATIC_ROOT} 里缺 {len(lacking)} 个页面文件（{lacking[0]} 等），页面会打不开。请先 make assets，再运行 manage.py collectstatic --noinput。"
        )
    return found


def _files_lacking() -> list[str]:
    """The files of pages that were not collected: ours, and one of those that `make assets` brings."""
    try:
        collected = json.loads((Path(settings.STATIC_ROOT) / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    except (OSError, ValueError, KeyError):
        collected = {}
    needed = {ONE_OF_OTHERS, *(path for finder in get_finders() for path, _ in finder.list(["CVS", ".*", "*~"]))}
    return sorted(needed - set(collected))
