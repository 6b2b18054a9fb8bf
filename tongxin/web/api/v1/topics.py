"""Hot topics for programs: what many people raise, and what was taken up. Numbers of persons are hidden; no text of anybody is given."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import LOOKS, admit, caller_of
from tongxin.web.api.v1 import views
from tongxin.web.api.v1.describe import KEY, answers
from tongxin.web.api.v1.shown.text import TakenUpOut, TopicOut, TopicsOut
from tongxin.web.request import Request

MEMBERS = 20  # numbers of matters a topic
router = Router(tags=["高频问题"])


class Window(views.Asked):
    """Which days to look at."""

    days: Literal["7", "30", "90"] = Field("30", description="看最近多少天")


@router.get(
    "", response=answers(TopicsOut, 401, 403), openapi_extra={"security": KEY}, summary="高频问题"
)  # fmt: skip
def list_topics(request: Request, window: Query[Window]) -> HttpResponse:
    """许多人反映的事，人数多的在前，同一个人反映多次只算一次；以及已立项治理的。要有“查看诉求”的密钥。

    聚类要几秒，结果留十分钟。6 条语句。
    """
    caller = caller_of(request)
    admit(request, caller, "topics", LOOKS)
    caller.demand("see_matters")
    found, cut = learning.list_topics(request.district, days=int(window.days), now=request.now, area_ids=None)
    shown = [ident for topic in found for ident in topic.members[:MEMBERS]]
    runs = procedures.rows_of(request.district, matters.SUBJECT, shown) if shown else {}
    tree = territory.tree(request.district)
    taken = learning.list_taken_up(request.district, area_ids=None)
    return answer(
        TopicsOut(
            days=int(window.days),
            cut=learning.MOST_MATTERS if cut else None,
            topics=[
                TopicOut(
                    name=learning.mask_public(topic.name, cautious=True), people=topic.people, messages=topic.messages,
                    trend=topic.trend, weekly=list(topic.weekly), first_at=topic.first_at, last_at=topic.last_at,
                    matters=[str(runs[ident].card.get("ref", "")) for ident in topic.members[:MEMBERS] if ident in runs],
                )
                for topic in found
            ],
            taken_up=[
                TakenUpOut(
                    id=one.topic.id, title=learning.mask_public(one.topic.title, cautious=True),
                    place=tree.full_name(one.topic.area_id) if one.topic.area_id else request.district.title,
                    state=one.run.state if one.run else "", state_title=one.run.state_title if one.run else "",
                    holder=(one.run.holder.body_name or one.run.holder.title) if one.run and one.run.holder else None,
                    matters=one.matters, since_then=one.later, opened_at=one.topic.opened_at, closed_at=one.topic.closed_at,
                    solution=learning.mask_public(one.topic.solution, cautious=True),
                )
                for one in taken
            ],
        )
    )  # fmt: skip
