"""The resident's first page: what can I do here, what is happening around me, where is my matter."""

from __future__ import annotations

from datetime import timedelta

from tongxin.matters import api as matters
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/", audience="resident", title="首页", icon="home", nav=10)
def home(request: Request) -> Shown:
    """Offer the two acts that matter and show what was lately done in public (2 statements)."""
    counts = matters.count_public(request.district, since=request.now - timedelta(days=30))
    return {
        "latest": matters.list_public(request.district, rows=6),
        "counts": counts,
        "settings": request.district.pack.settings,
    }
