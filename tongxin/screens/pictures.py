"""The picture of a district: claimed by one, counted once, shown to all."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tongxin.callouts import api as callouts
from tongxin.kernel.clock import LOCAL
from tongxin.kernel.registry import measures
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.screens import rules
from tongxin.screens.models import Picture
from tongxin.territory import api as territory

FRESH_SECONDS = 15
GIVE_UP_SECONDS = 60  # whoever claimed it and has not brought it by then is taken for dead

_CLAIM = """
INSERT INTO screens_picture (district_id, claimed_at, taken_at, pack_id_then, content) VALUES (%(district)s, %(now)s, NULL, 0, '{}')
ON CONFLICT (district_id) DO UPDATE SET claimed_at = excluded.claimed_at
WHERE screens_picture.claimed_at > %(ahead)s OR screens_picture.claimed_at <= %(old)s AND (screens_picture.taken_at >= screens_picture.claimed_at OR screens_picture.claimed_at <= %(dead)s)
RETURNING 1
"""


def show_picture(district: DistrictView, now: datetime) -> dict[str, Any]:
    """Return what the walls show (1 statement; for whoever finds it old: 5, and one a measure)."""
    kept = Picture.objects.filter(district_id=district.id).first()
    fresh = timedelta(seconds=FRESH_SECONDS)
    if (
        kept is not None
        and kept.taken_at is not None
        and kept.pack_id_then == district.pack_id
        and abs(now - kept.taken_at) < fresh  # one from the future was taken while the clock ran ahead
    ):
        return dict(kept.content)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "district": district.id,
                "now": now,
                "old": now - fresh,
                "ahead": now + fresh,
                "dead": now - timedelta(seconds=GIVE_UP_SECONDS),
            },
        )
        mine = cursor.fetchone() is not None
    if not mine and kept is not None and kept.content:
        return dict(kept.content)  # somebody else is counting
    content = _count(district, now)
    if mine:
        Picture.objects.filter(district_id=district.id, claimed_at=now).update(
            taken_at=now, pack_id_then=district.pack_id, content=content
        )
    return content


def _count(district: DistrictView, now: datetime) -> dict[str, Any]:
    """Count everything (3 statements, and one a measure)."""
    today, tomorrow = rules.day_of(now)
    tree, wall = territory.tree(district), district.pack.wall
    level = rules.level_for(wall, tree.levels, {one: len(tree.at_level(one)) for one in tree.levels})
    flows = procedures.flow_by_area(district, today=today, tomorrow=tomorrow, now=now)

    def place_of(area: int) -> int | None:
        found = tree.ancestor(area, level)
        return found.id if found is not None else None

    whole, places, beside = rules.roll_up(flows, place_of)
    hours = procedures.flow_by_hour(district, today=today, zone=LOCAL.key)
    return {
        "at": now.isoformat(),
        "level": level,
        "numbers": asdict(whole),
        "beside": asdict(beside),
        "places": {str(place): asdict(flow) for place, flow in places.items()},
        "hours": [[hour, *hours.get(hour, (0, 0))] for hour in rules.HOURS],
        "tiles": _tiles(district, now),
        "called": [
            {
                "run": one.run_id, "title": one.title, "called": one.called, "answered": one.answered, "households": one.households,
                "reached": one.reached, "sent_at": one.sent_at.isoformat(),
            }
            for one in callouts.list_running(district)
        ],
    }  # fmt: skip


def _tiles(district: DistrictView, now: datetime) -> list[dict[str, Any]]:
    """Ask each measure once, however many figures it gives."""
    wall = district.pack.wall
    asked: dict[str, list[str]] = {}
    for key, tile in wall.tiles.items():
        asked.setdefault(tile.counted.measure, []).append(key)
    found = {}
    for name, keys in asked.items():
        answers = measures[name].call(district, [wall.tiles[key].counted.with_ for key in keys], now)
        entered = bool(measures[name].nothing)
        tiles = {key: rules.tile_of(key, wall, one, entered=entered) for key, one in zip(keys, answers, strict=True)}
        found.update(tiles)
    return [found[key] for key in wall.tiles]
