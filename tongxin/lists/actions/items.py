"""Items of a draft: added one by one or many at once, changed, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.lists.actions.writing import ITEMS, NewItem, checked, lock_draft, record
from tongxin.lists.models import Edition, Item
from tongxin.lists.queries import get_item
from tongxin.lists.rules import next_key
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import ListSpec


@transaction.atomic
def add_items(
    *, district: packs.DistrictView, edition_id: int, items: Sequence[NewItem], actor: Actor, now: datetime
) -> list[Item]:
    """Add items to a draft (5 statements whatever their number); a number that is free is given where none is.

    Raises:
        NotFound, NotAllowed, Conflict (published, or a number is taken), Invalid: nothing is written then.
    """
    edition, spec = lock_draft(district, edition_id, actor)
    made = write_items(district, spec, edition, items, today_of(now))
    record(actor, "add_items", edition, {"items": len(made)}, now)
    return made


def write_items(
    district: packs.DistrictView, spec: ListSpec, edition: Edition, items: Sequence[NewItem], today: date
) -> list[Item]:
    """Check and insert items of a locked draft (3 statements)."""
    here = set(Item.objects.filter(edition=edition).values_list("key", flat=True))
    if len(here) + len(items) > ITEMS:
        raise Invalid("too_many_items", f"一版最多 {ITEMS:,} 条。", "请分成几种清单。", limit=ITEMS)
    # a number stays with its item for ever: one that an earlier edition gave is not given to another item
    ever = set(
        Item.objects.filter(Q(edition__area_id=edition.area_id), district_id=district.id, list_key=edition.list_key)
        .values_list("key", flat=True)
        .distinct()
    )
    rows = []
    for item in items:
        good = checked(district, spec, edition, item, today)
        key = good.key or next_key(here | ever)
        if key in here:
            raise Conflict("item_there", f"编号 {key} 已经有了。", "请换一个编号，或去改那一条。", "key")
        here.add(key)
        rows.append(
            Item(
                edition=edition, district_id=district.id, list_key=edition.list_key, key=key, klass=good.klass, title=good.title,
                share=good.share, fields=dict(good.fields), owner_id=good.owner_id, area_id=good.area_id,
                categories=list(good.categories), refers=list(good.refers),
            )
        )  # fmt: skip
    return Item.objects.bulk_create(rows, batch_size=2_000)


@transaction.atomic
def edit_item(*, district: packs.DistrictView, item_id: int, item: NewItem, actor: Actor, now: datetime) -> Item:
    """Change an item of a draft; its number stays (4 statements).

    Raises:
        NotFound, NotAllowed, Conflict (published), Invalid.
    """
    found = get_item(district, item_id)
    edition, spec = lock_draft(district, found.edition_id, actor)
    good = checked(district, spec, edition, item, today_of(now))
    found.klass, found.title, found.share, found.fields = good.klass, good.title, good.share, dict(good.fields)
    found.owner_id, found.area_id = good.owner_id, good.area_id
    found.categories, found.refers = list(good.categories), list(good.refers)
    found.save(update_fields=["klass", "title", "share", "fields", "owner", "area", "categories", "refers"])
    record(actor, "edit_item", edition, {"item": found.key}, now)
    return found


@transaction.atomic
def remove_item(*, district: packs.DistrictView, item_id: int, actor: Actor, now: datetime) -> None:
    """Take an item out of a draft (5 statements). Conflict for one that was carried over: its case still runs."""
    found = get_item(district, item_id)
    edition, _ = lock_draft(district, found.edition_id, actor)
    if found.case_id is not None and found.stage in ("open", "taken"):
        raise Conflict("item_runs", "这一条正在办理，不能从清单里拿掉。", "请先在办件里办结，或写明理由不办。")
    record(actor, "remove_item", edition, {"item": found.key, "title": found.title}, now)
    found.delete()
