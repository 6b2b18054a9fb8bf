"""Coverage of a call-out, by place. Pure: counts in, counts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a call-out has come at a place: posts called and answered, households there and reached."""

    called: int = 0
    answered: int = 0
    households: int = 0
    reached: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.called + other.called,
            self.answered + other.answered,
            self.households + other.households,
            self.reached + other.reached,
        )


def roll_up(
    counts: Mapping[int | None, Coverage], paths: Mapping[int, tuple[int, ...]], under: int
) -> dict[int, Coverage]:
    """Return the coverage of each child of a place, and of the place itself.

    Args:
        counts: by the area that recipients were counted under.
        paths: of those areas, root … itself. under: the place that is looked at.
    """
    found: dict[int, Coverage] = {under: Coverage()}
    for area_id, counted in counts.items():
        path = paths.get(area_id, ()) if area_id is not None else ()
        if under not in path:
            continue
        found[under] += counted
        below = path[path.index(under) + 1 :]
        if below:
            found[below[0]] = found.get(below[0], Coverage()) + counted
    return found


def minutes_to(share_percent: int, answered_after: Iterable[int], called: int) -> int | None:
    """Return after how many minutes that share of the called had answered, None when it was never reached.

    Args:
        answered_after: minutes from sending to each answer, in any order.
    """
    needed = -(-called * share_percent // 100)
    ordered = sorted(answered_after)
    return ordered[needed - 1] if 0 < needed <= len(ordered) else None
