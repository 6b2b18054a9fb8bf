"""Plain values → the typed pack, with pydantic's complaints put into Chinese at the right line. Not the meaning of a pack."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tongxin.packs.faults import Fault, nearest
from tongxin.packs.folders import FILES
from tongxin.packs.merging import place
from tongxin.packs.reading import Keys, Reading
from tongxin.packs.schema import Pack

_KEY_RULE = "键用小写英文字母开头，只含小写字母、数字和下划线，最多 40 个字符。"


def shape(reading: Reading) -> tuple[Pack | None, list[Fault]]:
    """Return the pack, or None and what does not fit the schema."""
    try:
        return Pack.model_validate(reading.value), []
    except ValidationError as error:
        return None, _faults(error, reading)


def _faults(error: ValidationError, reading: Reading) -> list[Fault]:
    found: dict[Keys, ErrorDetails] = {}
    for detail in error.errors(include_url=False):
        keys = written_keys(detail["loc"], reading.value, detail["type"])
        known = found.get(keys)
        if known is None or (known["type"] != "value_error" and detail["type"] == "value_error"):
            found[keys] = detail
    faults = []
    for keys, detail in found.items():
        what, mend = _sentence(keys, detail, reading.value)
        file, line, where = place(reading, keys)
        if not file:
            own = reading.value.get("settings")
            file = f"{own.get('pack', '')}/{_file_of(keys)}" if isinstance(own, dict) else _file_of(keys)
        faults.append(Fault(file, line, where, what, mend))
    return faults


def written_keys(loc: tuple[int | str, ...], value: Any, kind: str = "") -> Keys:
    """Return the keys as they are written: without pydantic's names of union branches and of shorthand."""
    keys: list[int | str] = []
    for index, part in enumerate(loc):
        inside = isinstance(value, dict) and part in value
        inside = inside or (isinstance(value, list) and isinstance(part, int) and part < len(value))
        if inside:
            keys.append(part)
            value = value[part]
        elif kind in ("missing", "extra_forbidden") and index == len(loc) - 1:
            keys.append(part)
    return tuple(keys)


def known_keys(keys: Keys) -> list[str]:
    """Return what may be written directly under ``keys`` of a pack, empty where anything may."""
    kinds: list[Any] = [Pack]
    for key in keys:
        kinds = [inner for kind in kinds for inner in _inner(kind, key)]
    names = [name for kind in kinds for name in _names(kind)]
    return list(dict.fromkeys(names))


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
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            found += [f.annotation for name, f in plain.model_fields.items() if key in (name, f.alias)]
        elif origin is dict:
            found.append(args[1])
        elif origin in (list, tuple):
            found += _inner(args[0], key) if isinstance(key, str) else [args[0]]
    return found


def _names(kind: Any) -> list[str]:
    return [
        field.alias or name
        for plain in _flat(kind)
        for model in ([plain] if not typing.get_args(plain) else _flat(typing.get_args(plain)[-1]))
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name, field in model.model_fields.items()
    ]


def _file_of(keys: Keys) -> str:
    if keys[:1] == ("procedures",):
        return f"procedures/{keys[1]}.yaml" if len(keys) > 1 else "procedures"
    return next((file for file, part in FILES.items() if keys[:1] == (part,)), "pack.yaml")


def _sentence(keys: Keys, detail: ErrorDetails, value: Any) -> tuple[str, str]:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    name = str(keys[-1]) if keys else ""
    shown = f"“{given}”" if isinstance(given, (str, int, float)) and len(str(given)) <= 60 else "这里的内容"
    if kind == "extra_forbidden":
        return f"不认识的键 {name}。", nearest(name, known_keys(keys[:-1]))
    if kind == "missing":
        if len(keys) == 1:
            return f"缺少文件 {_file_of(keys)}。", "请从 _template 复制一份。"
        return f"缺少必填的 {name}。", "请补上；含义见 docs/packs.md。"
    if kind == "value_error":
        return f"{str(context.get('error', '')).rstrip('。')}。", "请改写。"
    if detail["loc"][-1:] == ("[key]",):
        return f"键 {name} 写法不对。", _KEY_RULE
    for prefix, (what, mend) in _KINDS.items():
        if kind.startswith(prefix):
            return what.format(shown=shown, **context), mend.format(shown=shown, **context)
    if kind == "string_pattern_mismatch":
        rule = _KEY_RULE if context.get("pattern", "").startswith("^[a-z]") else f"要符合 {context.get('pattern')}。"
        return f"{shown}写法不对。", rule
    if kind == "literal_error":
        known = [word.strip(" '") for word in str(context.get("expected", "")).replace(" or ", ",").split(",")]
        return f"{shown}不在可选的值里。", nearest(str(given), known)
    return f"{shown}不合要求。", "含义和写法见 docs/packs.md。"


_KINDS = {
    "string_type": ("这里需要一段文字。", "请写文字；带符号的加引号。"),
    "string_too_short": ("这里是空的。", "请填写内容。"),
    "string_too_long": ("文字超过 {max_length} 个字。", "请缩短。"),
    "too_short": ("这里至少要有 {min_length} 项。", "请补上。"),
    "too_long": ("这里最多 {max_length} 项。", "请减少。"),
    "int_": ("{shown}不是整数。", "请写阿拉伯数字。"),
    "float_": ("{shown}不是数。", "请写阿拉伯数字，例如 118.19。"),
    "bool_": ("{shown}不是“是/否”。", "请写 true 或 false。"),
    "list_type": ("这里需要一个列表。", "每项一行，以“- ”开头，或写在 [ ] 里。"),
    "tuple_type": ("这里需要一个列表。", "写在 [ ] 里。"),
    "dict_type": ("这里需要“键: 值”。", "每个键一行，冒号后空一格。"),
    "model_type": ("这里需要“键: 值”。", "每个键一行，冒号后空一格。"),
    "date_": ("{shown}不是日期。", "请写成 2026-01-31。"),
    "greater_than_equal": ("{shown}太小。", "最小 {ge}。"),
    "greater_than": ("{shown}太小。", "要大于 {gt}。"),
    "less_than_equal": ("{shown}太大。", "最大 {le}。"),
    "missing_argument": ("项数不够。", "请补全。"),
}
