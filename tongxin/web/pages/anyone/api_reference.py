"""The page at ``/api/``: the reference of the HTTP API for people who write programs. Made from the OpenAPI document."""

from __future__ import annotations

from tongxin.web.api.v1 import document
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/api/", audience="anyone", title="开放接口", template="anyone/api_reference.html", methods=("GET",))
def api_reference(request: Request) -> Shown:
    """Readable without scripts and without the internet (0 statements)."""
    return {"groups": document.reference()}
