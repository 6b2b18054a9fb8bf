"""The pack in force as people read it: facts and check, procedures drawn, catalogue with sources, roles and what they may."""

from __future__ import annotations

from collections import Counter

from django.utils.safestring import mark_safe

from tongxin.kernel.errors import NotFound
from tongxin.organization.api import PERMISSIONS
from tongxin.packs import api as packs
from tongxin.packs.api import PackVersion
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures
from tongxin.registers import api as registers
from tongxin.web import packwords
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

MANAGE = "manage_pack"


def version_in_force(request: Request) -> tuple[PackVersion, list[PackVersion]]:
    """The version in force and all, newest first (1 statement)."""
    versions = packs.list_versions(request.district.pack.key)
    return next(version for version in versions if version.pk == request.district.pack_id), versions


@page("/admin/pack", audience="admin", permission=MANAGE, title="资料包", icon="book", nav=40)
def pack(request: Request) -> Shown:
    """Show the version in force, its check, all versions and what runs under each (3 statements)."""
    district = request.district
    mine, versions = version_in_force(request)
    running = Counter[int]()
    for row in procedures.count_versions(district):
        running[row.pack_id] += row.count
    content = district.pack
    return {
        "tab": "pack",
        "mine": mine,
        "versions": [(version, running[version.pk], version.pk == mine.pk) for version in versions[:50]],
        "newer": versions[0] if versions[0].number > mine.number else None,
        "faults": packs.check_stored(mine.pk),
        "settings": content.settings,
        "counts": [
            ("流程", len(content.procedures), "个"), ("类别", sum(1 for _ in content.catalogue.walk()), "类"),
            ("时限档", len(content.catalogue.grades), "档"), ("规则", len(content.rules), "条"), ("角色", len(content.units.roles), "种"),
            ("组织类别", len(content.units.bodies), "类"), ("地域级别", len(content.units.levels), "级"),
        ],
        "to_check": sum(row.tone == "soon" for row in packwords.grade_rows(content)),
    }  # fmt: skip


@page("/admin/pack/procedures", audience="admin", permission=MANAGE, title="流程", methods=("GET",))
def pack_procedures(request: Request) -> Shown:
    """Show every procedure drawn, with what runs under which version (1 statement)."""
    content, mine = request.district.pack, request.district.pack_id
    here, older = Counter[str](), Counter[str]()
    for row in procedures.count_versions(request.district):
        (here if row.pack_id == mine else older)[row.procedure] += row.count
    rows = [
        (key, spec, drawing(spec), packwords.say_limit(spec), here[key], older[key])
        for key, spec in content.procedures.items()
    ]
    return {"tab": "procedures", "rows": rows}


def drawing(spec: Procedure) -> str:
    """The picture of a procedure, ready for a template."""
    return mark_safe(procedures.picture(spec))  # noqa: S308 - escaped where drawn


@page("/admin/pack/procedures/<slug:key>", audience="admin", permission=MANAGE, title="流程", methods=("GET",))
def pack_procedure(request: Request, key: str) -> Shown:
    """Show one procedure: the picture, and who holds each state until when (1 statement)."""
    content = request.district.pack
    spec = content.procedures.get(key)
    if spec is None:
        raise NotFound("no_procedure", "现行资料包里没有这个流程。", "请从流程列表里重新打开。")
    older = sum(
        row.count
        for row in procedures.count_versions(request.district)
        if row.procedure == key and row.pack_id != request.district.pack_id
    )
    separate = [tuple(spec.transitions[one].title for one in pair if one in spec.transitions) for pair in spec.separate]
    return {
        "tab": "procedures", "key": key, "spec": spec, "picture": drawing(spec), "rows": packwords.state_rows(content, spec),
        "limit": packwords.say_limit(spec), "older": older, "separate": separate,
        "grounds": registers.grounds(content).get(("procedures", key), ()), "otherwise": packwords.say_holder(content, spec, spec.otherwise) if spec.otherwise else "",
    }  # fmt: skip


@page("/admin/pack/catalogue", audience="admin", permission=MANAGE, title="目录与时限", methods=("GET",))
def pack_catalogue(request: Request) -> Shown:
    """Show the limits with where they come from, and the categories (0 statements)."""
    content = request.district.pack
    grades = packwords.grade_rows(content)
    return {
        "tab": "catalogue", "grades": grades, "default": content.catalogue.default_grade,
        "to_check": sum(row.tone == "soon" for row in grades), "rows": packwords.category_rows(content),
        "hours": content.settings.working_time.hours,
    }  # fmt: skip


@page("/admin/pack/rules", audience="admin", permission=MANAGE, title="规则与出处", methods=("GET",))
def pack_rules(request: Request) -> Shown:
    """Show every rule with value, source, days and how far it may be trusted (0 statements)."""
    rows = packwords.rule_rows(request.district.pack)
    return {
        "tab": "rules", "rows": [row for row in rows if row.used], "unused": [row for row in rows if not row.used],
        "to_check": sum(row.tone == "soon" for row in rows if row.used),
    }  # fmt: skip


@page("/admin/pack/roles", audience="admin", permission=MANAGE, title="角色与权限", methods=("GET",))
def pack_roles(request: Request) -> Shown:
    """Show which role may do what, and where it is set up (0 statements)."""
    units = request.district.pack.units
    levels = {level.key: level.title for level in units.levels}
    rows = []
    for role in units.roles.values():
        where = levels.get(role.at or "") or (units.bodies[role.in_].title if role.in_ in units.bodies else "")
        deputy = units.roles[role.deputy].title if role.deputy in units.roles else ""
        rows.append(
            (role, where, deputy, [(title, permission in role.may) for permission, title in PERMISSIONS.items()])
        )
    return {"tab": "roles", "permissions": list(PERMISSIONS.values()), "rows": rows}
