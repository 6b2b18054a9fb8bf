"""What a file of buildings or barrier lines says, row by row, with every fault named. Pure: rows and places in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from tongxin.kernel import limits
from tongxin.territory import api as territory

COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {  # what → its title, usual names of its column
    "code": (
        "编码",
        ("编码", "code", "代码", "楼栋编码", "房屋编码", "编号", "id", "uid", "osm_id", "fid", "objectid"),
    ),
    "name": ("名称", ("名称", "name", "楼栋", "楼栋名称", "小区", "小区名称", "compound", "building")),
    "households": ("户数", ("户数", "households", "总户数", "hh", "house_count", "units")),
    "people": ("人数", ("人数", "people", "人口", "人口数", "population", "pop")),
    "lon": ("经度", ("经度", "lon", "lng", "longitude", "x", "lng_wgs84", "lon_wgs84", "wgs_lon")),
    "lat": ("纬度", ("纬度", "lat", "latitude", "y", "lat_wgs84", "wgs_lat")),
    "kind": ("种类", ("种类", "类型", "kind", "type", "fclass", "highway", "railway", "waterway")),
    "impassable": ("不能通过", ("不能通过", "impassable", "阻断")),
}
KINDS = {"road": "主干道", "river": "河流", "railway": "铁路", "other": "其他"}
_KIND_WORDS = {
    "river": ("河", "江", "渠", "river", "stream", "canal", "water"),
    "railway": ("铁", "rail", "subway", "light_rail"),
    "road": ("路", "街", "道", "road", "motorway", "trunk", "primary", "secondary", "tertiary", "residential"),
}
CODE_CHARS = 40
NAME_CHARS = 80
MOST_UNITS = 200_000
ALONG = 17  # points of a line that are asked for
SHIFT_SHARE = 0.03  # so many more units inside the district's places speak for another coordinate system
_YES = {"是", "1", "true", "yes", "y", "t"}


@dataclass(frozen=True, slots=True)
class RowNote:
    """A sentence about a row (0: the file); a blocking one stops the import."""

    row: int
    sentence: str
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A building of a file, in WGS84."""

    row: int
    code: str
    name: str
    lon: float
    lat: float
    outline: Any | None
    households: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A barrier line of a file, in WGS84."""

    row: int
    key: str
    name: str
    kind: str
    line: Any
    impassable: bool


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file says. Nothing may be written while a note is blocking."""

    units: tuple[ReadUnit, ...]
    lines: tuple[ReadLine, ...]
    notes: tuple[RowNote, ...]
    system: str

    @property
    def blocking(self) -> list[RowNote]:
        """What stops it."""
        return [note for note in self.notes if note.blocking]


def names_of(chosen: dict[str, str] | None) -> list[str]:
    """Return what the columns may be called, the chosen ones and the usual."""
    return [*(chosen or {}).values(), *(word for _, words in COLUMNS.values() for word in words)]


