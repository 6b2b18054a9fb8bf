"""Where requests come in: people's pages through Django's whole handler, programs by a door beside it.

What the handler does around a request (signals, address book, closing of caches) is for pages; a report pays for it as much as for all
the rules of its procedure. The middleware in between is the same for both, so a test client sees what a program sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpResponse

from tongxin.web.middleware.programs import is_for_programs


class Entry:
    """The WSGI application. Make it when Django is set up."""

    def __init__(self) -> None:
        self._pages = WSGIHandler()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_for_programs(environ.get("PATH_INFO", "")):
            return self._pages(environ, start_response)
        connection.close_if_unusable_or_obsolete()
        request = WSGIRequest(environ)
        response = self._pages.get_response(request)
        cookies = (("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values())
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items(), *cookies])
        if not isinstance(response, HttpResponse):  # a file: closed by the server when it is sent
            return response
        request.close()
        return [response.content]
