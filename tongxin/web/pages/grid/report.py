"""Reporting for somebody: at the door by a grid worker, on the telephone by a clerk."""

from __future__ import annotations

from tongxin.web.page import Shown, page
from tongxin.web.pages.resident.report import report_for
from tongxin.web.request import Request


@page("/grid/report", audience="grid", permission="report_for_others", title="代报", icon="edit", nav=20)
def report(request: Request) -> Shown:
    """Take a report that a grid worker makes for somebody or from their own round."""
    return report_for(request, template="grid/report.html", channel="grid", done="grid_case")


@page("/work/report", audience="work", permission="report_for_others", title="登记", icon="edit", nav=30)
def register(request: Request) -> Shown:
    """Take a report from the telephone, a visit, a letter or a box (XN-47)."""
    return report_for(request, template="work/report.html", channel="phone", done="work_case")
