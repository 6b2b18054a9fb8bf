"""Reads of matters: by receipt, by number, for the public. Each says what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from tongxin.kernel import codes
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.matters import suggest
from tongxin.matters.models import Matter
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory


def reporter_actor(district: DistrictView) -> Actor:
    """Return the actor that stands for whoever holds a matter's receipt."""
    return replace(organization.resident_actor(district), may=frozenset({"reporter"}))


def find_by_receipt(district: DistrictView, typed: str) -> Matter:
    """Return the matter of a receipt code as a person typed it (1 statement); NotFound tells a typing slip from an unknown code."""
    code = codes.read_receipt(typed)
    if code is None:
        raise NotFound(
            "receipt_typo",
            "回执码不对，可能抄错了一位。",
            "回执码共 12 位，不含 0、1、I、L、O、U，请对照回执再输一次。",
        )
    matter = Matter.objects.filter(district_id=district.id, receipt=code).select_related("master").first()
    if matter is None:
        raise NotFound(
            "receipt_unknown", "没有查到这个回执码。", "请核对回执码和办理地；如是外地的回执，请到当地平台查询。"
        )
    return matter


def get_matter(district: DistrictView, matter_id: int) -> Matter:
    """Return a matter of this district (1 statement); NotFound where there is none."""
    matter = Matter.objects.filter(district_id=district.id, id=matter_id).select_related("master").first()
    if matter is None:
        raise NotFound("no_matter", "没有这一件诉求。", "请从列表里重新打开。")
    return matter


def read_ref(typed: str) -> int:
    """Return the matter's number from what a clerk typed: ``261122-123``, ``123``; Invalid tells the form."""
    tail = typed.strip().rsplit("-", 1)[-1]
    if not tail.isdecimal() or len(tail) > 18:
        raise Invalid("bad_ref", f"“{typed[:30]}”不像诉求编号。", "请填列表里的编号，例如 261122-123。", "master")
    return int(tail)


def suggest_categories(district: DistrictView, text: str) -> list[suggest.Suggestion]:
    """Return the categories that the locality's keywords speak for (0 statements)."""
    return suggest.suggest_categories(district.pack.catalogue, district.pack_id, text)


@dataclass(frozen=True)
class PublicRow:
    """A matter as everybody may see it: no text, no person, no exact place."""

    ref: str
    category: str
    place: str
    state: str
    outcome: str
    reported_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class PublicPage:
    """Rows and the mark of the next page, empty at the end."""

    rows: list[PublicRow]
    before: str


def list_public(district: DistrictView, *, rows: int, before: str = "") -> PublicPage:
    """Return what reporters agreed to show, newest first (2 statements).

    Even with consent the reporter's own words stay private: they may name others. Category, community and progress are shown.
    """
    found = Matter.objects.filter(district_id=district.id, public=True, master=None)
    if before.isdecimal() and len(before) <= 18:
        found = found.filter(id__lt=int(before))
    shown = list(found.order_by("-id").values_list("id", "area_id", "reported_at", "closed_at")[: rows + 1])
    runs = procedures.rows_of(district, "matter", [row[0] for row in shown[:rows]])
    tree = territory.tree(district)
    out = []
    for ident, area_id, reported_at, closed_at in shown[:rows]:
        run = runs.get(ident)
        if run is None:
            continue
        place = tree.get(area_id) if area_id is not None else None
        around = tree.get(place.parent_id) if place is not None and place.parent_id is not None else place
        out.append(
            PublicRow(
                run.card.get("ref", ""), run.card.get("category") or "待归类", around.name if around else "", run.plain,
                run.outcome, reported_at, closed_at,
            )
        )  # fmt: skip
    return PublicPage(out, str(shown[rows - 1][0]) if len(shown) > rows else "")


def count_public(district: DistrictView, *, since: datetime) -> tuple[int, int]:
    """Return (raised, of these closed) since a moment, over all matters of the district (1 statement)."""
    raised = Matter.objects.filter(district_id=district.id, reported_at__gte=since, master=None)
    row = raised.aggregate(raised=Count("id"), closed=Count("id", filter=Q(closed_at__isnull=False)))
    return int(row["raised"]), int(row["closed"])


def list_spots(
    district: DistrictView, *, since: datetime, until: datetime, area_ids: Sequence[int]
) -> list[tuple[int, float | None, float | None]]:
    """Return (area, lon, lat) of every matter raised in these places, open and closed; the point only where it is exact (1 statement)."""
    found = Matter.objects.filter(
        district_id=district.id, area_id__in=list(area_ids), reported_at__gte=since, reported_at__lte=until
    )
    return [
        (area_id, lon, lat) if precision == "exact" else (area_id, None, None)
        for area_id, lon, lat, precision in found.values_list("area_id", "lon", "lat", "precision")
    ]


def spots_of(district: DistrictView, matter_ids: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return the points of these matters, of those that have one (1 statement)."""
    found = Matter.objects.filter(
        district_id=district.id, id__in=list(matter_ids), lon__isnull=False, lat__isnull=False
    )
    rows = found.values_list("id", "lon", "lat")
    return {ident: (lon, lat) for ident, lon, lat in rows if lon is not None and lat is not None}


def count_in_outline(district: DistrictView, outline: Any) -> tuple[int, int]:
    """Return how many matters have their point in an outline (WGS84), and how many of them are open (1 statement)."""
    west, south, east, north = outline.bounds
    boxed = Matter.objects.filter(district_id=district.id, lon__range=(west, east), lat__range=(south, north))
    rows = list(boxed.values_list("lon", "lat", "closed_at"))
    if not rows:
        return 0, 0
    import shapely

    inside = shapely.contains_xy(outline, [row[0] for row in rows], [row[1] for row in rows])
    closed = [row[2] for row, here in zip(rows, inside.tolist(), strict=True) if here]
    return len(closed), sum(1 for at in closed if at is None)