class _Reading:
    def __init__(self, file: territory.RawFile, chosen: dict[str, str]) -> None:
        self.notes: list[RowNote] = [RowNote(0, note) for note in file.notes]
        lower = {name.strip().lower(): name for name in file.columns}
        self.columns = {
            what: chosen.get(what) or next((lower[word] for word in words if word in lower), "")
            for what, (_, words) in COLUMNS.items()
        }

    def word(self, row: territory.RawRow, what: str) -> str:
        column = self.columns[what]
        return row.words.get(column, "").strip() if column else ""

    def tell(self, row: int, sentence: str, *, blocking: bool = False) -> None:
        self.notes.append(RowNote(row, sentence, blocking))

    def number(self, row: territory.RawRow, what: str) -> float | None:
        text = self.word(row, what).replace(",", "").replace("，", "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            self.tell(row.number, f"“{COLUMNS[what][0]}”应为数字，却是“{text[:20]}”。", blocking=True)
            return None
        return value

    def count(self, row: territory.RawRow, what: str) -> int | None:
        value = self.number(row, what)
        if value is not None and not (0 <= value < 1_000_000 and value == int(value)):
            self.tell(row.number, f"“{COLUMNS[what][0]}”应为不小于 0 的整数，却是“{value:g}”。", blocking=True)
            return None
        return None if value is None else int(value)


def read_units(
    file: territory.RawFile, *, tree: territory.AreaTree, crs: str = "auto", columns: dict[str, str] | None = None
) -> ReadFile:
    """Read buildings: points or polygons as geometry, or longitude and latitude in columns.

    Args:
        tree: where they should lie; tells a shifted coordinate system by position.
        crs: the file's coordinate system; ``auto``: as the file states, else the one that fits the places, and the notes say so.
    """
    reading = _Reading(file, columns or {})
    found: list[tuple[territory.RawRow, str, str, Any, int | None, int | None]] = []
    if len(file.rows) > MOST_UNITS:
        reading.tell(0, f"文件有 {len(file.rows):,} 行，一次最多 {MOST_UNITS:,} 行，请分开导入。", blocking=True)
        return ReadFile((), (), tuple(reading.notes), "")
    seen: dict[str, int] = {}
    for row in file.rows:
        name = reading.word(row, "name")[:NAME_CHARS]
        code = reading.word(row, "code") or name
        shape = _shape(reading, row)
        households, people = reading.count(row, "households"), reading.count(row, "people")
        if not code:
            reading.tell(row.number, "没有编码，也没有名称，不知道是哪一栋。", blocking=True)
        elif len(code) > CODE_CHARS:
            reading.tell(row.number, f"编码有 {len(code)} 个字，最多 {CODE_CHARS} 个。", blocking=True)
        elif code in seen:
            reading.tell(row.number, f"编码“{code}”与第 {seen[code]} 行重复。", blocking=True)
        elif shape is not None:
            seen[code] = row.number
            found.append((row, code, name, shape, households, people))
            if households is None and people is None:
                reading.tell(row.number, f"“{name or code}”没有户数，也没有人数；按户数均衡时会停下来请您补上。")
            elif households == 0:
                reading.tell(row.number, f"“{name or code}”户数为 0，照 0 计。")
    shapes, system = _placed(reading, [one[3] for one in found], file.system, tree, crs)
    units = []
    for (row, code, name, _, households, people), shape in zip(found, shapes, strict=True):
        spot = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
        outline = None if shape.geom_type == "Point" else shape
        units.append(ReadUnit(row.number, code, name, spot.x, spot.y, outline, households, people))
    return ReadFile(tuple(units), (), tuple(reading.notes), system)


def read_lines(
    file: territory.RawFile, *, tree: territory.AreaTree, crs: str = "auto", columns: dict[str, str] | None = None
) -> ReadFile:
    """Read roads, rivers and railways: lines, or faces whose border is meant (a broad river)."""
    reading = _Reading(file, columns or {})
    rows, shapes = [], []
    for row in file.rows:
        shape = row.outline
        if shape is None or shape.is_empty or shape.geom_type.endswith("Point"):
            reading.tell(row.number, "没有线：道路、河流、铁路要有线（LineString）。", blocking=True)
            continue
        rows.append(row)
        shapes.append(shape)
    moved, system = _placed(reading, shapes, file.system, tree, crs)
    lines: list[ReadLine] = []
    seen: set[str] = set()
    for row, shape in zip(rows, moved, strict=True):
        name = reading.word(row, "name")[:NAME_CHARS]
        key = base = (reading.word(row, "code") or name or f"{row.number}")[:CODE_CHARS]
        while key in seen:  # one road is many lines in most files
            key = f"{base}#{row.number}"
        seen.add(key)
        impassable = reading.word(row, "impassable").lower() in _YES
        lines.append(ReadLine(row.number, key, name, _kind(reading.word(row, "kind") or name), shape, impassable))
    return ReadFile((), tuple(lines), tuple(reading.notes), system)


def _kind(word: str) -> str:
    word = word.lower()
    if word in KINDS:
        return word
    return next((kind for kind, words in _KIND_WORDS.items() if any(part in word for part in words)), "other")


def _shape(reading: _Reading, row: territory.RawRow) -> Any | None:
    """The point or polygon of a row, or None with the reason told."""
    shape = row.outline
    if shape is not None and not shape.is_empty:
        if shape.geom_type == "Point":
            return shape
        fault = territory.ring_fault(shape)
        if fault is None:
            return shape
        words, spot = fault
        where = f"，在 {spot[0]:.6f}, {spot[1]:.6f} 附近" if spot else ""
        reading.tell(row.number, f"{words}{where}。请先在制图软件里修正，这里不替您改。", blocking=True)
        return None
    lon, lat = reading.number(row, "lon"), reading.number(row, "lat")
    if lon is None or lat is None:
        if not any(note.row == row.number and note.blocking for note in reading.notes[-2:]):
            reading.tell(row.number, "没有位置：要有图形，或经度、纬度两列。", blocking=True)
        return None
    return shapely.Point(lon, lat)


def _placed(
    reading: _Reading, shapes: Sequence[Any], stated: str, tree: territory.AreaTree, crs: str
) -> tuple[list[Any], str]:
    """Move shapes to WGS84 and tell where they lie."""
    system = stated or "wgs84" if crs in ("", "auto", "file") else crs
    if not shapes:
        return [], system
    moved = _move(shapes, system)
    spots = shapely.get_coordinates(shapely.centroid(moved))
    if not np.isfinite(spots).all() or (np.abs(spots[:, 0]) > 180).any() or (np.abs(spots[:, 1]) > 90).any():
        words = "坐标不是经纬度，像是以米为单位的投影坐标，请选定坐标系，例如 EPSG:4547。"
        swapped = (np.abs(spots) <= [90, 180]).all() and (spots[:, 0] < 60).all() and (spots[:, 1] > 60).all()
        reading.tell(0, "经度和纬度写反了（应先经度后纬度）。" if swapped else words, blocking=True)
        return list(moved), system
    inside = _inside(tree, moved)
    if crs == "auto" and system.lower() in ("wgs84", "cgcs2000"):
        for other in ("gcj02", "bd09"):
            tried = _move(shapes, other)
            share = _inside(tree, tried)
            if share.mean() > inside.mean() + SHIFT_SHARE:
                moved, inside, system = tried, share, other
        if system in ("gcj02", "bd09"):
            title = territory.SYSTEMS[system]
            reading.tell(0, f"按位置看坐标是 {title}，已换算成 WGS84。如果不对，请在上一页选定坐标系。")
    out = int((~inside).sum())
    if out == len(moved):
        reading.tell(0, "全部都在本地的地域之外：多半是坐标系或文件选错了。", blocking=True)
    elif out:
        reading.tell(0, f"有 {out} 个不在任何已画边界的地域内，划分时用不上它们。")
    return list(moved), system


def _inside(tree: territory.AreaTree, shapes: Sequence[Any]) -> Any:
    """Whether each lies in the district: by its middle, a line by any of some points on it (most roads come from elsewhere)."""
    middles = shapely.get_coordinates(shapely.centroid(np.array(shapes, dtype=object)))
    found = tree.locate_many(middles[:, 0], middles[:, 1]) != -1
    for i in np.flatnonzero(~found).tolist():
        if "Line" in shapes[i].geom_type:
            along = spots_along(shapes[i])
            found[i] = (tree.locate_many(along[:, 0], along[:, 1]) != -1).any()
    return found


def spots_along(line: Any) -> Any:
    """Points spread evenly along each part of a line, (n, 2)."""
    shares = np.linspace(0.0, 1.0, ALONG)
    parts = [one if "Line" in one.geom_type else one.boundary for one in shapely.get_parts(line)]
    on = [shapely.line_interpolate_point(part, shares, normalized=True) for part in parts]
    return shapely.get_coordinates(np.concatenate(on))


def _move(shapes: Sequence[Any], system: str) -> list[Any]:
    """Shapes in WGS84; all coordinates at once, because most shapes are single points."""
    flat = shapely.force_2d(np.array(shapes, dtype=object))
    if system.lower() not in ("wgs84", "cgcs2000"):
        flat = shapely.transform(
            flat, lambda xy: np.column_stack(territory.convert_coordinates(xy[:, 0], xy[:, 1], system))
        )
    return list(flat)


MOST_BYTES = limits.IMPORT_BYTES
