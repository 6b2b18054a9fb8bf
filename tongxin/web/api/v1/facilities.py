"""Facilities near people over HTTP: list, read, send in; held against the norms of beds and floor area as on the page. By key only."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from tongxin.kernel import limits
from tongxin.kernel.errors import NotFound
from tongxin.places import api as places
from tongxin.territory import api as territory
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import LOOKS, Caller, admit, caller_of, key_needed
from tongxin.web.api.reading import read_json
from tongxin.web.api.v1 import views
from tongxin.web.api.v1.describe import KEY, answers, posts
from tongxin.web.api.v1.given import FacilityIn
from tongxin.web.api.v1.shown.places import FacilitiesOut, FacilityOut, FacilitySavedOut, NormOut, NormsOut, VerdictOut
from tongxin.web.request import Request

router = Router(tags=["设施"])
MANAGE, SEE = "manage_facilities", "see_places"
FINDINGS = 200
FacilityId = Annotated[int, Field(ge=1, le=2**53, description="设施编号")]


class FacilityFilters(views.Asked):
    """Filters of the list."""

    kind: Annotated[str, Field(max_length=40)] = Field("", description="种类的键，见 /facilities/norms；空为各类")
    under: int | None = Field(None, ge=1, le=2**53, description="在这个区域及其下级")
    ended: bool = Field(False, description="连同已停用的")
    after: int = Field(0, ge=0, le=10**7, description="上一页给的标记")
    rows: int = Field(limits.PAGE_ROWS, ge=1, le=limits.API_ROWS, description="一页几处")


@router.get("", response=answers(FacilitiesOut, 401, 403, 404), openapi_extra={"security": KEY}, summary="设施")
def list_facilities(request: Request, filters: Query[FacilityFilters]) -> HttpResponse:
    """按种类、名称排列；所在地域按点位找，边界改了跟着改。要有“查看房屋与住户”或“管理身边设施”的密钥。3 条语句。"""
    _reader(request)
    if filters.under is not None and territory.tree(request.district).get(filters.under) is None:
        raise NotFound("unknown_area", "没有这个区域。", "请从 /areas 列出的里面选。", "under")
    kinds = request.district.pack.facilities.kinds
    if filters.kind and filters.kind not in kinds:
        raise NotFound(
            "unknown_kind", f"没有“{filters.kind}”这一类设施。", f"有 {'、'.join(kinds) or '（没有）'}。", "kind"
        )
    found = places.list_facilities(request.district, kind=filters.kind, under=filters.under, ended=filters.ended)
    upto = filters.after + filters.rows
    return answer(
        FacilitiesOut(
            facilities=[_shown(request, row) for row in found[filters.after : upto]],
            total=len(found),
            after=upto if upto < len(found) else None,
        )
    )


@router.get(
    "/norms", response=answers(NormsOut, 401, 403), openapi_extra={"security": KEY}, summary="床位、面积、处数够不够"
)
def list_norms(request: Request) -> HttpResponse:
    """资料包里每条配置标准：达到、不足、没有填各几处，不足的在前。与页面上的一样。4 条语句。"""
    _reader(request)
    kinds = request.district.pack.facilities.kinds
    judged = places.list_judged(request.district)
    return answer(
        NormsOut(
            kinds={key: kind.title for key, kind in kinds.items()},
            norms=[
                NormOut(
                    kind=one.kind, kind_title=kinds[one.kind].title, norm=one.words, unverified=one.unverified,
                    source=one.norm.source.title if one.norm.source else "", kept=one.kept, short=one.short, unknown=one.unknown,
                    findings=[_verdict(one, finding) for finding in one.findings[:FINDINGS]],
                )
                for one in judged
            ],
        )
    )  # fmt: skip


@router.get(
    "/{facility_id}",
    response=answers(FacilityOut, 401, 403, 404),
    openapi_extra={"security": KEY},
    summary="一处设施",
)
def get_facility(request: Request, facility_id: FacilityId) -> HttpResponse:
    """连同它对照配置标准的结果；停用的也能看。3 条语句。"""
    _reader(request)
    return answer(_shown(request, places.get_facility(request.district, facility_id)))


@router.post(
    "",
    response=answers(FacilitySavedOut, 400, 401, 403, 413, 415, created=True),
    openapi_extra=posts(FacilityIn, KEY, resend=False),
    summary="登记或更改一处设施",
)
def save_facility(request: Request) -> HttpResponse:
    """同一类里同名的就是同一处：没有则登记（201），有则改成所给的（200），没有给的项目不动；重发不会变成两处。

    要有“管理身边设施”的密钥。约 8 条语句。
    """
    caller = _caller(request)
    caller.demand(MANAGE)
    given = read_json(request, FacilityIn)
    facility_id, outcome = places.record_facility(
        district=request.district, actor=caller.actor, now=request.now,
        facility=places.NewFacility(
            given.kind, given.name, given.lon, given.lat, None, given.beds, given.floor_area, given.address, given.hours, given.source,
            given.schematic, given.since,
        ),
    )  # fmt: skip
    row = places.get_facility(request.district, facility_id)
    headers = {"Location": f"{request.path}/{facility_id}"}
    return answer(
        FacilitySavedOut(outcome=outcome, facility=_shown(request, row)), 201 if outcome == "created" else 200, headers
    )


def _caller(request: Request) -> Caller:
    caller = caller_of(request)
    admit(request, caller, "facilities", LOOKS)
    return caller


def _reader(request: Request) -> Caller:
    caller = _caller(request)
    if caller.key is None:
        raise key_needed()
    if not caller.may(MANAGE):
        caller.demand(SEE)
    return caller


def _shown(request: Request, row: places.FacilityRow) -> FacilityOut:
    return FacilityOut(
        id=row.id, kind=row.kind, kind_title=row.kind_title, name=row.name, lon=row.lon, lat=row.lat, area_id=row.area_id,
        area=row.area_name, beds=row.beds, floor_area=row.floor_area, address=row.address, hours=row.hours, source=row.source,
        schematic=row.schematic, began_on=row.began_on, ended_on=row.ended_on,
        norms=[_verdict(one, finding) for one in places.judge_facility(request.district, row) for finding in one.findings],
    )  # fmt: skip


def _verdict(one: places.Judged, finding: places.Finding) -> VerdictOut:
    return VerdictOut(
        norm=one.words, name=finding.name, facility_id=finding.facility_id, area_id=finding.area_id, have=finding.have,
        need=int(finding.least.replace(",", "")) if finding.least else None, verdict=finding.verdict,
        verdict_title=places.VERDICTS[finding.verdict], unverified=one.unverified,
    )  # fmt: skip
