"""What a picture holds, and how counts of small places become those of larger ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from tongxin.kernel.clock import LOCAL, local
from tongxin.kernel.figures import Measured
from tongxin.packs.schema import Wall
from tongxin.procedures.api import Flow

MOST_PLACES = 120
HOURS = range(24)


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return where today begins and ends by the district's clock."""
    start = datetime.combine(local(now).date(), time(), LOCAL)
    return start, start + timedelta(days=1)


def level_for(wall: Wall, levels: Sequence[str], sizes: Mapping[str, int]) -> str:
    """Return the level of places that the map colours: the pack's, else the finest that has few enough."""
    if wall.level in levels:
        return str(wall.level)
    fitting = [level for level in levels if 0 < sizes.get(level, 0) <= MOST_PLACES]
    return fitting[-1] if fitting else levels[0]


def roll_up(
    flows: Mapping[int | None, Flow], place_of: Callable[[int], int | None]
) -> tuple[Flow, dict[int, Flow], Flow]:
    """Return the whole, the flow of each place of the map, and that of cases which lie in none of them.

    Args:
        place_of: area → the place of the map's level above it, None where it lies above that level.
    """
    whole, beside, places = Flow(), Flow(), dict[int, Flow]()
    for area, flow in flows.items():
        whole += flow
        place = place_of(area) if area is not None else None
        if place is None:
            beside += flow
        else:
            places[place] = places.get(place, Flow()) + flow
    return whole, places, beside


def tile_of(key: str, wall: Wall, measured: Measured, *, entered: bool) -> dict[str, Any]:
    """Return a figure as the picture keeps it: numerator and denominator, never a rate alone.

    Args:
        entered: whether it counts what people enter, so that none tells nothing yet.
    """
    tile = wall.tiles[key]
    return {
        "key": key, "title": tile.title, "entered": entered, "unit": tile.counted.unit, "means": tile.counted.means, "part": measured.part,
        "whole": measured.whole, "shape": measured.shape, "opens": tile.opens, "procedure": tile.counted.with_.get("procedure", ""),
    }  # fmt: skip


def tone_of(flow: Flow) -> str:
    """Return how a place is coloured: ``calm`` nothing open, ``open``, ``some`` overdue, ``many``: three and a third of the open."""
    if not flow.overdue:
        return "open" if flow.open else "calm"
    return "many" if flow.overdue >= 3 and flow.overdue * 3 >= flow.open else "some"
