"""Points in a file (facilities, compounds, buildings): which columns, which coordinate system, which place holds each.

Decides nothing about what a row means beyond its name and its point; nothing is moved in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from tongxin.kernel.errors import Invalid
from tongxin.territory.reading.rows import LAT, LON, RawFile, RawRow
from tongxin.territory.rules.coordinates import SYSTEMS, convert_coordinates, position_fault, shift_metres
from tongxin.territory.rules.shapes import label_point
from tongxin.territory.rules.tree import AreaTree

AUTO = "auto"
DEVIATIONS = 3  # a shift of some hundred metres moves only points near the border across it
FEWEST_TO_TELL = 5
NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row, and how to mend it."""

    row: int
    column: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class PointRow:
    """A row that has a name: its words by meaning, its point in WGS84 and the place that holds it (None: not known)."""

    row: int
    name: str
    words: Mapping[str, str]
    lon: float | None
    lat: float | None
    area_id: int | None


@dataclass
class Points:
    """Rows that may be taken, those that may not and why, and what was noticed of the whole."""

    rows: list[PointRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    system: str = "wgs84"


def read_points(
    file: RawFile, *, tree: AreaTree, wanted: Mapping[str, str], crs: str = "", must_lie_inside: bool = True
) -> Points:
    """Read the points of a file.

    Args:
        wanted: meaning → usual column names, separated by spaces; ``name`` must be among them. ``address`` finds a place
            where a row has no point.
        crs: a key of ``SYSTEMS``, an ``EPSG:…`` name; empty: as the file states, else WGS84; ``auto``: what fits best.

    Raises:
        Invalid: no column of names, neither points nor addresses, or positions that show that the setting is wrong.
    """
    columns = _columns(file, {**wanted, "lon": LON, "lat": LAT})
    if not columns["name"]:
        shown = "、".join(file.columns)[:200]
        raise Invalid(
            "no_name_column", f"不知道哪一列是名称；有的列是：{shown}。", "请把那一列的表头改成“名称”。", "file"
        )
    found = Points(notes=list(file.notes) if crs in ("", AUTO) else [])
    spots = np.full((len(file.rows), 2), np.nan)
    for index, row in enumerate(file.rows):
        spots[index] = _spot(row, columns, found) or (np.nan, np.nan)
    given = np.isfinite(spots).all(axis=1)
    if not given.any() and not columns.get("address") and not found.faults:
        raise Invalid(
            "no_points", "文件里没有坐标，也没有“地址”一列。", "请加上“经度”“纬度”两列，或“地址”一列。", "file"
        )
    found.system = _settle(found, spots, given, tree, crs or file.system, asked=bool(crs))
    if given.any():
        spots[given] = np.column_stack(convert_coordinates(spots[given, 0], spots[given, 1], found.system))
    areas = tree.locate_many(spots[:, 0], spots[:, 1])
    wrong = {fault.row for fault in found.faults}
    for row, (lon, lat), area_id in zip(file.rows, spots.tolist(), areas.tolist(), strict=True):
        if row.number not in wrong:
            _take(found, row, columns, tree, lon, lat, area_id, must_lie_inside=must_lie_inside)
    return found


def _columns(file: RawFile, wanted: Mapping[str, str]) -> dict[str, str]:
    lower = {column.strip().lower(): column for column in file.columns}
    return {key: next((lower[n] for n in names.split() if n in lower), "") for key, names in wanted.items()}


def _spot(row: RawRow, columns: Mapping[str, str], found: Points) -> tuple[float, float] | None:
    if row.outline is not None and not row.outline.is_empty:
        if row.outline.geom_type == "Point":
            return float(row.outline.x), float(row.outline.y)
        if row.outline.geom_type in ("Polygon", "MultiPolygon") and row.outline.is_valid and row.outline.area:
            return label_point(row.outline)
        found.faults.append(
            RowFault(row.number, "", "图形不是点，也不是完整的面。", "请改正图形，或改用经度、纬度两列。")
        )
        return None
    lon, lat = (row.words.get(columns[key], "") if columns[key] else "" for key in ("lon", "lat"))
    if not lon and not lat:
        return None
    try:
        return float(lon), float(lat)
    except ValueError:
        column = columns["lon"] if not _is_number(lon) else columns["lat"]
        found.faults.append(
            RowFault(row.number, column, f"坐标“{(lon + ' ' + lat)[:40]}”不是数字。", "请改成小数形式的度。")
        )
        return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _settle(
    found: Points,
    spots: npt.NDArray[np.float64],
    given: npt.NDArray[np.bool_],
    tree: AreaTree,
    system: str,
    *,
    asked: bool,
) -> str:
    """Return the coordinate system to read the points in; refuse a setting that positions show to be wrong."""
    plain = system if system and system != AUTO else "wgs84"
    if not given.any():
        return plain
    lon, lat = spots[given, 0], spots[given, 1]
    moved = convert_coordinates(lon, lat, plain)
    if words := position_fault([shapely.MultiPoint(np.column_stack(moved))]):
        raise Invalid("wrong_positions", words, "请改正坐标，或选对坐标系再试。", "crs")
    held = {plain: tree.locate_many(*moved) != -1}
    if len(lon) < FEWEST_TO_TELL or held[plain].all() or tree.bounds() is None:
        return plain
    for other in ("wgs84", "gcj02", "bd09"):
        held.setdefault(other, tree.locate_many(*convert_coordinates(lon, lat, other)) != -1)
    best = max(held, key=lambda key: int(held[key].sum()))
    if not _clearly(held[best], held[plain]):
        if not held[plain].any():
            said = _far(tree, float(moved[0][0]), float(moved[1][0]))
            raise Invalid("far_away", said, "请核对坐标系，或核对是不是本地的文件。", "crs")
        return plain
    metres = shift_metres(float(lon[0]), float(lat[0]), best if plain in ("wgs84", "cgcs2000") else plain)
    said = (
        f"点位整体偏了约 {metres:.0f} 米：按 {SYSTEMS.get(plain, plain)} 有 {held[plain].mean():.1%} 落在本地，"
        f"按 {SYSTEMS[best]} 有 {held[best].mean():.1%}。"
    )
    if system == AUTO or (not asked and not system):
        found.notes.append(f"{said}已按 {SYSTEMS[best]} 换算。")
        return best
    raise Invalid("wrong_system", said, f"坐标系设错了，请改选 {SYSTEMS[best]}。", "crs")


def _clearly(better: npt.NDArray[np.bool_], worse: npt.NDArray[np.bool_]) -> bool:
    """Whether more points lie inside than chance would bring across the border (McNemar's test, three deviations)."""
    gained, lost = int((better & ~worse).sum()), int((worse & ~better).sum())
    return gained - lost >= FEWEST_TO_TELL and (gained - lost) ** 2 > DEVIATIONS**2 * (gained + lost)


def _far(tree: AreaTree, lon: float, lat: float) -> str:
    bounds = tree.bounds()
    assert bounds is not None
    away = np.hypot(
        (lon - (bounds[0] + bounds[2]) / 2) * 111.32 * np.cos(np.radians(lat)),
        (lat - (bounds[1] + bounds[3]) / 2) * 110.6,
    )
    return f"没有一个点落在本地范围内，第一个点（{lon:.4f}, {lat:.4f}）离本地中心约 {away:,.0f} 公里。"


def _take(
    found: Points, row: RawRow, columns: Mapping[str, str], tree: AreaTree, lon: float, lat: float, area_id: int, *, must_lie_inside: bool,
) -> None:  # fmt: skip
    words = {key: row.words.get(column, "") if column else "" for key, column in columns.items()}
    name = words["name"]
    if not 0 < len(name) <= NAME_CHARS:
        what = "没有名称。" if not name else f"名称有 {len(name)} 个字，最多 {NAME_CHARS} 个。"
        found.faults.append(RowFault(row.number, columns["name"], what, "请补上或改短。"))
        return
    if np.isfinite(lon) and np.isfinite(lat):
        if area_id == -1 and must_lie_inside:
            near = tree.near(lon, lat, 2_000)
            where = f"离{tree.full_name(near[0][0].id)}约 {near[0][1]:.0f} 米" if near else "离本地超过 2 公里"
            found.faults.append(
                RowFault(row.number, columns["lon"], f"“{name}”不在本地范围内，{where}。", "请核对坐标。")
            )
            return
        found.rows.append(PointRow(row.number, name, words, lon, lat, None if area_id == -1 else area_id))
        return
    address = words.get("address", "")
    matches = tree.find_place(address) if address else []
    if len(matches) == 1:
        match = matches[0]
        place = tree.get(match.area_id)
        spot = (match.lon, match.lat) if match.lon is not None else ((place.lon, place.lat) if place else (None, None))
        found.rows.append(PointRow(row.number, name, words, spot[0], spot[1], match.area_id))
        return
    if not address:
        what, mend = f"“{name}”没有坐标，也没有地址。", "请补上经度、纬度，或地址。"
    elif matches:
        offered = "、".join(m.name for m in matches[:4])
        what, mend = f"“{name}”的地址“{address[:40]}”可能是 {offered}，定不下来。", "请写得更细，或补上坐标。"
    else:
        near_names = "、".join(m.name for m in tree.similar_places(address)[:3])
        what = f"“{name}”的地址“{address[:40]}”在地名里找不到。"
        mend = f"相近的有：{near_names}；请改正，或补上坐标。" if near_names else "请补上坐标。"
    found.faults.append(RowFault(row.number, columns.get("address", ""), what, mend))


def whole_number(
    found: Points, row: PointRow, key: str, title: str, most: int = 2_000_000_000
) -> tuple[bool, int | None]:
    """Return (sound, number) of a word of a row; an empty word is sound and None, a wrong one goes to the faults."""
    text = row.words.get(key, "").replace(",", "").replace("，", "")
    if not text:
        return True, None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (0 <= value <= most and value == int(value)):
        what = f"“{row.name}”的{title}应为不小于 0 的整数，却是“{text[:20]}”。"
        found.faults.append(RowFault(row.row, title, what, "请改正。"))
        return False, None
    return True, int(value)


def repeated(rows: Sequence[PointRow]) -> list[str]:
    """Sentences about points that lie upon each other: often one default point for addresses that were not found."""
    spots: dict[tuple[float, float], list[str]] = {}
    for row in rows:
        if row.lon is not None and row.lat is not None:
            spots.setdefault((round(row.lon, 6), round(row.lat, 6)), []).append(row.name)
    many = sorted((names for names in spots.values() if len(names) > 2), key=len, reverse=True)[:3]
    return [f"有 {len(n)} 行在同一个点上（{'、'.join(n[:3])}…），像是没有找到地址时给的默认点，请核对。" for n in many]
