"""Buildings for the small town: rows of equal houses in every grid square, so that figures can be worked out by hand."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.domain import smalltown
from tests.world import World
from tongxin.planning import api as planning

SIDE = 4  # houses along a grid square
HOUSEHOLDS = 50  # in a house: 800 in a grid square, 3,200 in a community


def features(
    columns: range = range(4), *, side: int = SIDE, households: int | None = HOUSEHOLDS
) -> list[dict[str, Any]]:
    """Points of houses in the given columns of grid squares, both rows."""
    found = []
    for column in columns:
        for row in range(2):
            for k in range(side * side):
                lon = smalltown.WEST + (column + (k % side + 0.5) / side) * smalltown.SIDE
                lat = smalltown.SOUTH + (row + (k // side + 0.5) / side) * smalltown.SIDE
                words = {"编码": f"{column}-{row}-{k:02}", "名称": f"{column}{row}区{k + 1}栋", "户数": households}
                found.append({
                    "type": "Feature", "properties": {key: value for key, value in words.items() if value is not None},
                    "geometry": {"type": "Point", "coordinates": [lon, lat]},
                })  # fmt: skip
    return found


def collection(found: list[dict[str, Any]]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


def as_file(found: list[dict[str, Any]], name: str = "buildings.geojson") -> io.BytesIO:
    file = io.BytesIO(collection(found))
    file.name = name
    return file


def build(
    world: World, folder: Path, found: list[dict[str, Any]] | None = None, role: str = "county_duty", **more: Any
) -> Any:
    """Take houses in as a person of that role."""
    path = folder / "buildings.geojson"
    path.write_bytes(collection(features() if found is None else found))
    return planning.import_units(
        district=world.district, path=path, actor=world.actor(role), now=world.now, **{"crs": "wgs84", **more}
    )


def draw(
    world: World, under: str = "横江社区", *, role: str = "town_duty", at: datetime | None = None, **more: Any
) -> planning.Plan:
    """Begin a plan and let the machine draw it."""
    place = next(p for level in world.tree.levels for p in world.tree.at_level(level) if p.name == under)
    given = {"title": f"{under}方案", "level": "grid", "wish": {"target": 400, "low": 300, "high": 500}, **more}
    plan = planning.begin_plan(
        district=world.district,
        under=place.id,
        actor=world.actor(role, "东临镇" if role == "town_duty" else ""),
        now=world.now,
        **given,
    )
    planning.draft_waiting(lambda: world.now)
    return planning.get_plan(world.district, plan.pk)
