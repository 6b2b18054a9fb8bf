"""Help while somebody writes: which category may fit, whether the same thing is already reported. A person decides (norm S-04)."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.matters.api import Matter
from tongxin.territory import api as territory
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import LOOKS, admit, caller_of
from tongxin.web.api.v1 import views
from tongxin.web.api.v1.describe import MAY_KEY, answers
from tongxin.web.api.v1.shown.text import FactsOut, LikenessesOut, LikenessOut, SuggestionOut, SuggestionsOut, TimeOut
from tongxin.web.request import Request

WORDS_CHARS = 500
Words = Annotated[
    str, Field(min_length=2, max_length=WORDS_CHARS, description="已经写下的话；请勿带姓名、电话，地址栏会留痕")
]
router = Router(tags=["填写时的帮助"])


@router.get(
    "/categories",
    response=answers(SuggestionsOut, 401, 403),
    openapi_extra={"security": MAY_KEY},
    summary="可能的类别",
)
def suggest_categories(request: Request, text: Words) -> HttpResponse:
    """按本地办结的诉求学到的和资料包里的词语建议；依据的词只随第一类给出。2 条语句（含计数）。"""
    admit(request, caller_of(request), "suggest", LOOKS)
    found = learning.suggest(request.district, matters.title_of(text), text)
    shown = [
        SuggestionOut(code=s.code, title=s.title, confidence=s.confidence, because=list(found.because) if first else [])
        for first, s in ((s is found.guesses[0], s) for s in found.guesses)
    ]
    return answer(SuggestionsOut(suggestions=shown))


@router.get(
    "/facts",
    response=answers(FactsOut, 401, 403),
    openapi_extra={"security": MAY_KEY},
    summary="文字里说到的时间、地点、门牌",
)
def read_facts(request: Request, text: Words) -> HttpResponse:
    """“昨晚”“上周三”从今天算起；只读前 1,000 字。电话等号码不返回，只说有没有。1 条语句（计数）。"""
    admit(request, caller_of(request), "suggest", LOOKS)
    found = learning.read_text(request.district, text, written_at=request.now)
    times = [
        TimeOut(
            said=one.said, words=one.words, on=one.on, repeated=one.repeated, begins_minutes=one.begins, ends_minutes=one.ends
        )
        for one in found.times
    ]  # fmt: skip
    return answer(
        FactsOut(
            happened=found.happened, times=times, addresses=list(found.addresses), places=list(found.places),
            doors=list(found.doors), private=found.private,
        )
    )  # fmt: skip


class Near(views.Asked):
    """What is being written, and where."""

    text: Words
    lon: float | None = Field(None, allow_inf_nan=False, ge=-180, le=180, description="经度（WGS84）")
    lat: float | None = Field(None, allow_inf_nan=False, ge=-90, le=90, description="纬度（WGS84）")
    area_id: int | None = Field(None, ge=1, le=2**53, description="区域，不知道点位时填")


@router.get(
    "/duplicates",
    response=answers(LikenessesOut, 401, 403),
    openapi_extra={"security": MAY_KEY},
    summary="可能是同一件事的诉求",
)
def find_duplicates(request: Request, near: Query[Near]) -> HttpResponse:
    """近 60 天附近（同一社区，或一公里内）还在办的，按地点、时间、说法的相近程度排。

    不带密钥时只列同意公开的，标题只给同意公开内容的。3 条语句，每天头一次多一条。
    """
    caller = caller_of(request)
    admit(request, caller, "suggest", LOOKS)
    staff = caller.may("see_matters")
    tree, area_id = territory.tree(request.district), near.area_id
    if near.lon is not None and near.lat is not None:
        place = tree.locate(near.lon, near.lat)
        area_id = place.id if place else area_id
    found = learning.find_same(
        request.district, matters.title_of(near.text), near.text, lon=near.lon, lat=near.lat, area_id=area_id, now=request.now,
        public_only=not staff,
    )  # fmt: skip
    rows = {row.id: row for row in Matter.objects.filter(id__in=[likeness.matter_id for likeness in found])}
    shown = [
        LikenessOut(
            ref=views.ref_of(rows[likeness.matter_id]),
            title=learning.mask_public(likeness.title, cautious=True)
            if staff or _open(rows[likeness.matter_id])
            else None,
            category_title=views.category_title(request, rows[likeness.matter_id].category),
            area=tree.full_name(rows[likeness.matter_id].area_id or 0),
            reported_on=views.day(likeness.reported_at),
            score=round(likeness.likeness, 1),
        )
        for likeness in found
    ]
    return answer(LikenessesOut(matters=shown))


def _open(matter: Matter) -> bool:
    return matters.words_are_public(matter.public, matter.extra)
