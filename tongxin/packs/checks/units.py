"""Levels, kinds of bodies and roles fit together; the code scheme and the permissions exist."""

from __future__ import annotations

from collections import Counter

from tongxin.kernel.registry import code_schemes
from tongxin.packs.checks.report import Report
from tongxin.packs.schema import Pack, Role
from tongxin.packs.schema.permissions import PERMISSIONS


def check_units(pack: Pack, report: Report) -> None:
    """Check units.yaml and what pack.yaml says about codes and intake."""
    _check_settings(pack, report)
    _check_levels(pack, report)
    _check_kinds(pack, report)
    _check_roles(pack, report)
    for index, link in enumerate(pack.units.responsibility):
        report.need(link.level, pack.units.level_keys(), "级别", ("units", "responsibility", index, "level"))
        report.need(link.body, pack.units.bodies, "组织类别", ("units", "responsibility", index, "body"))


def level_of(pack: Pack, role: Role) -> str | None:
    """The level at which a role acts: its own, or that which its kind of body covers."""
    if role.at is not None:
        return role.at
    kind = pack.units.bodies.get(role.in_ or "")
    return kind.covers if kind is not None else None


def _check_settings(pack: Pack, report: Report) -> None:
    settings = pack.settings
    report.need(settings.code_scheme, code_schemes.names(), "代码方案", ("settings", "code_scheme"))
    if settings.intake is None:
        report.add(
            ("settings", "intake"), "没有写 intake（诉求怎么受理）。", "请写明流程和渠道，参照 _base/pack.yaml。"
        )
        return
    keys = ("settings", "intake", "procedure")
    if report.need(settings.intake.procedure, pack.procedures, "流程", keys):
        subject = pack.procedures[settings.intake.procedure].subject
        if subject != "matter":
            report.add(
                keys, f"流程 {settings.intake.procedure} 不在诉求（matter）上运行。", "请换成 subject: matter 的流程。"
            )


def _check_levels(pack: Pack, report: Report) -> None:
    for key, times in Counter(pack.units.level_keys()).items():
        if times > 1:
            report.add(("units", "levels"), f"级别 {key} 写了 {times} 次。", "每级只写一次。")


def _check_kinds(pack: Pack, report: Report) -> None:
    kinds, levels = pack.units.bodies, pack.units.level_keys()
    for key, kind in kinds.items():
        at = ("units", "bodies", key)
        for parent in kind.parents:
            report.need(parent, kinds, "组织类别", (*at, "parents"))
        if kind.covers is not None:
            report.need(kind.covers, levels, "级别", (*at, "covers"))
        if kind.desk is None or not report.need(kind.desk, pack.units.roles, "角色", (*at, "desk")):
            continue
        if pack.units.roles[kind.desk].in_ != key:
            what = f"收件角色 {kind.desk} 不设在 {key} 里。"
            report.add((*at, "desk"), what, f"请在 roles 的 {kind.desk} 写 in: {key}，或换一个角色。")


def _check_roles(pack: Pack, report: Report) -> None:
    units = pack.units
    for key, role in units.roles.items():
        at = ("units", "roles", key)
        if (role.at is None) == (role.in_ is None):
            report.add(at, f"角色 {key} 的 at 和 in 须恰填其一。", "设在地域写 at，设在组织写 in。")
        if role.at is not None:
            report.need(role.at, units.level_keys(), "级别", (*at, "at"))
        if role.in_ is not None:
            report.need(role.in_, units.bodies, "组织类别", (*at, "in"))
        for name in role.may:
            report.need(name, PERMISSIONS, "权限", (*at, "may"))
        if role.deputy is None or not report.need(role.deputy, units.roles, "角色", (*at, "deputy")):
            continue
        deputy = units.roles[role.deputy]
        if role.deputy == key:
            report.add((*at, "deputy"), f"角色 {key} 由自己代行。", "请换成另一个角色，或删去。")
        elif level_of(pack, role) != level_of(pack, deputy):
            what = f"代行的 {role.deputy} 与 {key} 不在同一级地域。"
            report.add((*at, "deputy"), what, "代行须是同一地域的角色；上一级同名岗位会自动代行，不用写。")
