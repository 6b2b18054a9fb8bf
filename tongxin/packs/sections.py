"""The parts of a pack that may run under a mechanism of its programme. The owner of a further part registers it the same way."""

from __future__ import annotations

from tongxin.kernel.registry import sections
from tongxin.packs.schema import Pack


@sections.register("procedures", "流程")
def procedures(pack: Pack) -> dict[str, str]:
    """Procedure → title."""
    return {key: procedure.title for key, procedure in pack.procedures.items()}


@sections.register("roles", "岗位")
def roles(pack: Pack) -> dict[str, str]:
    """Role → title."""
    return {key: role.title for key, role in pack.units.roles.items()}


@sections.register("bodies", "组织")
def bodies(pack: Pack) -> dict[str, str]:
    """Kind of body → title."""
    return {key: kind.title for key, kind in pack.units.bodies.items()}


@sections.register("levels", "地域")
def levels(pack: Pack) -> dict[str, str]:
    """Level of places → title."""
    return {level.key: level.title for level in pack.units.levels}


@sections.register("categories", "诉求类别")
def categories(pack: Pack) -> dict[str, str]:
    """Code of a category → title."""
    return {category.code: category.title for category, _ in pack.catalogue.walk()}
