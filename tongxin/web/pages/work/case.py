"""A matter on one page for communities, departments and supervisors."""

from __future__ import annotations

from tongxin.web.casework import case_page
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/work/cases/<int:run_id>", audience="work", title="诉求")
def case(request: Request, run_id: int) -> Shown:
    """Show a matter and take a step on it."""
    return case_page(request, run_id, template="work/case.html", back="work_inbox", here="work_case")
