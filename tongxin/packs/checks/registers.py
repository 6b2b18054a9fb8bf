"""Documents, registers, tags and merged networks: what they name exists, versions follow one another, nobody is scored."""

from __future__ import annotations

from itertools import pairwise

from tongxin.kernel import registry
from tongxin.packs.checks.report import Report
from tongxin.packs.checks.units import level_of
from tongxin.packs.reading import Keys
from tongxin.packs.schema import DemoRegister, Document, Pack, Register, SeedEntry, Tag

KEEP = "keep_registers"
LOOK = "see_personal"
# words of a tag or a class that would make a register of persons a ranking of persons (norm §9b)
_JUDGING = ("积分", "信用分", "评分", "得分", "打分", "排名", "名次", "星级", "优劣", "黑名单", "重点人")


def check_registers(pack: Pack, report: Report) -> None:
    """Check documents.yaml, registers.yaml, tags.yaml, the networks of units.yaml and what demo.yaml enters."""
    for key, document in pack.documents.items():
        _check_document(pack, key, document, report)
    for key, register in pack.registers.items():
        _check_register(pack, key, register, report)
    for key, tag in pack.tags.items():
        _check_tag(pack, tag, ("tags", key), report)
    _check_networks(pack, report)
    _check_seats(pack, report)
    if pack.demo is not None:
        for index, one in enumerate(pack.demo.registers):
            _check_demo(pack, one, ("demo", "registers", index), report)
        for key in pack.demo.signed:
            known = report.need(key, pack.documents, "文件", ("demo", "signed", key))
            if known and not pack.documents[key].parties.signed:
                report.add(("demo", "signed", key), f"文件 {key} 没有签署方（parties）。", "请写 parties，或删去。")
        for key in pack.demo.tagged:
            report.need(key, pack.tags, "标签", ("demo", "tagged", key))


def _check_runs(pack: Pack, runs: dict[str, list[str]], at: Keys, report: Report) -> None:
    for section, names in runs.items():
        if report.need(section, registry.sections.names(), "种类", (*at, section)):
            entry = registry.sections[section]
            known = entry.call(pack)
            for index, name in enumerate(names):
                report.need(name, known, entry.title, (*at, section, index))


def _check_document(pack: Pack, key: str, document: Document, report: Report) -> None:
    at: Keys = ("documents", key)
    bodies = [body.key for body in pack.bodies]
    if document.issuer is not None:
        report.need(document.issuer, bodies, "组织", (*at, "issuer"), "组织写在 bodies.yaml；外面的机关写 issued_by。")
    if document.issuer is None and not document.issued_by:
        report.add(at, f"文件“{document.title}”没有写是谁发的。", "请写 issuer（本地组织的键）或 issued_by（名称）。")
    if document.under is not None:
        known = report.need(document.under, pack.documents, "文件", (*at, "under"))
        if known and (document.under == key or pack.documents[document.under].under is not None):
            report.add((*at, "under"), "配套文件只挂在一份总文件之下，不再往下挂。", "请改成那份总文件的键。")
    parties = document.parties
    for name in parties.bodies:
        report.need(name, bodies, "组织", (*at, "parties", "bodies"), "组织写在 bodies.yaml。")
    for kind in (*parties.kinds, *([parties.per] if parties.per else [])):
        report.need(kind, pack.units.bodies, "组织类别", (*at, "parties"))
    _check_runs(pack, document.runs, (*at, "runs"), report)
    for number, version in enumerate(document.versions):
        here: Keys = (*at, "versions", number)
        seen: set[str] = set()
        for index, clause in enumerate(version.clauses):
            if clause.no in seen:
                report.add(
                    (*here, "clauses", index, "no"), f"第 {clause.no} 条写了两次。", "条号在一版里唯一，请改正。"
                )
            seen.add(clause.no)
            _check_runs(pack, clause.runs, (*here, "clauses", index, "runs"), report)
    for number, (before, after) in enumerate(pairwise(document.versions)):
        if before.to is None or after.from_ is None or after.from_ <= before.to:
            what = f"“{before.title}”和“{after.title}”在时间上接不上。"
            report.add((*at, "versions", number + 1), what, "请给前一版写 to，给后一版写 from，后一版晚于前一版。")


