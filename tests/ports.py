"""Ports for servers that tests start as processes of their own."""

from __future__ import annotations

import random
import socket

_LOW, _HIGH = (
    20_000,
    32_000,
)  # below those that the system hands out by itself, so nobody is given one between here and the start


def free_port() -> int:
    """Return a port on which nobody listens; another test is given the same one in one of thousands of cases, and then only if it asks now."""
    for port in random.SystemRandom().sample(range(_LOW, _HIGH), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no port is free between {_LOW} and {_HIGH}")
