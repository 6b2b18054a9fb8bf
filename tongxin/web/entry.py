"""Where requests come in: people's pages through Django's whole handler, programs by a door beside it.

What the handler and the outer middleware do around a request (signals, address book, closing of caches, headers set one by one) is for
pages; a report pays for it as much as for all the rules of its procedure. What answers a program is the same either way
(``middleware.programs``), so a test client sees what a program sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, cast

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils.log import log_response

from tongxin.kernel.lines import own
from tongxin.web.api.answers import Answer
from tongxin.web.middleware.programs import ProgramsMiddleware, is_for_programs
from tongxin.web.request import ProgramRequest


class Entry:
    """The WSGI application. Make it when Django is set up."""

    def __init__(self) -> None:
        self._pages = WSGIHandler()
        short = convert_exception_to_response(ProgramsMiddleware(self._pages.get_response))
        self._answer = cast(Callable[[HttpRequest], HttpResponseBase], short)
        self._security = SecurityMiddleware(lambda _: HttpResponse())
        self._headers = {secure: self._security_headers(secure) for secure in (False, True)}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_for_programs(environ.get("PATH_INFO", "")):
            return self._pages(environ, start_response)
        request = ProgramRequest(environ)
        own.line.close_if_unusable_or_obsolete()
        response = (self._security.redirect and self._security.process_request(request)) or self._answer(request)
        fixed = self._headers[request.is_secure()]
        if isinstance(response, Answer) and response.untouched:
            headers = [*fixed, *response.plain.items()]
        else:
            cookies = [("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()]
            headers = [*{**dict(fixed), **dict(response.items())}.items(), *cookies]
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        if not isinstance(response, HttpResponse):  # a file: closed by the server when it is sent
            return response
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        request.close()
        return [response.content]

    def _security_headers(self, secure: bool) -> list[tuple[str, str]]:
        """What Django's middleware sets on every answer, asked once."""
        environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "https" if secure else "http", "wsgi.input": BytesIO()}
        response = self._security.process_response(WSGIRequest(environ), HttpResponse())
        del response["Content-Type"]
        return list(response.items())
