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


@sections.register("lists", "清单")
def lists(pack: Pack) -> dict[str, str]:
    """List → title."""
    return {key: spec.title for key, spec in pack.lists.items()}


@sections.register("cadence", "频次")
def cadence(pack: Pack) -> dict[str, str]:
    """Series → title."""
    return {key: series.title for key, series in pack.cadence.items()}


@sections.register("duties", "联系与配备")
def duties(pack: Pack) -> dict[str, str]:
    """Rule of duty → title."""
    units = pack.units
    return {
        key: rule.title
        for rules in (units.links, units.required, units.concurrent, units.staffing)
        for key, rule in rules.items()
    }


@sections.register("rules", "规则")
def rules(pack: Pack) -> dict[str, str]:
    """Rule → title of its newest value."""
    return {key: values[-1].title for key, values in pack.rules.items() if values}


@sections.register("documents", "制度文件")
def documents(pack: Pack) -> dict[str, str]:
    """Document → title."""
    return {key: document.title for key, document in pack.documents.items()}


@sections.register("registers", "名册")
def registers(pack: Pack) -> dict[str, str]:
    """Register → title."""
    return {key: register.title for key, register in pack.registers.items()}


@sections.register("tags", "标签")
def tags(pack: Pack) -> dict[str, str]:
    """Tag → title."""
    return {key: tag.title for key, tag in pack.tags.items()}


@sections.register("exchange", "数据交换")
def exchange(pack: Pack) -> dict[str, str]:
    """Other system → title."""
    return {key: link.title for key, link in pack.exchange.links.items()}


@sections.register("certificates", "证照")
def certificates(pack: Pack) -> dict[str, str]:
    """Kind of certificate → title."""
    return {key: kind.title for key, kind in pack.exchange.certificates.items()}


@sections.register("networks", "并入的网格")
def networks(pack: Pack) -> dict[str, str]:
    """Network laid into the one grid → title."""
    return {key: network.title for key, network in pack.units.networks.items()}


@sections.register("facilities", "身边的设施")
def facilities(pack: Pack) -> dict[str, str]:
    """Kind of facility → title."""
    return {key: kind.title for key, kind in pack.facilities.kinds.items()}
