"""Writes one piece of an import: places it, finds what is known and what repeats, and writes matters and runs in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from django.db import connection, transaction

from tongxin.kernel import codes
from tongxin.kernel.clock import local
from tongxin.matters.codes import read_matter_code
from tongxin.matters.imports.mapping import FileMapping
from tongxin.matters.imports.rows import RowFault, Taken, exactly
from tongxin.matters.suggest import suggest_categories
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Category, Intake
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Beginning, Ending
from tongxin.territory import api as territory

if TYPE_CHECKING:
    from tongxin.matters.imports.takein import Outcome

SUBJECT = "matter"
SURE = 0.6
_COLUMNS = (
    "id", "district_id", "receipt", "channel", "category", "title", "text", "area_id", "lon", "lat", "precision", "address",
    "reporter_name", "reporter_phone", "public", "master_id", "reported_at", "closed_at", "source", "source_key", "text_digest", "extra",
)  # fmt: skip


@dataclass
class Target:
    """Where the rows go, with what is found once for the whole file."""

    district: DistrictView
    mapping: FileMapping
    source: str
    channel: str
    intake: Intake
    actor: Actor
    now: datetime
    closed: bool = False
    by_name: dict[str, int | None] = field(default_factory=dict)  # None: several places of that name
    catalogue: dict[str, Category] = field(default_factory=dict)
    by_title: dict[str, str] = field(default_factory=dict)
    tried: dict[bytes, _Master] = field(default_factory=dict)  # what a dry run has met and not written

    def __post_init__(self) -> None:
        self.scope = organization.scope(self.actor, "import")
        self.tree = territory.tree(self.district)
        self.pack = self.district.pack
        for level in self.tree.levels:
            for place in self.tree.at_level(level):
                self.by_name[place.name] = None if place.name in self.by_name else place.id
                self.by_name.setdefault(self.tree.full_name(place.id), place.id)
        for category, _ in self.pack.catalogue.walk():
            self.catalogue[category.code] = category
            self.by_title.setdefault(category.title, category.code)


@dataclass(slots=True)
class _Spot:
    area_id: int | None
    lon: float | None
    lat: float | None
    precision: str


def write_piece(target: Target, rows: list[Taken], outcome: Outcome, *, dry_run: bool) -> list[list[RowFault]]:
    """Write the rows that are new, in one transaction; return the faults of those that cannot be placed or categorised.

    Statements: 2 look-ups, 2 × numbers, 3 × COPY, whatever the number of rows.
    """
    if not rows:
        return []
    known = _known_keys(target, [row.key for row in rows])
    outcome.known += len(known)
    fresh = [row for row in rows if row.key not in known]
    spots = [_within(target, row, spot) for row, spot in zip(fresh, _place(target, fresh), strict=True)]
    ready: list[tuple[Taken, _Spot, str]] = []
    refused: list[list[RowFault]] = []
    for row, spot in zip(fresh, spots, strict=True):
        category = _category(target, row)
        faults = [found for found in (spot, category) if isinstance(found, RowFault)]
        if faults:
            refused.append(faults)
        elif isinstance(spot, _Spot) and isinstance(category, str):
            ready.append((row, spot, category))
    if not ready:
        return refused
    masters = _masters(target, [row for row, _, _ in ready]) if target.mapping.duplicates == "merge" else {}
    if dry_run:
        masters = {**target.tried, **masters}
        merged: list[int | None] = _count_dry(target, [row for row, _, _ in ready], masters, outcome)
        target.tried = masters
    else:
        with transaction.atomic():
            merged = _write(target, ready, masters, outcome)
    outcome.added += len(ready)
    for (row, spot, _), master in zip(ready, merged, strict=True):
        outcome.merged += master is not None
        outcome.imprecise += row.imprecise
        outcome.unplaced += spot.precision == "none"
        outcome.closed += row.closed_at is not None or target.closed
        outcome.remarks.update(row.remarks)
    return refused


def _known_keys(target: Target, keys: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source_key FROM matters_matter WHERE district_id = %s AND source = %s AND source_key = ANY(%s) AND source_key <> ''",
            [target.district.id, target.source, keys],
        )
        return {str(row[0]) for row in cursor.fetchall()}


def _within(target: Target, row: Taken, spot: _Spot | RowFault) -> _Spot | RowFault:
    """Refuse what lies where the actor may not import."""
    if isinstance(spot, RowFault) or target.scope.everywhere or spot.area_id in target.scope.area_ids:
        return spot
    column = target.mapping.columns.get("area") or target.mapping.columns.get("address") or ""
    what = "地点不在您可以导入的范围之内。" if spot.area_id else "看不出地点在哪里，而您只能导入自己地域的。"
    return RowFault(row.number, column, what, "请核对地点，或由上一级导入。")


def _place(target: Target, rows: list[Taken]) -> list[_Spot | RowFault]:
    """Find the area of each row: from its point in bulk, from the named area, else from its address."""
    lons = np.array([row.lon if row.lon is not None else np.nan for row in rows], dtype=np.float64)
    lats = np.array([row.lat if row.lat is not None else np.nan for row in rows], dtype=np.float64)
    found = target.tree.locate_many(lons, lats)
    return [_spot(target, row, int(area_id)) for row, area_id in zip(rows, found, strict=True)]


def _spot(target: Target, row: Taken, located: int) -> _Spot | RowFault:
    tree, mapping = target.tree, target.mapping
    if row.area:
        place = tree.by_code(row.area)
        named = place.id if place is not None else target.by_name.get(row.area)
        if named is None:
            several = row.area in target.by_name
            column = mapping.columns.get("area", "区域")
            what = f"“{row.area[:40]}”有几处。" if several else f"没有区域“{row.area[:40]}”。"
            return RowFault(
                row.number, column, what, "请改用区域代码。" if several else "请核对名称，或先导入这个区域。"
            )
        if row.lon is None or row.imprecise:
            return _Spot(named, None, None, "area")
    if row.lon is not None and row.lat is not None:
        if row.imprecise:
            row.extra["imprecise_point"] = [row.lon, row.lat]
            level = mapping.imprecise.level
            place = tree.ancestor(located, level) if level is not None and located != -1 else None
            return _Spot(place.id, None, None, "area") if place is not None else _Spot(None, None, None, "none")
        if located != -1:
            return _Spot(located, row.lon, row.lat, "exact")
        if mapping.outside == "unplaced":
            row.extra["outside_point"] = [row.lon, row.lat]
            return _Spot(None, None, None, "none")
        return RowFault(
            row.number, mapping.columns.get("lon", "经度"), f"坐标 {row.lon:.5f}, {row.lat:.5f} 不在本区域内。", "请核对坐标系（须为 WGS84），或在对应表里写 outside: unplaced。"
        )  # fmt: skip
    if row.address:
        matches = tree.find_place(row.address)
        if len(matches) == 1:
            match = matches[0]
            return _Spot(match.area_id, match.lon, match.lat, "address" if match.lon is not None else "area")
    return _Spot(None, None, None, "none")


def _category(target: Target, row: Taken) -> str | RowFault:
    """The catalogue's code: by the mapping's table, by code or title, else by the words of the text when they are sure."""
    said = target.mapping.categories.get(row.category, row.category)
    said = read_matter_code(target.pack, said) or said
    if said:
        code = said if said in target.catalogue else target.by_title.get(said, "")
        if code or not target.mapping.categories:
            return code
        return RowFault(
            row.number,
            target.mapping.columns.get("category", "类别"),
            f"目录里没有类别“{said[:40]}”。",
            "请在对应表的 categories 里写明它是哪一类。",
        )
    found = suggest_categories(target.pack.catalogue, target.district.pack_id, f"{row.title}。{row.text[:400]}", 1)
    return found[0].code if found and found[0].confidence >= SURE else ""


@dataclass(slots=True)
class _Master:
    ident: int
    exact: set[bytes]


def _masters(target: Target, rows: Sequence[Taken]) -> dict[bytes, _Master]:
    """What earlier rows of this source say, by digest (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(master_id, id), text_digest, text FROM matters_matter "
            "WHERE district_id = %s AND source = %s AND text_digest = ANY(%s) ORDER BY id",
            [target.district.id, target.source, list({row.digest for row in rows})],
        )
        found: dict[bytes, _Master] = {}
        for ident, digest, text in cursor.fetchall():
            found.setdefault(bytes(digest), _Master(ident, set())).exact.add(exactly(text))
    return found


