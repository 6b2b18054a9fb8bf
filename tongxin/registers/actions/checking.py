"""A line as somebody gives it, and the line with clean values. No writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tongxin.kernel.days import check_day
from tongxin.kernel.errors import Invalid
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import Register
from tongxin.procedures import api as procedures
from tongxin.registers.models import Entry
from tongxin.registers.rules import GROUND_CHARS, TITLE_CHARS, WHO_CHARS
from tongxin.territory import api as territory


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A line as somebody gives it. ``key``: empty for the next free number; ids or None; ``under``: id of the upper line."""

    title: str
    klass: str = ""
    key: str = ""
    stage: str = ""
    area_id: int | None = None
    body_id: int | None = None
    person_id: int | None = None
    who: str = ""
    under_id: int | None = None
    by: str = ""
    document: str = ""
    from_on: date | None = None
    until_on: date | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    made_up: bool = False


def checked(district: packs.DistrictView, key: str, spec: Register, new: NewEntry, number: str, today: date) -> Entry:
    """The line with clean values (0 statements). Raises Invalid, Invalids naming the field."""
    title = new.title.strip()
    if not 1 <= len(title) <= TITLE_CHARS:
        raise Invalid("title_length", f"名称应为 1–{TITLE_CHARS} 个字。", "请改短或补上。", "title", limit=TITLE_CHARS)
    klass = new.klass or (next(iter(spec.classes)) if len(spec.classes) == 1 else "")
    if klass not in spec.classes:
        raise Invalid("no_class", "还没有选分类。", f"可选：{'、'.join(spec.classes.values())}。", "klass")
    stage = new.stage or next(iter(spec.stages), "")
    if stage and stage not in spec.stages:
        raise Invalid("no_stage", "没有这一步。", f"可选：{'、'.join(spec.stages.values())}。", "stage")
    place = territory.tree(district).get(new.area_id)
    if new.area_id is not None and place is None:
        raise Invalid("no_area", "没有这个地点，或者已经停用。", "请从列表里选。", "area")
    if spec.level is not None and (place is None or place.level != spec.level):
        level = next(one.title for one in district.pack.units.levels if one.key == spec.level)
        raise Invalid("area_level", f"要登在一个{level}上。", "请从列表里选。", "area")
    body = organization.directory(district).body(new.body_id)
    if new.body_id is not None and (body is None or body.ended):
        raise Invalid("no_body", "没有这个组织，或者已经撤销。", "请从列表里选。", "body")
    if spec.of == "body" and (body is None or body.kind not in spec.kinds):
        raise Invalid("body_kind", "这本册登的是组织，还没有选。", "请从列表里选。", "body")
    who = new.who.strip()
    if len(who) > WHO_CHARS or (spec.of == "person" and not who):
        raise Invalid("who", "还没有写姓名。", f"{WHO_CHARS} 个字以内。", "who", limit=WHO_CHARS)
    if spec.of != "person" and who:
        raise Invalid("who_not_here", "这本册不登个人。", "请去掉姓名。", "who")
    if spec.under is not None and new.under_id is None:
        upper = district.pack.registers[spec.under].title
        raise Invalid("no_under", f"还没有选属于“{upper}”的哪一条。", "请从列表里选。", "under")
    if new.document and new.document not in district.pack.documents:
        raise Invalid("no_document", "没有这份文件。", "请从列表里选。", "document")
    if len(new.by) > GROUND_CHARS:
        raise Invalid("by_long", f"“由谁”最多 {GROUND_CHARS} 个字。", "请改短。", "by", limit=GROUND_CHARS)
    for day, words, name in ((new.from_on, "自哪天起", "from_on"), (new.until_on, "到哪天止", "until_on")):
        if day is not None:
            check_day(day, words, name, today=today)
    if new.until_on is not None and new.from_on is not None and new.until_on < new.from_on:
        raise Invalid("days_backward", "结束早于开始。", "请改正日期。", "until_on")
    values = procedures.check_form(spec.fields, dict(new.fields), procedures.nothing_to_look_up(), today)
    return Entry(
        district_id=district.id, register=key, key=number, title=title, klass=klass, stage=stage, area_id=new.area_id,
        body_id=new.body_id, person_id=new.person_id, who=who, under_id=new.under_id, by=new.by.strip(), document=new.document,
        fields=values, from_on=new.from_on, until_on=new.until_on, made_up=new.made_up,
    )  # fmt: skip
