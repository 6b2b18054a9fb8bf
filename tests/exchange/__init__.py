"""Another system for tests: a real HTTP server on a free port of this machine that keeps what it gets and can be told to fail."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tongxin.exchange.rules import signature

SECRET = "a-secret-of-the-platform"


@dataclass
class Platform:
    """What came, and how the next requests are answered: ``ok`` once the list is used up."""

    address: str = ""
    how: list[str] = field(default_factory=list)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id: what it has acted on, each once
    asked: list[tuple[str, str]] = field(default_factory=list)  # (id, how it was answered), in order
    algorithm: str = "sha256"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it has acted on, without pings."""
        return [event for event in self.kept.values() if event["type"] != "ping"]


@contextmanager
def running_platform() -> Iterator[Platform]:
    """Run it; it is gone afterwards."""
    platform = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            ident = self.headers["webhook-id"]
            how = platform.how.pop(0) if platform.how else "ok"
            platform.asked.append((ident, how))
            right = signature(message_id=ident, moment=self.headers["webhook-timestamp"], body=body, secret=SECRET, algorithm=platform.algorithm)  # fmt: skip
            if right != self.headers["webhook-signature"]:
                return self.answer(401, "signature")
            match how:
                case "broken":
                    return self.answer(503, "维护中")
                case "slow":
                    time.sleep(2)
                case "rubbish":
                    return self.answer(200, "<html>请先登录网络</html>")
                case "another":
                    return self.answer(200, json.dumps({"id": "another"}))
                case "refuses":
                    return self.answer(422, "<p>缺少字段 areaCode</p>")
                case "later":
                    self.send_response(429)
                    self.send_header("Retry-After", "7200")
                    self.end_headers()
                    return None
                case "huge":
                    return self.answer(200, "x" * 300_000)
                case "elsewhere":
                    self.send_response(307)
                    self.send_header("Location", "http://127.0.0.1:9/")
                    self.end_headers()
                    return None
            platform.kept.setdefault(ident, json.loads(body))
            if how == "drops":  # it has acted, and its answer is lost
                self.connection.close()
                return None
            return self.answer(200, json.dumps({"id": ident, "receipt": f"PT-{len(platform.kept)}"}))

        def answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asked has gone
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    platform.address = f"http://127.0.0.1:{server.server_port}/inbox"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
