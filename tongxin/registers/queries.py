"""Reads of registers: what each holds, its lines and their history, signatures, what is entered for a place. Each says its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import Clause, Document, DocumentVersion, Register
from tongxin.registers.models import Change, Entry, KeptVersion, Mark, Signature
from tongxin.registers.rules import Copy, carried_places, continued, copies
from tongxin.territory import api as territory

ROWS = 60
SCANS_OF = "document"  # what scans belong to: a kept version of a document


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A register with how many lines run today, all and by class."""

    key: str
    spec: Register
    count: int
    classes: Mapping[str, int]


def spec_of(district: packs.DistrictView, key: str) -> Register:
    """Return a register of the pack in force (0 statements). Raises NotFound."""
    found = district.pack.registers.get(key)
    if found is None:
        raise NotFound("no_register", "没有这本册。", "请从名册列表里重新打开。")
    return found


def document_of(district: packs.DistrictView, key: str) -> Document:
    """Return a document of the pack in force, with the versions that were added to it (1 statement). Raises NotFound."""
    found = district.pack.documents.get(key)
    if found is None:
        raise NotFound("no_document", "没有这份文件。", "请从制度文件里重新打开。")
    return continued(found, _added(found, papers_of(district, key)))


def documents_of(district: packs.DistrictView) -> dict[str, Document]:
    """Return all documents with the versions that were added to them (1 statement)."""
    kept: dict[str, dict[int, KeptVersion]] = defaultdict(dict)
    for row in KeptVersion.objects.filter(district_id=district.id, withdrawn_at=None).order_by("number"):
        kept[row.document][row.number] = row
    return {key: continued(one, _added(one, kept[key])) for key, one in district.pack.documents.items()}


def papers_of(district: packs.DistrictView, key: str) -> dict[int, KeptVersion]:
    """Number of a version → what the office keeps of it (1 statement)."""
    rows = KeptVersion.objects.filter(district_id=district.id, document=key, withdrawn_at=None).order_by("number")
    return {row.number: row for row in rows}


def _added(document: Document, papers: Mapping[int, KeptVersion]) -> list[DocumentVersion]:
    found = []
    number = len(document.versions) + 1
    while (row := papers.get(number)) is not None:
        clauses = [Clause(no=no, heading=heading, text=text) for no, heading, text in row.clauses]
        found.append(DocumentVersion(title=row.title, from_=row.from_on, about=row.about, clauses=clauses))
        number += 1
    return found


def running(district: packs.DistrictView, on: date) -> QuerySet[Entry]:
    """Lines that run on a day."""
    begun, going = Q(from_on=None) | Q(from_on__lte=on), Q(until_on=None) | Q(until_on__gte=on)
    return Entry.objects.filter(begun, going, district_id=district.id)


def count_entries(district: packs.DistrictView, on: date) -> dict[str, dict[tuple[str, str], int]]:
    """Register → (class, stage) → lines that run (1 statement)."""
    out: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = running(district, on).order_by().values_list("register", "klass", "stage").annotate(n=Count("id"))
    for register, klass, stage, n in rows:
        out[register][klass, stage] = n
    return out


def list_registers(district: packs.DistrictView, on: date, *, public_only: bool = False) -> list[RegisterRow]:
    """Every register of the pack with its counts (1 statement)."""
    found = count_entries(district, on)
    rows = []
    for key, spec in district.pack.registers.items():
        if public_only and not spec.public:
            continue
        counts = dict.fromkeys(spec.classes, 0)
        for (klass, _), n in found.get(key, {}).items():
            counts[klass] = counts.get(klass, 0) + n
        rows.append(RegisterRow(key, spec, sum(counts.values()), counts))
    return rows


