"""Reads of lists. Each says its statements; the published editions that guard communities are kept in each process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotFound
from tongxin.lists.models import Admission, Edition, Item
from tongxin.lists.rules import Comparison, Leave, Line, Standing, compare
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import ListSpec
from tongxin.territory import api as territory

ROWS = 100
_standing: VersionedCache[tuple[list[Standing], list[Leave]]] = VersionedCache()


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list with its editions in force and what is on them."""

    key: str
    spec: ListSpec
    editions: tuple[Any, ...]  # published ones in force, one a place
    items: int
    open: int
    done: int
    drafts: int


def spec_of(district: packs.DistrictView, key: str) -> ListSpec:
    """Return a list of the pack in force (0 statements). Raises NotFound."""
    spec = district.pack.lists.get(key)
    if spec is None:
        raise NotFound("no_list", "没有这个清单。", "请从清单目录里打开。")
    return spec


def list_lists(district: packs.DistrictView, *, public_only: bool = False) -> list[ListRow]:
    """Return all lists of the pack in its order with the counts of their editions in force (2 statements)."""
    counted = Edition.objects.filter(pk__in=_in_force(district).values("pk")).order_by("list_key", "area_id").annotate(
        n=Count("items"), n_open=Count("items", filter=Q(items__stage__in=("open", "taken"))),
        n_done=Count("items", filter=Q(items__stage="done")),
    )  # fmt: skip
    editions: dict[str, list[Any]] = defaultdict(list)
    for edition in counted:
        editions[edition.list_key].append(edition)
    drafts = dict(
        Edition.objects.filter(district_id=district.id, status="draft").values_list("list_key").annotate(n=Count("id"))
    )
    return [
        ListRow(
            key, spec, tuple(editions[key]), sum(e.n for e in editions[key]), sum(e.n_open for e in editions[key]),
            sum(e.n_done for e in editions[key]), drafts.get(key, 0),
        )
        for key, spec in district.pack.lists.items()
        if spec.public or not public_only
    ]  # fmt: skip


def _in_force(district: packs.DistrictView) -> QuerySet[Edition]:
    """The newest published edition of each list at each place."""
    return (
        Edition.objects.filter(district_id=district.id, status="published")
        .order_by("list_key", F("area_id").asc(nulls_first=True), "-number")
        .distinct("list_key", "area_id")
    )


def list_editions(district: packs.DistrictView, key: str) -> list[Any]:
    """Return all editions of a list, newest first, each with its number of items ``n`` (1 statement)."""
    found = Edition.objects.filter(district_id=district.id, list_key=key).annotate(n=Count("items"))
    return list(found.order_by("-from_on", "-number", "area_id"))


def get_edition(district: packs.DistrictView, edition_id: int) -> Edition:
    """Return an edition (1 statement). Raises NotFound."""
    edition = Edition.objects.filter(pk=edition_id, district_id=district.id).first()
    if edition is None:
        raise NotFound("no_edition", "没有清单的这一版。", "请从清单页面重新打开。")
    return edition


def list_items(
    edition: Edition, *, klass: str = "", stage: str = "", words: str = "", after: str = "", rows: int = ROWS
) -> tuple[list[Item], str]:
    """Return items of an edition by key, and the mark of the next page (1 statement)."""
    found = Item.objects.filter(edition=edition).order_by("key")
    if klass:
        found = found.filter(klass=klass)
    if stage:
        found = found.filter(stage=stage)
    if words:
        found = found.filter(Q(title__icontains=words) | Q(key__iexact=words))
    if after:
        found = found.filter(key__gt=after)
    some = list(found[: rows + 1])
    return some[:rows], some[rows - 1].key if len(some) > rows else ""


def count_classes(edition: Edition) -> list[tuple[str, str, int]]:
    """Return (class, title, items) of an edition in its own order (1 statement)."""
    counts = dict(Item.objects.filter(edition=edition).values_list("klass").annotate(n=Count("id")))
    return [(key, title, counts.get(key, 0)) for key, title in edition.classes.items()]


def get_item(district: packs.DistrictView, item_id: int) -> Item:
    """Return an item with its edition (1 statement). Raises NotFound."""
    item = (
        Item.objects.select_related("edition", "carried_from__edition")
        .filter(pk=item_id, district_id=district.id)
        .first()
    )
    if item is None:
        raise NotFound("no_item", "没有这一条。", "请从清单里重新打开。")
    return item


def find_item_of_case(district: packs.DistrictView, case_id: int) -> Item | None:
    """Return the newest line of the item that a run runs on (1 statement)."""
    found = Item.objects.select_related("edition", "carried_from__edition")
    return found.filter(district_id=district.id, case_id=case_id).order_by("-id").first()


