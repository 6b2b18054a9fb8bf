"""The life of an edition: drafted, published (claimable items get their cases), closed with what is not done carried over."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tongxin.kernel.days import check_day, today_of
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.once import write_once
from tongxin.lists.actions.writing import SUBJECT, demand_keep, lock_draft, lock_edition, record
from tongxin.lists.models import Edition, Item
from tongxin.lists.queries import spec_of
from tongxin.lists.rules import next_period, pairs_of, period_of
from tongxin.notices import api as notices
from tongxin.notices.api import Note
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import ListSpec
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Beginning
from tongxin.territory import api as territory

BATCH = 2_000


@transaction.atomic
def draft_edition(
    *,
    district: packs.DistrictView,
    key: str,
    actor: Actor,
    now: datetime,
    area_id: int | None = None,
    title: str = "",
    basis: str = "",
    from_on: date | None = None,
    classes: dict[str, str] | None = None,
    copy: bool = True,
) -> Edition:
    """Begin the next edition of a list at a place (5 statements; 1 more to copy).

    Args:
        area_id: for lists that each place has. from_on: a day in the period meant, today where not given.
        classes: where this edition classes items otherwise than the pack now says.
        copy: begin with the items of the edition in force; a list by periods always begins empty.

    Raises:
        NotAllowed, NotFound. Conflict: one is being drafted already, or the period has its edition. Invalid: place missing.
    """
    spec = spec_of(district, key)
    _check_place(district, spec, area_id)
    demand_keep(district, actor, area_id)
    if Edition.objects.filter(Q(area_id=area_id), district_id=district.id, list_key=key, status="draft").exists():
        raise Conflict("draft_there", "已经有一版在起草。", "请接着改那一版，公布后再起草下一版。")
    today = today_of(now)
    words, first, last = period_of(spec.period, check_day(from_on or today, "自哪天起", "from_on", today=today))
    known = Edition.objects.select_for_update().filter(Q(area_id=area_id), district_id=district.id, list_key=key)
    if last is not None and known.filter(from_on=first).exists():
        raise Conflict("period_there", f"{words}已经有一版。", "到期关闭后再编下一期。", "from_on")
    number = next_number(known)
    there = Conflict("draft_there", "刚才有人起草了这一版。", "请刷新后接着改那一版。")
    with write_once(there, "edition_one_draft", "edition_number"):
        edition = Edition.objects.create(
                district_id=district.id, list_key=key, area_id=area_id, number=number, basis=(basis or spec.basis)[:400],
                title=(title.strip() or words or f"第{number}版")[:80], class_pairs=pairs_of(classes or spec.classes), from_on=first, to_on=last,
            )  # fmt: skip
    if copy and last is None:
        copy_items(edition)
    record(actor, "draft_edition", edition, {"number": number}, now)
    return edition


def next_number(known: QuerySet[Edition]) -> int:
    return next(iter(known.order_by("-number").values_list("number", flat=True)[:1]), 0) + 1


def _check_place(district: packs.DistrictView, spec: ListSpec, area_id: int | None) -> None:
    place = territory.tree(district).get(area_id)
    if spec.per is None and area_id is not None:
        raise Invalid("list_whole", f"“{spec.title}”全区一份，不分地域。", "请不要选地域。", "area")
    if spec.per is not None and (place is None or place.level != spec.per):
        level = next((level.title for level in district.pack.units.levels if level.key == spec.per), spec.per)
        raise Invalid("list_place", f"“{spec.title}”每个{level}一份，请选是哪一处的。", f"请选一个{level}。", "area")


def copy_items(edition: Edition) -> None:
    """The items of the edition in force become those of the draft, with their cases (2 statements)."""
    above = (
        Edition.objects.filter(Q(area_id=edition.area_id), district_id=edition.district_id, list_key=edition.list_key)
        .filter(status="published")
        .order_by("-number")
        .first()
    )
    if above is None:
        return
    Item.objects.bulk_create(
        [_carried(item, edition) for item in Item.objects.filter(edition=above).order_by("key") if item.klass in edition.classes],
        batch_size=BATCH,
    )  # fmt: skip


def _carried(item: Item, edition: Edition) -> Item:
    """The same item as a line of a later edition."""
    return Item(
        edition=edition, district_id=item.district_id, list_key=item.list_key, key=item.key, klass=item.klass, title=item.title,
        share=item.share, fields=item.fields, owner_id=item.owner_id, area_id=item.area_id, categories=item.categories,
        refers=item.refers, carried_from=item, case_id=item.case_id, stage=item.stage, taken_by_id=item.taken_by_id,
        closed_at=item.closed_at,
    )  # fmt: skip


@transaction.atomic
def publish_edition(*, district: packs.DistrictView, edition_id: int, actor: Actor, now: datetime) -> Edition:
    """Publish a draft: it is in force from now on and stays as it is (6 statements; 6 more where items are claimable).

    Claimable items each get a case; whoever holds these is told in one note a desk.

    Raises:
        NotFound, NotAllowed. Conflict: published before. Invalid: no items.
    """
    edition, spec = lock_draft(district, edition_id, actor)
    if not Item.objects.filter(edition=edition).exists():
        raise Invalid("edition_empty", f"“{edition.title}”里还没有条目。", "请先录入或导入条目，再公布。")
    edition.status, edition.published_at, edition.published_by = "published", now, actor.label[:120]
    edition.save(update_fields=["status", "published_at", "published_by"])
    begun = _open_cases(district, spec, edition, actor, now) if spec.procedure else 0
    record(actor, "publish_edition", edition, {"cases": begun}, now)
    packs.bump_lists(district.id)
    return edition


def _open_cases(district: packs.DistrictView, spec: ListSpec, edition: Edition, actor: Actor, now: datetime) -> int:
    items = list(Item.objects.filter(edition=edition, case_id=None, stage="open").order_by("key"))
    if not items:
        return 0
    tree = territory.tree(district)
    beginnings = []
    for item in items:
        area_id = item.area_id or edition.area_id
        place = tree.full_name(area_id) if area_id else district.title
        card = {
            "title": item.title, "ref": f"{spec.title} {item.key}", "place": place,
            "category": edition.classes.get(item.klass, ""), "list": spec.title, "edition": edition.title,
        }  # fmt: skip
        facts = {"list": edition.list_key, "item": item.key}
        beginnings.append(Beginning(item.pk, area_id, now, card, facts, sealed={"title": item.title, **item.fields}))
    pack = district.pack
    assert spec.procedure is not None
    run_ids = procedures.start_runs(
        district=district, pack=pack, procedure=spec.procedure, subject_kind=SUBJECT, beginnings=beginnings, actor=actor,
        now=now, live=True,
    )  # fmt: skip
    Item.objects.filter(pk__in=[item.pk for item in items]).update(case_id=F("id"))
    held: dict[int, int] = {}
    for post_id in procedures.Run.objects.filter(id__in=run_ids).values_list("holder_post_id", flat=True):
        if post_id is not None and post_id not in actor.post_ids:
            held[post_id] = held.get(post_id, 0) + 1
    notes = [
        Note(post_id=post_id, kind="list", title=f"{spec.title}“{edition.title}”有 {count} 项待认领"[:160], body="", subject_kind="", subject_id=None)
        for post_id, count in held.items()
    ]  # fmt: skip
    notices.notify_posts(notes, district_id=district.id, now=now)
    return len(items)


@transaction.atomic
def close_period(*, district: packs.DistrictView, edition_id: int, actor: Actor, now: datetime) -> Edition | None:
    """Close the edition of a period; what is not done goes on, on the same case, in the next period's edition.

    About 9 statements whatever the number of items.

    Returns:
        The edition that took the rest, None when everything was done.

    Raises:
        NotFound, NotAllowed. Conflict: not published, or closed before. Invalid: the list has no periods.
    """
    edition = lock_edition(district, edition_id)
    demand_keep(district, actor, edition.area_id)
    spec = spec_of(district, edition.list_key)
    if edition.to_on is None:
        raise Invalid("no_period", f"“{spec.title}”不分期，没有关闭一说。", "要改内容请起草下一版。")
    if edition.status != "published":
        state = "已经关闭" if edition.status == "closed" else "还没有公布"
        raise Conflict("edition_not_open", f"“{edition.title}”{state}。", "请刷新后再看。")
    rest = list(Item.objects.filter(edition=edition, stage__in=("open", "taken")).order_by("key"))
    following = _following(district, spec, edition, now) if rest else None
    if following is not None:
        taken = set(
            Item.objects.filter(edition=following, key__in=[item.key for item in rest]).values_list("key", flat=True)
        )
        Item.objects.bulk_create(
            [_carried(item, following) for item in rest if item.key not in taken], batch_size=BATCH
        )
        Item.objects.filter(pk__in=[item.pk for item in rest]).update(stage="carried")
    edition.status, edition.closed_at = "closed", now
    edition.save(update_fields=["status", "closed_at"])
    record(actor, "close_period", edition, {"carried": len(rest), "into": following.pk if following else None}, now)
    packs.bump_lists(district.id)
    return following


def _following(district: packs.DistrictView, spec: ListSpec, edition: Edition, now: datetime) -> Edition:
    """The next period's edition, made as a draft where there is none (1–3 statements)."""
    assert edition.to_on is not None
    known = Edition.objects.select_for_update().filter(
        Q(area_id=edition.area_id), district_id=district.id, list_key=edition.list_key
    )
    words, first, last = next_period(spec.period, edition.to_on)
    found = known.filter(Q(from_on=first) | Q(status="draft")).exclude(status="closed").order_by("from_on").first()
    if found is not None:
        return found
    return Edition.objects.create(
        district_id=district.id, list_key=edition.list_key, area_id=edition.area_id, number=next_number(known), title=words,
        class_pairs=pairs_of(spec.classes), basis=spec.basis[:400], from_on=first, to_on=last,
    )  # fmt: skip


@transaction.atomic
def discard_draft(*, district: packs.DistrictView, edition_id: int, actor: Actor, now: datetime) -> None:
    """Throw a draft away with its items (5 statements). Conflict when it holds items carried over from a closed period."""
    edition, _ = lock_draft(district, edition_id, actor)
    if Item.objects.filter(edition=edition, carried_from__stage="carried").exists():
        raise Conflict("draft_carries", "这一版里有上期转入的条目，不能丢弃。", "请改好后公布。")
    record(actor, "discard_draft", edition, {}, now)
    edition.delete()