def list_entries(
    district: packs.DistrictView,
    key: str,
    on: date,
    *,
    klass: str = "",
    stage: str = "",
    words: str = "",
    under: int | None = None,
    area_ids: Collection[int] | None = None,
    ended: bool = False,
    after: int = 0,
    rows: int = ROWS,
    names: bool = False,
) -> tuple[list[Entry], int]:
    """Return lines of a register by age, and the mark of the next page (1 statement).

    Args:
        area_ids: only lines at these places and lines at no place. ended: also those that run no more.
        names: whether the reader may search by a person's name.
    """
    found = Entry.objects.filter(district_id=district.id) if ended else running(district, on)
    found = found.filter(register=key).select_related("under", "body", "area").order_by("id")
    if klass:
        found = found.filter(klass=klass)
    if stage:
        found = found.filter(stage=stage)
    if words:
        by_words = Q(title__icontains=words) | Q(key__iexact=words) | Q(by__icontains=words)
        found = found.filter(by_words | Q(who__icontains=words) if names else by_words)
    if under is not None:
        found = found.filter(under_id=under)
    if area_ids is not None:
        found = found.filter(Q(area=None) | Q(area_id__in=list(area_ids)))
    if after:
        found = found.filter(id__gt=after)
    some = list(found[: rows + 1])
    return some[:rows], some[rows - 1].pk if len(some) > rows else 0


def get_entry(district: packs.DistrictView, entry_id: int) -> Entry:
    """Return a line (1 statement). Raises NotFound."""
    found = Entry.objects.select_related("under", "body", "area").filter(pk=entry_id, district_id=district.id).first()
    if found is None or found.register not in district.pack.registers:
        raise NotFound("no_entry", "没有这一条登记。", "请从名册里重新打开。")
    return found


def history(entry: Entry) -> list[Change]:
    """What was done with a line, oldest first (1 statement)."""
    return list(Change.objects.filter(entry=entry).order_by("on", "id"))


def parts_of(entry: Entry) -> dict[str, int]:
    """Register → how many of its lines belong to this one (1 statement)."""
    return dict(Entry.objects.filter(under=entry).order_by().values_list("register").annotate(n=Count("id")))


def marks_at(
    district: packs.DistrictView, on: date, *, area_ids: Sequence[int] = (), body_ids: Sequence[int] = ()
) -> list[tuple[str, Entry]]:
    """(words, line) of the flags that stand at these places or bodies today (0–1 statement)."""
    flagged = {key: spec.mark for key, spec in district.pack.registers.items() if spec.mark}
    if not flagged or not (area_ids or body_ids):
        return []
    where = Q(area_id__in=list(area_ids)) | Q(body_id__in=list(body_ids))
    found = running(district, on).filter(where, register__in=flagged).select_related("area", "body").order_by("id")
    return [(flagged[entry.register], entry) for entry in found[:200]]


def elements_at(
    district: packs.DistrictView, on: date, area_ids: Sequence[int]
) -> list[tuple[str, str, int, int | None]]:
    """(element, register, lines, sum of money or None) of what the registers hold at these places (1 statement, 1 more for each with money)."""
    named = [key for key, spec in district.pack.registers.items() if spec.element]
    if not named:
        return []
    rows = running(district, on).filter(register__in=named, area_id__in=list(area_ids)).order_by()
    counts: dict[str, int] = dict(rows.values_list("register").annotate(n=Count("id")))
    found: list[tuple[str, str, int, int | None]] = []
    for key, spec in district.pack.registers.items():
        if spec.element is None:
            continue
        total = None
        if spec.amount is not None:
            lines = running(district, on).filter(register=key, area_id__in=list(area_ids))
            total = lines.aggregate(total=Sum(Cast(KT(f"fields__{spec.amount}"), BigIntegerField())))["total"] or 0
        found.append((spec.element, key, counts.get(key, 0), total))
    return found


def sums_of(district: packs.DistrictView, key: str, on: date) -> list[tuple[str, int | None, int]]:
    """(class, place, sum of money) of the lines that run of a register that states an amount (0–1 statement)."""
    spec = spec_of(district, key)
    if spec.amount is None:
        return []
    lines = running(district, on).filter(register=key).order_by("klass", "area__code")
    amount = Sum(Cast(KT(f"fields__{spec.amount}"), BigIntegerField()))
    return [
        (klass, area, total or 0) for klass, area, total in lines.values_list("klass", "area_id").annotate(total=amount)
    ]


