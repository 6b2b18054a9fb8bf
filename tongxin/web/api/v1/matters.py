"""Matters over HTTP: report, look up by receipt, act as reporter, time line, chain; lists for programs with a key."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.codes import show_receipt
from tongxin.kernel.days import check_day, today_of
from tongxin.kernel.errors import NotAllowed
from tongxin.matters import api as matters
from tongxin.matters.api import Report
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import REPORTS, Caller, admission, admit, caller_of
from tongxin.web.api.reading import read_json, request_key
from tongxin.web.api.v1 import describe, views
from tongxin.web.api.v1.describe import answers, posts
from tongxin.web.api.v1.given import ActIn, ReportIn
from tongxin.web.api.v1.lists import RunFilters, list_for, reader
from tongxin.web.api.v1.shown.matters import (
    ActedOut,
    ChainOut,
    MatterOut,
    ReportedOut,
    ResultOut,
    ResultsOut,
    RowsOut,
    StepsOut,
)
from tongxin.web.request import Request

CHANNEL = "api"
router = Router(tags=["诉求"])


@router.post(
    "",
    response=answers(ReportedOut, 400, 401, 403, 413, 415, created=True),
    openapi_extra=posts(ReportIn),
    summary="反映一件事",
)
def report_matter(request: Request) -> HttpResponse:
    """不登录也能反映；回答里的回执码是查询和评价的凭据。程序带密钥时按密钥的额度计数。"""
    caller = caller_of(request)
    with admission(request, caller, "report", REPORTS) as gate:
        given = read_json(request, ReportIn)
        _demand_extras(caller, given, request.now)
        reported = matters.report_matter(
            district=request.district, actor=caller.actor, now=request.now, gate=gate,
            request_key=request_key(request, f"{caller.scope}:report"),
            report=Report(
                channel=given.channel or CHANNEL, text=given.text, title=given.title, category=given.category, lon=given.lon,
                lat=given.lat, area_id=given.area_id, address=given.address, reporter_name=given.reporter_name,
                reporter_phone=given.reporter_phone, public=given.public, photo_ids=given.photos,
                occurred_at=given.occurred_at, source=given.source, source_key=given.source_key,
                extra={**matters.consent(given.public, given.text_public), **matters.told_time(given.happened)},
            ),
        )  # fmt: skip
    shown = ReportedOut(
        receipt=reported.receipt, receipt_shown=show_receipt(reported.receipt), ref=reported.ref,
        reported_at=reported.reported_at, due_at=reported.due_at,
        holder=reported.desk.title if reported.desk else None, replayed=reported.replayed,
    )  # fmt: skip
    return answer(shown, 200 if reported.replayed else 201, {"Location": f"{request.path}/{reported.receipt}"})


def _demand_extras(caller: Caller, given: ReportIn, now: datetime) -> None:
    """Some fields are for programs with the permission only; what was reported elsewhere was so before now."""
    if given.channel is not None:
        caller.demand("report_for_others")
    if given.occurred_at is not None or given.source or given.source_key:
        caller.demand("import")
    if given.occurred_at is not None:
        check_day(local(given.occurred_at).date(), "何时反映的", "occurred_at", today=today_of(now), days="past")


class MatterFilters(RunFilters):
    """Filters of the list."""

    category: Annotated[str, Field(max_length=20)] = Field("", description="类别代码")


@router.get(
    "", response=answers(RowsOut, 401, 403), openapi_extra={"security": describe.KEY}, summary="列出诉求（需密钥）"
)
def list_matters(request: Request, filters: Query[MatterFilters]) -> HttpResponse:
    """新的在前；范围不超过密钥的“查看诉求”权限。5 条语句以内。"""
    return list_for(request, filters, matters.SUBJECT, category=filters.category)


class Results(views.Asked):
    """What to give back."""

    source: Annotated[str, Field(min_length=1, max_length=40)] = Field(..., description="来源的名称，例如 12345")
    since: AwareDatetime | None = Field(
        None, description="何时起有变化的（含）；接着上次取的，往前退一分钟，重复的以最后一次为准"
    )
    after: Annotated[str, Field(max_length=100)] = Field("", description="上一页给的标记")
    rows: int = Field(limits.PAGE_ROWS, ge=1, le=limits.API_ROWS, description="一页几件")


@router.get(
    "/results",
    response=answers(ResultsOut, 401, 403),
    openapi_extra={"security": describe.KEY},
    summary="回传外来工单的结果（需密钥）",
)
def list_results(request: Request, asked: Query[Results]) -> HttpResponse:
    """工单用 POST /matters 带 source、source_key 转来，结果从这里取回。只给有“导出”权限的密钥，范围随权限；没有姓名、电话和诉求内容。"""
    caller = reader(request)
    caller.demand("export")
    scope = organization.access.scope(caller.actor, "export")
    found = matters.list_results(
        request.district, asked.source, area_ids=None if scope.everywhere else sorted(scope.area_ids), since=asked.since, after=asked.after, rows=asked.rows
    )  # fmt: skip
    return answer(ResultsOut(rows=[ResultOut(**asdict(row)) for row in found.rows], after=found.after))


@router.get(
    "/by-ref/{ref}",
    response=answers(MatterOut, 401, 403, 404),
    openapi_extra={"security": describe.KEY},
    summary="按公开编号查看（需密钥）",
)
def get_by_ref(request: Request, ref: Annotated[str, Field(max_length=40)]) -> HttpResponse:
    """内容只给有“查看个人信息”权限的密钥；姓名和电话不经接口提供。"""
    caller = reader(request)
    matter = matters.get_matter(request.district, matters.read_ref(ref))
    if matter.area_id is not None and not organization.access.may(caller.actor, "see_matters", matter.area_id):
        raise NotAllowed("not_allowed", "这个密钥不能查看那里的诉求。", "请向当地管理员申请。")
    return answer(views.matter(request, matter, acts=False, whole=caller.may("see_personal")))


@router.get("/{receipt}", response=answers(MatterOut, 404), summary="凭回执码查看")
def get_matter(request: Request, receipt: views.Receipt) -> HttpResponse:
    """现在到哪一步、由谁办、什么时候到期、归入了哪个高频问题，以及反映人现在可以做的动作。5 条语句，归入了的 8 条。"""
    found = matters.find_by_receipt(request.district, receipt)
    return answer(views.matter(request, found, acts=True, whole=True))


@router.get("/{receipt}/timeline", response=answers(StepsOut, 404), summary="凭回执码看时间线")
def get_timeline(request: Request, receipt: views.Receipt) -> HttpResponse:
    """给居民看的话；并入别的诉求以后，请看那一件的进展。3 条语句。"""
    run = views.run_of(request, receipt)
    steps = procedures.timeline(request.district, run, audience="reporter")
    return answer(StepsOut(steps=[views.step(one) for one in steps]))


@router.get("/{receipt}/chain", response=answers(ChainOut, 404), summary="凭回执码核验存证链")
def get_chain(request: Request, receipt: views.Receipt) -> HttpResponse:
    """每一步的公开部分和杂凑，连同算法；可以自行重算，不必相信本系统的结论。4 条语句。"""
    return answer(views.chain(views.run_of(request, receipt)))


@router.post(
    "/{receipt}/acts",
    response=answers(ActedOut, 400, 403, 404, 409, 413, 415),
    openapi_extra=posts(ActIn, [{}]),
    summary="反映人做一步：评价、撤回、补充……",
)
def act(request: Request, receipt: views.Receipt) -> HttpResponse:
    """可做的动作和要填的项目见 GET /matters/{receipt} 的 acts；凭回执码，不需要登录。"""
    admit(request, Caller(organization.resident_actor(request.district), None), "act", REPORTS)
    given = read_json(request, ActIn)
    form: dict[str, Any] = given.form
    acted = matters.act_as_reporter(
        district=request.district, receipt=receipt, transition=given.act, form=form, now=request.now,
        request_key=request_key(request, "act"), seen_seq=given.seen_seq,
    )  # fmt: skip
    return answer(views.acted(acted))
