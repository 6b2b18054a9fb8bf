"""Reads of duty: the links of a district, kept with its organization, and how far its rules are kept."""

from __future__ import annotations

from datetime import date

from tongxin.kernel.caches import VersionedCache
from tongxin.organization.models import DutyLink, Person
from tongxin.organization.queries.copies import directory
from tongxin.organization.rules import duty
from tongxin.organization.rules.duty import Duty, End, Link
from tongxin.packs import api as packs
from tongxin.territory import api as territory

_links: VersionedCache[list[Link]] = VersionedCache()
_SOURCES, _TARGETS = ("post", "body", "person"), ("area", "body", "post", "person")


def links(district: packs.DistrictView) -> list[Link]:
    """Return all links of the district, ended ones included. 0 statements when kept; 1 after a change."""
    return _links.get(district.id, district.organization_version, lambda: load_links(district.id))


def load_links(district_id: int) -> list[Link]:
    """Read the links from the table, past any copy. 1 statement."""
    rows = DutyLink.objects.filter(district_id=district_id).order_by("kind", "id")
    columns = [f"from_{what}_id" for what in _SOURCES] + [f"to_{what}_id" for what in _TARGETS]
    out = []
    for row in rows.values_list("id", "kind", "from_on", "until_on", *columns):
        ident, kind, from_on, until_on, *ends = row
        source = next((what, one) for what, one in zip(_SOURCES, ends[:3], strict=True) if one is not None)
        target = next((what, one) for what, one in zip(_TARGETS, ends[3:], strict=True) if one is not None)
        out.append(Link(ident, kind, source, target, from_on, until_on))
    return out


class Names:
    """Names of ends; of persons in one statement for all that are asked."""

    def __init__(self, district: packs.DistrictView, persons: list[int] | None = None) -> None:
        self._directory, self._tree = directory(district), territory.tree(district)
        self._persons: dict[int, str] = {}
        if persons:
            rows = Person.objects.filter(district_id=district.id, pk__in=persons)
            self._persons = dict(rows.values_list("id", "name"))

    def __call__(self, end: End) -> str:
        what, ident = end
        if what == "area":
            place = self._tree.ever(ident)
            return self._tree.full_name(ident) if place is not None else f"{ident}"
        if what == "body":
            body = self._directory.body(ident)
            return body.name if body is not None else f"{ident}"
        if what == "post":
            post = self._directory.post(ident)
            return post.title if post is not None else f"{ident}"
        return self._persons.get(ident) or self._directory.name_of(ident) or f"{ident}"


def list_duties(
    district: packs.DistrictView, *, on: date, sections: frozenset[str] = frozenset(duty.SECTIONS)
) -> list[Duty]:
    """Return every rule of duty that the pack has, and how far it is kept that day.

    0 statements when copies are kept, 1 more for each of inhabitants and households where staffing asks for them.
    """
    units, known, tree = district.pack.units, directory(district), territory.tree(district)
    name = Names(district)
    out: list[Duty] = []
    if "links" in sections:
        by_hand = links(district) if units.links else []
        for key, kind in units.links.items():
            found = duty.covers_as_links(key, kind, known, tree) if kind.by == "covers" else by_hand
            out.append(duty.judge_links(key, kind, found, known, tree, name, on))
    if "required" in sections:
        out += [duty.judge_required(key, rule, known, tree, name, on) for key, rule in units.required.items()]
    if "concurrent" in sections:
        out += [duty.judge_concurrent(key, rule, known, name, on) for key, rule in units.concurrent.items()]
    if "staffing" in sections:
        told = {of: territory.count_sizes(district, of) for of in {rule.of for rule in units.staffing.values()}}
        out += [
            duty.judge_staffing(key, rule, known, tree, *told[rule.of], name, on)
            for key, rule in units.staffing.items()
        ]
    return out


def list_running(district: packs.DistrictView, kind: str, *, on: date, rows: int = 200) -> list[tuple[Link, str, str]]:
    """Return (link, name of one end, name of the other) of the links of a kind that run that day (0–1 statements)."""
    found = [link for link in links(district) if link.kind == kind and link.runs(on)][:rows]
    persons = [ident for link in found for what, ident in (link.source, link.target) if what == "person"]
    name = Names(district, persons)
    return [(link, name(link.source), name(link.target)) for link in found]
