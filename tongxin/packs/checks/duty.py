"""Links, required posts and staffing: the roles, kinds of bodies and levels they speak of exist and can be joined."""

from __future__ import annotations

from tongxin.packs.checks.report import Report
from tongxin.packs.checks.units import level_of
from tongxin.packs.reading import Keys
from tongxin.packs.schema import LinkEnd, Pack


def check_duty(pack: Pack, report: Report) -> None:
    """Check the links, required posts and staffing of units.yaml."""
    units = pack.units
    for key, kind in units.links.items():
        at: Keys = ("units", "links", key)
        for name, end in (("from", kind.from_), ("to", kind.to)):
            _check_end(pack, end, (*at, name), report)
        if kind.from_.level is not None:
            report.add((*at, "from"), "联系人一端不能是地域。", "请写 role、body 或 person。")
        if kind.by == "covers" and not (kind.from_.body and kind.to.level):
            report.add((*at, "by"), "by: covers 只用于“某类组织 → 一级地域”。", "请改成 by: hand，或改两端。")
        if kind.most is not None and kind.unique in ("from", "both") and kind.most > 1:
            report.add((*at, "most"), "每个联系人至多一处（unique），most 写了更多。", "请删去 most 或放宽 unique。")
        if kind.cover in ("from", "both") and kind.from_.person:
            report.add(
                (*at, "cover"), "联系人是任何人员，没法要求个个都有联系。", "请改成 role 或 body，或只要求 to 一端。"
            )
        if kind.cover in ("to", "both") and kind.to.person:
            report.add((*at, "cover"), "被联系的是任何人员，没法要求个个都有联系。", "请只要求 from 一端。")
    for key, post in units.required.items():
        at = ("units", "required", key)
        known = report.need(post.at, units.level_keys(), "级别", (*at, "at"))
        for role in post.role:
            if report.need(role, units.roles, "角色", (*at, "role")) and known:
                _check_level(pack, role, post.at, (*at, "role"), report)
        if post.most is not None and post.most < post.least:
            report.add((*at, "most"), "至多比至少还小。", "请改正。")
    for key, both in units.concurrent.items():
        for name, roles in (("role", both.role), ("with", both.with_)):
            for role in roles:
                report.need(role, units.roles, "角色", ("units", "concurrent", key, name))
        if set(both.role) & set(both.with_):
            report.add(("units", "concurrent", key), "同一个角色写在两头。", "兼任的是另一种岗位，请改正。")
    for key, staffing in units.staffing.items():
        at = ("units", "staffing", key)
        for role in staffing.roles:
            report.need(role, units.roles, "角色", (*at, "roles"))
        if staffing.at is not None:
            report.need(staffing.at, units.level_keys(), "级别", (*at, "at"))


def _check_end(pack: Pack, end: LinkEnd, at: Keys, report: Report) -> None:
    for role in end.role:
        report.need(role, pack.units.roles, "角色", (*at, "role"))
    for kind in end.body:
        report.need(kind, pack.units.bodies, "组织类别", (*at, "body"))
    if end.level is not None:
        report.need(end.level, pack.units.level_keys(), "级别", (*at, "level"))


def _check_level(pack: Pack, role: str, level: str, at: Keys, report: Report) -> None:
    """A post required in each place must act for places of that level."""
    acts_at = level_of(pack, pack.units.roles[role])
    if acts_at != level:
        report.add(at, f"角色 {role} 不在这一级地域（{level}）设岗。", "请换角色或级别。")
