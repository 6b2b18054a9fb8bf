"""Adopting a published table of codes: its kinds of matters become categories of the locality. Pure, on plain values with marks.

A kind of matter that the locality maps to a category of its own stands below it and shares its limit, its unit and whether a
community may handle it; the others stand under the classes of the table. What a published version stores is the result, so it needs
no table to be read again.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from tongxin.packs.faults import Fault, nearest
from tongxin.packs.merging import place
from tongxin.packs.reading import Keys, Reading
from tongxin.packs.schema.standard import StandardCatalogue

PART = "catalogues"
CLASS_PREFIX = "GB"  # codes of classes, so that they never meet a locality's own 01, 02 …
_INHERITED = ("grade", "unit", "community_may_handle")


def adopt_standard(reading: Reading) -> Reading:
    """Return the reading with the adopted table's kinds of matters among its categories and the tables themselves left out."""
    tables = reading.value.get(PART)
    reading.value = {key: part for key, part in reading.value.items() if key != PART}
    known = {key: found for key, raw in (tables or {}).items() if (found := _table(key, raw, reading)) is not None}
    catalogue = reading.value.get("catalogue")
    if not isinstance(catalogue, dict) or not isinstance(catalogue.get("adopts"), str):
        return reading
    name, wanted = catalogue["adopts"], catalogue.get("mapping")
    if name not in known:
        if name not in (tables or {}):
            what = f"没有这个代码表：{name}。"
            _fault(reading, ("catalogue", "adopts"), what, f"{nearest(name, known)}代码表写在 catalogues/。")
        return reading
    categories = catalogue.get("categories")
    if isinstance(categories, list):
        mapping = wanted if isinstance(wanted, dict) else {}
        made = _expanded(known[name], categories, mapping, reading)
        reading.value["catalogue"] = {**catalogue, "categories": made}
    return reading


def _table(key: str, raw: Any, reading: Reading) -> StandardCatalogue | None:
    try:
        return StandardCatalogue.model_validate(raw)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            keys: Keys = (PART, key, *(part for part in detail["loc"] if part != "[key]"))
            _fault(
                reading, keys, f"代码表里这一处写法不对（{detail['msg']}）。", "大类 2 位、小类 3 位数字，名称是文字。"
            )
        return None


def _expanded(table: StandardCatalogue, categories: list[Any], mapping: dict[str, Any], reading: Reading) -> list[Any]:
    """The locality's categories with the table's below or behind them."""
    kinds = {code: name for key, group in table.matters.items() for code, name in group.codes(key).items()}
    own = _by_code(categories)
    below: dict[str, list[dict[str, Any]]] = {}
    for code, target in mapping.items():
        at: Keys = ("catalogue", "mapping", code)
        if code not in kinds and code not in table.matters:
            _fault(reading, at, f"代码表里没有事项 {code}。", "请写 5 位事项代码，或 2 位大类代码。")
        if target not in own:
            _fault(reading, at, f"没有这个类别：{target}。", nearest(str(target), own))
    rest: list[dict[str, Any]] = []
    for key, group in table.matters.items():
        left = []
        for code, name in group.codes(key).items():
            target = mapping.get(code, mapping.get(key))
            item = {"code": code, "title": name, "standard": code, "keywords": [name]}
            if isinstance(target, str) and target in own:
                below.setdefault(target, []).append({**item, **_shared(own[target])})
            else:
                left.append(item)
        if left:
            rest.append({"code": CLASS_PREFIX + key, "title": group.title, "children": left})
    return [_with_children(category, below) for category in categories] + rest


def _by_code(categories: list[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for category in categories:
        if isinstance(category, dict):
            found[str(category.get("code"))] = category
            children = category.get("children")
            found |= _by_code(children) if isinstance(children, list) else {}
    return found


def _shared(category: dict[str, Any]) -> dict[str, Any]:
    return {key: category[key] for key in _INHERITED if key in category}


def _with_children(category: Any, below: dict[str, list[dict[str, Any]]]) -> Any:
    """The category with what is mapped to it, or to one below it; the reading's own value is left as it is."""
    if not isinstance(category, dict):
        return category
    children = category.get("children")
    made = [_with_children(child, below) for child in children] if isinstance(children, list) else []
    made += below.get(str(category.get("code")), [])
    return {**category, "children": made} if made else category


def _fault(reading: Reading, keys: Keys, what: str, mend: str) -> None:
    file, line, where = place(reading, keys)
    reading.faults.append(Fault(file, line, where, what, mend))
