"""OpenStreetMap extracts (pbf): the main roads, rivers and railways of a district as rows, one for each name.

What people may walk on is another reading (``places``); buildings and borders are not read from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely

from tongxin.kernel import limits
from tongxin.kernel.errors import Cancelled, Invalid
from tongxin.territory.reading.rows import RawFile, RawRow

ROADS = frozenset({"motorway", "trunk", "primary", "secondary"})
WATER = frozenset({"river", "canal"})
RAILS = frozenset({"rail", "light_rail"})
COLUMNS = ("编码", "名称", "种类")
TELL_EVERY = 200  # ways
_TAGS = ("highway", "waterway", "railway")


def read_osm_lines(
    path: Path,
    bounds: tuple[float, float, float, float] | None = None,
    progress: Callable[[int], bool] | None = None,
) -> RawFile:
    """Read the lines that divide a town; the ways of one name and kind are one row, so that a road is moved or told as one.

    Tunnels divide nothing and are left out.

    Args:
        bounds: west, south, east, north in WGS84; ways wholly outside are passed over.
        progress: told now and then how many ways have been read; False calls it off.

    Raises:
        Invalid: too large, not an extract, or no such way in it. Cancelled: ``progress`` said so.
    """
    if path.stat().st_size > limits.IMPORT_BYTES:
        most, here = limits.IMPORT_BYTES // 2**20, path.stat().st_size / 2**20
        raise Invalid(
            "file_too_large", f"文件有 {here:,.0f} MB，上限是 {most} MB。", "请只截取本地范围。", "file", limit=most
        )
    window = None if bounds is None else shapely.box(*bounds)
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    ways = outside = 0
    for kind, name, ident, points in _ways(path):
        ways += 1
        if progress is not None and ways % TELL_EVERY == 0 and not progress(ways):
            raise Cancelled
        line = shapely.LineString(points)
        if window is not None and not line.intersects(window):
            outside += 1
            continue
        found[kind, name or f"#{ident}"].append(line)
    if not found:
        what = "文件里的主干道、河流、铁路都不在本地范围内。" if outside else "文件里没有主干道、河流或铁路。"
        raise Invalid("osm_no_lines", what, "请截取包含本地的范围（OSM 坐标是 WGS84）。", "file", ways=ways)
    rows = []
    for number, ((kind, name), lines) in enumerate(sorted(found.items()), start=1):
        known = not name.startswith("#")
        merged = shapely.line_merge(shapely.MultiLineString(lines)) if len(lines) > 1 else lines[0]
        words = {"编码": f"{kind}:{name}"[:40], "名称": name if known else "", "种类": kind}
        rows.append(RawRow(number, words, merged))
    return RawFile(tuple(rows), COLUMNS, "wgs84")


def _ways(path: Path) -> Any:
    """Yield kind, name, id and points of each way that divides."""
    import osmium  # here: the rest of the platform starts without it

    wanted = osmium.filter.KeyFilter(*_TAGS)
    wanted.enable_for(osmium.osm.WAY)
    try:
        for way in osmium.FileProcessor(str(path)).with_locations().with_filter(wanted):
            if not isinstance(way, osmium.osm.Way) or way.tags.get("tunnel", "no") not in ("no", ""):
                continue
            kind = _kind(way.tags)
            points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
            if kind and len(points) > 1:
                yield kind, (way.tags.get("name") or way.tags.get("ref") or "")[:30], way.id, points
    except (RuntimeError, osmium.InvalidLocationError) as broken:
        raise Invalid("osm_broken", "这个文件读不出来，不是完整的 OSM pbf。", "请重新下载后上传。", "file") from broken


def _kind(tags: Any) -> str:
    if tags.get("highway") in ROADS:
        return "road"
    if tags.get("waterway") in WATER:
        return "river"
    return "railway" if tags.get("railway") in RAILS else ""
