"""What all writes of lists share: who may, one writer of a list at a time, the record, clean values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.lists.models import SHARES, Edition
from tongxin.lists.queries import spec_of
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import ListSpec
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory

MANAGE = "manage_lists"
ITEMS = 5_000  # of an edition
SUBJECT = "list_item"
SHARE_WORDS = {title: key for key, title in SHARES} | {key: key for key, _ in SHARES}


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item as somebody gives it. ``key``: empty for the next free number; ``owner_id``, ``area_id``: ids or None."""

    title: str
    klass: str
    key: str = ""
    share: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    owner_id: int | None = None
    area_id: int | None = None
    categories: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()


def may_keep(actor: Actor, spec: ListSpec, area_id: int | None) -> bool:
    """Whether this person may keep the list here: the permission, at the place of the edition or in the whole district."""
    return organization.may_all(actor, MANAGE, [] if area_id is None else [area_id])


def demand_keep(district: packs.DistrictView, actor: Actor, area_id: int | None) -> None:
    """Raise NotAllowed unless :func:`may_keep`."""
    if actor.district_id != district.id:
        raise organization.access.refusal(MANAGE)
    organization.demand_all(actor, MANAGE, [] if area_id is None else [area_id])


def lock_draft(district: packs.DistrictView, edition_id: int, actor: Actor) -> tuple[Edition, ListSpec]:
    """Return a draft, locked, that the actor may change (1 statement).

    Raises:
        NotFound, NotAllowed. Conflict: it has been published; a published edition stays as it is.
    """
    edition = lock_edition(district, edition_id)
    demand_keep(district, actor, edition.area_id)
    if edition.status != "draft":
        raise Conflict("edition_published", f"“{edition.title}”已经公布，不能再改。", "请起草下一版，在那里改。")
    return edition, spec_of(district, edition.list_key)


def lock_edition(district: packs.DistrictView, edition_id: int) -> Edition:
    """Return an edition, locked until the transaction ends (1 statement). Raises NotFound."""
    edition = Edition.objects.select_for_update().filter(pk=edition_id, district_id=district.id).first()
    if edition is None:
        raise NotFound("no_edition", "没有清单的这一版。", "请从清单页面重新打开。")
    return edition


def record(actor: Actor, action: str, edition: Edition, detail: dict[str, Any], now: datetime) -> None:
    """Write the record of an act (1 statement)."""
    records.audit(
        district_id=edition.district_id, user_id=actor.user_id, actor_label=actor.label, action=f"lists.{action}",
        target=f"{edition.list_key} {edition.title}", detail={"edition": edition.pk, **detail}, now=now,
    )  # fmt: skip


def checked(district: packs.DistrictView, spec: ListSpec, edition: Edition, item: NewItem, today: date) -> NewItem:
    """Return an item with clean values (0 statements). Raises Invalid naming the field."""
    title = item.title.strip()
    if not 1 <= len(title) <= limits.TITLE_CHARS:
        what = f"事项名称应为 1–{limits.TITLE_CHARS} 个字，现有 {len(title)} 个。"
        raise Invalid("title_length", what, "请改短或补上。", "title", limit=limits.TITLE_CHARS)
    if item.klass not in edition.classes:
        raise Invalid("no_class", "没有这个分类。", f"可选：{'、'.join(edition.classes.values())}。", "klass")
    if item.share not in dict(SHARES):
        raise Invalid("no_share", "社区的责任写法不对。", "可写 主办、只协助、上级收回，或不填。", "share")
    if len(item.key) > 20 or (item.key and not item.key.replace("-", "").replace("_", "").isalnum()):
        raise Invalid("item_key", f"编号“{item.key[:20]}”写法不对。", "用字母、数字和 - _，最多 20 个字符。", "key")
    codes = district.pack.catalogue.by_code
    unknown = [code for code in item.categories if code not in codes]
    if unknown:
        raise Invalid("no_category", f"诉求目录里没有类别 {'、'.join(unknown[:5])}。", "请核对类别代码。", "categories")
    directory = organization.directory(district)
    if item.owner_id is not None and directory.body(item.owner_id) is None:
        raise Invalid("no_body", "没有这个责任单位。", "请从列表里选。", "owner")
    if item.area_id is not None and territory.tree(district).get(item.area_id) is None:
        raise Invalid("no_area", "没有这个地点。", "请从列表里选。", "area")
    for refer in item.refers:
        if refer.partition(":")[0] not in spec.refers or not refer.partition(":")[2]:
            raise Invalid(
                "no_refer", f"关联“{refer[:40]}”写法不对。", "写作 清单键:条目编号，例如 demand:001。", "refers"
            )
    values = procedures.check_form(spec.fields, dict(item.fields), procedures.nothing_to_look_up(), today)
    return NewItem(
        title, item.klass, item.key, item.share, values, item.owner_id, item.area_id, item.categories, item.refers
    )
