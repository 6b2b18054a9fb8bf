"""Lists: their owners may keep them, their levels, procedures, classes and categories exist."""

from __future__ import annotations

from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import ListSpec, Pack

SUBJECT = "list_item"
MANAGE = "manage_lists"


def check_lists(pack: Pack, report: Report) -> None:
    """Check lists.yaml, and the demo's editions of lists."""
    codes = set(pack.catalogue.by_code)
    bodies = {body.key for body in pack.bodies}
    for key, spec in pack.lists.items():
        at: Keys = ("lists", key)
        _check_list(pack, spec, at, report)
        seen: set[str] = set()
        for index, item in enumerate(spec.items):
            here: Keys = (*at, "items", index)
            if item.key in seen:
                report.add((*here, "key"), f"条目编号 {item.key} 写了不止一次。", "编号在一种清单里唯一，请换一个。")
            seen.add(item.key)
            report.need(item.klass, spec.classes, "分类", (*here, "class"))
            for code in item.categories:
                report.need(code, codes, "诉求类别", (*here, "categories"))
            for name in item.fields:
                report.need(name, spec.fields, "栏目", (*here, "fields", name))
            for refer in item.refers:
                _check_refer(pack, spec, refer, (*here, "refers"), report)
            if item.owner is not None:
                report.need(item.owner, bodies, "组织", (*here, "owner"), "组织写在 bodies.yaml。")
            if spec.per is not None and item.area is None:
                report.add(here, f"清单 {key} 每处一份，条目 {item.key} 没有写 area。", "请写明列在哪一处。")
    _check_demo(pack, codes, report)


def _check_list(pack: Pack, spec: ListSpec, at: Keys, report: Report) -> None:
    if spec.per is not None:
        report.need(spec.per, pack.units.level_keys(), "级别", (*at, "per"))
    if report.need(spec.owner, pack.units.roles, "角色", (*at, "owner")):
        role = pack.units.roles[spec.owner]
        if MANAGE not in role.may:
            what = f"维护清单的角色 {spec.owner} 没有 {MANAGE} 权限。"
            report.add((*at, "owner"), what, f"请在 units.yaml 给 {spec.owner} 的 may 加上 {MANAGE}，或换一个角色。")
    if spec.procedure is not None and report.need(spec.procedure, pack.procedures, "流程", (*at, "procedure")):
        subject = pack.procedures[spec.procedure].subject
        if subject != SUBJECT:
            what = f"流程 {spec.procedure} 在 {subject} 上运行，不在清单条目上。"
            report.add((*at, "procedure"), what, f"请换成 subject: {SUBJECT} 的流程。")
    for other in spec.refers:
        report.need(other, pack.lists, "清单", (*at, "refers"))
    if spec.gate is not None:
        for kind in spec.gate.protects:
            report.need(kind, pack.units.bodies, "组织类别", (*at, "gate", "protects"))
        if spec.gate.apply is not None:
            report.need(spec.gate.apply, pack.procedures, "流程", (*at, "gate", "apply"))


def _check_refer(pack: Pack, spec: ListSpec, refer: str, at: Keys, report: Report) -> None:
    other, _, item = refer.partition(":")
    if not item:
        report.add(at, f"关联“{refer}”写法不对。", "请写作 清单键:条目编号，例如 demand:D-01。")
    elif report.need(other, spec.refers, "可关联的清单", at) and other in pack.lists:
        report.need(item, [one.key for one in pack.lists[other].items], f"{other} 的条目", at)


def _check_demo(pack: Pack, codes: set[str], report: Report) -> None:
    for index, demo in enumerate(pack.demo.lists if pack.demo else []):
        at: Keys = ("demo", "lists", index)
        if not report.need(demo.key, pack.lists, "清单", (*at, "list")):
            continue
        if pack.lists[demo.key].per is None and demo.area is not None:
            report.add((*at, "area"), f"清单 {demo.key} 全区一份，不分地域。", "请删去 area。")
        for number, edition in enumerate(demo.editions):
            for klass, one in edition.classes.items():
                here: Keys = (*at, "editions", number, "classes", klass)
                for code in one.categories:
                    report.need(code, codes, "诉求类别", (*here, "categories"))
                for line in one.lines:
                    for refer in line.refers:
                        other = refer.partition(":")[0]
                        report.need(other, pack.lists[demo.key].refers, "可关联的清单", (*here, "lines"))
                    for name in line.fields:
                        report.need(name, pack.lists[demo.key].fields, "栏目", (*here, "lines"))
                if len(one.categories) + len(one.titles) + len(one.lines) > one.count:
                    report.add(here, "写了名称和类别的条目比条数还多。", "请增加 count。")
