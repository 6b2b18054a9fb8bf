"""Items from an Excel or CSV file: every row is told; the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.lists.actions.items import write_items
from tongxin.lists.actions.writing import ITEMS, SHARE_WORDS, NewItem, checked, lock_draft, record
from tongxin.lists.models import Edition, Item
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import ListSpec
from tongxin.territory import api as territory

KEY, TITLE, KLASS, SHARE, OWNER, AREA, CODES, REFERS = (
    "编号", "事项", "分类", "社区的责任", "责任单位", "地点", "诉求类别", "关联",
)  # fmt: skip
COLUMNS = (KEY, TITLE, KLASS, SHARE, OWNER, AREA, CODES, REFERS)
_NAMES = {TITLE: ("事项", "名称", "事项名称", "项目名称"), KLASS: ("分类", "类别", "类")}
_FIELDS = {KEY: "key", TITLE: "title", KLASS: "klass", SHARE: "share", OWNER: "owner", AREA: "area"}


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was not taken in, by its number in the file."""

    row: int
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class ItemsImported:
    """What an import did, or would do."""

    read: int
    added: int
    changed: int
    unchanged: int
    faults: tuple[RowFault, ...]


def columns_of(spec: ListSpec) -> list[str]:
    """The heading of a file for this list: the same for import and export."""
    return [*COLUMNS, *(field.title for field in spec.fields.values())]


@transaction.atomic
def import_items(
    *,
    district: packs.DistrictView,
    edition_id: int,
    path: Path,
    actor: Actor,
    now: datetime,
    name: str = "",
    dry_run: bool = False,
) -> ItemsImported:
    """Take the rows of a file into a draft (about 8 statements whatever their number).

    A row with a number that is there changes that item; without a number, an item of the same name and class is the same.
    Rows with faults are left out and told; all others are written together.

    Raises:
        NotFound, NotAllowed, Conflict (published). Invalid: the file cannot be read, or lacks a column.
    """
    edition, spec = lock_draft(district, edition_id, actor)
    table = territory.read_table(path, name, [*columns_of(spec), *(one for names in _NAMES.values() for one in names)])
    if len(table.rows) > ITEMS:
        raise Invalid(
            "too_many_items", f"文件有 {len(table.rows):,} 行，一版最多 {ITEMS:,} 条。", "请核对。", "file", limit=ITEMS
        )
    where = {column: _column(table.columns, _NAMES.get(column, (column,))) for column in COLUMNS}
    missing = [column for column in (TITLE, KLASS) if where[column] is None]
    if missing:
        known = "、".join(columns_of(spec))
        raise Invalid("columns_missing", f"文件缺少列：{'、'.join(missing)}。", f"第一行应有 {known}。", "file")
    reader = _Reader(district, spec, edition, where, today_of(now))
    sorted_ = _sort(reader, table.rows, list(Item.objects.filter(edition=edition)))
    if not dry_run:
        write_items(district, spec, edition, sorted_.fresh, today_of(now))
        Item.objects.bulk_update(
            sorted_.changed,
            ["klass", "title", "share", "fields", "owner", "area", "categories", "refers"],
            batch_size=500,
        )
        detail = {
            "file": (name or path.name)[:80], "added": len(sorted_.fresh), "changed": len(sorted_.changed), "faults": len(sorted_.faults),
        }  # fmt: skip
        record(actor, "import_items", edition, detail, now)
    return ItemsImported(
        len(table.rows), len(sorted_.fresh), len(sorted_.changed), sorted_.unchanged, tuple(sorted_.faults)
    )


@dataclass(slots=True)
class _Sorted:
    """What the rows of a file mean for a draft; changed items have their new values."""

    fresh: list[NewItem] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    unchanged: int = 0
    faults: list[RowFault] = field(default_factory=list)


def _sort(reader: _Reader, rows: Iterable[territory.RawRow], items: Sequence[Item]) -> _Sorted:
    here = {item.key: item for item in items}
    by_name = {(item.title, item.klass): item for item in items}
    found, seen = _Sorted(), set[tuple[str, str] | str]()
    for row in rows:
        try:
            item = reader.read(row.words)
        except Refusal as refusal:
            found.faults.append(RowFault(row.number, refusal.what, refusal.mend))
            continue
        mark = item.key or (item.title, item.klass)
        if mark in seen:
            found.faults.append(RowFault(row.number, "与前面的一行是同一条。", "请删去重复的行。"))
            continue
        seen.add(mark)
        known = here.get(item.key) if item.key else by_name.get((item.title, item.klass))
        if known is None:
            found.fresh.append(item)
        elif _differs(known, item):
            _lay_over(known, item)
            found.changed.append(known)
        else:
            found.unchanged += 1
    return found


