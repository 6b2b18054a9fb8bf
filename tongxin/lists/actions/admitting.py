"""What comes onto the admission list through a procedure: for good (into the draft of the next edition), or for a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.once import write_once
from tongxin.lists.actions.editions import copy_items, next_number
from tongxin.lists.models import Admission, Edition, Item
from tongxin.lists.queries import spec_of
from tongxin.lists.rules import next_key, pairs_of
from tongxin.packs import api as packs
from tongxin.packs.schema import ListSpec


def admit_for_a_time(
    *,
    district: packs.DistrictView,
    key: str,
    title: str,
    categories: list[str],
    until_at: datetime,
    approved_by: str,
    now: datetime,
    area_id: int | None = None,
    department_id: int | None = None,
    reason: str = "",
    run_id: int | None = None,
) -> Admission:
    """Let an urgent matter be given to communities until a moment, after which it counts no more by itself (3 statements, norm G-11).

    Raises:
        Invalid: no end, an end past, or one beyond what the list allows; no category. Conflict: this case admitted it before.
    """
    spec = spec_of(district, key)
    if spec.gate is None:
        raise Invalid("no_gate", f"“{spec.title}”不是准入清单。", "请在 lists.yaml 给它写 gate。")
    most = now + timedelta(days=spec.gate.urgent_days)
    if until_at <= now:
        raise Invalid("until_past", "准入的截止时间已经过去。", "请写一个将来的日期。", "until")
    if until_at > most + timedelta(days=1):
        what = f"临时准入最长 {spec.gate.urgent_days} 天。"
        raise Invalid("until_far", what, "长期要办的，请申请列入清单。", "until", limit_days=spec.gate.urgent_days)
    if not categories:
        raise Invalid("no_category", "没有写明是哪一类事项。", "请选诉求类别。", "category")
    with write_once(Conflict("admitted_before", "这一件已经准入过了。", "请刷新后再看。"), "admission_once_a_case"):
        made = Admission.objects.create(
                district_id=district.id, list_key=key, title=title[:80], categories=categories, area_id=area_id, from_at=now,
                department_id=department_id, reason=reason[:400], until_at=until_at, approved_by=approved_by[:120], run_id=run_id,
            )  # fmt: skip
    packs.bump_lists(district.id)
    return made


def propose_item(
    *,
    district: packs.DistrictView,
    key: str,
    title: str,
    klass: str,
    categories: list[str],
    now: datetime,
    owner_id: int | None = None,
    share: str = "assist",
) -> Item:
    """Put an approved item into the draft of the list's next edition, made where there is none; in force once published (4 statements)."""
    spec = spec_of(district, key)
    draft = _draft(district, spec, key, now)
    here = set(Item.objects.filter(district_id=district.id, list_key=key).values_list("key", flat=True))
    if klass not in draft.classes:
        klass = next(iter(draft.classes))
    same = Item.objects.filter(edition=draft, title=title[:80], klass=klass).first()
    if same is not None:
        return same
    return Item.objects.create(
        edition=draft, district_id=district.id, list_key=key, key=next_key(here), klass=klass, title=title[:80], share=share,
        owner_id=owner_id, categories=categories,
    )  # fmt: skip


def _draft(district: packs.DistrictView, spec: ListSpec, key: str, now: datetime) -> Edition:
    known = Edition.objects.select_for_update().filter(Q(area=None), district_id=district.id, list_key=key)
    draft = known.filter(status="draft").first()
    if draft is not None:
        return draft
    number = next_number(known)
    draft = Edition.objects.create(
        district_id=district.id, list_key=key, number=number, title=f"第{number}版", class_pairs=pairs_of(spec.classes),
        basis=spec.basis[:400], from_on=local(now).date(),
    )  # fmt: skip
    copy_items(draft)
    return draft
