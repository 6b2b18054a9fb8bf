"""How the API answers: JSON in one form, every refusal in one shape with the right status. Knows no resource."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from http.cookies import SimpleCookie
from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import ResponseHeaders
from pydantic import BaseModel

from tongxin.kernel.errors import NotFound, Refusal
from tongxin.web.pauses import STATUS, Pause, pause_of
from tongxin.web.request import JSON

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class Malformed(Refusal):
    """The request cannot be read at all."""

    status = 400


class NoKey(Refusal):
    """A key is needed, or the one given opens nothing."""

    status = 401


class WrongMethod(Refusal):
    """The address exists but does not do this; ``details['allowed']`` lists what it does."""

    status = 405


class TooLarge(Refusal):
    """The body is beyond the stated limit."""

    status = 413


class WrongType(Refusal):
    """The body is of a kind that this address does not read."""

    status = 415


def dump(data: Any) -> bytes:
    """Return JSON bytes of plain values or of a model; times in UTC with ``Z``."""
    if isinstance(data, BaseModel):
        return data.__pydantic_serializer__.to_json(data)
    return orjson.dumps(data, option=_OPTIONS)


class Answer(HttpResponse):
    """A JSON response that is whole when it is made: Django's headers and cookies come into being only where somebody looks at them.

    Args:
        headers: plain ASCII, as they are sent.
    """

    _charset = _handler_class = _reason_phrase = None
    closed = False

    def __init__(self, content: bytes, status: int, headers: Mapping[str, str]) -> None:
        self._container = [content]
        self._resource_closers: list[Any] = []
        self.status_code = status
        self.plain = {"Content-Type": JSON, "Content-Length": str(len(content)), **headers}

    @cached_property
    def headers(self) -> ResponseHeaders:  # type: ignore[override]
        """The headers, as Django and its tests know them."""
        return ResponseHeaders(self.plain)

    @cached_property
    def cookies(self) -> SimpleCookie:  # type: ignore[override]
        """None, unless somebody sets one."""
        return SimpleCookie()

    @property
    def untouched(self) -> bool:
        """Whether it goes out as it was made."""
        return "headers" not in self.__dict__ and "cookies" not in self.__dict__


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a JSON response."""
    if headers and not all(value.isascii() and value.isprintable() for value in headers.values()):
        return HttpResponse(dump(data), content_type=JSON, status=status, headers=headers)
    return Answer(dump(data), status, headers or {})


def refuse(refusal: Refusal) -> HttpResponse:
    """Return a refusal as JSON: code, what, mend, field and its details; with the headers that belong to its status."""
    return answer(refusal.as_dict(), refusal.status, headers_of(refusal))


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return the headers that HTTP asks for with some refusals."""
    headers = {}
    if "retry_after_seconds" in refusal.details:
        headers["Retry-After"] = str(refusal.details["retry_after_seconds"])
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tongxin"'
    if refusal.status == 405:
        headers["Allow"] = ", ".join(refusal.details["allowed"])
    return headers


def wrong_method(method: str | None, allowed: list[str]) -> WrongMethod:
    """The refusal for a method that an address does not know."""
    return WrongMethod(
        "method_not_allowed",
        f"这个地址不接受 {method or '这种'} 请求。",
        f"可用的方法：{'、'.join(allowed)}。",
        allowed=allowed,
    )


def no_address() -> Refusal:
    """The refusal for an address that nothing answers to."""
    return NotFound("no_address", "接口里没有这个地址。", "可用的地址列在 /api/。")


def no_district() -> Refusal:
    """The refusal where the address does not tell which district is meant."""
    return NotFound(
        "no_district", "网址没有说明是哪个地方。", "请用当地的主机名，或在路径前加 /d/<键>；各地见 /api/v1/districts。"
    )


def broken(error: BaseException | None = None) -> HttpResponse:
    """The answer when the fault is ours, or a pause of the database; what happened is in the server's log only."""
    if (pause := pause_of(error)) is not None:
        data = {
            "code": pause.code,
            "what": pause.what,
            "mend": pause.mend,
            "field": "",
            "retry_after_seconds": pause.seconds,
        }
        return as_pause(answer(data, STATUS), pause)
    return answer(
        {"code": "internal", "what": "系统出错了，这次没有办成。", "mend": "请稍后再试；已记录。", "field": ""}, 500
    )


def as_pause(response: HttpResponse, pause: Pause) -> HttpResponse:
    """Add what proxies and programs go by: when to ask again."""
    response["Retry-After"] = str(pause.seconds)
    return response
