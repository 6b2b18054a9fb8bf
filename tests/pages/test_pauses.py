"""A report that meets a database that is there but too busy: told so, nothing is written, and sent again it is taken once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.test import Client

from tests.domain import smalltown
from tests.pages.conftest import committed_world
from tests.world import World
from tongxin.kernel import statements
from tongxin.matters.models import Matter

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = {"text": "路灯坏了三天了", "request_key": "one-report-however-often"}
PATIENCE = "150ms"
LON, LAT = smalltown.centre(0, 0)
POINT = {"long": str(LON), "lat": str(LAT)}


@pytest.fixture
def world(transactional_db: None) -> World:
    return committed_world()


def _let_go() -> None:
    statements._line.close()
    connection.close()


@contextmanager
def held(setting: str) -> Iterator[None]:
    """Somebody else keeps all matters, and whoever waits for them runs into a limit that an operator has set."""
    parameters = connection.get_connection_params()
    given = {key: parameters[key] for key in ("dbname", "user", "host", "port", "password") if parameters.get(key)}
    with psycopg.connect(**given, autocommit=True) as operator, psycopg.connect(**given) as other:
        name = psycopg.sql.Identifier(str(parameters["dbname"]))
        operator.execute(psycopg.sql.SQL(f"ALTER DATABASE {{}} SET {setting} = '{PATIENCE}'").format(name))  # type: ignore[arg-type]
        try:
            _let_go()
            other.execute("LOCK TABLE matters_matter IN EXCLUSIVE MODE")
            yield
        finally:
            other.rollback()
            operator.execute(psycopg.sql.SQL(f"ALTER DATABASE {{}} RESET {setting}").format(name))  # type: ignore[arg-type]
            _let_go()


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_who_waits_too_long_is_told_so_and_a_second_try_is_taken_once(world: World, setting: str) -> None:
    client, program = Client(raise_request_exception=False), Client(raise_request_exception=False)
    service = next(kind.code for kind, _ in world.district.pack.catalogue.walk() if not kind.asks)
    with held(setting):
        page = client.post("/report", REPORT)
        told = program.post("/api/v1/matters", {"text": "井盖松了"}, content_type="application/json")
        asked = program.post("/open311/v2/requests.json", {"service_code": service, "description": "树倒了", **POINT})
    words = page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "系统现在很忙，等了太久，这次没有办成" in words
    assert "填好的内容还留在这台设备上，请过几秒返回上一页再试" in words
    body = told.json()
    assert (told.status_code, told["Retry-After"], body["code"], body["retry_after_seconds"]) == (503, "5", "busy", 5)
    assert (asked.status_code, asked["Retry-After"], asked.json()[0]["code"]) == (503, "5", 503)
    assert not Matter.objects.exists()
    assert [client.post("/report", REPORT).status_code for _ in range(2)] == [302, 302]
    assert Matter.objects.count() == 1
