"""Finds one's way in the schema by the keys of a file: what may be written there, and which field it is. Pure."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tongxin.packs.reading import Keys
from tongxin.packs.schema import Pack


def known_keys(keys: Keys) -> list[str]:
    """Return what may be written directly under ``keys`` of a pack, empty where anything may."""
    names = [field.alias or name for model in _models_at(keys) for name, field in model.model_fields.items()]
    return list(dict.fromkeys(names))


def field_at(keys: Keys) -> FieldInfo | None:
    """Return the field that ``keys`` name, or None where they name an item of a list or an entry of a mapping."""
    if not keys:
        return None
    for model in _models_at(keys[:-1]):
        for name, field in model.model_fields.items():
            if keys[-1] in (name, field.alias):
                return field
    return None


def _models_at(keys: Keys) -> Iterator[type[BaseModel]]:
    kinds: list[Any] = [Pack]
    for key in keys:
        kinds = [inner for kind in kinds for inner in _inner(kind, key)]
    for kind in kinds:
        for plain in _flat(kind):
            if typing.get_origin(plain) in (list, tuple):  # one thing without brackets
                yield from (item for item in _flat(typing.get_args(plain)[0]) if _is_model(item))
            elif _is_model(plain):
                yield plain


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _flat(kind: Any) -> list[Any]:
    """The plain types that an annotation is made of: without Annotated and Optional."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _flat(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return [flat for part in typing.get_args(kind) for flat in _flat(part)]
    return [kind]


def _inner(kind: Any, key: str | int) -> list[Any]:
    found: list[Any] = []
    for plain in _flat(kind):
        origin, args = typing.get_origin(plain), typing.get_args(plain)
        if _is_model(plain):
            found += [f.annotation for name, f in plain.model_fields.items() if key in (name, f.alias)]
        elif origin is dict:
            found.append(args[1])
        elif origin in (list, tuple):
            found += _inner(args[0], key) if isinstance(key, str) else [args[0]]
    return found
