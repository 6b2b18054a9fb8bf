"""The resident's first page: what can I do here, where is my matter."""

from __future__ import annotations

from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/", audience="resident", title="首页", icon="home", nav=10)
def home(request: Request) -> Shown:
    """Greets; the acts come with the pages that offer them."""
    return {}
