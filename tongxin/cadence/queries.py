"""Reads of cadence: what is due, what was missed, kept or not by place, feeds, reports made from records. Each says its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from tongxin.cadence.models import Occurrence, Record
from tongxin.cadence.rules import words_of
from tongxin.kernel.clock import LOCAL
from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import Series
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory

ROWS = 60
FEED_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """An occurrence as a list shows it. ``state``: kept, excused, missed, due (its day has come), ahead, plan, report."""

    occurrence: Any
    title: str
    words: str
    place: str
    host: str
    state: str
    series: Series | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was kept of how often its time was up; excused ones count in neither."""

    kept: int
    total: int
    next_on: date | None = None


def get_occurrence(district: packs.DistrictView, occurrence_id: int) -> Occurrence:
    """Return an occurrence with its case and its records (2 statements). Raises NotFound."""
    found = (
        Occurrence.objects.filter(pk=occurrence_id, district_id=district.id)
        .select_related("run")
        .prefetch_related(Prefetch("records", queryset=Record.objects.order_by("done_on", "id")))
        .first()
    )
    if found is None:
        raise NotFound("no_occurrence", "没有这一期。", "请从日程里重新打开。")
    return found


def list_opened(district: packs.DistrictView, *, at: datetime) -> list[Any]:
    """Return the runs of the cases that were opened at a moment, in order (1 statement)."""
    found = Occurrence.objects.filter(district_id=district.id, opened_at=at, run__isnull=False).select_related("run")
    return [one.run for one in found.order_by("pk")]


def row_of(district: packs.DistrictView, one: Occurrence, today: date) -> Row:
    """Return an occurrence as lists show it (0 statements)."""
    series = district.pack.cadence.get(one.series)
    body = organization.directory(district).body(one.host_id)
    every = series.every if series else "day"
    words = words_of(every, one.period, one.first_on, series.seasons if series else ())
    return Row(
        one, series.title if series else one.series, words, territory.tree(district).full_name(one.area_id),
        body.name if body else "", state_of(one, series, today), series,
    )  # fmt: skip


def state_of(one: Occurrence, series: Series | None, today: date) -> str:
    """Return how it stands that day."""
    if one.kept_on is not None:
        return "kept"
    if one.excused:
        return "excused"
    if series is not None and not series.counted:
        return series.kept
    if one.closes_on < today:
        return "missed"
    return "due" if one.due_on <= today else "ahead"


def list_occurrences(
    district: packs.DistrictView,
    *,
    under: Sequence[int] | None,
    host_ids: Sequence[int] = (),
    series: Sequence[str] = (),
    which: str = "open",
    today: date,
    rows: int = ROWS,
) -> list[Row]:
    """Return occurrences at places or hosted by bodies (1 statement).

    Args:
        under: these areas and all below, None for the whole district.
        which: open (its time runs, not noted yet), missed (its time is up within the last year), kept (newest first), ahead.
    """
    found = Occurrence.objects.filter(district_id=district.id)
    if under is not None:
        found = found.filter(Q(area__path__overlap=list(under)) | Q(host_id__in=list(host_ids)))
    if series:
        found = found.filter(series__in=list(series))
    recorded = [key for key, one in district.pack.cadence.items() if one.counted]
    waiting = found.filter(kept_on=None, excused="", series__in=recorded)
    match which:
        case "open":
            chosen = waiting.filter(closes_on__gte=today, first_on__lte=today).order_by("due_on", "id")
        case "missed":
            since = today - timedelta(days=366)
            chosen = waiting.filter(closes_on__lt=today, closes_on__gte=since).order_by("-closes_on", "id")
        case "kept":
            chosen = found.filter(kept_on__isnull=False).order_by("-kept_on", "-id")
        case _:
            chosen = found.filter(due_on__gte=today).order_by("due_on", "id")
    return [row_of(district, one, today) for one in chosen[:rows]]


def monitor(
    district: packs.DistrictView,
    *,
    series: Sequence[str],
    under: Sequence[int] | None,
    since: date,
    until: date,
    today: date,
) -> dict[int, dict[str, Tally]]:
    """Return place → series → how often kept, of the times whose end lies from since to until and is up or noted (1 statement)."""
    found = Occurrence.objects.filter(
        district_id=district.id, series__in=list(series), due_on__gte=since, due_on__lte=until, excused=""
    ).filter(Q(closes_on__lt=today) | Q(kept_on__isnull=False))
    if under is not None:
        found = found.filter(area__path__overlap=list(under))
    out: dict[int, dict[str, Tally]] = defaultdict(dict)
    rows = found.values_list("area_id", "series").annotate(total=Count("id"), kept=Count("kept_on")).order_by()
    for area_id, key, total, kept in rows:
        out[area_id][key] = Tally(kept, total)
    return out


def tally(district: packs.DistrictView, key: str, *, since: date, until: date, today: date) -> Tally:
    """Return how often a series was kept over all places (1 statement)."""
    by_place = monitor(district, series=[key], under=None, since=since, until=until, today=today)
    rows = [row[key] for row in by_place.values()]
    return Tally(sum(row.kept for row in rows), sum(row.total for row in rows))


