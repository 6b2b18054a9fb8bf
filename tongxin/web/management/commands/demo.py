"""`manage.py demo`: database, tables, demo data, files, web and worker, in one terminal. Not for production."""

import errno
import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import sys
import time
import unicodedata
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg.conninfo import conninfo_to_dict

from tongxin.kernel import commands, postgres
from tongxin.packs import api as packs
from tongxin.web.demo import logins
from tongxin.web.serving import tables_missing, try_port, web_command, web_environment
from tongxin.web.supervisor import Child, StopWish, supervise

FIRST_PORT, PORTS, MOST_PORT = 8000, 100, 65_535
FIRST_PAGE_SECONDS = 60
WEB_PROCESSES, WEB_THREADS = 2, 8
COMPLETE = "tongxin demo data: complete"  # kept as the comment of the database, written with the data


class Command(commands.Command):
    """Everything a visitor needs to see the platform, and its clean end."""

    help = "启动演示: 数据库、数据、网页与后台 · run the demo; Ctrl-C stops everything"
    examples = (
        "",
        "--reset",
        "--also example",
        "--stop",
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--reset` begins with an empty database, `--stop` ends a demo that runs elsewhere, `--no-data` stays empty, `--also` adds a large locality."""
        parser.add_argument("--reset", action="store_true", help="清空后重新开始 · start afresh")
        parser.add_argument(
            "--also", metavar="LOCALITY", default="", help="另装一个大的地方 · load a large locality as well"
        )
        parser.add_argument("--no-data", action="store_true", help="不装演示数据 · load no demo data")
        parser.add_argument("--stop", action="store_true", help="停止正在运行的演示 · stop the running demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, wait for the first page, watch until Ctrl-C, stop."""
        began = time.monotonic()
        self.own_database = not os.environ.get("DATABASE_URL")
        self.cluster = settings.DATA_DIR / "pg"
        self.with_data, self.also = not options["no_data"], options["also"]
        if options["reset"] or options["stop"]:
            ran = self._stop_other()
        if options["stop"]:
            self._say("演示已停止 · the demo has stopped" if ran else "没有在运行的演示 · no demo runs here")
            return
        _free_port(_host())  # a slip in HOST or PORT is told now and not after two minutes of demo data
        lock = self._take_lock()
        wish = StopWish()
        children: list[Child] = []
        try:
            if options["reset"]:
                self._reset()
            self._prepare()
            children, address = self._start(lock)
            self._greet(address, time.monotonic() - began)
            wish.breaks = False
            supervise(children, wish=wish, each_second=self._keep_database, say=self._say)
        except KeyboardInterrupt:
            self._say("")
        except postgres.DatabaseTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # stopping is not interrupted
                signal.signal(number, signal.SIG_IGN)
            self._stop(children)
            os.close(lock)

    # -- before ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        if self.own_database:
            self._timed("数据库 · database", self._start_database)
        for title, needed, work in (
            ("数据表 · tables", tables_missing, lambda: call_command("migrate", verbosity=0)),
            ("演示数据 · demo data", self._data_missing, self._load_data),
            (
                f"{self.also} 的演示数据 · its demo data",
                self._also_missing,
                lambda: call_command("demo_data", only=[self.also]),
            ),
            ("页面文件 · static files", self._files_changed, self._collect_files),
        ):
            if needed():
                self._timed(title, work)
        connection.close()

    def _start_database(self) -> None:
        url = postgres.ensure_running(self.cluster, say=self._say)
        if conninfo_to_dict(url).get("host") != settings.DATABASES["default"]["HOST"]:
            # The data had to live elsewhere, which the settings could not know: begin again with them.
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606

    def _data_missing(self) -> bool:
        if not self.with_data:
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
            )
            if cursor.fetchone() == (COMPLETE,):
                return False
        if get_user_model().objects.exists():
            self._say("数据库里已有数据, 不装演示数据 · the database is in use, no demo data loaded")
            return False
        return True

    def _also_missing(self) -> bool:
        return bool(self.also) and self.also not in {view.key for view in packs.list_districts()}

    def _load_data(self) -> None:
        """All or nothing, so that an interrupted first start can simply be repeated."""
        with transaction.atomic():
            call_command("demo_data")
            with connection.cursor() as cursor:
                name = connection.ops.quote_name(connection.settings_dict["NAME"])
                cursor.execute(f"COMMENT ON DATABASE {name} IS '{COMPLETE}'")

    def _files_changed(self) -> bool:
        self.files_mark = _mark_of_files()
        stamp = Path(settings.STATIC_ROOT) / ".stamp"
        return not stamp.is_file() or stamp.read_text() != self.files_mark

    def _collect_files(self) -> None:
        shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        (Path(settings.STATIC_ROOT) / ".stamp").write_text(self.files_mark)

    # -- while it runs -----------------------------------------------------------------------------------------

    def _start(self, lock: int) -> tuple[list[Child], str]:
        host = _host()
        port = _free_port(host)
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
        address = f"http://{shown}:{port}"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tongxin.settings"}
        if shown != host:
            environment.setdefault("ALLOWED_HOSTS", "*")
        children = [self._web(host, port, environment)]
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"]
        children.append(Child("后台 worker", command, log=_log("worker"), env=environment))
        try:
            for child in children:
                child.start()
            self._timed("网页 · web", lambda: self._await_first_page(children, shown, port))
        except BaseException:
            self._stop(children, database=False)
            raise
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} {address}".encode(), 0)
        return children, address

    def _web(self, host: str, port: int, environment: dict[str, str]) -> Child:
        command = web_command(host, port, processes=WEB_PROCESSES)
        return Child("网页 web", command, log=_log("web"), env=environment | web_environment(threads=WEB_THREADS))

    def _await_first_page(self, children: list[Child], host: str, port: int) -> None:
        until = time.monotonic() + FIRST_PAGE_SECONDS
        while True:
            try:
                link = http.client.HTTPConnection(host, port, timeout=10)
                link.request("GET", "/")
                answer = link.getresponse().status
                link.close()
            except OSError:
                answer = 0
            if 0 < answer < 500:
                return
            if time.monotonic() > until or any(child.crashes >= 2 for child in children) or answer >= 500:
                tail = "\n".join(children[0].log.read_text(errors="replace").splitlines()[-20:])
                raise CommandError(f"首页没有打开 (HTTP {answer}) · the first page failed; {children[0].log}:\n{tail}")
            for child in children:
                child.look_after()
            time.sleep(0.05)

    def _keep_database(self) -> None:
        if self.own_database and postgres.status(self.cluster).pid is None:
            self._say("数据库意外停止, 正在重启 · the database died, starting it again")
            try:
                postgres.ensure_running(self.cluster)
            except postgres.DatabaseTrouble as trouble:
                self._say(str(trouble))

    def _stop(self, children: Iterable[Child], *, database: bool = True) -> None:
        began = time.monotonic()
        for child in children:
            child.stop()
        if database:
            if self.own_database:
                postgres.stop(self.cluster)
            self._say(f"已停止 · stopped {time.monotonic() - began:.1f} s")

    # -- others ------------------------------------------------------------------------------------------------

    def _take_lock(self) -> int:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        lock = os.open(settings.DATA_DIR / "demo.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            address = os.pread(lock, 200, 0).decode().partition(" ")[2]
            raise CommandError(f"演示已在运行 · the demo runs already: {address}") from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} ".encode(), 0)
        return lock

    def _stop_other(self) -> bool:
        """Ask a demo that holds the lock to stop, and wait until it has; returns whether there was one."""
        path = settings.DATA_DIR / "demo.lock"
        if not path.exists():
            return False
        ran = False
        lock = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.kill(int(os.pread(lock, 200, 0).split()[0]), signal.SIGTERM)
            fcntl.flock(lock, fcntl.LOCK_EX)
            ran = True
        os.close(lock)
        return ran

    def _reset(self) -> None:
        if not self.own_database:
            raise CommandError("DATABASE_URL 指向你自己的服务器, 请自行清空 · empty your own server yourself")
        postgres.destroy(self.cluster)
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
        self._say("旧数据已删除 · the old data is gone")

    def _greet(self, address: str, seconds: float) -> None:
        self._say(f"\n同心已就绪 · Tongxin is ready ({seconds:.1f} s)\n\n  {address}/\n")
        rows = [(name, address + path, *rest) for name, path, *rest in logins()]
        widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
        for row in rows:
            self._say("  " + "  ".join(t + " " * (w - _width(t)) for t, w in zip(row, widths, strict=True)).rstrip())
        self._say("\nCtrl-C 停止 · stops everything")

    def _timed(self, title: str, work: Callable[[], Any]) -> None:
        began = time.monotonic()
        work()
        self._say(f"✓ {title} {time.monotonic() - began:.1f} s")

    def _say(self, line: str) -> None:
        """Print, unless the terminal is gone: losing the screen must not stop the clean end."""
        try:
            print(line, flush=True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _log(name: str) -> Path:
    return Path(settings.DATA_DIR) / "log" / f"{name}.log"


def _mark_of_files() -> str:
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            found = os.stat(storage.path(path))
            seen.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _host() -> str:
    return os.environ.get("HOST") or "127.0.0.1"


def _free_port(host: str) -> int:
    """Return the first free port from PORT on, or say what is wrong with HOST or PORT."""
    said = os.environ.get("PORT") or str(FIRST_PORT)
    if not (said.isascii() and said.isdecimal() and 1 <= int(said) <= MOST_PORT):
        raise CommandError(f"PORT={said[:20]} 不是端口 · no port: 1–{MOST_PORT}")
    first = int(said)
    last = min(first + PORTS - 1, MOST_PORT)
    for port in range(first, last + 1):
        try:
            try_port(host, port)
        except OSError as trouble:
            if isinstance(trouble, socket.gaierror) or trouble.errno == errno.EADDRNOTAVAIL:
                raise CommandError(f"HOST={host[:40]} 不是这台机器的地址 · not an address of this machine") from None
            continue
        return port
    raise CommandError(f"端口 {first}–{last} 都被占用或不许用 · all taken or not allowed: set PORT")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
