"""Reports that run on the event loop, against a real database: one statement, no thread, and the same answers as by a thread."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from django.db import connection, connections
from PIL import Image

from tests.asgi import Sender, scope
from tests.domain import smalltown
from tests.pages.conftest import committed_world
from tests.world import World
from tongxin.kernel import statements
from tongxin.kernel.looped import on_loop
from tongxin.matters.models import Matter
from tongxin.packs import api as packs
from tongxin.packs import queries
from tongxin.procedures.models import LogEntry
from tongxin.web.api.callers import REPORTS
from tongxin.web.entry import Entry
from tongxin.web.server import Server

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
PATIENCE_SECONDS = 60
LON, LAT = smalltown.centre(0, 0)


class Door:
    """The server with our entry; says for each try of a request whether it ran on the loop, and counts the statements there."""

    def __init__(self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        entry = Entry()
        self.loop = loop
        self.tries: list[bool] = []
        self.statements = 0
        run = statements._run

        def answer(environ: Any, start: Any) -> Any:
            self.tries.append(on_loop())
            try:
                return entry(environ, start)
            finally:
                if not on_loop():
                    connections.close_all()  # or the thread's stays when the test is over

        def counted(*args: Any) -> Any:
            self.statements += on_loop()
            return run(*args)

        monkeypatch.setattr(statements, "_run", counted)
        self.server = Server(answer, threads=4)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_SECONDS)

    def report(
        self, number: int = 0, *, key: str = "", **more: Any
    ) -> Coroutine[Any, Any, tuple[int, dict[str, str], Any]]:
        """Send a report; each number is another device's address."""
        said = {"text": f"第 {number} 盏路灯不亮了", "lon": LON, "lat": LAT, **more}
        headers = {"idempotency-key": key} if key else {}
        address = f"10.0.{number // 250}.{number % 250 + 1}"
        return self.ask("POST", "/api/v1/matters", json.dumps(said).encode(), address=address, **headers)

    async def ask(
        self, method: str, path: str, body: bytes = b"", *, address: str = "10.9.9.9", **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """Send a request; returns status, headers and what the JSON says."""
        given = {"host": "localhost", "content-type": "application/json", "content-length": str(len(body)), **headers}
        asked = scope(method, path.encode(), b"", *((name.encode(), value.encode()) for name, value in given.items()))
        sender = Sender([body])
        await asyncio.wait_for(
            self.server({**asked, "client": (address, "1")}, sender.receive, sender.send), PATIENCE_SECONDS
        )
        status, told, content = sender.answer
        return status, {name.decode().lower(): value.decode() for name, value in told}, json.loads(content)


@contextmanager
def a_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, as a web process has one; no connection of the test's is there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


@pytest.fixture
def world() -> Iterator[World]:
    world = committed_world()
    yield world
    statements._line.close()


@pytest.fixture
def door(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """A door through which reports have gone already, so that everything is known and the line is open."""
    monkeypatch.setattr(queries, "RENEW_SECONDS", 1_000)
    monkeypatch.setattr(queries, "FRESH_SECONDS", 1_000)
    with a_loop() as loop:
        door = Door(loop, monkeypatch)
        assert door.run(door.report(999))[0] == 201
        assert door.tries == [True, False]  # what was not known yet, a thread had to read
        assert door.run(door.report(998))[0] == 201
        door.tries.clear()
        door.statements = 0
        yield door


def test_a_report_is_one_statement_and_many_go_together(door: Door) -> None:
    status, headers, told = door.run(door.report(1, key="one-and-only"))
    assert (status, door.tries, door.statements) == (201, [True], 1)
    matter = Matter.objects.get(text="第 1 盏路灯不亮了")
    assert headers["location"] == f"/api/v1/matters/{told['receipt']}"
    assert (told["receipt"], told["replayed"]) == (matter.receipt, False)
    assert told["holder"]

    async def many() -> list[Any]:
        return list(await asyncio.gather(*(door.report(number) for number in range(2, 42))))

    answers = door.run(many())
    assert {status for status, _, _ in answers} == {201}
    assert len({told["receipt"] for _, _, told in answers}) == 40
    assert door.tries == [True] * 41
    assert door.statements <= 1 + 3  # the first alone, the others together
    kept = dict(Matter.objects.values_list("receipt", "text"))
    assert [kept[told["receipt"]] for _, _, told in answers] == [f"第 {number} 盏路灯不亮了" for number in range(2, 42)]
    assert LogEntry.objects.count() == len(kept) == 43


def test_it_answers_as_a_thread_does(door: Door) -> None:
    def both(**given: Any) -> tuple[Any, Any]:
        door.tries.clear()
        quick = door.run(door.report(1, **given))
        assert door.tries[0]
        body = json.dumps({"text": "第 1 盏路灯不亮了", "lon": LON, "lat": LAT, **given}).encode()
        long = body[:-1] + b" " * 70_000 + b"}"  # so long a body is for a thread
        door.tries.clear()
        slow = door.run(door.ask("POST", "/api/v1/matters", long))
        assert door.tries == [False]
        own = {"receipt": "", "receipt_shown": "", "ref": "", "reported_at": "", "due_at": ""}
        for _, headers, told in (quick, slow):
            assert headers.pop("content-length")
            headers.pop("location", None)
            if "receipt" in told:
                told |= own
        return quick, slow

    for given, status in (
        ({}, 201), ({"text": ""}, 422), ({"lon": 0.0, "lat": 0.0}, 422), ({"category": "nothing"}, 422), ({"photos": ["x"]}, 422),
        ({"channel": "phone"}, 401), ({"nonsense": 1}, 422),
    ):  # fmt: skip
        quick, slow = both(**given)
        assert quick == slow, given
        assert quick[0] == status, (given, quick)


def test_what_must_ask_more_is_done_by_a_thread_and_once(door: Door) -> None:
    first = door.run(door.report(1, key="one-and-only"))
    again = door.run(door.report(1, key="one-and-only"))
    assert (first[0], again[0]) == (201, 200)
    assert again[2] == {**first[2], "replayed": True}
    packs.forget_districts()
    assert door.run(door.report(2))[0] == 201
    assert door.tries == [True, True, False, True, False]
    assert Matter.objects.count() == 4


def test_a_photo_goes_with_a_report_by_a_thread(door: Door, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    stream = BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    status, _, kept = door.run(door.ask("POST", "/api/v1/photos", stream.getvalue(), **{"content-type": "image/png"}))
    assert status == 201
    status, _, told = door.run(door.report(1, photos=[kept["id"]]))
    assert (status, door.tries) == (201, [False, True, False])
    assert len(door.run(door.ask("GET", f"/api/v1/matters/{told['receipt']}"))[2]["photos"]) == 1
    assert Matter.objects.count() == 3


def test_one_reads_the_districts_anew_while_the_others_go_on(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "RENEW_SECONDS", 0)

    async def many() -> list[Any]:
        return list(await asyncio.gather(*(door.report(number) for number in range(20))))

    read_at = queries._districts().read_at
    with queries._lock:  # somebody reads: who is not the first does not wait for him
        assert queries._districts().read_at == read_at
    assert {status for status, _, _ in door.run(many())} == {201}
    assert queries._districts().read_at > read_at
    assert 1 <= door.tries.count(False) <= 3


def test_a_flood_is_told_when_to_come_again(door: Door) -> None:
    most = REPORTS[1].count

    async def flood() -> list[int]:
        return [(await door.report(7))[0] for _ in range(most + 2)]

    told = door.run(flood())
    assert told == [201] * most + [429] * 2
    status, headers, _ = door.run(door.report(7, text=""))  # what is refused is counted, too
    assert (status, int(headers["retry-after"]) > 0) == (429, True)
    assert door.tries == [True] * most + [True, False] * 2 + [True]  # that it is not a resend, a thread must look up
    assert Matter.objects.count() == 2 + most


def _terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_line_that_was_cut_is_opened_anew_by_a_thread(door: Door) -> None:
    line = statements._line._kept
    assert line is not None
    _terminate(line.connection.info.backend_pid)
    assert door.run(door.report(1))[0] == 201
    assert door.run(door.report(2))[0] == 201
    assert door.tries == [True, False, True]


@contextmanager
def held() -> Iterator[None]:
    """Somebody keeps all matters for himself."""
    parameters = connection.get_connection_params()
    given = {key: parameters[key] for key in ("dbname", "user", "host", "port", "password") if parameters.get(key)}
    with psycopg.connect(**given) as other:
        other.execute("LOCK TABLE matters_matter IN EXCLUSIVE MODE")
        yield


def test_while_a_report_waits_others_are_served_and_a_line_lost_then_is_told(door: Door) -> None:
    pids: list[int] = []

    async def at_work() -> None:
        while not statements._together.busy:
            await asyncio.sleep(0.001)

    async def run() -> tuple[Any, Any, Any]:
        with held():
            line = statements._line._kept
            assert line is not None
            pids.append(line.connection.info.backend_pid)
            waits = asyncio.ensure_future(door.report(1))
            await at_work()
            later = asyncio.ensure_future(door.report(2))
            other = await door.ask("GET", "/api/v1/pack")
            assert not waits.done()
            await asyncio.get_running_loop().run_in_executor(None, _terminate, pids[0])
            lost = await waits
        return lost, other, await later

    lost, other, later = door.run(run())
    assert other[0] == 200
    assert (lost[0], lost[1]["retry-after"], lost[2]["code"]) == (503, "15", "away")
    assert later[0] in {201, 503}  # it stood in line behind the one whose line was lost
    assert door.run(door.report(3))[0] == 201
    assert door.run(door.report(4))[0] == 201
    assert door.tries[-1]  # and the loop serves again
    assert not Matter.objects.filter(text="第 1 盏路灯不亮了").exists()
