"""The small town with its HTTP API, asked by its host name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from tests.domain import smalltown
from tests.world import World, open_world
from tongxin.accounts import api as accounts
from tongxin.accounts.models import Throttle
from tongxin.kernel import caches, clock
from tongxin.matters.models import Matter
from tongxin.notices.models import Notice
from tongxin.procedures.models import LogEntry, Run
from tongxin.records.models import Attachment

LON, LAT = smalltown.centre(0, 0)
TEXT = "小区门口的路灯不亮了，晚上老人出门不安全。"


@dataclass
class Caller:
    """A program without a browser; ``key`` is the secret it carries."""

    client: Client
    key: str = ""

    def _headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        return {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **(headers or {})}

    def get(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self.client.get(path, data, headers=self._headers(headers))

    def post(self, path: str, data: Any, headers: dict[str, str] | None = None, kind: str = "application/json") -> Any:
        body = data if isinstance(data, bytes) else orjson.dumps(data)
        return self.client.post(path, body, content_type=kind, headers=self._headers(headers))

    def report(self, **given: Any) -> Any:
        """Report at the middle of the first grid."""
        return self.post("/api/v1/matters", {"text": TEXT, "lon": LON, "lat": LAT, **given})


@pytest.fixture
def world(db: None) -> World:
    caches.clear_all()
    world = open_world()
    world.now = clock.now()
    return world


@pytest.fixture
def api(world: World) -> Caller:
    return Caller(Client(SERVER_NAME="smalltown.test"))


@pytest.fixture
def with_key(world: World) -> Callable[..., Caller]:
    def make(*may: str, district: Any = None, per_minute: int = 1_000) -> Caller:
        _, secret = accounts.make_api_key(
            district=district or world.district, name="测试程序", may=list(may), per_minute=per_minute, now=clock.now()
        )
        return Caller(Client(SERVER_NAME="smalltown.test"), secret)

    return make


def everything() -> dict[str, int]:
    """How many rows there are of all that a report writes."""
    return {model.__name__: model.objects.count() for model in (Matter, Run, LogEntry, Notice, Attachment)}


def no_counts() -> None:
    """Forget what the throttle has counted."""
    Throttle.objects.all().delete()


def refusal(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The refusal in its one shape, with the status and code expected."""
    body: dict[str, Any] = orjson.loads(response.content)
    assert (response.status_code, body.get("code")) == (status, code), body
    assert body["what"]
    assert {"code", "what", "mend", "field"} <= set(body)
    assert response["Content-Type"] == "application/json"
    return body
