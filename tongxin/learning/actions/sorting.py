"""Categories proposed in bulk (after an import, after a training) and accepted in bulk by a person (norm S-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.learning.models import CategoryProposal, ReadMark, TextModel
from tongxin.learning.queries.suggesting import judges_of
from tongxin.learning.starter import propose_many
from tongxin.learning.vectors import Text
from tongxin.matters import api as matters
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.records import api as records

MAY_SORT = ("report_for_others", "import")
_AT_ONCE = 5_000  # two seconds of one core
_FIRST_READ = 20_000  # of a district that was never read: the newest


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a bulk acceptance did."""

    accepted: int
    changed: int  # of these with another category than proposed
    left: int  # not in the actor's places, or decided meanwhile


def may_sort_matters(actor: Actor, area_id: int | None) -> bool:
    """Whether the actor may give matters there their category; without a place only who may in the whole district."""
    if area_id is None:
        return any(access.scope(actor, key).everywhere for key in MAY_SORT)
    return any(access.may(actor, key, area_id) for key in MAY_SORT)


def _post_for(actor: Actor, area_id: int | None) -> int | None:
    """The actor's post that stands for a category there; None for who holds none (an operator)."""
    held = [access.post_for(actor, key, area_id) for key in MAY_SORT]
    return next((post.id for post in held if post is not None), None)


def propose_categories(*, district: DistrictView, now: datetime) -> int:
    """Propose a category for each matter that has none or only a guess; return how many were read (at most 10 statements).

    New matters first, then proposals that an older model made. Idempotent; each number is read twice, as topics do.
    """
    starter, model = judges_of(district)
    version = model.version if model else ""
    with transaction.atomic():
        mark, made = ReadMark.objects.select_for_update().get_or_create(district_id=district.id)
        if made:
            mark.settled_to = mark.read_to = max(matters.newest_id(district) - _FIRST_READ, 0)
        rows = matters.list_unsorted(district, above=mark.settled_to, most=_AT_ONCE)
        fresh, seen = rows.unsorted, rows.read_to
        _forget_decided(district)
        there = set(
            CategoryProposal.objects.filter(matter_id__in=[row.id for row in fresh]).values_list("matter_id", flat=True)
        )
        old = CategoryProposal.objects.filter(district_id=district.id).exclude(version=version)
        ids = list(old.order_by("id").values_list("matter_id", flat=True)[: _AT_ONCE - len(rows.unsorted)])
        again = matters.list_of(district, ids) if ids else []
        work = [row for row in fresh if row.id not in there] + again
        said = propose_many([Text(row.title, row.text) for row in work], starter, model)
        CategoryProposal.objects.bulk_create(
            [
                CategoryProposal(
                    district_id=district.id, matter_id=row.id, area_id=row.area_id, code=one.guesses[0].code if one.guesses else "",
                    confidence=one.guesses[0].confidence if one.guesses else 0.0, sure=not one.abstains, version=version, at=now,
                )
                for row, one in zip(work, said, strict=True)
            ],
            update_conflicts=True, unique_fields=["matter"], update_fields=["code", "confidence", "sure", "version", "at"],
            batch_size=2_500,
        )  # fmt: skip
        ReadMark.objects.filter(pk=mark.pk).update(
            settled_to=Greatest(F("read_to"), mark.settled_to), read_to=Greatest(F("read_to"), mark.read_to, seen)
        )
    return len(work)


def _forget_decided(district: DistrictView) -> None:
    """Drop the proposals of matters whose category somebody chose at the case itself, or that came to nothing (1 statement)."""
    _decided().filter(district_id=district.id).delete()


def _decided() -> QuerySet[CategoryProposal]:
    run = procedures.Run.objects.filter(subject_kind=matters.SUBJECT, subject_id=OuterRef("matter_id"), parent=None)
    settled = run.filter(
        Q(facts__guessed=False) & ~Q(facts__category="") | Q(outcome__in=("refused", "withdrawn", "merged"))
    )
    return CategoryProposal.objects.filter(Exists(settled))


def sweep_proposals(now: datetime) -> int:
    """Do :func:`propose_categories` where there is something to do (1 statement for all districts, then at most 10 for each of these)."""
    busy = _busy()
    return sum(propose_categories(district=view, now=now) for view in packs.list_districts() if view.id in busy)


def _busy() -> set[int]:
    """The districts with matters not read twice, with proposals of another model than today's, or with some that were decided."""
    mark = ReadMark.objects.filter(district_id=OuterRef("pk"))
    model = TextModel.objects.filter(district_id=OuterRef("pk"), in_force=True)
    mine = CategoryProposal.objects.filter(district_id=OuterRef("pk"))
    told = packs.District.objects.annotate(
        settled=Coalesce(Subquery(mark.values("settled_to")[:1]), -1),
        version=Coalesce(Subquery(model.values("version")[:1]), Value("")),
    )
    unread = matters.Matter.objects.filter(district_id=OuterRef("pk"), id__gt=OuterRef("settled"))
    stale, decided = mine.exclude(version=OuterRef("version")), _decided().filter(district_id=OuterRef("pk"))
    return set(told.filter(Exists(unread) | Exists(stale) | Exists(decided)).values_list("pk", flat=True))


def accept_proposals(*, district: DistrictView, chosen: Mapping[int, str], actor: Actor, now: datetime) -> Sorted:
    """Give matters the categories that a person stands for; their proposals go (7 statements, one transaction).

    It stands in the audit, and in the hash chain of each case who gave it which category in place of which.

    Args:
        chosen: matter → code of today's catalogue. Another than proposed is a correction, from which the next model learns most.

    Raises:
        NotAllowed: the actor may sort nowhere. Invalid: an unknown category, or too many at once; nothing is changed.
    """
    if not any(access.may(actor, key) for key in MAY_SORT):
        raise NotAllowed("may_not_sort", "您的岗位不能给诉求归类。", "请由接待或导入的岗位来做。")
    if len(chosen) > limits.SORT_ROWS:
        raise Invalid("too_many_rows", f"一次最多归类 {limits.SORT_ROWS:,} 件。", "请分几次。", limit=limits.SORT_ROWS)
    titles = {category.code: category.title for category, _ in district.pack.catalogue.walk()}
    for code in set(chosen.values()) - titles.keys():
        raise Invalid("unknown_category", f"目录里没有类别“{code[:20]}”。", "请从目录里选。", "category")
    with transaction.atomic():
        found = CategoryProposal.objects.select_for_update().filter(district_id=district.id, matter_id__in=list(chosen))
        mine = [one for one in found if may_sort_matters(actor, one.area_id)]
        picked = {
            one.matter_id: matters.Chosen(
                chosen[one.matter_id], bool(one.code) and chosen[one.matter_id] != one.code, _post_for(actor, one.area_id)
            )
            for one in mine
        }  # fmt: skip
        done = matters.set_categories(district=district, chosen=picked, actor=actor, now=now)
        CategoryProposal.objects.filter(id__in=[one.id for one in mine]).delete()
        changed = sum(1 for ident in done if picked[ident].corrected)
        if done:
            records.audit(
                district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="learning.accept_suggestions",
                target=f"{len(done)} 件", detail={"accepted": len(done), "changed": changed}, now=now,
            )  # fmt: skip
    return Sorted(len(done), changed, len(chosen) - len(done))
