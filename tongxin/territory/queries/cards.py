"""One place with its history, for those who manage places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tongxin.kernel.errors import NotFound
from tongxin.territory.models import Area, AreaSuccession


@dataclass(frozen=True, slots=True)
class Heir:
    """A place before or after: (id, name, code), since when and why."""

    area_id: int
    name: str
    code: str
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class AreaCard:
    """A place as it is written down, ended ones included."""

    id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    area_cm2: int | None
    households: int | None
    people: int | None
    schematic: bool
    source: str
    began_on: date
    ended_on: date | None
    lon: float | None
    lat: float | None
    before: tuple[Heir, ...]
    after: tuple[Heir, ...]

    @property
    def hectares(self) -> str:
        """The area in hectares, one decimal."""
        return "" if self.area_cm2 is None else f"{round(self.area_cm2 / 1e7) / 10:,}"


def area_card(district_id: int, area_id: int) -> AreaCard:
    """Return a place with the places it came from and those that came after it (3 statements). Raises NotFound."""
    columns = (
        "id", "level", "code", "name", "parent_id", "area_cm2", "households", "people", "schematic", "source", "began_on",
        "ended_on", "lon", "lat",
    )  # fmt: skip
    row = Area.objects.filter(district_id=district_id, pk=area_id).values(*columns).first()
    if row is None:
        raise NotFound("no_area", "没有这个地域。", "请从地域树里重新打开。", "area_id")
    before = AreaSuccession.objects.filter(new_id=area_id).order_by("on", "old__code")
    after = AreaSuccession.objects.filter(old_id=area_id).order_by("on", "new__code")
    return AreaCard(
        **row,
        before=tuple(Heir(*one) for one in before.values_list("old_id", "old__name", "old__code", "on", "reason")),
        after=tuple(Heir(*one) for one in after.values_list("new_id", "new__name", "new__code", "on", "reason")),
    )
