"""Open matters that may be the same thing: near in place, time and meaning. A person decides (norm S-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.clock import local
from tongxin.learning.near import SAME_MATTER, WORTH_SHOWING, Item, Near, NearIndex
from tongxin.learning.queries.background import background_of
from tongxin.learning.vectors import Text
from tongxin.learning.when import When, times_agree, understand
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView
from tongxin.territory import api as territory

SAME_DAYS = 60
MOST_CANDIDATES = 400  # the newest open ones around
AROUND_METRES = 1_000
BACKGROUND = (
    1_000  # newest matters from which the worth of words is learned: a third of a second, once a day and process
)

_indices: VersionedCache[NearIndex] = VersionedCache(128)


@dataclass(frozen=True, slots=True)
class Same:
    """An open matter that may be the same thing. ``sure``: above the threshold that was chosen on labelled pairs."""

    matter_id: int
    ref: str
    title: str
    likeness: float
    sure: bool
    because: str
    reported_at: datetime
    area_id: int | None


def find_same(
    district: DistrictView,
    title: str,
    text: str,
    *,
    lon: float | None,
    lat: float | None,
    area_id: int | None,
    now: datetime,
    public_only: bool = False,
    besides: int | None = None,
    least: float = WORTH_SHOWING,
    most: int = 5,
) -> list[Same]:
    """Return the open matters of the last 60 days around that may be the same thing, likest first (1 statement, +1 once a day).

    Around is the community of the place and what lies within a kilometre of the point; without a place, the whole district.

    Args:
        public_only: for residents: only what its reporter agreed to show.
        besides: the matter itself.
        least: likeness, 0 to 1, below which none is given.
    """
    around = _around(district, lon, lat, area_id)
    rows = matters.list_open_around(
        district, since=now - timedelta(days=SAME_DAYS), area_ids=around, public_only=public_only, most=MOST_CANDIDATES
    )
    rows = [row for row in rows if row.id != besides]
    if not rows:
        return []
    background = background_of(district, now, rows[0].id)
    key = (district.id, around, public_only)
    version = (background.version, tuple(row.id for row in rows))
    index = _indices.get(key, version, lambda: NearIndex([item_of(row) for row in rows], background.lexicon))
    asked = Item(-1, Text(title, text), now, area_id, lon, lat)
    by_id = {row.id: row for row in rows}
    found = index.ask(asked, most=most, least=least)
    told = understand(f"{title}。{text}", local(now).date()) if found else ()
    return [_same(near, by_id[near.id], told) for near in found]


def item_of(row: matters.Raised) -> Item:
    """A matter as the rooms of this package see it."""
    return Item(row.id, Text(row.title, row.text), row.reported_at, row.area_id, row.lon, row.lat, row.who)


def _around(
    district: DistrictView, lon: float | None, lat: float | None, area_id: int | None
) -> tuple[int, ...] | None:
    tree = territory.tree(district)
    place = tree.get(area_id)
    found: set[int] = set()
    if place is not None:
        found.update(tree.under(place.parent_id if place.parent_id is not None else place.id))
    if lon is not None and lat is not None:
        found.update(near.id for near, _ in tree.near(lon, lat, AROUND_METRES))
    return tuple(sorted(found)) or None


def _same(near: Near, row: matters.Raised, told: Sequence[When]) -> Same:
    """With its reasons; a time in common is one. Other days speak against nothing: of 8 labelled pairs with them, 8 were the same."""
    reasons = ["一字不差" if near.same_text else f"说法相近 {near.likeness:.0%}"]
    if near.metres is not None:
        reasons.append(f"相距约 {round(near.metres, -1)} 米" if near.metres >= 10 else "同一地点")
    if told and (common := times_agree(told, understand(f"{row.title}。{row.text}", local(row.reported_at).date()))):
        reasons.append(f"都说到{common}")
    return Same(
        row.id,
        matters.ref_of(row.id, row.reported_at),
        row.title,
        near.likeness,
        near.likeness >= SAME_MATTER,
        "，".join(reasons),
        row.reported_at,
        row.area_id,
    )