def _master_of(row: Taken, ident: int, masters: dict[bytes, _Master], outcome: Outcome) -> int | None:
    """Return the matter that this row repeats; the first of its words becomes the master of those to come."""
    mine = exactly(row.text)
    first = masters.get(row.digest)
    if first is None:
        masters[row.digest] = _Master(ident, {mine})
        return None
    outcome.merged_exact += mine in first.exact
    first.exact.add(mine)
    return first.ident


def _count_dry(target: Target, rows: list[Taken], masters: dict[bytes, _Master], outcome: Outcome) -> list[int | None]:
    if target.mapping.duplicates != "merge":
        return [None] * len(rows)
    return [_master_of(row, 0, masters, outcome) for row in rows]


def _write(
    target: Target, ready: list[tuple[Taken, _Spot, str]], masters: dict[bytes, _Master], outcome: Outcome
) -> list[int | None]:
    idents = procedures.next_ids("matters_matter", len(ready))
    merged: list[int | None] = []
    values: list[list[Any]] = []
    beginnings: list[Beginning] = []
    for ident, (row, spot, category) in zip(idents, ready, strict=True):
        master = _master_of(row, ident, masters, outcome) if target.mapping.duplicates == "merge" else None
        merged.append(master)
        ending = _ending(target, row, master)
        if ending is not None and row.closed_at is None and master is None:
            row.extra["closed_at_unknown"] = True
        values.append([
            ident, target.district.id, codes.new_receipt(), target.channel, category, row.title, row.text, spot.area_id, spot.lon,
            spot.lat, spot.precision, row.address, row.reporter_name, row.reporter_phone, False, master, row.reported_at,
            ending.at if ending is not None else None, target.source, row.key, row.digest, orjson.dumps(row.extra).decode(),
        ])  # fmt: skip
        beginnings.append(_beginning(target, row, spot, category, ident, ending))
    procedures.copy_rows("matters_matter", _COLUMNS, values)
    procedures.start_runs(
        district=target.district, pack=target.pack, procedure=target.intake.procedure, subject_kind=SUBJECT, beginnings=beginnings,
        actor=target.actor, now=target.now, live=target.mapping.live,
    )  # fmt: skip
    return merged


