"""Asking other systems over HTTP, bounded: no redirects, a limit of time for the whole answer, a limit of bytes. Sends no cookies back.

Everything that leaves this installation goes through :func:`open_session`. ``requests`` itself limits only the wait for the next
byte, so a server that trickles would hold a web worker for as long as it likes. Certificates of a closed network's own authority are
named by ``REQUESTS_CA_BUNDLE``; proxies of the environment are not used.
"""

from __future__ import annotations

import io
import ipaddress
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 3.0


def fault_of_address(address: str) -> str:
    """Say what is wrong with an address that we are to ask; empty when nothing is. Plain HTTP only to this machine itself."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "不是网址"
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.fragment:
        return "不是网址（应以 https:// 开头，不带用户名和 #）"
    if parts.scheme == "http" and not _is_loopback(host):
        return "没有加密（应以 https:// 开头）"
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_session(*, seconds: float, most_bytes: int, session: requests.Session | None = None) -> requests.Session:
    """Return a session (a new one, or the given one) whose every answer is bounded.

    Args:
        seconds: for one answer as a whole, from connecting to its last byte.
        most_bytes: of an answer's body, unpacked; a longer one raises ``requests.exceptions.ContentDecodingError``.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from requests.exceptions import ConnectionError, ContentDecodingError, ReadTimeout, TooManyRedirects
    from urllib3 import exceptions as unpacked

    class Bounded(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            until = time.monotonic() + seconds
            kwargs |= {"stream": True, "timeout": (min(CONNECT_SECONDS, seconds), seconds)}
            response = super().send(request, *args, **kwargs)
            kept, late = bytearray(), False
            try:
                while (
                    not late and len(kept) <= most_bytes and (piece := response.raw.read1(16_384, decode_content=True))
                ):
                    kept += piece
                    late = time.monotonic() > until
            except unpacked.TimeoutError:
                late = True
            except unpacked.HTTPError as error:
                raise ConnectionError(error, request=request, response=response) from None
            finally:
                response.close()
            if late:
                raise ReadTimeout(f"more than {seconds:g} s", request=request, response=response)
            if len(kept) > most_bytes:
                raise ContentDecodingError(f"more than {most_bytes} bytes", request=request, response=response)
            response.raw = io.BytesIO(bytes(kept))
            if response.is_redirect:
                raise TooManyRedirects("answers with a redirect", request=request, response=response)
            return response

    session = session or requests.Session()
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    for scheme in ("http://", "https://"):
        session.mount(scheme, Bounded())
    return session
