"""The ASGI application: a report by a program without a key runs on the event loop, all else in threads; both by the same WSGI entry.

Such a report asks the database one thing, which can be awaited (``kernel.looped``): no thread is woken for it, and a rush costs a tenth
less. Everything else may ask what it likes and wait where it stands. See ADR 0010.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BufferedIOBase, BufferedReader, BytesIO, RawIOBase
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from tongxin.kernel.looped import Elsewhere, Looping
from tongxin.web.middleware.programs import is_for_programs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Entry = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

REPORTS = "/api/v1/matters"  # where they are posted, behind a district's prefix or not
SHORT = 64 * 1024  # bytes: a body so long is read before the work begins
PIECE = 256 * 1024  # bytes: what is longer is sent by pieces, each when the one before has gone
UNREAD = 128 * 1024 * 1024  # bytes: so much of a body that nobody wanted is taken, so that its sender hears why
UNREAD_SECONDS = 60


class Server:
    """What the web server calls.

    Args:
        entry: the WSGI application that answers everything.
        threads: so many requests are answered at the same time, beside the reports on the loop.
    """

    def __init__(self, entry: Entry, *, threads: int) -> None:
        self._entry = entry
        self._looping = Looping()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="web")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; nothing else is understood."""
        if scope["type"] != "http":
            return
        environ = environ_of(scope)
        wire = _Wire(receive, send)
        with suppress(ConnectionError):  # the sender went away: there is nobody to answer
            body = await wire.whole_body(environ.get("CONTENT_LENGTH", ""))
            if body is not None and _is_report(environ):
                with suppress(Elsewhere):
                    return await wire.finish(await self._looping.run(self._answer, environ, BytesIO(body), wire))
            given = BytesIO(body) if body is not None else BufferedReader(wire, SHORT)
            loop = asyncio.get_running_loop()
            await wire.finish(await loop.run_in_executor(self._threads, self._answer, environ, given, wire))

    def _answer(self, environ: Environ, body: BufferedIOBase, wire: _Wire) -> _Rest:
        """Have the entry answer; all but the last piece is sent already."""
        head: list[Any] = []
        content = self._entry({**environ, "wsgi.input": body}, lambda *told: head.extend(told))
        try:
            pieces = _pieces(content)
            piece = next(pieces, b"")
            headers = [(name.encode("latin-1"), value.strip().encode("latin-1")) for name, value in head[1]]
            start: Message | None = {"type": "http.response.start", "status": int(head[0][:3]), "headers": headers}
            for following in pieces:
                wire.send_piece(start, piece)
                start, piece = None, following
            return _Rest(start, piece)
        finally:
            if (close := getattr(content, "close", None)) is not None:
                close()


class _Rest(NamedTuple):
    """What is left to send; ``start`` is None where the answer has begun to go out."""

    start: Message | None
    piece: bytes


class _Wire(RawIOBase):
    """One request's way in and out: for the event loop by its coroutines; for a thread, as a file of the body and by ``send_piece``."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._rest, self._more = b"", False  # of the body
        self._gone: asyncio.Task[Message] | None = None

    async def whole_body(self, length: str) -> bytes | None:
        """Return a short body, None when it is long; ConnectionResetError when the sender goes away. No length: no body (RFC 9112 §6.3)."""
        if not length.isdecimal() or length == "0":
            return b""
        self._more = True
        if int(length) > SHORT:
            return None
        parts = []
        while self._more:
            parts.append(await self._next())
        return b"".join(parts)

    async def finish(self, rest: _Rest) -> None:
        """Send what is left."""
        if self._gone is not None:
            self._gone.cancel()
        elif self._more:
            await self._read_out()
        if rest.start is not None:
            await self._send(rest.start)
        await self._send({"type": "http.response.body", "body": rest.piece})

    def readable(self) -> bool:
        """As a file is asked."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Put what has come of the body into the buffer; waits for some. In a thread."""
        while not self._rest and self._more:
            self._rest = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def send_piece(self, start: Message | None, piece: bytes) -> None:
        """Send a piece of an answer, and its head before the first; waits until it has gone. In a thread."""
        asyncio.run_coroutine_threadsafe(self._out(start, piece), self._loop).result()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the sender went away")
        self._more = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body

    async def _read_out(self) -> None:
        """Take the rest of the body: who is still sending when the answer ends sees a broken connection and not the answer."""
        left = UNREAD
        with suppress(TimeoutError):
            async with asyncio.timeout(UNREAD_SECONDS):
                while self._more and left > 0:
                    left -= len(await self._next())

    async def _out(self, start: Message | None, piece: bytes) -> None:
        if start is not None:
            await self._send(start)
            self._gone = self._loop.create_task(self._until_gone())
        elif self._gone is not None and self._gone.done():
            raise ConnectionResetError("the reader went away")
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _until_gone(self) -> Message:
        while (message := await self._receive())["type"] != "http.disconnect":
            pass  # the rest of a body that nobody asked for
        return message


def _is_report(environ: Environ) -> bool:
    path = environ["PATH_INFO"]
    return (
        path.endswith(REPORTS)
        and environ["REQUEST_METHOD"] == "POST"
        and "HTTP_AUTHORIZATION" not in environ  # whose key it is, the database must be asked
        and is_for_programs(path)
    )


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """Join what comes in crumbs, and give it on where a piece is full."""
    kept: list[bytes] = []
    size = 0
    for crumb in content:
        kept.append(crumb)
        size += len(crumb)
        if size >= PIECE:
            yield b"".join(kept)
            kept, size = [], 0
    if kept:
        yield b"".join(kept) if len(kept) > 1 else kept[0]


_ALIKE = {
    "SCRIPT_NAME": "", "wsgi.version": (1, 0), "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}  # fmt: skip
_names: dict[bytes, str] = {}  # header → its name in an environ
_MOST_NAMES = 1_000


def environ_of(scope: Message) -> Environ:
    """Return the WSGI environ (PEP 3333) of an ASGI request, without its body.

    A header with an underscore is left out: it could pass for one with a hyphen that the proxy watches over.
    """
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    environ: Environ = {
        **_ALIKE, "REQUEST_METHOD": scope["method"], "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"), "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0], "SERVER_PORT": str(server[1]), "REMOTE_ADDR": client[0], "wsgi.url_scheme": scope["scheme"],
    }  # fmt: skip
    for raw, value in scope["headers"]:
        name = _names.get(raw)
        if name is None:
            name = _name(raw)
        if not name:
            continue
        if name in environ:
            environ[name] += ("; " if name == "HTTP_COOKIE" else ",") + value.decode("latin-1")
        else:
            environ[name] = value.decode("latin-1")
    return environ


def _name(raw: bytes) -> str:
    name = "" if b"_" in raw else raw.decode("latin-1").upper().replace("-", "_")
    if name and name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        name = f"HTTP_{name}"
    if len(_names) < _MOST_NAMES:
        _names[raw] = name
    return name
