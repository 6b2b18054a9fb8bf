"""A request as the web server hands it to us, and one who sends it and reads the answer."""

from __future__ import annotations

import asyncio
from typing import Any


def scope(method: str = "GET", path: bytes = b"/", query: bytes = b"", *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    """What granian says of a request."""
    return {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "raw_path": path, "path": path.decode(),
        "query_string": query, "headers": list(headers), "server": ("127.0.0.1", "8000"), "client": ("10.0.0.9", "4711"), "root_path": "",
    }  # fmt: skip


class Sender:
    """One who sends a request and reads the answer; goes away after so many pieces either way."""

    def __init__(
        self,
        body: list[bytes],
        *,
        leaves_after: int | None = None,
        reads: int | None = None,
        stays_silent: bool = False,
    ) -> None:
        self.body, self.leaves_after, self.reads = list(body), leaves_after, reads
        self.stays_silent = stays_silent
        self.asked = 0
        self.got: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        self.asked += 1
        if self.leaves_after is not None and self.asked > self.leaves_after:
            return {"type": "http.disconnect"}
        if self.body and not self.stays_silent:
            return {"type": "http.request", "body": self.body.pop(0), "more_body": bool(self.body)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.got.append(message)
        if self.reads is not None and len(self.got) > self.reads:
            self.gone.set()
        await asyncio.sleep(0)

    @property
    def answer(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        start, *rest = self.got
        assert [message["type"] for message in self.got] == ["http.response.start"] + ["http.response.body"] * len(rest)
        assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [False]
        return start["status"], start["headers"], b"".join(message["body"] for message in rest)
