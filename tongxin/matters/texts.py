"""Reads for understanding what people write: texts with their classes, places and times. Shows nothing to anybody by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, OuterRef, QuerySet, Subquery

from tongxin.matters.models import Matter
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures

_LONGEST_CASE = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Classified:
    """A closed matter whose category a person chose or confirmed; ``corrected``: in place of a guess of the machine."""

    title: str
    text: str
    category: str
    corrected: bool


def list_classified(district: DistrictView, *, most: int) -> list[Classified]:
    """Return the newest closed matters whose category a person stands for, oldest first (1 statement).

    Merged ones are left to their master; a category that only the machine guessed is no evidence of anything.
    """
    run = procedures.Run.objects.filter(subject_kind="matter", subject_id=OuterRef("id"), parent=None)
    found = Matter.objects.filter(district_id=district.id, closed_at__isnull=False, master=None).exclude(category="")
    rows = found.annotate(facts=Subquery(run.values("facts")[:1])).order_by("-closed_at", "-id")[:most]
    return [
        Classified(title, text, category, facts.get("corrected") is True)
        for title, text, category, facts in reversed(rows.values_list("title", "text", "category", "facts"))
        if facts and not facts.get("guessed")
    ]


def count_corrected(district: DistrictView, *, since: datetime) -> int:
    """Return how many matters closed since then had a guess of the machine put right by a person (1 statement).

    Cases that were begun more than half a year before are not looked at.
    """
    return procedures.Run.objects.filter(
        district_id=district.id, subject_kind="matter", parent=None, started_at__gte=since - _LONGEST_CASE,
        finished_at__gte=since, facts__corrected=True,
    ).count()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raised:
    """A matter as clusters see it. ``who`` stands for one person and is never shown; empty: not known."""

    id: int
    title: str
    text: str
    area_id: int | None
    lon: float | None
    lat: float | None
    reported_at: datetime
    who: str


def list_raised(
    district: DistrictView, *, since: datetime, until: datetime, area_ids: Sequence[int] | None, most: int
) -> list[Raised]:
    """Return the newest matters, open and closed, merged ones too: who raised the same thing counts (1 statement)."""
    found = Matter.objects.filter(district_id=district.id, reported_at__gte=since, reported_at__lte=until)
    if area_ids is not None:
        found = found.filter(area_id__in=list(area_ids))
    return _raised(found.order_by("-reported_at", "-id"), most)


def list_newest(district: DistrictView, *, most: int) -> list[Raised]:
    """Return the newest matters of the district: what its texts are like (1 statement)."""
    return _raised(Matter.objects.filter(district_id=district.id).order_by("-reported_at"), most)


def list_of(district: DistrictView, matter_ids: Sequence[int]) -> list[Raised]:
    """Return these matters, those that the district has, oldest number first (1 statement)."""
    found = Matter.objects.filter(district_id=district.id, id__in=list(matter_ids))
    return _raised(found.order_by("id"), len(matter_ids))


def list_arrived(district: DistrictView, *, above: int, most: int) -> list[Raised]:
    """Return the matters whose number is above one, in order of numbers (1 statement)."""
    return _raised(Matter.objects.filter(district_id=district.id, id__gt=above).order_by("id"), most)


# A matter's words as the index has them: a title that is only how the text begins is not said twice.
SPOKEN = "CASE WHEN starts_with(m.text, m.title) THEN m.text ELSE m.title || ' ' || m.text END"


def list_containing(
    district: DistrictView,
    words: str,
    *,
    any_of: Sequence[str],
    area_ids: Sequence[int] | None,
    exact_rows: int,
    most: int,
) -> list[tuple[Raised, bool]]:
    """Return (matter, whether it contains the words as written), newest first (1 statement, by the two-character index).

    Args:
        any_of: pieces of two characters; matters that have any of them are the candidates to compare.
        exact_rows: at most so many that contain the words. most: at most so many others.
    """
    where = "m.district_id = %s" + ("" if area_ids is None else " AND m.area_id = ANY(%s)")
    values: list[Any] = [district.id, *([] if area_ids is None else [list(area_ids)])]
    columns = "m.id, m.title, m.text, m.area_id, m.lon, m.lat, m.reported_at"
    sql = f"""(SELECT {columns}, true FROM matters_matter m WHERE {where} AND zh_bigrams({SPOKEN}) @> zh_bigrams(%s)
        AND strpos(lower({SPOKEN}), lower(%s)) > 0 ORDER BY m.reported_at DESC LIMIT %s)
        UNION ALL (SELECT {columns}, false FROM matters_matter m WHERE {where} AND zh_bigrams({SPOKEN}) && %s::text[]
        AND strpos(lower({SPOKEN}), lower(%s)) = 0 ORDER BY m.reported_at DESC LIMIT %s)"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, words, words, exact_rows, *values, list(any_of), words, most])
        return [
            (Raised(ident, title, text, area_id, lon, lat, at, ""), whole)
            for ident, title, text, area_id, lon, lat, at, whole in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Unsorted:
    """What :func:`list_unsorted` read: the matters that wait for a category, and the highest number looked at."""

    unsorted: list[Raised]
    read_to: int


def list_unsorted(district: DistrictView, *, above: int, most: int) -> Unsorted:
    """Read the matters above a number, in order, and keep those whose category no person stands for (1 statement).

    Merged, refused and withdrawn ones are left out.
    """
    run = procedures.Run.objects.filter(subject_kind="matter", subject_id=OuterRef("id"), parent=None)
    found = Matter.objects.filter(district_id=district.id, id__gt=above, master=None).order_by("id")
    rows = found.annotate(
        guessed=Subquery(run.values("facts__guessed")[:1]), outcome=Subquery(run.values("outcome")[:1])
    ).values_list("id", "title", "text", "area_id", "category", "guessed", "outcome", "reported_at")[:most]
    kept, last = [], above
    for ident, title, text, area_id, category, guessed, outcome, at in rows:
        last = ident
        if (guessed or not category) and outcome in ("", "done"):
            kept.append(Raised(ident, title, text, area_id, None, None, at, ""))
    return Unsorted(kept, last)


ADDRESSED = 2_000  # newest matters whose address line is looked at; texts are found by the index, whatever their number


def list_placed_saying(
    district: DistrictView, phrases: Sequence[str], *, besides: int, most: int, area_ids: Sequence[int] | None = None
) -> list[tuple[str, int, int]]:
    """Return (phrase, area, how many) for the newest placed matters that say a phrase in text or address (1 statement).

    Args:
        besides: the matter that is asked about. most: so many matters a phrase, in texts and in addresses each.
        area_ids: leaves; None for the whole district.
    """
    placed = "area_id IS NOT NULL" if area_ids is None else "area_id = ANY(%s)"
    where = [district.id] if area_ids is None else [district.id, list(area_ids)]
    sql = f"""WITH addressed AS MATERIALIZED (SELECT id, area_id, lower(address) AS address FROM matters_matter
            WHERE district_id = %s AND {placed} AND address <> '' ORDER BY reported_at DESC LIMIT %s)
        SELECT p.words, f.area_id, count(DISTINCT f.id) FROM unnest(%s::text[]) AS p(words) CROSS JOIN LATERAL (
            (SELECT m.id, m.area_id FROM matters_matter m WHERE m.district_id = %s AND m.{placed}
                AND zh_bigrams({SPOKEN}) @> zh_bigrams(p.words) AND strpos(lower({SPOKEN}), lower(p.words)) > 0
                ORDER BY m.id + 0 DESC LIMIT %s)  -- the sum keeps the plan off the walk down the key
            UNION ALL (SELECT a.id, a.area_id FROM addressed a WHERE strpos(a.address, lower(p.words)) > 0 LIMIT %s)
        ) f WHERE f.id <> %s GROUP BY 1, 2"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*where, ADDRESSED, list(phrases), *where, most, most, besides])
        return [(words, area_id, count) for words, area_id, count in cursor.fetchall()]


def newest_id(district: DistrictView) -> int:
    """Return the highest number given out in the district, 0 for none (1 statement)."""
    return Matter.objects.filter(district_id=district.id).aggregate(top=Max("id"))["top"] or 0


def list_open_around(
    district: DistrictView,
    *,
    since: datetime,
    area_ids: Sequence[int] | None,
    public_only: bool,
    most: int,
) -> list[Raised]:
    """Return the newest open matters at these places (1 statement); merged ones are left to their master.

    Args:
        area_ids: leaves; None for the whole district.
        public_only: only what its reporter agreed to show.
    """
    found = Matter.objects.filter(district_id=district.id, closed_at=None, master=None, reported_at__gte=since)
    if public_only:
        found = found.filter(public=True)
    if area_ids is not None:
        found = found.filter(area_id__in=list(area_ids))
    return _raised(found.order_by("-reported_at"), most)


def _raised(found: QuerySet[Matter], most: int) -> list[Raised]:
    """One telephone is one person; a name is taken for one only where another system gave it (there it is an account)."""
    rows = found.values_list(
        "id", "title", "text", "area_id", "lon", "lat", "reported_at", "reporter_phone", "reporter_name", "source"
    )
    return [
        Raised(ident, title, text, area_id, lon, lat, at, phone or (name if source else ""))
        for ident, title, text, area_id, lon, lat, at, phone, name, source in rows[:most]
    ]


@dataclass(frozen=True, slots=True)
class Settled:
    """A closed matter and the unit that settled it."""

    category: str
    area_id: int | None
    unit_id: int


def list_settled(district: DistrictView, *, since: datetime, most: int) -> list[Settled]:
    """Return the newest closed matters that a main unit handled to the end (1 statement).

    A category that only the machine guessed says nothing, and neither does a matter that was merged.
    """
    run = procedures.Run.objects.filter(
        subject_kind="matter", subject_id=OuterRef("id"), parent=None, outcome="done", parts__has_key="main_unit"
    )
    found = Matter.objects.filter(
        district_id=district.id, reported_at__gte=since, closed_at__isnull=False, master=None
    ).exclude(category="")
    rows = found.annotate(unit=Subquery(run.values("parts__main_unit")[:1]), facts=Subquery(run.values("facts")[:1]))
    told = rows.order_by("-reported_at").values_list("category", "area_id", "unit", "facts")[:most]
    return [
        Settled(category, area_id, unit)
        for category, area_id, unit, facts in told
        if isinstance(unit, int) and not facts.get("guessed")
    ]
