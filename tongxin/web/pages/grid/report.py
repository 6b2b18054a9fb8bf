"""Reporting for somebody: at the door by a grid worker, on the telephone by a clerk."""

from __future__ import annotations

from django.shortcuts import render

from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.web.page import Shown, page
from tongxin.web.pages.resident.report import report_for, suggestions
from tongxin.web.request import Request


@page("/grid/report", audience="grid", permission="report_for_others", title="代报", icon="edit", nav=20)
def report(request: Request) -> Shown:
    """Take a report that a grid worker makes for somebody or from their own round."""
    return report_for(request, template="grid/report.html", channel="grid", done="grid_case")


@page("/work/report", audience="work", permission="report_for_others", title="登记", icon="edit", nav=30)
def register(request: Request) -> Shown:
    """Take a report from the telephone, a visit, a letter or a box (XN-47)."""
    return report_for(request, template="work/report.html", channel="phone", done="work_case")


@page(
    "/grid/report/suggest", audience="grid", permission="report_for_others", title="建议", name="grid_report_suggest",
    methods=("POST",),
)  # fmt: skip
def suggest(request: Request) -> Shown:
    """While a clerk types: category, place, and the open matters of one's places that may be the same (3 statements)."""
    context = suggestions(request, public_only=False, least=learning.WORTH_SHOWING)
    same = [one for one in context["same"] if one.area_id and access.may(request.actor, "see_matters", one.area_id)]
    runs = procedures.rows_of(request.district, matters.SUBJECT, [one.matter_id for one in same]) if same else {}
    context["same"] = [(one, runs[one.matter_id]) for one in same if one.matter_id in runs]
    return render(request, "grid/report_suggest.html", context)
