"""A whole platform of its own for tests that kill it: database, two web processes, a worker, in a folder of this test alone."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from tests.ports import free_port
from tongxin.kernel import postgres
from tongxin.web.serving import web_command, web_environment
from tongxin.web.supervisor import Child

ROOT = Path(__file__).resolve().parents[2]
_OPEN = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.world import open_world
from tongxin.accounts import api as accounts
from tongxin.kernel import clock
from tongxin.web import sources
world = open_world()
born = int(clock.now().timestamp()) - 7_200
for number in range(2_000):
    print(sources._signer().sign(f"{number:016x}.{born}"))
print(accounts.make_api_key(district=world.district, name="faults", may=["report_for_others"], now=clock.now(), per_minute=100000)[1])
"""


@dataclass
class Ground:
    """The running platform; ``tend`` restarts what has died, as the demo's supervisor or systemd would.

    ``devices`` are the signed cookies of residents' devices, ``secret`` is a program's key.
    """

    folder: Path
    port: int
    secret: str = ""
    devices: list[str] = field(default_factory=list)
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "pg"

    def tend(self) -> None:
        if postgres.status(self.database).pid is None:
            with contextlib.suppress(postgres.DatabaseTrouble):
                postgres.ensure_running(self.database)
        for child in self.children.values():
            child.look_after()

    def kill(self, what: str) -> None:
        """SIGKILL to the database server, the web server, one of its workers, or the background worker."""
        if what == "database":
            pid = postgres.status(self.database).pid
        elif what == "web worker":
            below = psutil.Process(self.children["web"].pid).children() if self.children["web"].pid else []
            pid = below[0].pid if below else None
        else:
            pid = self.children[what].pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def rows(self, sql: str) -> list[tuple]:
        with psycopg.connect(postgres.url(self.database)) as line:
            return line.execute(sql).fetchall()


@contextlib.contextmanager
def open_ground() -> Iterator[Ground]:
    """Start everything and remove it afterwards."""
    folder = ROOT / "var" / f"faults-{os.getpid()}"
    ground = Ground(folder, free_port())
    env = {key: value for key, value in os.environ.items() if not key.startswith("TONGXIN_") and key != "DATABASE_URL"}
    env |= {"DJANGO_SETTINGS_MODULE": "tongxin.settings", "TONGXIN_DATA_DIR": str(folder), "TONGXIN_ENV": "demo"}
    env |= {"DATABASE_URL": postgres.ensure_running(ground.database), "LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT)}
    try:
        opened = subprocess.run(
            [sys.executable, "-c", _OPEN], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert opened.returncode == 0, opened.stderr[-2000:]
        *ground.devices, ground.secret = opened.stdout.split()
        web = web_command("127.0.0.1", ground.port, processes=2)
        ground.children["web"] = Child("web", web, log=folder / "web.log", env=env | web_environment(threads=4))
        work = [sys.executable, str(ROOT / "manage.py"), "work"]
        ground.children["worker"] = Child("worker", work, log=folder / "worker.log", env=env)
        for child in ground.children.values():
            child.start()
        yield ground
    finally:
        for child in ground.children.values():
            child.stop()
        postgres.destroy(ground.database)
        subprocess.run(["rm", "-rf", str(folder)], check=False)


class Reporter(threading.Thread):
    """A client that resends each report, under the same key, until it holds a receipt.

    Args:
        devices: whose reports these are, a device each (they run on the web process's event loop); without, a program's.
    """

    def __init__(
        self, ground: Ground, enough: threading.Event, told: threading.Semaphore, devices: list[str] | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.ground, self.enough, self.told, self.devices = ground, enough, told, devices
        self.receipts: dict[str, str] = {}
        self.resent = 0
        self.odd: list[tuple[int, bytes]] = []

    def run(self) -> None:
        pause = threading.Event()
        while not self.enough.is_set():
            key = uuid.uuid4().hex
            who = {"Authorization": f"Bearer {self.ground.secret}"}
            if self.devices is not None:
                who = {"Cookie": f"device={self.devices.pop()}"}
            body = json.dumps({"text": f"小区门口的路灯不亮了 {key}", "lon": 118.005, "lat": 29.005}).encode()
            while key not in self.receipts:
                status, answer = self.send(key, body, who)
                if status in (200, 201):
                    self.receipts[key] = json.loads(answer)["receipt"]
                    self.told.release()
                    break
                if status and status < 500 and status != 429:
                    self.odd.append((status, answer))
                    return
                self.resent += 1
                pause.wait(0.05)

    def send(self, key: str, body: bytes, who: dict[str, str]) -> tuple[int, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.ground.port, timeout=15)
        head = {"Content-Type": "application/json", "Idempotency-Key": key, **who}
        try:
            link.request("POST", "/api/v1/matters", body, head)
            response = link.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            link.close()
