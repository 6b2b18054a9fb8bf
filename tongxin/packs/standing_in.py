"""Patches up plain values that do not fit the schema, so that the rest of a pack can be checked in the same run.

Never used for a pack that is published: a pack with any fault is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tongxin.packs.reading import Keys
from tongxin.packs.schema_walk import field_at

# parts whose words the others use: patched up, they leave too much in doubt elsewhere
VOCABULARY = ("units", "settings")
_CANDIDATES: tuple[Any, ...] = (
    "x",
    "0",
    "000000",
    "1 days",
    "party",
    "text",
    "0 minutes",
    [],
    {},
    ["x"],
    [{"code": "0", "title": "x"}],
)


def stand_in(value: Any, found: Mapping[Keys, ErrorDetails], doubtful: set[Keys]) -> None:
    """Change ``value`` so that the faults found are gone, and add to ``doubtful`` where that leaves doubt.

    An unknown or wrong optional key is taken out (its surroundings are in doubt); a required one gets a stand-in, a wrong item
    is taken out (the whole file is in doubt).
    """
    for keys in sorted(found, key=lambda k: (len(k), [str(part) for part in k]), reverse=True):
        if not keys:
            continue
        field = field_at(keys)
        optional = field is None or not field.is_required()
        if keys[0] in VOCABULARY:
            doubtful.add(())
        surroundings = keys[:-1] if isinstance(keys[-1], str) and (field is not None or _is_extra(found[keys])) else ()
        doubtful.add(surroundings if optional and len(surroundings) > 1 else _file(keys))
        holder = _follow(value, keys[:-1])
        if optional:
            _take_out(holder, keys[-1])
        elif isinstance(holder, dict) and field is not None:
            holder[str(keys[-1])] = _candidate(field)


def _is_extra(detail: ErrorDetails) -> bool:
    return detail["type"] == "extra_forbidden"


def _file(keys: Keys) -> Keys:
    return keys[:2] if keys[0] == "procedures" else keys[:1]


def _follow(value: Any, keys: Keys) -> Any:
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _take_out(holder: Any, key: str | int) -> None:
    if isinstance(holder, dict):
        holder.pop(key, None)
    elif isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        del holder[key]


def _candidate(field: FieldInfo) -> Any:
    kind: Any = field.annotation
    adapter = TypeAdapter[Any](Annotated[(kind, *field.metadata)] if field.metadata else kind)
    for candidate in _CANDIDATES:
        try:
            adapter.validate_python(candidate)
        except ValidationError:
            continue
        return candidate
    return None