def related(district: packs.DistrictView, item: Item) -> list[tuple[str, Item]]:
    """Return (what it is to this one, item) for the items it refers to and those that refer to it (1 statement)."""
    mine = f"{item.list_key}:{item.key}"
    wanted = Q(refers__contains=[mine])
    for refer in item.refers:
        key, _, number = refer.partition(":")
        wanted |= Q(list_key=key, key=number)
    latest: dict[tuple[str, str], Item] = {}
    for other in Item.objects.select_related("edition").filter(wanted, district_id=district.id).order_by("id"):
        latest[(other.list_key, other.key)] = other
    lists, out = district.pack.lists, []
    for (key, _), other in latest.items():
        spec = lists.get(key)
        forward = f"{key}:{other.key}" in item.refers
        own = lists.get(item.list_key)
        title = own.refers.get(key, "") if forward and own else ""
        out.append((title or (spec.title if spec else key), other))
    return out


def lines_of(district: packs.DistrictView, edition: Edition) -> list[Line]:
    """Return the items of an edition as plain lines (1 statement)."""
    directory = organization.directory(district)
    rows = Item.objects.filter(edition=edition).order_by("key")
    return [
        Line(
            row.key, row.klass, row.title, row.share, row.fields,
            body.name if (body := directory.body(row.owner_id)) else "", tuple(row.categories),
        )
        for row in rows
    ]  # fmt: skip


def compare_editions(district: packs.DistrictView, before: Edition, after: Edition) -> Comparison:
    """Return what changed from one edition to another (2 statements)."""
    spec = district.pack.lists.get(after.list_key)
    titles = {key: item.title for key, item in spec.fields.items()} if spec else {}
    return compare(lines_of(district, before), lines_of(district, after), before.classes, after.classes, titles)


def standing(district: packs.DistrictView) -> tuple[list[Standing], list[Leave]]:
    """Return the published lists that guard bodies, and what is admitted for a time. 0 statements when kept; 3 after a change."""
    version = (district.lists_version, district.pack_id)
    return _standing.get(district.id, version, lambda: _load_standing(district))


def _load_standing(district: packs.DistrictView) -> tuple[list[Standing], list[Leave]]:
    gates = {key: spec for key, spec in district.pack.lists.items() if spec.gate is not None}
    if not gates:
        return [], []
    editions = list(_in_force(district).filter(list_key__in=gates))
    lines: dict[int, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    rows = Item.objects.filter(edition__in=editions).exclude(categories=[]).order_by("key")
    for edition_id, key, klass, title, share, codes in rows.values_list(
        "edition_id", "key", "klass", "title", "share", "categories"
    ):
        for code in codes:
            lines[edition_id][code].append(Line(key, klass, title, share, categories=tuple(codes)))
    standings = []
    for edition in editions:
        spec = gates[edition.list_key]
        assert spec.gate is not None
        kept = {code: tuple(found) for code, found in lines[edition.pk].items()}
        protects = frozenset(spec.gate.protects)
        standings.append(
            Standing(
                edition.list_key,
                spec.title,
                edition.pk,
                edition.title,
                edition.area_id,
                protects,
                spec.gate.unlisted == "refuse",
                kept,
            )
        )
    leaves = [
        Leave(key, title, frozenset(codes), area_id, from_at, until_at)
        for key, title, codes, area_id, from_at, until_at in Admission.objects.filter(
            district_id=district.id, list_key__in=gates
        ).values_list("list_key", "title", "categories", "area_id", "from_at", "until_at")
    ]
    return standings, leaves


def list_admissions(district: packs.DistrictView, key: str, *, rows: int = 50) -> list[Admission]:
    """Return what a list admits or admitted for a time, newest first (1 statement)."""
    return list(Admission.objects.filter(district_id=district.id, list_key=key).order_by("-until_at")[:rows])


def places_of(district: packs.DistrictView, spec: ListSpec) -> list[territory.Place]:
    """Return the places that each have an edition of their own; none for a list of the whole district (0 statements)."""
    return territory.tree(district).at_level(spec.per) if spec.per else []


def late_periods(district: packs.DistrictView, now: datetime) -> Sequence[Edition]:
    """Return published editions whose period has ended and that nobody has closed (1 statement)."""
    found = Edition.objects.filter(district_id=district.id, status="published", to_on__lt=local(now).date())
    return list(found.order_by("to_on", "list_key"))


def find_draft(district: packs.DistrictView, key: str, area_id: int | None) -> Edition | None:
    """Return the edition of a list that is being drafted at a place (1 statement)."""
    return Edition.objects.filter(Q(area_id=area_id), district_id=district.id, list_key=key, status="draft").first()


def count_items(district: packs.DistrictView, *, back: int = 0) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (list, class) → (items, items done) on the editions in force, or ``back`` published editions earlier (1 statement)."""
    ranked = Edition.objects.filter(district_id=district.id).exclude(status="draft")
    ranked = ranked.annotate(
        rank=Window(RowNumber(), partition_by=[F("list_key"), F("area_id")], order_by=F("number").desc())
    )
    rows = Item.objects.filter(edition__in=ranked.filter(rank=back + 1).values("pk")).order_by()
    counted = rows.values_list("list_key", "klass").annotate(n=Count("id"), done=Count("id", filter=Q(stage="done")))
    return {(key, klass): (n, done) for key, klass, n, done in counted}
