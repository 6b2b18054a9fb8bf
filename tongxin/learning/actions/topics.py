"""A hot topic becomes somebody's case (主动治理, row WH-30), and later matters join it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.kernel.turns import wait_our_turn
from tongxin.learning.attaching import find_topic_of
from tongxin.learning.extract import mask_public
from tongxin.learning.models import TopicCase, TopicMatter
from tongxin.learning.queries.background import background_of
from tongxin.learning.queries.same import item_of
from tongxin.learning.queries.topics import BELONGS, SUBJECT, get_topic_case, procedure_of, taken_up_of
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory

MAY_OPEN = ("report_for_others", "supervise")
_ARRIVALS = 2_000  # at most so many at once; the next pass takes the rest
_MEMBERS = 200  # the newest of each topic are compared


@dataclass(frozen=True, slots=True)
class Opened:
    """A topic that was taken up; ``replayed`` when the same request had done it before."""

    topic_id: int
    run_id: int
    replayed: bool = False


def may_open(actor: Actor, area_id: int | None) -> bool:
    """Whether the actor may take up a topic there, or (None) one of the whole district (0 statements)."""
    if area_id is None:
        return any(access.scope(actor, key).everywhere for key in MAY_OPEN)
    return any(access.may(actor, key, area_id) for key in MAY_OPEN)


@transaction.atomic
def open_topic(
    *,
    district: DistrictView,
    title: str,
    words: Sequence[str],
    matter_ids: Sequence[int],
    since: datetime,
    until: datetime,
    owner_id: int,
    actor: Actor,
    now: datetime,
    request_key: str | None = None,
) -> Opened:
    """Take up a topic: keep it with its matters and begin the pack's procedure with its owner (about 10 statements).

    Its place is the smallest area that holds all its matters whose place is known. One topic of a district at a time is taken up,
    so that two people who see the same one do not both.

    Args:
        title: as people call it; telephone, identity and plate numbers in it are hidden.
        owner_id: the body that leads.
        request_key: the same key acts once.

    Raises:
        Invalid: no title, no matter, or a unit that receives no cases. NotAllowed: outside the actor's places.
        Conflict: most of these matters belong to an open topic already. NotFound: the pack has no procedure for topics.
    """
    wait_our_turn(f"topics:{district.id}")
    before = _replay(district, request_key)
    if before is not None:
        return before
    title = _checked_title(title)
    rows, area_id = _checked_matters(district, matter_ids, actor)
    owner = organization.directory(district).body(owner_id)
    if owner is None or owner_id not in {unit.id for unit in organization.list_units(district, (), area_id)}:
        raise Invalid("no_unit", "选的牵头单位不能收件。", "请从列出的单位里选。", "main_unit")
    taken = taken_up_of(district, [row.id for row in rows])
    if len(taken) * 2 >= len(rows):
        other = next(iter(taken.values()))
        raise Conflict(
            "taken_up", f"这些诉求多数已归入“{other.title}”，正在治理。", "请到那一件里看进展。", topic=other.id
        )
    top = matters.newest_id(district)
    topic = TopicCase.objects.create(
        district_id=district.id, title=title, words=[mask_public(word) for word in words], area_id=area_id, since_at=since,
        until_at=until, people=len({row.who or row.id for row in rows}), opened_at=now, read_to=top, settled_to=top,
        request_key=request_key,
    )  # fmt: skip
    TopicMatter.objects.bulk_create(
        [TopicMatter(topic=topic, matter_id=row.id, how="opened", at=now) for row in rows if row.id not in taken]
    )
    place = territory.tree(district).full_name(area_id) if area_id is not None else district.title
    started = procedures.start_run(
        district=district, pack=district.pack, procedure=procedure_of(district.pack) or SUBJECT, subject_kind=SUBJECT,
        subject_id=topic.id, area_id=area_id, actor=actor, now=now, parts={"main_unit": owner_id}, facts={"people": topic.people},
        says=f"{len(rows)} 件诉求反映同一类问题，已立项，由{owner.name}牵头。",
        card={"title": title, "place": place, "ref": f"GP-{topic.id}", "category": "高频问题"},
    )  # fmt: skip
    return Opened(topic.id, started.run_id)


def _checked_title(title: str) -> str:
    title = mask_public(matters.clean_text(title))
    if not title:
        raise Invalid("required", "还没有写标题。", "用一句话说明是哪里的什么问题。", "title")
    if len(title) > limits.TITLE_CHARS:
        what = f"“标题”有 {len(title)} 个字，最多 {limits.TITLE_CHARS} 个字。"
        raise Invalid("text_too_long", what, "请删减后再提交。", "title")
    return title


def _checked_matters(
    district: DistrictView, matter_ids: Sequence[int], actor: Actor
) -> tuple[list[matters.Raised], int | None]:
    """The matters and the place that holds them, all of which the actor may see and take up."""
    rows = matters.list_of(district, list(matter_ids)[: limits.TOPIC_MATTERS])
    if not rows:
        raise Invalid("no_matters", "这个话题下没有诉求。", "请回到“高频问题”页重新选。")
    area_id = _common_area(district, [row.area_id for row in rows])
    if not may_open(actor, area_id) or not all(
        access.may(actor, "see_matters", one) for one in {row.area_id for row in rows} - {None}
    ):
        raise NotAllowed(
            "not_your_place",
            "这个话题的诉求超出了您的岗位范围，不能由您立项。",
            "请请上一级的接待或督办岗位立项，或只看自己的地域。",
        )
    return rows, area_id


def _replay(district: DistrictView, request_key: str | None) -> Opened | None:
    before = TopicCase.objects.filter(district_id=district.id, request_key=request_key).first() if request_key else None
    run = procedures.find_run(district, SUBJECT, before.id) if before else None
    return Opened(before.id, run.id, replayed=True) if before and run else None


def _common_area(district: DistrictView, area_ids: Sequence[int | None]) -> int | None:
    """The smallest area that holds all known places; None when no place is known or they share none."""
    tree = territory.tree(district)
    paths = [tree.path(area_id) for area_id in set(area_ids) if area_id is not None and area_id in tree]
    shared = [levels[0] for levels in zip(*paths, strict=False) if len(set(levels)) == 1]
    return shared[-1] if shared else None


def place_matter(
    *, district: DistrictView, topic_id: int, matter_id: int, belongs: bool, actor: Actor, now: datetime
) -> None:
    """A person puts a matter to a topic, or takes it away for good; the record keeps who did (4 statements).

    Raises:
        NotAllowed: neither the topic's holder nor somebody who may take up topics there, or the matter is outside their places.
        NotFound: no such topic or matter here. Conflict: the topic is closed.
    """
    topic = get_topic_case(district, topic_id)
    if not may_sort(district, topic, actor):
        raise NotAllowed("not_your_topic", "归入和移出由牵头单位或立项的岗位来做。", "如有不同意见，请联系牵头单位。")
    if topic.closed_at is not None:
        raise Conflict("topic_closed", "这个高频问题已经结题，不再归入或移出诉求。", "可以另行立项。")
    matter = matters.get_matter(district, matter_id)
    known = TopicMatter.objects.filter(topic=topic, matter=matter).exists()
    if not known and not (matter.area_id and access.may(actor, "see_matters", matter.area_id)):
        raise NotAllowed("not_your_place", "这一件不在您的岗位范围内。", "请由看得到它的岗位来归入。")
    how = "added" if belongs else "removed"
    with transaction.atomic():
        TopicMatter.objects.update_or_create(topic=topic, matter=matter, defaults={"how": how, "at": now})
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="learning.place_matter",
            target=topic.title, detail={"topic": topic.id, "matter": matter.id, "belongs": belongs}, now=now,
        )  # fmt: skip


def may_sort(district: DistrictView, topic: TopicCase, actor: Actor) -> bool:
    """Whether the actor may say which matters belong: who holds the case, or may take up topics there (0–1 statement)."""
    if actor.kind != "user" or actor.district_id != district.id:
        return False
    if may_open(actor, topic.area_id):
        return True
    run = procedures.find_run(district, SUBJECT, topic.id)
    return run is not None and run.holder_post_id in actor.post_ids


def attach_arrivals(*, district: DistrictView, now: datetime) -> int:
    """Put later matters to the open topics they are like; return how many belong now (at most 8 statements, whatever their number).

    Idempotent: a matter is put to a topic once, and one that a person took away stays away. Of several workers one does it.
    Each number is read twice, in two passes: one given out early may be written late.
    """
    with transaction.atomic():
        topics = list(
            TopicCase.objects.select_for_update(skip_locked=True).filter(district_id=district.id, closed_at=None)
        )
        if not topics:
            return 0
        start = min(topic.settled_to for topic in topics)
        rows = matters.list_arrived(district, above=start, most=_ARRIVALS)
        added = _put(district, topics, rows, now) if rows else 0
        seen = max((row.id for row in rows), default=0)
        TopicCase.objects.filter(id__in=[topic.id for topic in topics]).update(
            settled_to=F("read_to"), read_to=Greatest(F("read_to"), seen)
        )
        return added


def _put(district: DistrictView, topics: list[TopicCase], rows: list[matters.Raised], now: datetime) -> int:
    """Compare and write (5 statements)."""
    known = TopicMatter.objects.filter(topic__in=topics)
    there = set(known.filter(matter_id__gte=rows[0].id).values_list("matter_id", flat=True))
    fresh = [row for row in rows if row.id not in there]
    if not fresh:
        return 0
    members: dict[int, list[int]] = {topic.id: [] for topic in topics}
    for topic_id, matter_id in known.filter(how__in=BELONGS).order_by("matter_id").values_list("topic_id", "matter_id"):
        members[topic_id].append(matter_id)
    newest = {ident: of[-_MEMBERS:] for ident, of in members.items()}
    items = {row.id: item_of(row) for row in matters.list_of(district, [one for of in newest.values() for one in of])}
    lexicon = background_of(district, now, fresh[-1].id).lexicon
    assert lexicon is not None  # there are texts: these
    found = find_topic_of(
        [(ident, [items[one] for one in of if one in items]) for ident, of in newest.items()],
        [item_of(row) for row in fresh],
        lexicon,
    )
    TopicMatter.objects.bulk_create(
        [
            TopicMatter(
                topic_id=one.topic, matter_id=one.matter, how="arrived" if one.sure else "offered", likeness=one.likeness, at=now
            )
            for one in found
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return sum(one.sure for one in found)


def sweep_topics(now: datetime) -> int:
    """Do :func:`attach_arrivals` for every district that has open topics (1 statement, then at most 8 a district)."""
    ids = set(TopicCase.objects.filter(closed_at=None).values_list("district_id", flat=True).distinct())
    return sum(attach_arrivals(district=view, now=now) for view in packs.list_districts() if view.id in ids)
