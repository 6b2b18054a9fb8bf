"""docs/packs.md from the schema, the registries and a page of prose. Not a general document generator."""

from __future__ import annotations

import re
import types
import typing
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tongxin.kernel.registry import Registry, code_schemes, effects, guards, identifiers, measures, sections, subjects
from tongxin.kernel.worktime import UNIT_TITLES, Span
from tongxin.packs import schema
from tongxin.packs.loader import load_folder
from tongxin.packs.schema import Rule
from tongxin.packs.schema.cadence import On
from tongxin.packs.schema.catalogue import Source
from tongxin.packs.schema.pack import Map, WorkingTime
from tongxin.packs.schema.permissions import PERMISSIONS

PROSE = Path(__file__).parent / "packs.md"
MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        *(
            getattr(schema, name)
            for name in schema.__all__
            if name not in ("Pack", "EffectCall", "RuledNumber", "RuledSpan")
        ),
        Map,
        On,
        Source,
        WorkingTime,
    )
}
_PLAIN = {str: "文字", int: "整数", float: "小数", bool: "true/false", date: "日期", Span: "时长", type(None): "空"}
_MARKER = re.compile(r"^<!-- (table|names): (\w+) -->$", re.MULTILINE)
_TAKES = {
    "role": "角色 `{role: …, of: …}`",
    "part": "参与单位",
    "transition": "动作",
    "procedure": "流程",
    "form": "表单项",
    "text": "文字",
    "span": "时长",
    "yesno": "true/false",
    "mapping": "`{键: 值}`",
    "list": "清单",
    "tasks": "`{procedure: 流程, units: 参与单位}`",
    "steps": "一个或几个动作",
    "seats": "`{多选项: [必须到的几方]}`",
    "message": "`系统.消息`",
    "certificate": "`{kind: 证照种类, number: $表单项, until: $表单项, issuer: $表单项, body: 参与单位}`",
    "affair": "`{procedure: 流程, form: {项目: $表单项}}`",
}


def render() -> str:
    """Return the whole page. The names it lists are those registered now, so Django must be set up."""

    def put(match: re.Match[str]) -> str:
        return table(MODELS[match[2]]) if match[1] == "table" else _names(match[2])

    return _MARKER.sub(put, PROSE.read_text(encoding="utf-8"))


def render_rules(folders: typing.Iterable[Path]) -> str:
    """Return docs/rules.md: every rule of every folder, those a folder inherits unchanged left out.

    Raises:
        PackFaults: a folder has faults.
    """
    page = [
        "# 规则与出处 · rules and their sources",
        "",
        "> 由 `manage.py pack docs` 从各资料包的 rules.yaml 生成，请不要直接改。可信度：L 法条原文，S 摘录，**K 待核**（没有文件依据，由我方或本地设定）。",
    ]
    known: dict[str, list[Rule]] = {}
    for folder in folders:
        pack = load_folder(folder)
        own = {key: values for key, values in pack.rules.items() if known.get(key) != values}
        if folder.name == "_base":
            known = dict(pack.rules)
        if not own:
            continue
        page += [
            "",
            f"## {pack.settings.title} · `{folder.name}`",
            "",
            "| 编号 | 规则 | 数值 | 可信度 | 出处 | 适用 | 起止 |",
            "|---|---|---|---|---|---|---|",
        ]
        page += [_rule_line(key, rule) for key, values in own.items() for rule in values]
    return "\n".join(page) + "\n"


def _rule_line(key: str, rule: Rule) -> str:
    trust = {"L": "L", "S": "S", "K": "**待核**"}[rule.confidence]
    days = "—".join(str(day) if day else "" for day in (rule.from_, rule.to)) if rule.from_ or rule.to else "—"
    source = _cell(" ".join(filter(None, (rule.source, rule.article)))) or "—"
    return f"| `{key}` | {_cell(rule.title)} | {rule.words} | {trust} | {source} | {_cell(rule.jurisdiction) or '—'} | {days} |"


