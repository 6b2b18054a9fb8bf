"""Between the web server and our entry: nothing of a request is lost or added, long ones pass by pieces, and who goes away is let go."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.asgi import Sender, scope
from tests.loops import run
from tongxin.kernel.looped import has_written, need_thread, on_loop
from tongxin.web import server
from tongxin.web.server import PIECE, SHORT, Server, environ_of

HEADERS = [("Content-Type", "text/plain"), ("X-Word", " caf\xe9")]  # with the space that Django puts before a cookie


def serve(entry: Any, asked: dict[str, Any], body: list[bytes] | None = None, **sender: Any) -> Sender:
    """Let the server answer one request."""

    async def answered() -> Sender:
        one = Sender(body if body is not None else [b""], **sender)
        await Server(entry, threads=2)(asked, one.receive, one.send)
        return one

    return run(answered())


def length(body: bytes | int) -> tuple[bytes, bytes]:
    return b"content-length", str(body if isinstance(body, int) else len(body)).encode()


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("201 Created", HEADERS)
    return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", 0)))]


def test_the_environ_says_what_was_asked() -> None:
    asked = scope(
        "POST", b"/%E7%81%AF%ff%2Fx", b"q=%20b", (b"content-type", b"text/plain"), (b"x-forwarded-for", b"1.2.3.4"),
        (b"x_forwarded_for", b"9.9.9.9"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"a"), (b"accept", b"b"),
    )  # fmt: skip
    environ = environ_of({**asked, "path": "not looked at"})
    assert environ["PATH_INFO"].encode("latin-1") == "/灯".encode() + b"\xff/x"
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"  # an underscore cannot pass for a hyphen
    assert (environ["HTTP_COOKIE"], environ["HTTP_ACCEPT"]) == ("a=1; b=2", "a,b")
    assert (environ["REQUEST_METHOD"], environ["QUERY_STRING"], environ["CONTENT_TYPE"]) == (
        "POST",
        "q=%20b",
        "text/plain",
    )
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("10.0.0.9", "127.0.0.1", "8000")
    assert environ_of(scope())["PATH_INFO"] == "/"


@pytest.mark.parametrize("size", [0, 5, SHORT, SHORT + 1, 3 * 1024 * 1024 + 7])
def test_a_body_of_any_length_arrives_whole(size: int) -> None:
    body = (hashlib.sha256(b"a").digest() * (size // 32 + 1))[:size]
    parts = [body[at : at + 50_000] for at in range(0, size, 50_000)] or [b""]
    told = serve(echo, scope("POST", b"/up", b"", length(body)), parts)
    status, headers, content = told.answer
    assert (status, content == body) == (201, True)
    assert headers == [(b"Content-Type", b"text/plain"), (b"X-Word", b"caf\xe9")]


def test_without_a_length_there_is_no_body() -> None:
    told = serve(echo, scope("POST", b"/up"), [b"x" * 10, b"y" * 10])
    assert told.answer[2] == b""
    assert told.asked == 0  # nor is one gathered that has no end


@pytest.mark.parametrize("size", [100, 10 * SHORT])
def test_who_goes_away_while_sending_gets_nothing_and_the_work_is_told(size: int) -> None:
    seen: list[BaseException] = []

    def entry(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        try:
            return echo(environ, start)
        except OSError as error:  # what Django expects of a body that breaks off
            seen.append(error)
            raise

    told = serve(entry, scope("POST", b"/up", b"", length(size)), [b"x" * 10] * 50, leaves_after=1)
    assert told.got == []
    assert len(seen) == (size > SHORT)  # of a short one nothing has begun


def test_who_sends_what_nobody_wants_is_heard_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("413 Payload Too Large", HEADERS)
        return [b"at most so much"]

    pieces = [b"x" * SHORT] * 20
    told = serve(refuse, scope("POST", b"/up", b"", length(20 * SHORT)), pieces)
    assert (told.answer[0], told.body) == (413, [])  # the answer came when all was sent
    monkeypatch.setattr(server, "UNREAD", 5 * SHORT)
    told = serve(refuse, scope("POST", b"/up", b"", length(20 * SHORT)), pieces)
    assert (told.answer[0], len(told.body)) == (413, 15)  # there is an end to it
    monkeypatch.setattr(server, "UNREAD_SECONDS", 0.01)
    told = serve(refuse, scope("POST", b"/up", b"", length(20 * SHORT)), [b""], stays_silent=True)
    assert told.answer[0] == 413


def test_a_long_answer_goes_by_pieces_and_is_closed() -> None:
    closed = threading.Event()

    class Film:
        def __iter__(self) -> Iterator[bytes]:
            return (b"%07d\n" % number * 1024 for number in range(200))

        def close(self) -> None:
            closed.set()

    def entry(environ: dict[str, Any], start: Callable[..., Any]) -> Film:
        start("200 OK", HEADERS)
        return Film()

    told = serve(entry, scope())
    status, _, content = told.answer
    assert (status, content == b"".join(Film())) == (200, True)
    sizes = [len(message["body"]) for message in told.got[1:]]
    assert set(sizes[:-1]) == {PIECE}
    assert closed.is_set()
    assert serve(entry, scope("POST", b"/", b"", length(10 * SHORT)), [b"not read"] * 3).answer[2] == content


def test_who_goes_away_while_reading_is_sent_no_more() -> None:
    closed, sent = threading.Event(), []

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            while True:
                sent.append(1)
                yield b"x" * PIECE

        def close(self) -> None:
            closed.set()

    def entry(environ: dict[str, Any], start: Callable[..., Any]) -> Endless:
        start("200 OK", HEADERS)
        return Endless()

    told = serve(entry, scope(), reads=5)
    assert closed.is_set()
    assert 5 <= len(told.got) <= len(sent) < 20


@pytest.mark.parametrize(
    ("method", "path", "more", "stays"),
    [
        ("POST", b"/api/v1/matters", [], True),
        ("POST", b"/d/xiuning/api/v1/matters", [], True),
        ("POST", b"/api/v1/matters", [(b"authorization", b"Bearer x")], False),  # a key must be looked up
        ("GET", b"/api/v1/matters", [], False),
        ("POST", b"/pages/api/v1/matters", [], False),
        ("POST", b"/api/v1/matters/7K3M9QXA2B4C/acts", [], False),
    ],
)
def test_reports_without_a_key_stay_on_the_loop(method: str, path: bytes, more: list[Any], stays: bool) -> None:
    where: list[bool] = []

    def entry(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        where.append(on_loop())
        return echo(environ, start)

    assert serve(entry, scope(method, path, b"", length(b"word"), *more), [b"wo", b"rd"]).answer[2] == b"word"
    assert where == [stays]
    serve(entry, scope(method, path, b"", length(SHORT + 1), *more), [b"x" * (SHORT + 1)])
    assert where == [stays, False]  # a long one is for a thread, which may wait for it


def test_what_needs_a_thread_is_done_by_one_from_the_start_but_not_twice() -> None:
    where: list[bool] = []

    def entry(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        where.append(on_loop())
        assert environ.pop("PATH_INFO")  # changed as a request changes it
        read = environ["wsgi.input"].read()
        need_thread()
        start("200 OK", HEADERS)
        return [read]

    def twice(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        where.append(on_loop())
        has_written()
        need_thread()
        return []

    report = scope("POST", b"/api/v1/matters", b"", length(b"lamp"))
    assert serve(entry, report, [b"lamp"]).answer[2] == b"lamp"
    assert where == [True, False]
    with pytest.raises(RuntimeError):
        serve(twice, report, [b"lamp"])
    assert where == [True, False, True]
