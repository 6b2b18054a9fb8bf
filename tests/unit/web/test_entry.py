"""The door for programs answers as Django's whole handler does: same status, words and headers, also when it refuses."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core import signing
from django.core.handlers.wsgi import WSGIHandler
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import RequestFactory

from tests.world import open_world
from tongxin.web import sources
from tongxin.web.entry import Entry

ASKED = [
    ("GET", "/api/v1/districts", b""),
    ("GET", "/api/v1/pack", b""),
    ("HEAD", "/api/v1/pack", b""),
    ("GET", "/api/v1/nothing", b""),
    ("GET", "/api/v1/areas/灯".encode().decode("latin-1"), b""),  # as a server hands it on
    ("GET", "/open311/v2/discovery.json", b""),
    ("DELETE", "/api/v1/matters", b""),
    ("POST", "/api/v1/matters", b"{"),
]


def ask(application: Any, method: str, path: str, body: bytes, **environ: str) -> tuple[str, dict[str, str], bytes]:
    told: list[Any] = []
    answer = application(
        {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body), "wsgi.url_scheme": "http",
            **environ,
        },
        lambda status, headers: told.extend((status, headers)),
    )  # fmt: skip
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return told[0], dict(told[1]), content


@pytest.fixture
def ground(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small town; connections stay, for the test's transaction is on one of them."""
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda self: None)
    open_world()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("redirect", [False, True])
def test_both_doors_answer_alike(ground: None, settings: Any, scheme: str, redirect: bool) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = redirect, 60
    short, whole = Entry(), WSGIHandler()
    for asked in ASKED:
        told = ask(short, *asked, **{"wsgi.url_scheme": scheme})
        assert told == ask(whole, *asked, **{"wsgi.url_scheme": scheme}), asked
        assert told[0].startswith("301") == (redirect and scheme == "http")
        assert ("Strict-Transport-Security" in told[1]) == (scheme == "https")
    nowhere = ask(short, "GET", "/d/nowhere/api/v1/pack", b"", **{"wsgi.url_scheme": "https"})
    assert (nowhere[0], nowhere[1]["Content-Type"]) == (
        "404 Not Found",
        "text/html; charset=utf-8",
    )  # the districts, to choose from


def test_a_host_that_is_not_ours_is_refused_by_both(ground: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    for application in (Entry(), WSGIHandler()):
        assert ask(application, "GET", "/api/v1/pack", b"")[0].startswith("200")
        for amiss in ({"HTTP_HOST": "elsewhere.example"}, {"HTTP_HOST": "local host"}):
            assert ask(application, "GET", "/api/v1/pack", b"", **amiss)[0].startswith("400"), amiss


def test_device_cookies_are_sealed_as_django_seals(settings: Any) -> None:
    sealed = signing.Signer(salt=sources._SALT).sign("0123456789abcdef.1700000000")
    known = ("0123456789abcdef", 1_700_000_000)
    value, _, seal = sealed.rpartition(":")
    assert sources.seal_of(value).decode() == seal
    other = sealed[:-1] + ("a" if sealed[-1] != "a" else "b")
    for cookies, device in (
        (f"device={sealed}", known), (f"elder=1; device={sealed}; sessionid=x", known), (f"device={other}", None), ("", None),
        (f"mydevice={sealed}", None), ("device=", None), ("device=灯:x".encode().decode("latin-1"), None), (f'device="{sealed}"', None),
    ):  # fmt: skip
        assert sources._device(RequestFactory().get("/", headers={"cookie": cookies})) == device, cookies
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert sources._device(RequestFactory().get("/", headers={"cookie": f"device={sealed}"})) == known