def table(model: type[BaseModel]) -> str:
    """Return the table of a model's keys."""
    rows = ["| 键 | 类型 | 不写时 | 说明 |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        kind = _type(field.annotation, field.metadata)
        rows.append(f"| `{field.alias or name}` | {kind} | {_default(field)} | {_cell(field.description or '')} |")
    return "\n".join(rows)


def _type(annotation: Any, metadata: typing.Sequence[Any] = ()) -> str:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(args[0], args[1:])
    if origin in (typing.Union, types.UnionType):
        return " 或 ".join(dict.fromkeys(_type(part, metadata) for part in args if part is not type(None)))
    if origin is typing.Literal:
        return "、".join(f"`{value}`" for value in args)
    if origin is list:
        return f"列表：{_type(args[0])}"
    if origin is tuple:
        return f"[{'，'.join(_type(part) for part in args)}]"
    if origin is dict:
        return f"{_type(args[0])} → {_type(args[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (
            "效果或条件"
            if annotation is schema.EffectCall
            else f"[{annotation.__name__}](#{annotation.__name__.lower()})"
        )
    if annotation is str and any(_pattern(item).startswith("^[a-z]") for item in metadata):
        return "键"
    return _PLAIN.get(annotation, "任意")


def _pattern(item: Any) -> str:
    return str(getattr(item, "pattern", None) or "")


def _default(field: FieldInfo) -> str:
    value = field.default_factory() if callable(field.default_factory) else field.default  # type: ignore[call-arg]
    if value is PydanticUndefined:
        return "**必填**"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if value is None or value in ("", [], {}):
        return "无"
    if isinstance(value, BaseModel):
        return "见下表"
    return f"`{', '.join(map(str, value))}`" if isinstance(value, list) else f"`{value}`"


def _names(kind: str) -> str:
    """A table of the names that packs may use."""
    if kind == "permissions":
        return "\n".join(["| 权限 | 含义 |", "|---|---|", *(f"| `{k}` | {v} |" for k, v in PERMISSIONS.items())])
    if kind == "units":
        rows = [f"| `{k}` | {v} | `2 {k}` |" for k, v in UNIT_TITLES.items()]
        return "\n".join(["| 单位 | 含义 | 例 |", "|---|---|---|", *rows])
    if kind in ("sections", "identifiers"):
        entries = sections if kind == "sections" else identifiers
        lines = [f"| `{entry.name}` | {entry.title} | `{entry.package}` |" for entry in entries]
        return "\n".join(["| 名称 | 含义 | 由谁提供 |", "|---|---|---|", *lines])
    registries: dict[str, Registry[Any]] = {
        "guards": guards,
        "effects": effects,
        "code_schemes": code_schemes,
        "measures": measures,
    }
    if kind == "subjects":
        known = [f"| `{entry.name}` | {_cell(entry.title)} | `{entry.package}` |" for entry in subjects]
        return "\n".join(["| 名称 | 是什么 | 由谁提供 |", "|---|---|---|", *known, "| `any` | 子任务：跟着主办件 | |"])
    rows = []
    for entry in registries[kind]:
        takes = _say_takes(kind, entry.takes)
        rows.append(f"| `{entry.name}` | {_cell(entry.title)} | {takes} | `{entry.package}` |")
    return "\n".join(["| 名称 | 含义 | 参数 | 由谁提供 |", "|---|---|---|---|", *rows])


def _say_takes(kind: str, takes: str) -> str:
    """What an entry takes: of a measure its arguments by name, else the kind of its one argument."""
    if kind == "measures":
        names = [f"`{name.rstrip('?')}`" + ("（可不写）" if name.endswith("?") else "") for name in takes.split()]
        return "、".join(names) or "不带参数"
    return _TAKES.get(takes.rstrip("?"), "不带参数") + ("（可不写）" if takes.endswith("?") else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
