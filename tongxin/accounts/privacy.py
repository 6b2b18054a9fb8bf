"""Finds every personal field of the platform by its annotation, and fields that look personal but carry none.

Walks Django's own register of models, so it knows the tables of all packages and imports none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from tongxin.kernel.privacy import Personal, annotation

# A field whose name holds one of these may hold something about a person.
_PERSONAL_WORDS = re.compile(
    r"(^|_)(name|username|login|phone|mobile|tel|contact|email|wechat|address|reporter|applicant|resident|person|birth|gender|sex|"
    r"age|ethnic|id_number|idcard|id_card|plate|face|signature|voice|health|income|text|answer|actor_label|published_by|form)(_|$)"
)
# Looked at and found to be about things, not persons; each with its reason. An entry without a field fails the test.
NOT_PERSONAL: dict[str, str] = {
    "packs.PackVersion.published_by": "发布资料包的岗位或程序，不是个人",
    "accounts.User.last_login": "登录时间，不标识个人",
    "matters.Matter.text_digest": "内容的摘要值，不能还原",
    "packs.CalendarDay.name": "节假日名称",
    "accounts.ApiKey.name": "程序的用途",
    "exchange.Endpoint.address": "别的系统的网址",
    "exchange.Received.answer": "编号和环节，不标识个人",
    "records.Complaint.answer": "处理情况，由负责人写给单位",
    "territory.Area.name": "地域名称",
    "territory.PlaceName.name": "地名",
    "organization.Body.name": "组织名称",
    "planning.PlanUnit.name": "楼栋或小区名称",
    "planning.BarrierLine.name": "道路、河流、铁路名称",
    "planning.PlanPart.name": "网格名称",
    "places.Facility.name": "设施名称",
    "places.Facility.address": "设施的地址，对外公开",
}


@dataclass(frozen=True, slots=True)
class PersonalField:
    """One personal field: where it is and why."""

    place: str  # package.Model.field
    table: str
    title: str
    why: Personal


def _own_fields() -> Iterator[tuple[str, Any, Any]]:
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
        if not model.__module__.startswith("tongxin."):
            continue
        for field in model._meta.concrete_fields:
            if not field.is_relation:
                yield f"{model._meta.app_label}.{model.__name__}.{field.name}", model, field


def list_personal_fields() -> list[PersonalField]:
    """Every annotated field, by place."""
    found = []
    for place, model, field in _own_fields():
        why = annotation(field)
        if why is not None:
            words = str(field.verbose_name)
            title = f"`{field.name}`" if words.isascii() else words
            found.append(PersonalField(place, model._meta.db_table, title, why))
    return found


def list_unannotated() -> list[str]:
    """Places of fields that look personal, carry no annotation and are not known to be about things."""
    return [
        place
        for place, _, field in _own_fields()
        if _PERSONAL_WORDS.search(field.name) and annotation(field) is None and place not in NOT_PERSONAL
    ]


def list_stale_exceptions() -> list[str]:
    """Entries of ``NOT_PERSONAL`` that name no field, or one that is annotated after all."""
    known = {place: annotation(field) for place, _, field in _own_fields()}
    return [place for place in NOT_PERSONAL if place not in known or known[place] is not None]


def _say_days(days: int) -> str:
    return f"{days // 365} 年" if days % 365 == 0 else f"{days} 天"


def write_document() -> str:
    """Return ``docs/privacy.md``: one line a field."""
    lines = [
        "# 个人信息清单",
        "",
        "由 `manage.py privacy_docs` 从各数据表字段上的标注生成，请勿手改；依据见 norms S-01、S-02。",
        "保存期限从事项办结（或岗位终止、反映处理完）起算，到期删除或隐去。“看不到时”指没有 `see_personal` 权限的人看到的样子。",
        "",
        "| 数据项 | 位置 | 用途 | 合法性基础 | 保存期限 | 看不到时 |",
        "|---|---|---|---|---|---|",
    ]
    for one in list_personal_fields():
        sample = one.why.mask("王小明" if one.why.mask.__name__ == "mask_name" else "13812345678")
        lines.append(
            f"| {one.title} | `{one.place}` | {one.why.purpose} | {one.why.basis} | {_say_days(one.why.retention_days)} | {sample} |"
        )
    return "\n".join(lines) + "\n"
