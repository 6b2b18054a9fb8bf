"""What can be counted of places. Each measure answers all that is asked of it at once, in one grouped statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum

from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.packs.api import DistrictView
from tongxin.territory.models import Area, PlaceName


def _by_level(district: DistrictView) -> dict[str, tuple[int, int]]:
    """Level → (places in use, households of those that tell) (1 statement)."""
    found = Area.objects.filter(district_id=district.id, ended_on=None).order_by()
    rows = found.values_list("level").annotate(places=Count("id"), homes=Sum("households"))
    return {level: (places, homes or 0) for level, places, homes in rows}


@measures.register("areas", "现有地域数", takes="level", nothing="导入地域后才数得出")
def areas(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count the places of a level that are in use (1 statement)."""
    found = _by_level(district)
    return [Measured(found.get(given["level"], (0, 0))[0]) for given in asked]


@measures.register("areas_each", "平均每个上级地域有几个", takes="level per_level", nothing="导入地域后才数得出")
def areas_each(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Places of one level to one place of another (1 statement)."""
    found = _by_level(district)
    return [
        Measured(found.get(given["level"], (0, 0))[0], found.get(given["per_level"], (0, 0))[0], "quotient")
        for given in asked
    ]


@measures.register("households", "户数", takes="level", nothing="填了各地域的户数后才数得出")
def households(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Sum the households of the places of a level (1 statement)."""
    found = _by_level(district)
    return [Measured(found.get(given["level"], (0, 0))[1]) for given in asked]


@measures.register(
    "place_names",
    "登记的地名数",
    takes="place_kind",
    nothing="导入小区、楼栋的名单后才数得出（办理“服务圈”里的“设施”）",
)
def place_names(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count the estates, streets, buildings or landmarks that people call by name (1 statement)."""
    rows = PlaceName.objects.filter(district_id=district.id).order_by().values_list("kind").annotate(n=Count("id"))
    found = dict(rows)
    return [Measured(found.get(given["place_kind"], 0)) for given in asked]
