"""What many people raise, and the topics that somebody took up. It shows no person and no number of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from tongxin.kernel import limits
from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.errors import NotFound
from tongxin.learning.extract import mask_public
from tongxin.learning.models import TopicCase, TopicMatter
from tongxin.learning.queries.same import item_of
from tongxin.learning.topics import Topic, find_topics
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack
from tongxin.procedures import api as procedures
from tongxin.procedures.api import RunRow

SUBJECT = "topic"
MOST_MATTERS = 5_000  # a few seconds of one core
BELONGS = ("opened", "arrived", "added")
STAYS_SECONDS = 600
_topics: VersionedCache[tuple[list[Topic], bool]] = VersionedCache(32)
_clusters: VersionedCache[list[Topic]] = VersionedCache(32)


def list_topics(
    district: DistrictView,
    *,
    days: int,
    now: datetime,
    area_ids: Sequence[int] | None,
    until: datetime | None = None,
) -> tuple[list[Topic], bool]:
    """Return what many people raised in a window, and whether only the newest matters could be read (0–1 statements).

    Clustering takes seconds, so the answer stays for ten minutes, and for as long as the matters do not change.

    Args:
        days: length of the window. until: its end; None: now.
        area_ids: leaves that the asker may see; None for the whole district.
    """
    end = until or now
    since = end - timedelta(days=days)
    scope = None if area_ids is None else tuple(sorted(area_ids))
    key = (district.id, scope, days, until)

    def read() -> tuple[list[Topic], bool]:
        rows = matters.list_raised(district, since=since, until=end, area_ids=area_ids, most=MOST_MATTERS + 1)
        cut, rows = len(rows) > MOST_MATTERS, rows[:MOST_MATTERS]
        version = (end.date(), hash(tuple(rows)))
        found = _clusters.get(key, version, lambda: find_topics([item_of(row) for row in rows], since=since, until=end))
        return found, cut

    return _topics.get(key, int(now.timestamp() // STAYS_SECONDS), read)


def procedure_of(pack: Pack) -> str:
    """Return the key of the pack's procedure for topics, empty when the locality has none (0 statements)."""
    return next((key for key, spec in sorted(pack.procedures.items()) if spec.subject == SUBJECT), "")


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A topic taken up as a list shows it; ``run`` None only while it is being written."""

    topic: TopicCase
    run: RunRow | None
    matters: int
    later: int
    offered: int


def list_taken_up(
    district: DistrictView, *, area_ids: Sequence[int] | None, open_only: bool = False, rows: int = limits.PAGE_ROWS
) -> list[TakenUp]:
    """Return the newest topics taken up, with how many matters belong to each (2 statements).

    Args:
        area_ids: places that the asker may see, all levels; None for the whole district.
    """
    found = TopicCase.objects.filter(district_id=district.id)
    if area_ids is not None:
        found = found.filter(area_id__in=list(area_ids))
    if open_only:
        found = found.filter(closed_at=None)
    counted = found.annotate(
        belong=Count("matters", filter=Q(matters__how__in=BELONGS)),
        later=Count("matters", filter=Q(matters__how__in=("arrived", "added"))),
        offered=Count("matters", filter=Q(matters__how="offered")),
    ).order_by("-opened_at")[:rows]
    kept = list(counted)
    runs = procedures.rows_of(district, SUBJECT, [topic.id for topic in kept]) if kept else {}
    return [TakenUp(topic, runs.get(topic.id), topic.belong, topic.later, topic.offered) for topic in kept]


def get_topic_case(district: DistrictView, topic_id: int) -> TopicCase:
    """Return a topic of this district (1 statement); NotFound where there is none."""
    found = TopicCase.objects.filter(district_id=district.id, id=topic_id).select_related("area").first()
    if found is None:
        raise NotFound("no_topic", "没有这个高频问题。", "请从“高频问题”页重新打开。")
    return found


@dataclass(frozen=True, slots=True)
class Member:
    """A matter of a topic as staff see it; numbers in its title are hidden."""

    matter_id: int
    how: str
    how_title: str
    likeness: float
    run: RunRow | None
    title: str


@dataclass(frozen=True, slots=True)
class Members:
    """The newest matters of a topic, those that may belong, and how many there are in all."""

    belong: list[Member]
    offered: list[Member]
    count: int
    offered_count: int


def list_members(district: DistrictView, topic: TopicCase, *, rows: int = limits.PAGE_ROWS) -> Members:
    """Return the matters of a topic, newest first (3 statements)."""
    counted = dict(topic.matters.values_list("how").annotate(n=Count("id")))
    kept = list(topic.matters.filter(how__in=BELONGS).order_by("-matter_id")[:rows]) if counted else []
    if counted.get("offered"):
        kept += list(topic.matters.filter(how="offered").order_by("-likeness", "-matter_id")[:rows])
    runs = procedures.rows_of(district, matters.SUBJECT, [one.matter_id for one in kept]) if kept else {}
    shown = [_member(one, runs.get(one.matter_id)) for one in kept]
    return Members(
        [one for one in shown if one.how != "offered"], [one for one in shown if one.how == "offered"],
        sum(counted.get(how, 0) for how in BELONGS), counted.get("offered", 0),
    )  # fmt: skip


def _member(one: TopicMatter, run: RunRow | None) -> Member:
    title = mask_public(run.card.get("title", "")) if run else ""
    return Member(one.matter_id, one.how, dict(TopicMatter.HOW)[one.how], one.likeness, run, title)


def topics_of(district: DistrictView, matter_id: int) -> list[TopicCase]:
    """Return the topics that a matter belongs to, newest first (1 statement)."""
    found = TopicCase.objects.filter(
        district_id=district.id, matters__matter_id=matter_id, matters__how__in=BELONGS
    ).order_by("-opened_at")
    return list(found[:5])


@dataclass(frozen=True, slots=True)
class Joined:
    """The topic that a matter joined, as its reporter may know it: nothing of the others who raised it, numbers hidden."""

    title: str
    others: int  # matters beside theirs
    led_by: str
    plain: str  # where it stands, in plain words
    outcome: str
    steps: tuple[tuple[datetime, str], ...]  # what was said of its progress, oldest first
    answer: str


def find_joined(district: DistrictView, matter_id: int) -> Joined | None:
    """Return the newest topic that a matter belongs to, in the reporter's words (1 statement, 4 when there is one)."""
    found = (
        TopicCase.objects.filter(district_id=district.id, matters__matter_id=matter_id, matters__how__in=BELONGS)
        .order_by("-opened_at")
        .first()
    )
    run = procedures.find_run(district, SUBJECT, found.id) if found is not None else None
    if found is None or run is None:
        return None
    state = procedures.drawn(run).states[run.state]
    lead = run.parts.get("main_unit")
    body = organization.directory(district).body(lead) if isinstance(lead, int) else None
    return Joined(
        mask_public(found.title, cautious=True),
        max(found.matters.filter(how__in=BELONGS).count() - 1, 0),
        body.name if body is not None else "",
        state.plain or state.title,
        run.outcome,
        tuple(
            (step.at, mask_public(step.says, cautious=True))
            for step in procedures.timeline(district, run, audience="reporter")
        ),
        mask_public(found.solution, cautious=True),
    )


def taken_up_of(district: DistrictView, matter_ids: Sequence[int]) -> dict[int, TopicCase]:
    """Return the open topic that each of these matters belongs to (1 statement)."""
    rows = TopicMatter.objects.filter(
        topic__district_id=district.id, topic__closed_at=None, matter_id__in=list(matter_ids), how__in=BELONGS
    ).select_related("topic")
    return {row.matter_id: row.topic for row in rows.order_by("id")}