def _column(columns: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    return next((column for column in columns if column.strip() in names), None)


class _Reader:
    """Rows of one file → items of one edition."""

    def __init__(
        self,
        district: packs.DistrictView,
        spec: ListSpec,
        edition: Edition,
        where: Mapping[str, str | None],
        today: date,
    ) -> None:
        self._today = today
        self._district, self._spec, self._edition, self._where = district, spec, edition, where
        self._classes = {title: key for key, title in edition.classes.items()} | {key: key for key in edition.classes}
        directory = organization.directory(district)
        self._bodies = {directory.bodies[i].name: i for i in directory.living}
        self._codes = {category.title: category.code for category, _ in district.pack.catalogue.walk()}
        self._fields = {field.title: key for key, field in spec.fields.items()}

    def read(self, words: Mapping[str, str]) -> NewItem:
        """Return the item that a row means. Raises Refusal with what is wrong."""

        def cell(column: str) -> str:
            name = self._where[column]
            return words.get(name, "").strip() if name else ""

        klass = self._classes.get(cell(KLASS))
        if klass is None:
            known = "、".join(self._edition.classes.values())
            raise Invalid("no_class", f"没有分类“{cell(KLASS)[:20]}”。", f"可填：{known}。", "klass")
        share = SHARE_WORDS.get(cell(SHARE)) if cell(SHARE) else ""
        if share is None:
            raise Invalid(
                "no_share", f"社区的责任“{cell(SHARE)[:20]}”不认识。", "可填 主办、只协助、上级收回。", "share"
            )
        codes = [self._codes.get(word, word) for word in cell(CODES).replace("、", " ").replace(",", " ").split()]
        refers = cell(REFERS).replace("、", " ").replace(",", " ").split()
        fields = {key: words.get(title, "") for title, key in self._fields.items() if words.get(title, "").strip()}
        item = NewItem(
            title=cell(TITLE), klass=klass, key=cell(KEY), share=share, fields=self._choices(fields), owner_id=self._body(cell(OWNER)),
            area_id=self._area(cell(AREA)), categories=tuple(codes), refers=tuple(refers),
        )  # fmt: skip
        return checked(self._district, self._spec, self._edition, item, self._today)

    def _choices(self, fields: dict[str, str]) -> dict[str, str]:
        """A choice may be written by its title."""
        for key, value in fields.items():
            choices = self._spec.fields[key].choices or {}
            fields[key] = next((k for k, title in choices.items() if title == value), value)
        return fields

    def _body(self, name: str) -> int | None:
        if not name:
            return None
        if name not in self._bodies:
            raise Invalid(
                "no_body", f"没有叫“{name[:40]}”的责任单位。", "请写全称，或先在“人员与岗位”里建立。", "owner"
            )
        return self._bodies[name]

    def _area(self, text: str) -> int | None:
        if not text:
            return None
        tree = territory.tree(self._district)
        place = tree.by_code(text)
        if place is not None:
            return place.id
        named = [p.id for level in tree.levels for p in tree.at_level(level) if text in (p.name, tree.full_name(p.id))]
        if len(named) != 1:
            what = "没有" if not named else "不止一处"
            raise Invalid("no_area", f"{what}叫“{text[:40]}”的地点。", "请写地域代码。", "area")
        return named[0]


def _values(item: Item | NewItem) -> tuple[object, ...]:
    return (
        item.title, item.klass, item.share, dict(item.fields), item.owner_id, item.area_id, tuple(item.categories), tuple(item.refers),
    )  # fmt: skip


def _differs(known: Item, given: NewItem) -> bool:
    return _values(known) != _values(given)


def _lay_over(known: Item, given: NewItem) -> None:
    known.title, known.klass, known.share, known.fields = given.title, given.klass, given.share, dict(given.fields)
    known.owner_id, known.area_id = given.owner_id, given.area_id
    known.categories, known.refers = list(given.categories), list(given.refers)
