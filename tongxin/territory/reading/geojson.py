"""GeoJSON: a FeatureCollection, one Feature, or a bare list of features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import shapely
import shapely.errors
from shapely.geometry import shape

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.territory.reading.rows import RawFile, RawRow, decode, word


def read_geojson(path: Path) -> RawFile:
    """Read a GeoJSON file in UTF-8 or GBK.

    Raises:
        Invalid: not JSON (with line and column), not GeoJSON, a geometry that is none (with the feature's number).
    """
    data = path.read_bytes()
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            content = orjson.loads(decode(data))
        except orjson.JSONDecodeError as error:
            raise Invalid(
                "geojson_broken", f"第 {error.lineno} 行第 {error.colno} 列起不是正确的 JSON。", "请重新导出。", "file"
            ) from error
    features = content.get("features", [content]) if isinstance(content, dict) else content
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise Invalid(
            "geojson_form", "文件是 JSON，但不是 GeoJSON 的要素集合。", "请导出为 FeatureCollection。", "file"
        )
    if len(features) > limits.IMPORT_ROWS:
        raise Invalid(
            "file_rows", f"文件有 {len(features):,} 个要素，上限是 {limits.IMPORT_ROWS:,}。", "请分开导入。", "file"
        )
    rows: list[RawRow] = []
    columns: dict[str, None] = {}
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            raise Invalid("geojson_form", f"第 {number} 个要素的 properties 不是键值。", "请重新导出。", "file")
        words = {str(key): word(value) for key, value in properties.items() if not isinstance(value, dict | list)}
        columns.update(dict.fromkeys(words))
        rows.append(RawRow(number, words, _outline(feature.get("geometry"), number)))
    return RawFile(tuple(rows), tuple(columns), _system(content))


def _outline(geometry: Any, number: int) -> Any | None:
    if geometry is None:
        return None
    try:
        return shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError) as error:
        raise Invalid(
            "geometry_broken",
            f"第 {number} 个要素的图形读不出来（{str(error)[:80]}）。",
            "请检查它的 coordinates。",
            "file",
        ) from error


def _system(content: Any) -> str:
    """The name in the old ``crs`` member; RFC 7946 has none and means WGS84."""
    stated = content.get("crs") if isinstance(content, dict) else None
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name.upper().endswith(
        ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")
    ):
        return ""
    return name
