"""Fields of forms: kinds, defaults, and that nothing personal is asked for without a purpose."""

from __future__ import annotations

from tongxin.packs.checks.report import Report
from tongxin.packs.faults import nearest
from tongxin.packs.reading import Keys
from tongxin.packs.schema import FormField, Pack, Procedure

_PERSONAL_KEYS = ("phone", "mobile", "id_card", "id_number", "person_name", "real_name", "home_address", "birthday")
_PERSONAL_WORDS = ("姓名", "电话", "手机", "身份证", "住址", "家庭地址", "出生", "银行卡", "病")
_PERSONAL_TYPES = ("text", "longtext", "number", "date", "phone")


def check_field(pack: Pack, procedure: Procedure, name: str, field: FormField, at: Keys, report: Report) -> None:
    """Check one field of a form."""
    part = procedure.parts.get(name)
    if part is not None and field.type != part:
        what = f"{name} 是参与单位，类型应为 {part}，不是 {field.type}。"
        report.add((*at, "type"), what, f"请写 type: {part}，或给这一项换个名称。")
    for kind in field.kinds:
        if report.need(kind, pack.units.bodies, "组织类别", (*at, "kinds")) and pack.units.bodies[kind].desk is None:
            what = f"{pack.units.bodies[kind].title}（{kind}）没有收件岗，选了也没有人收件。"
            report.add((*at, "kinds"), what, "请在 units.yaml 给它写 desk，或从 kinds 里去掉。")
    if field.kinds and field.type not in ("unit", "units"):
        report.add((*at, "kinds"), "kinds 只用于 unit、units 类型的项目。", "请删去 kinds。")
    if field.default == "category_unit" and field.type != "unit":
        report.add((*at, "default"), "category_unit 只能预填 unit 类型的项目。", "请改正 type 或 default。")
    if field.choices and field.type == "choice" and field.default is not None and field.default not in field.choices:
        report.add((*at, "default"), f"预填的 {field.default} 不在选项里。", nearest(field.default, field.choices))
    if field.min is not None and field.max is not None and field.min > field.max:
        report.add(at, f"最小值 {field.min} 比最大值 {field.max} 还大。", "请对调。")
    personal = name in _PERSONAL_KEYS or any(word in field.title for word in _PERSONAL_WORDS)
    if personal and field.type in _PERSONAL_TYPES and not field.purpose:
        what = f"“{field.title}”是个人信息，却没有写用途。"
        report.add(at, what, "请写 purpose: 用来做什么；不必要的请不要收集（norm S-01）。")
