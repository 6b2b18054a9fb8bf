"""Proposed categories that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from tongxin.kernel import limits
from tongxin.learning.models import CategoryProposal
from tongxin.packs.api import DistrictView


@dataclass(frozen=True, slots=True)
class Waiting:
    """A matter with its proposal. ``text`` the beginning of what was said."""

    matter_id: int
    title: str
    text: str
    area_id: int | None
    code: str
    confidence: float
    sure: bool


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """The surest first; ``counts`` (category, how many wait, of these sure), most first."""

    rows: list[Waiting]
    counts: list[tuple[str, int, int]]
    total: int


def list_waiting(
    district: DistrictView,
    *,
    area_ids: Sequence[int] | None,
    code: str = "",
    rows: int = limits.PAGE_ROWS,
    doubtful: bool = False,
) -> WaitingPage:
    """Return the proposals that wait at these places (2 statements).

    Args:
        area_ids: None for the whole district, matters without a place included.
        code: only this category. doubtful: the least sure first, where a person's look is worth most.
    """
    found = _waiting(district, area_ids)
    counted = list(
        found.values_list("code").annotate(n=Count("id"), sure=Count("id", filter=Q(sure=True))).order_by("-n")
    )
    if code:
        found = found.filter(code=code)
    order = ("confidence", "matter_id") if doubtful else ("-confidence", "-matter_id")
    told = found.order_by(*order).values_list(
        "matter_id", "matter__title", "matter__text", "area_id", "code", "confidence", "sure"
    )[:rows]
    shown = [
        Waiting(ident, title, text[:160], area_id, proposed, confidence, sure)
        for ident, title, text, area_id, proposed, confidence, sure in told
    ]
    return WaitingPage(shown, counted, sum(count for _, count, _ in counted))


def surest(district: DistrictView, *, area_ids: Sequence[int] | None, code: str, rows: int) -> dict[int, str]:
    """Return matter → category of the proposals that the model is sure of (1 statement)."""
    found = _waiting(district, area_ids).filter(sure=True)
    if code:
        found = found.filter(code=code)
    return dict(found.order_by("-confidence", "-matter_id").values_list("matter_id", "code")[:rows])


def waits_for(district: DistrictView, matter_id: int) -> bool:
    """Whether a matter has a proposal that no person has decided on (1 statement)."""
    return CategoryProposal.objects.filter(district_id=district.id, matter_id=matter_id).exists()


def _waiting(district: DistrictView, area_ids: Sequence[int] | None) -> QuerySet[CategoryProposal]:
    found = CategoryProposal.objects.filter(district_id=district.id)
    return found if area_ids is None else found.filter(area_id__in=list(area_ids))