def _feed(district: packs.DistrictView, today: date) -> QuerySet[Occurrence]:
    since, until = today - timedelta(days=92), today + timedelta(days=400)
    found = Occurrence.objects.filter(district_id=district.id, due_on__gte=since, due_on__lte=until)
    return found.order_by("due_on", "id")


def public_feed(district: packs.DistrictView, *, area_id: int | None, today: date) -> list[Row]:
    """Return what residents may subscribe to, of the district or of a place, what lies above it included (1 statement)."""
    keys = [key for key, series in district.pack.cadence.items() if series.public]
    found = _feed(district, today).filter(series__in=keys, excused="")
    if area_id is not None:
        tree = territory.tree(district)
        found = found.filter(area_id__in=[*tree.under(area_id), *tree.path(area_id)])
    return [row_of(district, one, today) for one in found[:FEED_ROWS]]


def staff_feed(district: packs.DistrictView, actor: Actor, *, today: date) -> list[Row]:
    """Return what a member of staff has to do with: their role's at their places, and what their body hosts (1 statement)."""
    wanted = Q(pk__in=[])
    for post in actor.posts:
        if post.body_id is not None:
            wanted |= Q(host_id=post.body_id)
        keys = [key for key, series in district.pack.cadence.items() if series.role in (None, post.role)]
        wanted |= Q(series__in=keys, area_id__in=list(post.grounds))
    return [row_of(district, one, today) for one in _feed(district, today).filter(wanted, excused="")[:FEED_ROWS]]


# ---- reports made from records (YH-28, YH-29): nobody writes them ----


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One procedure in a period. Rates are pairs; a denominator of zero means 不适用."""

    title: str
    started: int
    finished: int
    open_at_end: int
    late_at_end: int
    in_time: int  # of the finished ones with a limit
    with_limit: int


def report(district: packs.DistrictView, one: Occurrence) -> list[ReportRow]:
    """Count the cases of a place in the days of an occurrence, by procedure (1 statement)."""
    begin = datetime.combine(one.first_on, time(0), LOCAL)
    end = datetime.combine(one.last_on + timedelta(days=1), time(0), LOCAL)
    tree = territory.tree(district)
    runs = procedures.Run.objects.filter(district_id=district.id, parent_id=None, started_at__lt=end)
    place = tree.ever(one.area_id)
    if place is not None and place.parent_id is not None:
        runs = runs.filter(area_id__in=tree.under(one.area_id, ended=True))
    done = Q(finished_at__gte=begin, finished_at__lt=end, outcome="done")
    open_then = Q(finished_at=None) | Q(finished_at__gte=end)
    counted = (
        runs.filter(Q(finished_at=None) | Q(finished_at__gte=begin))
        .values_list("procedure")
        .annotate(
            started=Count("id", filter=Q(started_at__gte=begin)), finished=Count("id", filter=done),
            still=Count("id", filter=open_then), late=Count("id", filter=open_then & Q(limit_at__lt=end)),
            in_time=Count("id", filter=done & Q(finished_at__lte=F("limit_at"))),
            limited=Count("id", filter=done & Q(limit_at__isnull=False)),
        )
        .order_by("procedure")
    )  # fmt: skip
    titles = {key: spec.title for key, spec in district.pack.procedures.items()}
    return [ReportRow(titles.get(row[0], row[0]), *row[1:]) for row in counted]


def report_activities(district: packs.DistrictView, one: Occurrence) -> list[tuple[str, int, int, int]]:
    """Return (series, times noted, heads, times due) at a place and below it in the days of an occurrence (2 statements)."""
    under = territory.tree(district).under(one.area_id)
    noted = Record.objects.filter(
        occurrence__district_id=district.id,
        occurrence__area_id__in=under,
        done_on__gte=one.first_on,
        done_on__lte=one.last_on,
    )
    by_series: dict[str, tuple[int, int]] = {}
    for key, heads in noted.values_list("occurrence__series", "heads"):
        count, sum_heads = by_series.get(key, (0, 0))
        by_series[key] = (count + 1, sum_heads + (heads or 0))
    due = dict(
        Occurrence.objects.filter(
            district_id=district.id, area_id__in=under, due_on__gte=one.first_on, due_on__lte=one.last_on, excused=""
        )
        .values_list("series")
        .annotate(n=Count("id"))
        .order_by()
    )
    return [
        (series.title, *by_series.get(key, (0, 0)), due.get(key, 0))
        for key, series in district.pack.cadence.items()
        if series.counted and (key in by_series or key in due)
    ]


def count_heads(district: packs.DistrictView) -> dict[str, tuple[int, int]]:
    """Return series → (notes, heads) over all time (1 statement)."""
    rows = Record.objects.filter(occurrence__district_id=district.id).order_by().values_list("occurrence__series")
    return {key: (n, heads or 0) for key, n, heads in rows.annotate(n=Count("id"), heads=Sum("heads"))}
