"""Reads: coverage by place, who has not answered, what calls me."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum

from tongxin.callouts import rules
from tongxin.callouts.models import CallOut, Recipient
from tongxin.callouts.rules import Coverage
from tongxin.kernel.errors import NotFound
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.procedures.api import Run
from tongxin.territory import api as territory

PAGE = 50


@dataclass(frozen=True, slots=True)
class PlaceCoverage:
    """A line of the coverage table: a place below the one looked at."""

    area_id: int
    name: str
    coverage: Coverage


def get_call_out(district: DistrictView, ident: int) -> CallOut:
    """Return a call-out of the district (1 statement).

    Raises:
        NotFound: there is none.
    """
    try:
        return CallOut.objects.get(id=ident, district_id=district.id)
    except CallOut.DoesNotExist:
        raise NotFound("no_call_out", "没有这次动员。", "请从列表里重新打开。") from None


def get_recipient(district: DistrictView, ident: int) -> Recipient:
    """Return a recipient with its call-out (1 statement).

    Raises:
        NotFound: there is none.
    """
    found = Recipient.objects.select_related("call_out").filter(id=ident, call_out__district_id=district.id).first()
    if found is None:
        raise NotFound("no_call_out", "没有这次动员，或链接不完整。", "请向发链接的人再要一次。")
    return found


@dataclass(frozen=True, slots=True)
class Running:
    """A call-out that calls now, as a whole."""

    run_id: int | None
    title: str
    sent_at: datetime
    called: int
    answered: int
    households: int
    reached: int


def list_running(district: DistrictView, rows: int = 5) -> list[Running]:
    """Return the call-outs that call now, the newest first, drills among them (1 statement)."""
    run = Run.objects.filter(subject_kind="call_out", subject_id=OuterRef("pk"), parent=None).values("pk")[:1]
    found = (
        CallOut.objects.filter(district_id=district.id, closed_at=None, sent_at__isnull=False)
        .annotate(
            run_id=Subquery(run), called=Count("recipients"), answered=Count("recipients__answered_at"),
            homes=Sum("recipients__households"), told=Sum("recipients__reached"),
        )
        .order_by("-sent_at")[:rows]
    )  # fmt: skip
    return [
        Running(
            one.run_id,
            f"{'演练：' if one.drill else ''}{one.title}",
            one.sent_at,
            one.called,
            one.answered,
            one.homes or 0,
            one.told or 0,
        )
        for one in found
        if one.sent_at is not None
    ]


def coverage(district: DistrictView, call_out: CallOut, under: int) -> tuple[Coverage, list[PlaceCoverage]]:
    """Return how far a call-out has come at a place and at each place below it, in order of code (1 statement)."""
    tree = territory.tree(district)
    rows = (
        Recipient.objects.filter(call_out=call_out)
        .values_list("above_id")
        .annotate(Count("id"), Count("answered_at"), Sum("households"), Sum("reached"))
    )
    counts = {
        above: Coverage(called, answered, homes or 0, reached or 0) for above, called, answered, homes, reached in rows
    }
    paths = {area_id: tuple(tree.path(area_id)) for area_id in counts if area_id is not None}
    found = rules.roll_up(counts, paths, under)
    below = [
        PlaceCoverage(place.id, place.name, found[place.id]) for place in tree.children(under) if place.id in found
    ]
    return found[under], below


def list_open(district: DistrictView, call_out: CallOut, under: int, rows: int = PAGE) -> list[Recipient]:
    """Return recipients below a place who have not answered (1 statement)."""
    tree = territory.tree(district)
    inside = list(tree.under(under, ended=True))
    found = Recipient.objects.filter(call_out=call_out, answered_at=None).filter(
        Q(above_id__in=inside) | Q(area_id__in=inside)
    )
    return list(found.select_related("post", "area").order_by("area__code")[:rows])


def _mine(actor: Actor) -> QuerySet[Recipient]:
    now_open = Q(call_out__sent_at__isnull=False, call_out__closed_at=None)
    return Recipient.objects.filter(now_open, call_out__district_id=actor.district_id, post_id__in=_held(actor))


def _held(actor: Actor) -> Sequence[int]:
    return [post.id for post in actor.posts]


def list_mine(actor: Actor) -> list[Recipient]:
    """Return what calls my posts now, unanswered first (1 statement)."""
    return list(
        _mine(actor)
        .select_related("call_out", "area")
        .order_by(F("answered_at").desc(nulls_first=True), "-call_out_id", "area__code")[:PAGE]
    )


def list_passed(actor: Actor) -> list[Recipient]:
    """Return unanswered recipients who were passed to my posts, to be telephoned (1 statement)."""
    return list(
        Recipient.objects.filter(
            call_out__district_id=actor.district_id, call_out__closed_at=None, passed_to_id__in=_held(actor), answered_at=None
        )
        .select_related("call_out", "area", "post")
        .order_by("call_out_id", "area__code")[:PAGE]
    )  # fmt: skip


def count_waiting(actor: Actor) -> int:
    """Return how many answers are waited for from my posts (1 statement)."""
    held = _held(actor)
    if not held:
        return 0
    return Recipient.objects.filter(
        Q(post_id__in=held) | Q(passed_to_id__in=held), call_out__district_id=actor.district_id,
        call_out__sent_at__isnull=False, call_out__closed_at=None, answered_at=None,
    ).count()  # fmt: skip


def minutes_to(call_out: CallOut, share_percent: int) -> int | None:
    """Return after how many minutes that share of the called had answered, None when not (yet) (1 statement)."""
    if call_out.sent_at is None:
        return None
    sent_at: datetime = call_out.sent_at
    answers = Recipient.objects.filter(call_out=call_out).values_list("answered_at", flat=True)
    times = list(answers)
    after = [int((at - sent_at).total_seconds() // 60) for at in times if at is not None]
    return rules.minutes_to(share_percent, after, len(times))
