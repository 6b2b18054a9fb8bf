"""Hot topics (高频问题): what many people raised lately in one's places; a person takes one up as a case with an owner (row WH-30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.clock import LOCAL, local
from tongxin.kernel.days import find_day, today_of
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.web.fields import Field, bind, new_request_key, request_key
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.matters import area_ids
from tongxin.web.request import Request

WINDOWS = (7, 30, 90, 365)  # days
MEMBERS, ALL_MEMBERS = 12, 500  # of a topic, the most typical first; when all of one are asked for


@dataclass(frozen=True)
class TopicRow:
    """A topic as the page shows it; telephone, identity and plate numbers are hidden in every word.

    ``first`` names it in addresses: its most typical matter. ``taken`` is the open case that most of it belongs to.
    """

    first: int
    name: str
    people: int
    messages: int
    trend: int
    last_at: datetime | None
    members: list[tuple[int, str, str, str]]  # run, reference, title, place
    more: int
    whole: bool  # whether all were asked for
    taken: learning.TopicCase | None = None

    @property
    def fewer(self) -> int:
        """By how many people the latter half of the window is behind the former."""
        return -self.trend


def _window(given: str) -> int:
    return int(given) if given in {str(window) for window in WINDOWS} else 30


def _until(request: Request, given: str) -> datetime | None:
    """The end of the window: the end of an earlier day that was asked for; None for now."""
    try:
        day = find_day(given, "截至", "until", today=today_of(request.now))
    except Invalid:
        day = None
    end = datetime.combine(day, time(23, 59, 59), LOCAL) if day else None
    return end if end is not None and end < request.now else None


@page(
    "/work/topics",
    audience="work",
    permission="see_matters",
    title="高频问题",
    icon="messages",
    nav=25,
    methods=("GET",),
)
def topics(request: Request) -> Shown:
    """List the topics of my places, most people first, and those that were taken up (5 statements)."""
    days, until = _window(request.GET.get("days", "")), _until(request, request.GET.get("until", ""))
    found, cut = learning.list_topics(
        request.district, days=days, now=request.now, area_ids=area_ids(request), until=until
    )
    scope = access.scope(request.actor, "see_matters")
    taken = learning.list_taken_up(request.district, area_ids=None if scope.everywhere else sorted(scope.area_ids))
    return {
        "rows": _rows(request, found, request.GET.get("all", "")),
        "taken": taken,
        "cut": learning.MOST_MATTERS if cut else 0,
        "days": days,
        "until": local(until).date().isoformat() if until else "",
        "windows": WINDOWS,
        "may_open": bool(learning.procedure_of(request.district.pack))
        and any(access.may(request.actor, key) for key in learning.MAY_OPEN),
    }


def _rows(request: Request, found: list[learning.Topic], whole: str = "") -> list[TopicRow]:
    """The topics with their most typical matters (2 statements).

    Args:
        whole: a matter of the topic of which all are shown.
    """
    asked = number_in(whole) or 0
    listed = [topic.members[: ALL_MEMBERS if asked in topic.members else MEMBERS] for topic in found]
    shown = [ident for members in listed for ident in members]
    runs = procedures.rows_of(request.district, matters.SUBJECT, shown) if shown else {}
    belongs = learning.taken_up_of(request.district, shown) if shown else {}
    rows = []
    for topic, typical in zip(found, listed, strict=True):
        cards = [(runs[ident].run_id, runs[ident].card) for ident in typical if ident in runs]
        members = [
            (run_id, card.get("ref", ""), learning.mask_public(card.get("title", "")), learning.mask_public(card.get("place", "")))
            for run_id, card in cards
        ]  # fmt: skip
        name = learning.mask_public(topic.name) or (members[0][2] if members else "")
        held = [belongs[ident] for ident in topic.members[:MEMBERS] if ident in belongs]
        rows.append(
            TopicRow(
                topic.members[0], name, topic.people, topic.messages, topic.trend, topic.last_at, members,
                topic.messages - len(members), asked in topic.members, held[0] if 2 * len(held) >= min(topic.messages, MEMBERS) else None,
            )
        )  # fmt: skip
    return rows


@page("/work/topics/take", audience="work", permission="see_matters", title="高频问题立项", name="work_topic_take")
def take_up(request: Request) -> Shown:
    """Take up a topic: its title, who leads; a POST opens the case (about 13 statements)."""
    asked = request.POST if request.method == "POST" else request.GET
    days, first = _window(asked.get("days", "")), asked.get("matter", "")
    until = _until(request, asked.get("until", ""))
    end = until or request.now
    found, _ = learning.list_topics(
        request.district, days=days, now=request.now, area_ids=area_ids(request), until=until
    )
    topic = next((one for one in found if number_in(first) in one.members), None)
    if topic is None:
        if first:
            messages.error(request, "没有找到这个高频问题，可能刚有新的反映使它变了。请重新选。")
        return HttpResponseRedirect(reverse("work_topics") + f"?days={days}")
    row = _rows(request, [topic])[0]
    key, refusal = request_key(request.POST) or new_request_key(), None
    if request.method == "POST":
        unit = request.POST.get("main_unit", "")
        try:
            opened = learning.open_topic(
                district=request.district, title=request.POST.get("title", ""), words=topic.words, matter_ids=topic.members,
                since=end - timedelta(days=days), until=end, owner_id=number_in(unit) or 0,
                actor=request.actor, now=request.now, request_key=key,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, "已立项；以后相近的诉求会自动归入，请留意。")
            return HttpResponseRedirect(reverse("work_case", args=[opened.run_id]))
    fields = [
        Field(
            "title", "标题", "text", required=True, max=limits.TITLE_CHARS, value=row.name, help="哪里的什么问题；不写人名和号码。"
        ),
        Field(
            "main_unit", "牵头单位", "unit", required=True,
            choices=[(str(unit.id), unit.name) for unit in organization.list_units(request.district)],
        ),
    ]  # fmt: skip
    context: dict[str, Any] = {
        "row": row, "days": days, "until": asked.get("until", "") if until else "", "key": key, "refusal": refusal,
        "fields": bind(fields, request.POST if refusal else None, refusal),
    }  # fmt: skip
    return render(request, "work/topic_take.html", context, status=refusal.status if refusal else 200)


@page("/work/topics/<int:topic_id>", audience="work", title="高频问题", name="work_topic", methods=("GET",))
def topic(request: Request, topic_id: int) -> Shown:
    """Lead to the case of a topic (1 statement); whether it may be seen is the case page's to say."""
    run = procedures.find_run(request.district, learning.SUBJECT, topic_id)
    if run is None:
        raise NotFound("no_topic", "没有这个高频问题。", "请从“高频问题”页重新打开。")
    return HttpResponseRedirect(reverse("work_case", args=[run.id]))


@page(
    "/work/topics/<int:topic_id>/matters", audience="work", title="归入或移出", name="work_topic_matter", methods=("POST",)
)  # fmt: skip
def topic_matter(request: Request, topic_id: int) -> Shown:
    """Put a matter to a topic or take it away (about 6 statements)."""
    given = request.POST.get("matter", "")
    belongs = request.POST.get("do") == "add"
    learning.place_matter(
        district=request.district, topic_id=topic_id, matter_id=matters.read_ref(given), belongs=belongs, actor=request.actor,
        now=request.now,
    )  # fmt: skip
    run = procedures.find_run(request.district, learning.SUBJECT, topic_id)
    messages.success(request, "已归入。" if belongs else "已移出，不会再自动归入。")
    return HttpResponseRedirect(reverse("work_case", args=[run.id]) if run else reverse("work_topics"))
