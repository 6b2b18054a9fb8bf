"""Plain values → the typed pack, with pydantic's complaints put into Chinese at the right line. Not the meaning of a pack."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tongxin.packs.faults import Fault, nearest
from tongxin.packs.folders import FILES
from tongxin.packs.merging import place
from tongxin.packs.reading import Keys, Reading
from tongxin.packs.schema import Pack
from tongxin.packs.schema_walk import known_keys
from tongxin.packs.standing_in import stand_in

_KEY_RULE = "键用小写英文字母开头，只含小写字母、数字和下划线，最多 40 个字符。"
_ROUNDS = 8


@dataclass(frozen=True)
class Shaped:
    """The pack as far as it could be shaped.

    Args:
        pack: None when too much is missing to go on.
        faults: what does not fit the schema; the pack may be used only when there are none.
        doubtful: keys below which the pack was patched up so that checking could go on; what is found there is not told.
    """

    pack: Pack | None
    faults: list[Fault]
    doubtful: frozenset[Keys]


def shape(reading: Reading) -> Shaped:
    """Shape plain values into the pack.

    What does not fit is taken out, or given a stand-in, so that the rest can be checked in the same run.
    """
    value, faults, doubtful = reading.value, list[Fault](), set[Keys]()
    if reading.unread:
        doubtful.add(())
    for _ in range(_ROUNDS):
        try:
            return Shaped(Pack.model_validate(value), faults, frozenset(doubtful))
        except ValidationError as error:
            found = _faulty_keys(error, value)
            for keys, detail in found.items():
                if not _beneath(keys, doubtful - {()}) and keys not in reading.unread:
                    faults.append(_fault(keys, detail, reading))
            value = deepcopy(value) if value is reading.value else value
            stand_in(value, found, doubtful)
    return Shaped(None, faults, frozenset(doubtful))


def _beneath(keys: Keys, tops: set[Keys]) -> bool:
    return any(keys[: len(top)] == top for top in tops)


def _faulty_keys(error: ValidationError, value: Any) -> dict[Keys, ErrorDetails]:
    """The complaints by the keys they are about; of several about one place (a union) the one of our own words."""
    found: dict[Keys, ErrorDetails] = {}
    for detail in error.errors(include_url=False):
        keys = written_keys(detail["loc"], value, detail["type"])
        known = found.get(keys)
        if known is None or (known["type"] != "value_error" and detail["type"] == "value_error"):
            found[keys] = detail
    return found


def _fault(keys: Keys, detail: ErrorDetails, reading: Reading) -> Fault:
    what, mend = _sentence(keys, detail)
    file, line, where = place(reading, keys)
    if not file:
        own = reading.value.get("settings")
        file = f"{own.get('pack', '')}/{_file_of(keys)}" if isinstance(own, dict) else _file_of(keys)
    return Fault(file, line, where, what, mend)


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


def _file_of(keys: Keys) -> str:
    if keys[:1] == ("procedures",):
        return f"procedures/{keys[1]}.yaml" if len(keys) > 1 else "procedures"
    return next((file for file, part in FILES.items() if keys[:1] == (part,)), "pack.yaml")


def _sentence(keys: Keys, detail: ErrorDetails) -> tuple[str, str]:
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