def copies_of(district: packs.DistrictView, key: str) -> list[Copy]:
    """The copies of a document with those who have to sign, by the bodies that live (0 statements when copies are kept); NotFound for no document."""
    directory = organization.directory(district)
    living = sorted((directory.bodies[ident] for ident in directory.living), key=lambda body: body.id)
    document = district.pack.documents.get(key)
    if document is None:
        raise NotFound("no_document", "没有这份文件。", "请从制度文件里重新打开。")
    return copies(document.parties, [(body.id, body.key, body.kind, body.parent_id) for body in living])


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy with how many of its parties have signed a version."""

    of: int | None
    name: str
    signed: int
    whole: int


def list_copies(district: packs.DistrictView, key: str, version: int) -> list[CopyRow]:
    """Each copy of a document with how many of those who have to sign did (1 statement)."""
    directory = organization.directory(district)
    signed: dict[int | None, set[int]] = defaultdict(set)
    rows = Signature.objects.filter(district_id=district.id, document=key, version=version)
    for copy_of, party in rows.values_list("copy_of_id", "party_id"):
        signed[copy_of].add(party)
    out = []
    for copy in copies_of(district, key):
        body = directory.body(copy.of)
        out.append(
            CopyRow(copy.of, body.name if body else "", len(signed[copy.of] & set(copy.parties)), len(copy.parties))
        )
    return out


def list_parties(
    district: packs.DistrictView, key: str, version: int, copy_of: int | None
) -> list[tuple[int, str, date | None]]:
    """(id, name, day of signing or None) of each party of a copy, those still to sign last (1 statement). Raises NotFound."""
    copy = next((one for one in copies_of(district, key) if one.of == copy_of), None)
    if copy is None:
        raise NotFound("no_copy", "没有这一份。", "请从文件页面里选。")
    directory = organization.directory(district)
    rows = Signature.objects.filter(district_id=district.id, document=key, version=version, copy_of=copy_of)
    signed = dict(rows.values_list("party_id", "signed_on"))
    found = [(ident, directory.bodies[ident].name, signed.get(ident)) for ident in copy.parties]
    return sorted(found, key=lambda row: row[2] is None)


def signed_share(district: packs.DistrictView, key: str) -> tuple[int, int]:
    """How many of all who have to sign the newest version did (2 statements)."""
    if key not in district.pack.documents:
        return 0, 0
    rows = list_copies(district, key, len(document_of(district, key).versions))
    return sum(row.signed for row in rows), sum(row.whole for row in rows)


def networks_cover(district: packs.DistrictView, on: date) -> dict[str, frozenset[int]]:
    """Network → places of its level that a body or a held post carries it in (0 statements when copies are kept)."""
    pack, tree, known = district.pack, territory.tree(district), organization.directory(district)
    levels = {network.level for network in pack.units.networks.values()}
    places = {level: [(place.id, place.path) for place in tree.at_level(level)] for level in levels}
    bodies = [(ident, known.bodies[ident].kind, known.bodies[ident].covers) for ident in known.living]
    posts = [(post.id, post.role, post.grounds) for post in known.posts() if not post.ended]
    return carried_places(pack, places, bodies, posts, known.held(on))


def count_marks(district: packs.DistrictView, area_ids: Collection[int], on: date) -> dict[str, tuple[int, int]]:
    """Tag → (noted and valid, of these due for review within 30 days) at these places; no names (1 statement)."""
    valid = Mark.objects.filter(district_id=district.id, area_id__in=list(area_ids), ended_on=None, review_on__gte=on)
    soon = date.fromordinal(on.toordinal() + 30)
    rows = valid.order_by().values_list("tag").annotate(n=Count("id"), soon=Count("id", filter=Q(review_on__lte=soon)))
    return {tag: (n, due) for tag, n, due in rows}
