"""How many live where: inhabitants and households as the places' own rows state them, with their source."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q

from tongxin.packs import api as packs
from tongxin.territory.models import Area, PlaceName


def count_sizes(district: packs.DistrictView, of: str) -> tuple[dict[int, int], Sequence[str]]:
    """Return area → ``people`` or ``households`` where stated, and the sources named (1 statement)."""
    field = {"people": "people", "households": "households"}[of]
    rows = Area.objects.filter(Q(**{f"{field}__isnull": False}), district_id=district.id, ended_on=None)
    found = list(rows.values_list("id", field, "source"))
    return {key: int(value) for key, value, _ in found}, sorted({source for _, _, source in found if source})


def count_names(district: packs.DistrictView, area_ids: Sequence[int]) -> dict[str, int]:
    """Return kind → names that people call places by in these areas (1 statement)."""
    rows = PlaceName.objects.filter(district_id=district.id, area_id__in=list(area_ids)).order_by()
    return dict(rows.values_list("kind").annotate(n=Count("id")))
