"""Affairs over HTTP: what can be opened here, open, follow and act by receipt, public boards; lists for programs with a key."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from tongxin.affairs import api as affairs
from tongxin.kernel import limits
from tongxin.kernel.codes import show_receipt
from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import REPORTS, Caller, admit
from tongxin.web.api.reading import read_json, request_key
from tongxin.web.api.v1 import describe, views
from tongxin.web.api.v1.describe import answers, posts
from tongxin.web.api.v1.given import ActIn, FormKey, OpenIn
from tongxin.web.api.v1.lists import RunFilters, list_for
from tongxin.web.api.v1.shown.affairs import AffairOut, BoardOut, BoardRowOut, KindOut, KindsOut, OpenedOut
from tongxin.web.api.v1.shown.matters import ActedOut, ChainOut, RowsOut, StepsOut
from tongxin.web.request import Request
from tongxin.web.subjects.affair import answers_of

router = Router(tags=["事项"])


@router.get("/kinds", response=answers(KindsOut), summary="这里能开哪些事项，各要填什么")
def list_kinds(request: Request) -> HttpResponse:
    """居民能开的各种事项、要填的项目和地点的级别。0 条语句。"""
    resident = organization.resident_actor(request.district)
    return answer(KindsOut(kinds=[_kind(request, spec) for spec in affairs.list_openable(request.district, resident)]))


def _kind(request: Request, spec: Procedure) -> KindOut:
    opening = affairs.opening_of(spec)
    fields = procedures.blank_fields(request.district, request.district.pack, opening.form)
    return KindOut(
        procedure=spec.procedure, title=spec.title, about=opening.invite or spec.about, level=opening.at or "",
        public=opening.public, contact=opening.contact, fields=[views.field(one) for one in fields],
    )  # fmt: skip


@router.post(
    "",
    response=answers(OpenedOut, 400, 403, 404, 413, 415, created=True),
    openapi_extra=posts(OpenIn, [{}]),
    summary="开一件事项",
)
def open_affair(request: Request) -> HttpResponse:
    """不登录也能开居民可以开的事项；要填的项目见 GET /affairs/kinds。回答里的回执码是查询和办理自己那几步的凭据。"""
    caller = Caller(organization.resident_actor(request.district), None)
    admit(request, caller, "affair", REPORTS)
    given = read_json(request, OpenIn)
    opened = affairs.open_affair(
        district=request.district, actor=caller.actor, now=request.now, request_key=request_key(request, "affair"),
        start=affairs.Start(given.procedure, given.form, given.area_id, given.opener_name, given.opener_phone),
    )  # fmt: skip
    shown = OpenedOut(
        receipt=opened.receipt, receipt_shown=show_receipt(opened.receipt), ref=opened.ref, opened_at=opened.opened_at,
        due_at=opened.due_at, holder=opened.desk.title if opened.desk else None, replayed=opened.replayed,
    )  # fmt: skip
    return answer(shown, 200 if opened.replayed else 201, {"Location": f"{request.path}/{opened.receipt}"})


class AffairFilters(RunFilters):
    """Filters of the list."""

    procedure: Annotated[str, Field(max_length=40)] = Field("", description="哪一种（流程的键）")


@router.get(
    "", response=answers(RowsOut, 401, 403), openapi_extra={"security": describe.KEY}, summary="列出事项（需密钥）"
)
def list_affairs(request: Request, filters: Query[AffairFilters]) -> HttpResponse:
    """新的在前；范围不超过密钥的“查看诉求”权限。5 条语句以内。"""
    return list_for(request, filters, affairs.SUBJECT, procedure=filters.procedure or None)


@router.get("/board/{procedure}", response=answers(BoardOut, 404), summary="一种事项的公开栏")
def get_board(
    request: Request,
    procedure: FormKey,
    before: Annotated[str, Query(max_length=18, pattern=r"^\d{0,18}$", description="上一页给的标记")] = "",
) -> HttpResponse:
    """只有核实后公开的话、社区和进展；不含任何人的信息。2 条语句。"""
    if procedure not in {spec.procedure for spec in affairs.list_boards(request.district)}:
        raise NotFound("no_board", "没有这样的公开栏。", "请从 GET /affairs/kinds 里选 public 的。")
    page = affairs.list_board(request.district, procedure, rows=limits.PAGE_ROWS, before=before)
    rows = [
        BoardRowOut(
            ref=row.ref, words=row.words, place=row.place, state=row.state, outcome=row.outcome, opened_at=row.opened_at,
            can_join=row.can_join,
        )
        for row in page.rows
    ]  # fmt: skip
    return answer(BoardOut(rows=rows, before=page.before))


def _run_of(request: Request, receipt: str) -> procedures.Run:
    found = affairs.find_by_receipt(request.district, receipt)
    run = procedures.find_run(request.district, affairs.SUBJECT, found.id)
    assert run is not None
    return run


@router.get("/{receipt}", response=answers(AffairOut, 404), summary="凭回执码查看事项")
def get_affair(request: Request, receipt: views.Receipt) -> HttpResponse:
    """现在到哪一步、由谁办、什么时候到期，以及开的人现在可以做的动作。3 条语句。"""
    district = request.district
    found = affairs.find_by_receipt(district, receipt)
    run = procedures.find_run(district, affairs.SUBJECT, found.id)
    assert run is not None
    spec = procedures.drawn(run)
    state, holder = spec.states[run.state], procedures.holder_of(district, run)
    open_acts = procedures.options(district, run, affairs.opener_actor(district), request.now)
    return answer(
        AffairOut(
            ref=affairs.ref_of(found.id, found.opened_at), procedure=found.procedure, title=found.title,
            procedure_title=spec.title, place=str(run.card.get("place", "")), area_id=found.area_id,
            answers=[f"{title}：{words}" for title, words in answers_of(request, found, spec, "reporter")],
            public_words=found.public_words, opened_at=found.opened_at, state=run.state,
            state_title=state.plain or state.title, holder=holder.title if holder else None, due_at=run.due_at,
            outcome=run.outcome, seq=run.seq, acts=[views.act(option) for option in open_acts],
        )
    )  # fmt: skip


@router.get("/{receipt}/timeline", response=answers(StepsOut, 404), summary="凭回执码看事项的时间线")
def get_affair_timeline(request: Request, receipt: views.Receipt) -> HttpResponse:
    """给居民看的话。3 条语句。"""
    steps = procedures.timeline(request.district, _run_of(request, receipt), audience="reporter")
    return answer(StepsOut(steps=[views.step(one) for one in steps]))


@router.get("/{receipt}/chain", response=answers(ChainOut, 404), summary="凭回执码核验事项的存证链")
def get_affair_chain(request: Request, receipt: views.Receipt) -> HttpResponse:
    """每一步的公开部分和杂凑，连同算法；可以自行重算。4 条语句。"""
    return answer(views.chain(_run_of(request, receipt)))


@router.post(
    "/{receipt}/acts",
    response=answers(ActedOut, 400, 403, 404, 409, 413, 415),
    openapi_extra=posts(ActIn, [{}]),
    summary="开的人做一步：道谢、评价、撤回……",
)
def act_on_affair(request: Request, receipt: views.Receipt) -> HttpResponse:
    """可做的动作和要填的项目见 GET /affairs/{receipt} 的 acts；凭回执码，不需要登录。"""
    admit(request, Caller(organization.resident_actor(request.district), None), "act", REPORTS)
    given = read_json(request, ActIn)
    acted = affairs.act_as_opener(
        district=request.district, receipt=receipt, transition=given.act, form=given.form, now=request.now,
        request_key=request_key(request, "act"), seen_seq=given.seen_seq,
    )  # fmt: skip
    return answer(views.acted(acted))