def _check_register(pack: Pack, key: str, register: Register, report: Report) -> None:
    at: Keys = ("registers", key)
    if register.level is not None:
        report.need(register.level, pack.units.level_keys(), "级别", (*at, "level"))
    elif register.of == "area":
        report.add(at, f"册“{register.title}”登的是地域，却没有写哪一级。", "请写 level。")
    for kind in register.kinds:
        report.need(kind, pack.units.bodies, "组织类别", (*at, "kinds"))
    if register.of == "body" and not register.kinds:
        report.add(at, f"册“{register.title}”登的是组织，却没有写哪几类。", "请写 kinds。")
    if (
        report.need(register.owner, pack.units.roles, "角色", (*at, "owner"))
        and KEEP not in pack.units.roles[register.owner].may
    ):
        what = f"登记的角色 {register.owner} 没有 {KEEP} 权限。"
        report.add((*at, "owner"), what, f"请在 units.yaml 给 {register.owner} 的 may 加上 {KEEP}，或换一个角色。")
    if register.under is not None:
        known = report.need(register.under, pack.registers, "名册", (*at, "under"))
        if known and (register.under == key or pack.registers[register.under].under is not None):
            report.add((*at, "under"), "上级册自己还有上级册。", "只分两层，请改正。")
    if register.amount is not None:
        known = report.need(register.amount, register.fields, "栏目", (*at, "amount"))
        if known and register.fields[register.amount].type != "number":
            report.add((*at, "amount"), f"金额栏目 {register.amount} 不是数。", "请写 type: number，单位为元。")
    if register.of == "person":
        for where, words in (("classes", register.classes), ("stages", register.stages)):
            _never_judges(words, (*at, where), report)
        _never_judges({name: field.title for name, field in register.fields.items()}, (*at, "fields"), report)
    seen: set[str] = set()
    for index, entry in enumerate(register.entries):
        here: Keys = (*at, "entries", index)
        if entry.key in seen:
            report.add((*here, "key"), f"编号 {entry.key} 写了不止一次。", "编号在一本册里唯一，请换一个。")
        seen.add(entry.key)
        _check_entry(pack, register, entry, here, report)


def _check_entry(pack: Pack, register: Register, entry: SeedEntry, at: Keys, report: Report) -> None:
    if entry.klass is not None:
        report.need(entry.klass, register.classes, "分类", (*at, "class"))
    elif len(register.classes) > 1:
        report.add(at, f"条目 {entry.key} 没有写哪一类。", f"请写 class，可选 {'、'.join(register.classes)}。")
    if entry.stage is not None:
        report.need(entry.stage, register.stages, "步骤", (*at, "stage"))
    if entry.document is not None:
        report.need(entry.document, pack.documents, "文件", (*at, "document"))
    if entry.body is not None:
        report.need(entry.body, [body.key for body in pack.bodies], "组织", (*at, "body"), "组织写在 bodies.yaml。")
    if register.of == "body" and entry.body is None:
        report.add(at, f"条目 {entry.key} 没有写是哪个组织。", "请写 body。")
    if register.level is not None and entry.area is None:
        report.add(at, f"条目 {entry.key} 没有写在哪里。", "请写 area（地域代码）。")
    for name in entry.fields:
        report.need(name, register.fields, "栏目", (*at, "fields", name))
    if register.under is not None and register.under in pack.registers:
        known = [one.key for one in pack.registers[register.under].entries]
        if entry.under is None:
            report.add(at, f"条目 {entry.key} 没有写属于上级册的哪一条。", f"请写 under，可选 {'、'.join(known[:8])}。")
        else:
            report.need(entry.under, known, "上级条目", (*at, "under"))
    if entry.from_ is not None and entry.to is not None and entry.to < entry.from_:
        report.add((*at, "to"), "to 早于 from。", "请改正日期。")
    _check_runs(pack, entry.runs, (*at, "runs"), report)


