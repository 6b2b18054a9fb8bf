"""The load: a process of its own with plain sockets and one selector loop, so that it costs little beside what it measures.

    python -m benchmarks.load PORT SECONDS CONNECTIONS FILE

SECONDS ``once`` sends each request once. FILE holds whole HTTP requests, one after the other, each preceded by its length as eight hex digits. Prints JSON: answers by
status, seconds, CPU seconds of its own, latencies in milliseconds.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter
from itertools import chain, cycle
from pathlib import Path


def write_requests(path: Path, requests: list[bytes]) -> None:
    """Write requests in the form that this process reads."""
    path.write_bytes(b"".join(b"%08x" % len(request) + request for request in requests))


def read_requests(path: Path) -> list[bytes]:
    """Read what ``write_requests`` wrote."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        length = int(data[at : at + 8], 16)
        found.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    return found


def run(port: int, seconds: float | None, connections: int, requests: list[bytes]) -> dict[str, object]:
    """Keep each connection busy with one request after another until the time is over, or (None) all are sent."""
    following = chain(requests, [b""]) if seconds is None else cycle(requests)
    chooser = selectors.DefaultSelector()
    sent: dict[socket.socket, float] = {}
    statuses: Counter[str] = Counter()
    spans: list[float] = []
    for _ in range(connections):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(line, selectors.EVENT_READ)
    begun, spent = time.perf_counter(), time.process_time()
    for key in list(chooser.get_map().values()):
        line = key.fileobj  # type: ignore[assignment]
        sent[line] = time.perf_counter()
        line.sendall(next(following))
    until = begun + (seconds if seconds is not None else float("inf"))
    while sent:
        for key, _ in chooser.select():
            line = key.fileobj  # type: ignore[assignment]
            answer = line.recv(65_536)
            if not answer:
                raise SystemExit("the server closed a connection")
            while b"\r\n\r\n" not in answer:
                answer += line.recv(65_536)
            head, _, body = answer.partition(b"\r\n\r\n")
            while len(body) < _length(head):
                body += line.recv(65_536)
            moment = time.perf_counter()
            statuses[head[9:12].decode()] += 1
            spans.append(moment - sent[line])
            request = next(following, b"") if moment < until else b""
            if request:
                sent[line] = moment
                line.sendall(request)
            else:
                del sent[line]
    took = time.perf_counter() - begun
    spans.sort()
    return {
        "statuses": statuses,
        "seconds": took,
        "cpu": time.process_time() - spent,
        "median_ms": spans[len(spans) // 2] * 1000,
        "p99_ms": spans[int(len(spans) * 0.99)] * 1000,
        "worst_ms": spans[-1] * 1000,
    }


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise SystemExit(f"an answer without a length: {head.decode()}")


if __name__ == "__main__":
    port, seconds, connections, path = sys.argv[1:]
    print(
        json.dumps(
            run(int(port), None if seconds == "once" else float(seconds), int(connections), read_requests(Path(path)))
        )
    )
