"""Set and end links of duty, one by one or from a file; a link that breaks its kind's rules is refused with the name in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tongxin.kernel.clock import local
from tongxin.kernel.days import read_loose_day
from tongxin.kernel.errors import Conflict, Invalid, NotFound, Refusal
from tongxin.organization import access
from tongxin.organization.actions.writing import clean, demand_home, last_given, note, span_given, writing
from tongxin.organization.models import DutyLink, Person
from tongxin.organization.queries.copies import directory
from tongxin.organization.queries.duty import Names, load_links
from tongxin.organization.rules import duty
from tongxin.organization.rules.directory import Directory
from tongxin.organization.rules.duty import End, Link
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import LinkEnd, LinkKind
from tongxin.territory import api as territory

MANAGE = "manage_people"
BATCH = 2_000
FROM, TO, SINCE, UNTIL, NOTE = "联系人", "联系对象", "自", "至", "说明"
COLUMNS = (FROM, TO, SINCE, UNTIL, NOTE)


@dataclass(frozen=True, slots=True)
class LinkFault:
    """Why a row was not taken in."""

    row: int
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class LinksImported:
    """What an import did, or would do."""

    read: int
    added: int
    unchanged: int
    faults: tuple[LinkFault, ...]


def kind_of(district: packs.DistrictView, key: str) -> LinkKind:
    """Return a kind of link that is set by hand. Raises NotFound, Invalid."""
    kind = district.pack.units.links.get(key)
    if kind is None:
        raise NotFound("no_link_kind", "没有这种联系。", "联系写在资料包 units.yaml 的 links。")
    if kind.by == "covers":
        raise Invalid(
            "link_by_covers", f"“{kind.title}”就是组织所覆盖的地域。", "请到“人员与岗位”里改这个组织的覆盖范围。"
        )
    return kind


def set_link(
    *,
    district: packs.DistrictView,
    kind: str,
    source: End,
    target: End,
    actor: Actor,
    now: datetime,
    from_on: date | None = None,
    until_on: date | None = None,
    reason: str = "",
) -> int:
    """Bind one to another; return the link's id (6 statements).

    Raises:
        NotAllowed: manage_people is missing in the place it is bound to, or the district. NotFound. Invalid: an end that does not
        fit, days backward. Conflict: the kind's uniqueness or limit (XN-24, WH-28), with the name that is in the way.
    """
    spec = kind_of(district, kind)
    first, until_on = span_given(from_on, until_on, now)
    reason = clean(reason, "note", "说明", 120, needed=False)
    if until_on is not None and until_on < first:
        raise Invalid("link_backward", "结束日期早于开始日期。", "请改正日期。", "until_on")
    with writing(district.id):
        demand_home(district, actor)
        access.demand_all(actor, MANAGE, [target[1]] if target[0] == "area" else [])
        known, tree = directory(district), territory.tree(district)
        _check_ends(district, spec, source, target, known, tree)
        running = [link for link in load_links(district.id) if link.kind == kind and _overlaps(link, first, until_on)]
        name = _names(district, [source, target, *(end for link in running for end in (link.source, link.target))])
        broken = duty.broken_by(spec, running, source, target, name)
        if broken is not None:
            raise Conflict("link_breaks", *broken)
        made = DutyLink.objects.create(
            district_id=district.id, kind=kind, from_on=first, until_on=until_on, note=reason, **_ends(source, target)
        )
        detail = {"kind": kind, "from": f"{source}", "to": f"{target}", "from_on": f"{first}"}
        note(actor, "set_link", f"{name(source)} → {name(target)}", detail, now)
    return made.pk


def end_link(
    *, district: packs.DistrictView, link_id: int, actor: Actor, now: datetime, last_on: date | None = None
) -> None:
    """End a link, from today unless a last day is given; one that has not begun is taken back (6 statements).

    Raises NotFound where there is none, Conflict when it has ended.
    """
    with writing(district.id):
        demand_home(district, actor)
        link = DutyLink.objects.filter(pk=link_id, district_id=district.id).first()
        if link is None:
            raise NotFound("no_link", "没有这条联系。", "请刷新后再选。")
        access.demand_all(actor, MANAGE, [link.to_area_id] if link.to_area_id else [])
        last = last_given(last_on, now)
        if link.until_on is not None and link.until_on <= last:
            raise Conflict("link_ended", f"这条联系已于 {link.until_on:%Y-%m-%d} 结束。", "请刷新后再看。")
        if last < link.from_on:
            link.delete()
        else:
            link.until_on = last
            link.save(update_fields=["until_on"])
        note(actor, "end_link", link.kind, {"link": link_id, "last_on": f"{last}"}, now)


def import_links(
    *,
    district: packs.DistrictView,
    kind: str,
    path: Path,
    actor: Actor,
    now: datetime,
    name: str = "",
    dry_run: bool = False,
) -> LinksImported:
    """Take in links of one kind from a file with the columns 联系人, 联系对象, 自, 至, 说明 (about 9 statements whatever the rows).

    Rows that break a rule are left out and told; the others are written together; the same file twice changes nothing.

    Raises:
        NotAllowed: manage_people is missing in the whole district. NotFound. Invalid: the file cannot be read, lacks a column.
    """
    kind_of(district, kind)
    access.demand_all(actor, MANAGE, ())
    table = territory.read_table(path, name, COLUMNS)
    missing = [column for column in (FROM, TO) if column not in table.columns]
    if missing:
        raise Invalid(
            "columns_missing", f"文件缺少列：{'、'.join(missing)}。", f"第一行应有 {'、'.join(COLUMNS)}。", "file"
        )
    with writing(district.id):
        demand_home(district, actor)
        known, tree = directory(district), territory.tree(district)
        today = local(now).date()
        running = [
            link
            for link in load_links(district.id)
            if link.kind == kind and (link.until_on is None or link.until_on >= today)
        ]
        fresh, faults = _decide(district, kind, table.rows, running, known, tree, today)
        if not dry_run:
            DutyLink.objects.bulk_create(
                [
                    DutyLink(
                        district_id=district.id, kind=kind, from_on=link.from_on, until_on=link.until_on, note=said,
                        **_ends(link.source, link.target),
                    )
                    for link, said in fresh
                ],
                batch_size=BATCH,
            )  # fmt: skip
            unchanged = len(table.rows) - len(fresh) - len(faults)
            detail = {"kind": kind, "added": len(fresh), "unchanged": unchanged, "faults": len(faults)}
            note(actor, "import_links", (name or path.name)[:120], detail, now)
    return LinksImported(len(table.rows), len(fresh), len(table.rows) - len(fresh) - len(faults), tuple(faults))


def _decide(
    district: packs.DistrictView, kind: str, rows: Iterable[territory.RawRow], running: list[Link], known: Directory,
    tree: territory.AreaTree, today: date,
) -> tuple[list[tuple[Link, str]], list[LinkFault]]:  # fmt: skip
    """The links that rows add, each with its note, and what is wrong with rows; a row that runs already gives neither."""
    spec = kind_of(district, kind)
    find_from, find_to = _Finder(district, spec.from_, known, tree), _Finder(district, spec.to, known, tree)
    label = Names(district)
    fresh: list[tuple[Link, str]] = []
    faults: list[LinkFault] = []
    for row in rows:
        try:
            source, target = find_from.find(row.words[FROM]), find_to.find(row.words[TO])
            first = read_loose_day(row.words.get(SINCE, ""), SINCE, "", today=today) or today
            until = read_loose_day(row.words.get(UNTIL, ""), UNTIL, "", today=today)
            if until is not None and until < first:
                raise Invalid("link_backward", "结束日期早于开始日期。", "请改正日期。")
        except Refusal as refusal:
            faults.append(LinkFault(row.number, refusal.what, refusal.mend))
            continue
        if any(link.source == source and link.target == target for link in running):
            continue
        broken = duty.broken_by(spec, running, source, target, label)
        if broken is not None:
            faults.append(LinkFault(row.number, *broken))
            continue
        running.append(Link(0, kind, source, target, first, until))
        fresh.append((running[-1], row.words.get(NOTE, "")[:120]))
    return fresh, faults


def set_links(
    *, district: packs.DistrictView, kind: str, pairs: list[tuple[End, End]], actor: Actor, now: datetime, from_on: date
) -> int:
    """Bind many at once, for demos and take-overs; rules are judged afterwards on the page (5 statements)."""
    kind_of(district, kind)
    access.demand_all(actor, MANAGE, ())
    with writing(district.id):
        demand_home(district, actor)
        rows = [DutyLink(district_id=district.id, kind=kind, from_on=from_on, **_ends(a, b)) for a, b in pairs]
        DutyLink.objects.bulk_create(rows, batch_size=BATCH)
        note(actor, "set_links", kind, {"links": len(rows)}, now)
    return len(rows)


def _ends(source: End, target: End) -> dict[str, int]:
    return {f"from_{source[0]}_id": source[1], f"to_{target[0]}_id": target[1]}


def _overlaps(link: Link, first: date, last: date | None) -> bool:
    return (last is None or link.from_on <= last) and (link.until_on is None or link.until_on >= first)


def _check_ends(
    district: packs.DistrictView, spec: LinkKind, source: End, target: End, known: Directory, tree: territory.AreaTree
) -> None:
    for field, end, one in (("source", spec.from_, source), ("target", spec.to, target)):
        there = duty.fits(end, one, known, tree)
        if there and one[0] == "person":
            there = Person.objects.filter(pk=one[1], district_id=district.id).exists()
        if not there:
            raise Invalid(
                "link_end",
                f"“{spec.title}”的{'联系人' if field == 'source' else '联系对象'}选得不对。",
                "请从列表里选。",
                field,
            )
    if source == target:
        raise Invalid("link_self", "不能自己联系自己。", "请另选。", "target")


def _names(district: packs.DistrictView, ends: list[End]) -> Names:
    return Names(district, [ident for what, ident in ends if what == "person"])


class _Finder:
    """What a cell of a file means at an end: a title, a name, a code."""

    def __init__(self, district: packs.DistrictView, end: LinkEnd, known: Directory, tree: territory.AreaTree) -> None:
        self._named: dict[str, list[End]] = {}
        self._title = "地域" if end.level else "组织" if end.body else "岗位" if end.role else "人员"
        if end.person:
            for ident, text in Person.objects.filter(district_id=district.id).values_list("id", "name"):
                self._add(text, ("person", ident))
        for one in duty.ends_of(end, known, tree):
            for text in _said(one, known, tree):
                self._add(text, one)

    def _add(self, text: str, one: End) -> None:
        ends = self._named.setdefault(text, [])
        if one not in ends:
            ends.append(one)

    def find(self, text: str) -> End:
        """Return the one thing of that name. Raises Invalid for none or several."""
        found = self._named.get(text.strip(), [])
        if not found:
            raise Invalid("link_unknown", f"没有叫“{text.strip()[:40]}”的{self._title}。", "请写全称，地域可写代码。")
        if len(found) > 1:
            raise Invalid(
                "link_several", f"叫“{text.strip()[:40]}”的{self._title}不止一个。", "请写全称，地域请写代码。"
            )
        return found[0]


def _said(one: End, known: Directory, tree: territory.AreaTree) -> list[str]:
    what, ident = one
    if what == "area":
        place = tree.get(ident)
        return [place.code, place.name, tree.full_name(ident)] if place else []
    if what == "body":
        body = known.body(ident)
        return [body.name, *([body.key] if body.key else [])] if body else []
    post = known.post(ident)
    return [post.title] if post else []


def options_of(district: packs.DistrictView, end: LinkEnd) -> Mapping[str, str]:
    """Return what may be chosen at an end: ``post:3`` → its name (0 statements; 1 for persons)."""
    known, tree = directory(district), territory.tree(district)
    if end.person:
        rows = Person.objects.filter(district_id=district.id).order_by("name")[:2_000]
        return {f"person:{ident}": name for ident, name in rows.values_list("id", "name")}
    name = Names(district)
    return {f"{what}:{ident}": name((what, ident)) for what, ident in duty.ends_of(end, known, tree)[:2_000]}
