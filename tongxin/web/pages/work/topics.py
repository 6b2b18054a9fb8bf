"""Hot topics (高频问题): what many people raised lately in one's places, with the matters behind. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.procedures import api as procedures
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.matters import area_ids
from tongxin.web.request import Request

WINDOWS = (7, 30, 90)  # days
MEMBERS = 12  # of a topic, the most typical first


@dataclass(frozen=True)
class TopicRow:
    """A topic as the page shows it; telephone, identity and plate numbers are hidden in every word."""

    name: str
    people: int
    messages: int
    trend: int
    last_at: datetime | None
    members: list[tuple[int, str, str, str]]  # run, reference, title, place
    more: int

    @property
    def fewer(self) -> int:
        """By how many people the latter half of the window is behind the former."""
        return -self.trend


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
    """List the topics of my places, most people first (2 statements)."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(window) for window in WINDOWS} else 30
    found, cut = learning.list_topics(request.district, days=days, now=request.now, area_ids=area_ids(request))
    shown = [ident for topic in found for ident in topic.members[:MEMBERS]]
    runs = procedures.rows_of(request.district, matters.SUBJECT, shown) if shown else {}
    rows = []
    for topic in found:
        cards = [(runs[ident].run_id, runs[ident].card) for ident in topic.members[:MEMBERS] if ident in runs]
        members = [
            (run_id, card.get("ref", ""), learning.mask_public(card.get("title", "")), learning.mask_public(card.get("place", "")))
            for run_id, card in cards
        ]  # fmt: skip
        name = learning.mask_public(topic.name) or (members[0][2] if members else "")
        rows.append(
            TopicRow(
                name, topic.people, topic.messages, topic.trend, topic.last_at, members, topic.messages - len(members)
            )
        )
    return {"rows": rows, "cut": learning.MOST_MATTERS if cut else 0, "days": days, "windows": WINDOWS}
