"""Writing Open311's documents: the same values as JSON or as XML, its dates, its errors. Knows no matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from django.http import HttpResponse

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalids, Refusal
from tongxin.web.api.answers import as_pause, headers_of
from tongxin.web.pauses import STATUS, pause_of

Format = Literal["json", "xml"]
KINDS: dict[Format, str] = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STATUS = {401: 403, 409: 400, 422: 400}  # the standard knows 400, 403 and 404


def w3(moment: datetime | None) -> str | None:
    """Return a moment in the W3 form with its zone: 2026-11-22T08:30:00+08:00."""
    return None if moment is None else local(moment).isoformat(timespec="seconds")


def document(
    form: Format, data: Any, root: str, *, item: str = "", status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return plain values in the form asked for.

    Args:
        data: a dictionary, or a list of them whose elements XML calls ``item``.
        root: the name of XML's outermost element.
    """
    content = orjson.dumps(data) if form == "json" else _xml(data, root, item)
    return HttpResponse(content, content_type=KINDS[form], status=status, headers=headers)


# How XML calls the members of the lists inside a document.
_MEMBERS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


def _xml(data: Any, root: str, item: str) -> bytes:
    top = Element(root)
    if root == "discovery":
        top.set("xmlns", "http://api.open311.org/discovery")
    _fill(top, data, item)
    written: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return written


def _fill(element: Element, value: Any, item: str) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(SubElement(element, name), inner, _MEMBERS.get(name, "item"))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            _fill(SubElement(element, item), inner, "")
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("", str(value))


def refuse(form: Format, refusal: Refusal) -> HttpResponse:
    """Return a refusal as the standard's list of code and description."""
    status = _STATUS.get(refusal.status, refusal.status)
    faults = refusal.faults if isinstance(refusal, Invalids) else [refusal]
    data = [{"code": status, "description": fault.sentence} for fault in faults]
    return document(form, data, "errors", item="error", status=status, headers=headers_of(refusal))


def broken(form: Format, error: BaseException | None = None) -> HttpResponse:
    """Return the answer when the fault is ours, or a pause of the database."""
    if (pause := pause_of(error)) is not None:
        told = [{"code": STATUS, "description": pause.what + pause.mend}]
        return as_pause(document(form, told, "errors", item="error", status=STATUS), pause)
    data = [{"code": 500, "description": "系统出错了，这次没有办成。请稍后再试；已记录。"}]
    return document(form, data, "errors", item="error", status=500)