def _ending(target: Target, row: Taken, master: int | None) -> Ending | None:
    if row.closed_at is not None:
        return Ending(row.closed_at, "done", "历史记录，当时已办结")
    if master is not None:
        return Ending(row.reported_at, "merged", "与另一件反映内容相同，已合并")
    return Ending(target.now, "done", "历史记录，导入时归档，办结时间不详") if target.closed else None


def _beginning(target: Target, row: Taken, spot: _Spot, category: str, ident: int, ending: Ending | None) -> Beginning:
    kind = target.catalogue.get(category)
    place = target.tree.full_name(spot.area_id) if spot.area_id is not None else row.address
    live = target.mapping.live and ending is None
    return Beginning(
        subject_id=ident, area_id=spot.area_id, at=target.now if live else row.reported_at,
        says="已收到您的反映。" if live else "由历史记录导入", ending=ending,
        card={
            "ref": f"{local(row.reported_at):%y%m%d}-{ident}", "title": row.title, "place": place, "category": kind.title if kind else "",
            "photos": 0, "channel": target.intake.channels[target.channel],
        },
        facts={
            "category": category, "guessed": not row.category, "channel": target.channel,
            "grade": (kind.grade if kind else None) or target.pack.catalogue.default_grade, "anonymous": not row.reporter_phone,
            "source": target.source,
        },
        sealed={"title": row.title, "text": row.text, "address": row.address, "lon": spot.lon, "lat": spot.lat},
    )  # fmt: skip
