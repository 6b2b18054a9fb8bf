"""Inheritance: what a pack says laid over what the pack it extends says. Pure, on plain values with marks.

Mappings merge key by key, lists and single values replace, ``key:`` with nothing (or null) removes. Steps of a procedure merge
only in a file that says ``patch: true``; there a step that the base does not have must say ``new: true``, so that a step
renamed in the base is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongxin.packs.faults import Fault, nearest
from tongxin.packs.reading import Keys, Mark, Reading

STEPS = ("states", "transitions")


def merge(base: Reading, own: Reading) -> Reading:
    """Return ``own`` laid over ``base``. Both have the pack's parts at the top (settings, units, …, procedures)."""
    merged = Reading(marks=dict(base.marks), faults=[*base.faults, *own.faults], unread=base.unread | own.unread)
    merged.value = _mapping(base.value or {}, own.value or {}, (), own, merged)
    return merged


def _mapping(base: dict[str, Any], own: dict[str, Any], keys: Keys, source: Reading, merged: Reading) -> dict[str, Any]:
    result = dict(base)
    for key, value in own.items():
        inner = (*keys, key)
        procedure = inner[0] == "procedures" and len(inner) == 2
        if value is None:
            _remove(result, key, inner, source, merged)
        elif isinstance(value, dict) and isinstance(base.get(key), dict) and not _replaces(inner, value):
            if procedure:
                value = _patch(base[key], value, inner, source, merged)
            result[key] = _mapping(base[key], value, inner, source, merged)
            _keep_mark(inner, source, merged)
        else:
            if procedure and isinstance(value, dict) and "patch" in value:
                value = _orphan_patch(value, inner, source, merged)
            _forget(inner, base.get(key), merged)
            result[key] = value
            for found in _walk(value, inner):
                _keep_mark(found, source, merged)
    return result


def _replaces(keys: Keys, value: dict[str, Any]) -> bool:
    """A procedure file without ``patch: true`` replaces the base's whole; in a patch a holder is replaced whole."""
    if keys[0] != "procedures":
        return False
    return value.get("patch") != "true" if len(keys) == 2 else keys[-1] == "holder"


def _patch(base: dict[str, Any], own: dict[str, Any], keys: Keys, source: Reading, merged: Reading) -> dict[str, Any]:
    """Check that a patch names steps the base has, and take out the words that only the patch needs."""
    own = {key: value for key, value in own.items() if key != "patch"}
    for part in STEPS:
        steps, known = own.get(part), base.get(part)
        if not isinstance(steps, dict) or not isinstance(known, dict):
            continue
        own[part] = {}
        for name, step in steps.items():
            fresh = isinstance(step, dict) and step.get("new") == "true"
            inner = (*keys, part, name)
            if not fresh and name not in known and step is not None:
                what = f"要改的步骤 {name} 在上级资料包的流程里已经没有了。"
                mend = f"{nearest(name, known)}如果是新加的步骤，请在其中写 new: true。"
                merged.faults.append(_fault(inner, source, what, mend))
            elif fresh and name in known:
                what = f"步骤 {name} 写了 new: true，可上级资料包里已有同名步骤。"
                merged.faults.append(_fault((*inner, "new"), source, what, "请换一个键，或删去 new 改为修改。"))
            own[part][name] = {k: v for k, v in step.items() if k != "new"} if isinstance(step, dict) else step
    return own


def _orphan_patch(value: dict[str, Any], keys: Keys, source: Reading, merged: Reading) -> dict[str, Any]:
    if value.get("patch") == "true":
        what = f"写了 patch: true，可上级资料包里没有流程 {keys[-1]}。"
        merged.faults.append(_fault((*keys, "patch"), source, what, "请删去 patch 并写出完整的流程，或改正文件名。"))
    elif value["patch"] != "false":
        merged.faults.append(_fault((*keys, "patch"), source, "patch 只能是 true 或 false。", "请改写。"))
    return {key: item for key, item in value.items() if key != "patch"}


def _remove(result: dict[str, Any], key: str, keys: Keys, source: Reading, merged: Reading) -> None:
    if key in result:
        _forget(keys, result.pop(key), merged)
    else:
        what = f"{key} 后面是空的。"
        mend = "空值的意思是删去从上级资料包继承来的同名内容，而上级没有它；请填写内容或删去这一行。"
        merged.faults.append(_fault(keys, source, what, mend))


def _fault(keys: Keys, source: Reading, what: str, mend: str) -> Fault:
    file, line, where = place(source, keys)
    return Fault(file, line, where, what, mend)


def place(reading: Reading, keys: Keys) -> tuple[str, int, str]:
    """Return (file, line, dotted keys inside the file) for keys that count from the top of the pack."""
    mark = None
    for end in range(len(keys), 0, -1):
        mark = reading.marks.get(keys[:end])
        if mark is not None:
            break
    inside = keys[2:] if keys[:1] in (("procedures",), ("catalogues",)) else keys[1:]
    where = ".".join(str(key) for key in inside)
    return (mark.file, mark.line, where) if mark else ("", 0, where)


def _keep_mark(keys: Keys, source: Reading, merged: Reading) -> None:
    mark: Mark | None = source.marks.get(keys)
    if mark is not None:
        merged.marks[keys] = mark


def _forget(keys: Keys, value: Any, merged: Reading) -> None:
    for found in _walk(value, keys):
        merged.marks.pop(found, None)


def _walk(value: Any, keys: Keys) -> Iterator[Keys]:
    yield keys
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*keys, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*keys, index))
