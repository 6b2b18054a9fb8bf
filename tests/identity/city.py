"""Driving the identity service from a test: started and stopped by its own process, and a person's browser towards it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from django.test import Client

from tests.identity.service import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class City:
    """The running service."""

    issuer: str
    process: Any

    def behave(self, **behaviour: Any) -> None:
        """From now on so; nothing given: as it should."""
        assert requests.post(f"{self.issuer}/control", json=behaviour, timeout=10).ok


@contextmanager
def running_city(folder: Path, *backs: str) -> Iterator[City]:
    """Run the service; it is gone afterwards.

    Args:
        backs: the addresses to which it may send people back.
    """
    command = [sys.executable, "-m", "tests.identity.service", str(folder), *backs]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port.isdecimal(), "the identity service did not start"
            yield City(f"http://127.0.0.1:{port}", process)
        finally:
            process.kill()


@dataclass
class Browser:
    """A person's browser: our pages by Django's client, the service's by plain requests; follows redirects between the two."""

    client: Client = field(default_factory=Client)
    city: requests.Session = field(default_factory=requests.Session)
    person: str = "zhang"

    def __post_init__(self) -> None:
        self.city.trust_env = False

    def go(self, address: str, *, cancel: bool = False) -> str:
        """Follow a link to the service, sign in there if asked, allow or cancel; return the address it sends back to."""
        answer = self.city.get(address, timeout=10, allow_redirects=False)
        for _ in range(8):
            if answer.is_redirect:
                address = urljoin(answer.url, answer.headers["Location"])
                if urlsplit(address).netloc != urlsplit(answer.url).netloc:
                    return address
                answer = self.city.get(address, timeout=10, allow_redirects=False)
            elif "name=username" in answer.text:
                answer = self._send(answer, {"username": self.person, "password": PASSWORD})
            else:
                answer = self._send(answer, {"cancel": "1"} if cancel else {"allow": "true"})
        raise AssertionError(f"lost at {answer.url}: {answer.text[:300]}")

    def _send(self, page: requests.Response, more: dict[str, str]) -> requests.Response:
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page.text))
        return self.city.post(page.url, data={**hidden, **more}, timeout=10, allow_redirects=False)

    def back(self, address: str) -> Any:
        """Come back to our page."""
        parts = urlsplit(address)
        return self.client.get(parts.path, dict(parse_qsl(parts.query)))

    def sign_in(self, query: str = "", **how: Any) -> Any:
        """The whole way: our link, the service, our page."""
        start = self.client.get("/sign-in/identity" + query)
        assert start.status_code == 302, start.content.decode()
        return self.back(self.go(start["Location"], **how))
