"""The request: as our middleware leaves it, which page functions name, and as programs bring it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.handlers.wsgi import LimitedStream, WSGIRequest, get_path_info
from django.http import HttpRequest, UnreadablePostError

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from tongxin.organization.api import Actor
    from tongxin.packs.api import DistrictView
    from tongxin.web.page import Page

JSON = "application/json"
_SHORT = 1024 * 1024  # bytes of a body that is read at once


class Request(HttpRequest):
    """What a page gets. Adds nothing at run time.

    ``district`` is the tenant that the address names. ``actor`` is looked up when first used: a resident for whoever is not
    signed in to this district. ``now`` is read once. ``page`` is the declaration that answered. ``idle_out`` says that the
    person was signed out for lack of activity just now. ``waiting`` is how many cases wait for the person, where the page counted them.
    """

    district: DistrictView
    actor: Actor
    now: datetime
    page: Page | None
    htmx: HtmxDetails
    idle_out: bool
    elder: bool
    waiting: int | None
    user: Any


class ProgramRequest(WSGIRequest):
    """Django's own request, of which what most have alike is not read anew each time (``FORCE_SCRIPT_NAME`` is empty)."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = self.META = environ
        self.path_info = environ["PATH_INFO"] = path = _address(environ.get("PATH_INFO", ""))
        self.path = path if path[0] == "/" else f"/{path}"
        self.method = environ["REQUEST_METHOD"].upper()
        if environ.get("CONTENT_TYPE") == JSON:
            self.content_type, self.content_params = JSON, {}
        else:
            self._set_content_type_params(environ)  # type: ignore[attr-defined]
        try:
            self._length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            self._length = 0
        self._stream: Any = LimitedStream(environ["wsgi.input"], self._length)
        self._read_started = False
        self.resolver_match = None

    @property
    def body(self) -> bytes:
        """The bytes that were sent; for long ones Django's limits hold."""
        kept: bytes | None = self.__dict__.get("_body")
        if kept is not None:
            return kept
        if self._read_started or self._length > _SHORT:
            return super().body
        self._read_started = True
        try:
            self._body = self._stream.read()
        except OSError as error:
            raise UnreadablePostError(*error.args) from error
        self._stream = BytesIO(self._body)
        return self._body


@lru_cache(maxsize=256)
def _address(raw: str) -> str:
    return get_path_info({"PATH_INFO": raw}) or "/"
