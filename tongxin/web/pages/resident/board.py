"""The public board: matters whose reporters agreed to show them, without anything personal (norms S-03, J-10)."""

from __future__ import annotations

from tongxin.matters import api as matters
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/board", audience="resident", title="公开栏", icon="list", nav=40)
def board(request: Request) -> Shown:
    """List them, newest first (1 statement)."""
    page_of = matters.list_public(request.district, rows=30, before=request.GET.get("before", ""))
    return {"page_of": page_of, "rows": page_of.rows}
