"""Which unit handled such matters here: counts, smoothed from the wider to the nearer place, with the reason said.

A suggestion about units, never a score of a person (norm S-04). The gate of who may take what is the caller's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_PULL = 3.0  # so many cases of the wider place weigh like the same number here
_LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Handled:
    """A closed matter: the unit that settled it, its category, and the areas around it from widest to nearest."""

    unit: str
    category: str
    areas: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """``share`` smoothed, 0 to 1; ``cases`` of ``of`` such matters in the nearest area that had any, here ``area``.

    ``area`` None: the whole district. ``reason`` is a sentence without names of areas or units; the page knows these.
    """

    unit: str
    share: float
    cases: int
    of: int
    area: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Routes:
    """Counts by (category, area); area None is the whole district. Made by :func:`learn_routes`."""

    counts: dict[tuple[str, int | None], Counter[str]] = field(default_factory=dict)

    def propose(
        self,
        category: str,
        areas: tuple[int, ...] = (),
        *,
        admissible: Callable[[str, str], bool] = lambda unit, category: True,
        most: int = 3,
    ) -> list[Proposal]:
        """Units that handled this category, likeliest first.

        Args:
            category: code; one never handled gives an empty list.
            areas: the new matter's areas, widest to nearest.
            admissible: (unit, category) → whether the unit may be given it; asked once a unit. Shares are of the
                admissible ones alone.
            most: at most so many.
        """
        whole = self.counts.get((category, None))
        if not whole:
            return []
        units = [unit for unit in whole if admissible(unit, category)]
        total = sum(whole[unit] for unit in units)
        if not total:
            return []
        share = {unit: whole[unit] / total for unit in units}
        nearest: int | None = None
        for area in areas:
            here = self.counts.get((category, area))
            number = sum(here[unit] for unit in units) if here else 0
            if here and number:
                nearest = area
                share = {unit: (here[unit] + _PULL * share[unit]) / (number + _PULL) for unit in units}
        told = self.counts[category, nearest]
        of = sum(told.values())
        ranked = sorted(units, key=lambda unit: (-share[unit], unit))[:most]
        return [
            Proposal(unit, round(share[unit], 3), told[unit], of, nearest, _reason(told[unit], of, nearest))
            for unit in ranked
            if share[unit] >= _LEAST_SHARE
        ]


def learn_routes(handled: Iterable[Handled]) -> Routes:
    """Count closed matters. One pass, nothing else is kept of them."""
    counts: dict[tuple[str, int | None], Counter[str]] = {}
    for one in handled:
        for area in (None, *one.areas):
            counts.setdefault((one.category, area), Counter())[one.unit] += 1
    return Routes(counts)


def _reason(cases: int, of: int, area: int | None) -> str:
    where = "本区县" if area is None else "附近"
    if not cases:
        return f"{where}同类事项 {of} 件均由其他单位办理；此单位在更大范围内办理过。"
    return f"{where}同类事项 {of} 件中 {cases} 件由此单位办理。"