def _check_tag(pack: Pack, tag: Tag, at: Keys, report: Report) -> None:
    for index, role in enumerate(tag.roles):
        if (
            report.need(role, pack.units.roles, "角色", (*at, "roles", index))
            and LOOK not in pack.units.roles[role].may
        ):
            what = f"角色 {role} 没有 {LOOK} 权限，看不了个人信息。"
            report.add((*at, "roles", index), what, f"请在 units.yaml 给它加上 {LOOK}，或从 roles 里去掉。")
    if tag.document is not None:
        report.need(tag.document, pack.documents, "文件", (*at, "document"))
    _never_judges({"title": tag.title}, at, report)


def _never_judges(words: dict[str, str], at: Keys, report: Report) -> None:
    for name, title in words.items():
        found = next((word for word in _JUDGING if word in title), "")
        if found:
            report.add(
                (*at, name),
                f"“{title}”是在给人打分、排名或贴评价标签（{found}）。",
                "只登事实和需要的帮助，请改写或删去（norm 9b）。",
            )


def _check_networks(pack: Pack, report: Report) -> None:
    units, codes = pack.units, pack.catalogue.by_code
    for key, network in units.networks.items():
        at: Keys = ("units", "networks", key)
        known = report.need(network.level, units.level_keys(), "级别", (*at, "level"))
        for kind in network.bodies:
            report.need(kind, units.bodies, "组织类别", (*at, "bodies"))
        for role in network.roles:
            if report.need(role, units.roles, "角色", (*at, "roles")) and known:
                acts_at = level_of(pack, units.roles[role])
                if acts_at is not None and units.level_keys().index(acts_at) > units.level_keys().index(network.level):
                    report.add((*at, "roles"), f"角色 {role} 设在更细的一级，承担不了整个网格的事。", "请换一个角色。")
        for code in network.categories:
            report.need(code, codes, "类别代码", (*at, "categories"))


def _check_seats(pack: Pack, report: Report) -> None:
    for key, role in pack.units.roles.items():
        at: Keys = ("units", "roles", key, "from")
        for kind in role.from_:
            report.need(kind, pack.units.bodies, "组织类别", at)
        if role.from_ and role.time != "part":
            report.add(at, f"角色 {key} 写了来自哪类组织，却不是兼职。", "请写 time: part，或删去 from。")


def _check_demo(pack: Pack, demo: DemoRegister, at: Keys, report: Report) -> None:
    if not report.need(demo.key, pack.registers, "名册", (*at, "register")):
        return
    register = pack.registers[demo.key]
    for klass in demo.classes:
        report.need(klass, register.classes, "分类", (*at, "classes", klass))
    for stage in demo.stages:
        report.need(stage, register.stages, "步骤", (*at, "stages", stage))
    for name in demo.fields:
        report.need(name, register.fields, "栏目", (*at, "fields", name))
    if demo.over is not None:
        report.need(demo.over, pack.units.level_keys(), "级别", (*at, "over"))
    if demo.kind is not None:
        report.need(demo.kind, pack.units.bodies, "组织类别", (*at, "kind"))
    if demo.role is not None:
        report.need(demo.role, pack.units.roles, "角色", (*at, "role"))
    if demo.document is not None:
        report.need(demo.document, pack.documents, "文件", (*at, "document"))
    known = [one.key for one in pack.registers[register.under].entries] if register.under in pack.registers else []
    for name in demo.under:
        report.need(name, known, "上级条目", (*at, "under", name))
    total = sum(demo.classes.values())
    for name, parts in (("under", demo.under), ("stages", demo.stages)):
        if sum(parts.values()) > total:
            report.add((*at, name), f"{name} 合计 {sum(parts.values())}，比条数 {total} 还多。", "请改正。")
    if register.under is not None and sum(demo.under.values()) != total:
        report.add((*at, "under"), f"{total} 条里有的没有写属于上级册的哪一条。", "under 各数相加须等于条数。")
