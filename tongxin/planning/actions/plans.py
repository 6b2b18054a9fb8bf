"""Plans begun, renamed, thrown away; their figures worked out anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.planning import scoring
from tongxin.planning.board import Board
from tongxin.planning.findings import PlanningError
from tongxin.planning.guards import fault_of
from tongxin.planning.models import Drafting, Plan, PlanMember, PlanPart
from tongxin.planning.objective import Wish
from tongxin.planning.queries import SUBJECT, places_of, plan_boards
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory

PLAN, PROCEDURE = "plan_grids", "grid_plan"
LOADS = {"households": "户数", "people": "人数", "matters": "每周诉求数"}
BEGINS = {"afresh": "重新划分", "improve": "在现有网格上改进", "today": "照现有网格（手工调整）"}
TITLE_CHARS = 80


def begin_plan(
    *,
    district: DistrictView,
    title: str,
    under: int,
    level: str,
    load_by: str = "households",
    wish: Mapping[str, Any],
    begin: str = "afresh",
    seed: int = 0,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Note a plan and ask the machine for it (4 statements); a worker draws it, see ``drafting``.

    Args:
        under: the place to be divided; every place of the level above under it is divided by itself (G-05).
        wish: ``target``, ``low``, ``high``, ``order``. begin: a key of ``BEGINS``. seed: the same gives the same plan.

    Raises:
        NotAllowed: plan_grids is missing there. Invalid: a level, load, beginning or wish that makes no sense.
    """
    organization.demand(actor, PLAN, under)
    title = title.strip()
    if not 0 < len(title) <= TITLE_CHARS:
        raise Invalid("plan_title", f"方案名称应为 1–{TITLE_CHARS} 个字。", "", "title", limit=TITLE_CHARS)
    if load_by not in LOADS:
        raise Invalid("load_by", "不知道按什么均衡。", f"有 {'、'.join(LOADS.values())}。", "load_by")
    if begin not in BEGINS:
        raise Invalid("begin", "不知道从哪里起步。", f"有 {'、'.join(BEGINS.values())}。", "begin")
    if not places_of(territory.tree(district), under, level):
        raise Invalid("no_places", "这里没有可以划分的社区。", "请另选一个地域。", "under")
    with transaction.atomic():
        plan = Plan.objects.create(
            district_id=district.id, title=title, under_id=under, level=level, load_by=load_by, wish=check_wish(wish), begin=begin,
            seed=seed, made_by_id=actor.user_id, made_at=now, changed_at=now,
        )  # fmt: skip
        Drafting.objects.create(plan=plan, asked_at=now)
        _note(district, actor, "begin_plan", plan, {"under": under, "level": level, "wish": plan.wish}, now)
    return plan


def check_wish(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wish as it is kept; Invalid says what makes no sense in it."""
    try:
        values = {
            key: float(wish[key]) if wish.get(key) not in (None, "") else None for key in ("target", "low", "high")
        }
    except (TypeError, ValueError):
        raise Invalid(
            "wish_number", "目标、下限、上限应为数字。", "例如目标 400，下限 300，上限 500。", "target"
        ) from None
    if values["target"] is None:
        raise Invalid("wish_target", "还没有填目标。", "例如每网格 400 户。", "target")
    order = list(wish.get("order") or Wish(target=1).order)
    kept = {**{key: value for key, value in values.items() if value is not None}, "order": order}
    try:
        scoring.wish_of(kept)
    except PlanningError as error:
        raise Invalid("wish", f"{error.what}{error.means}", error.do, "target") from error
    return kept


def locked_draft(district: DistrictView, plan_id: int, actor: Actor) -> Plan:
    """Return a plan that may still be changed, locked until the transaction ends (1–2 statements).

    Raises:
        NotFound. NotAllowed. Conflict: it is on its way, in force, or the machine is at work on it.
    """
    plan = Plan.objects.select_for_update(of=("self",)).filter(district_id=district.id, pk=plan_id).first()
    if plan is None:
        raise NotFound("no_plan", "没有这个方案。", "请从列表里重新打开。")
    organization.demand(actor, PLAN, plan.under_id)
    if plan.status != "draft":
        words = plan.get_status_display()
        raise Conflict("plan_status", f"这个方案“{words}”，不能再改。", "要改请先退回修改，或另起一个方案。")
    if Drafting.objects.filter(plan=plan, ended_at=None).exists():
        raise Conflict("plan_busy", "机器正在划分这个方案。", "请等它完成，或先停下来。")
    return plan


def draft_again(
    *, district: DistrictView, plan_id: int, wish: Mapping[str, Any] | None = None, begin: str = "plan", seed: int | None = None,
    actor: Actor, now: datetime,
) -> Plan:  # fmt: skip
    """Ask the machine once more, with another wish, beginning or seed; ``plan`` keeps what is locked where it is (5 statements).

    Raises Invalid for a beginning or a wish that makes no sense.
    """
    with transaction.atomic():
        plan = locked_draft(district, plan_id, actor)
        if begin not in (*BEGINS, "plan"):
            raise Invalid("begin", "不知道从哪里起步。", "", "begin")
        if wish is not None:
            plan.wish = check_wish(wish)
        plan.seed = plan.seed if seed is None else seed
        plan.begin, plan.changed_at = begin, now
        plan.save(update_fields=["wish", "seed", "begin", "changed_at"])
        Drafting.objects.filter(plan=plan).delete()
        Drafting.objects.create(plan=plan, asked_at=now)
        _note(district, actor, "draft_again", plan, {"wish": plan.wish, "seed": plan.seed, "begin": begin}, now)
    return plan


def stop_drafting(*, district: DistrictView, plan_id: int, actor: Actor, now: datetime) -> None:
    """Ask the machine to stop; what the plan held before stays (3 statements). NotFound where there is no such plan."""
    plan = Plan.objects.filter(district_id=district.id, pk=plan_id).first()
    if plan is None:
        raise NotFound("no_plan", "没有这个方案。", "请从列表里重新打开。")
    organization.demand(actor, PLAN, plan.under_id)
    Drafting.objects.filter(plan=plan, ended_at=None).update(stop_asked=True)
    Drafting.objects.filter(plan=plan, ended_at=None, begun_at=None).update(
        ended_at=now, outcome="stopped", says="还没有开始就停下了。"
    )


def rename_plan(*, district: DistrictView, plan_id: int, title: str, actor: Actor, now: datetime) -> None:
    """Give a draft another title (3 statements); Invalid without one or for one too long."""
    title = title.strip()
    if not 0 < len(title) <= TITLE_CHARS:
        raise Invalid("plan_title", f"方案名称应为 1–{TITLE_CHARS} 个字。", "", "title", limit=TITLE_CHARS)
    with transaction.atomic():
        plan = locked_draft(district, plan_id, actor)
        plan.title, plan.changed_at = title, now
        plan.save(update_fields=["title", "changed_at"])


def drop_plan(*, district: DistrictView, plan_id: int, actor: Actor, now: datetime) -> None:
    """Throw a draft away (about 8 statements); Conflict for what was ever submitted, which stays."""
    with transaction.atomic():
        plan = locked_draft(district, plan_id, actor)
        if plan.effective_on is not None or plan.in_force_at is not None:
            raise Conflict("plan_was_filed", "报送过的方案要留存，不能删除。")
        _note(district, actor, "drop_plan", plan, {}, now)
        plan.delete()


def copy_plan(*, district: DistrictView, plan_id: int, title: str, actor: Actor, now: datetime) -> Plan:
    """Make a draft with the same division, so that two ways can be compared (6 statements); NotFound where there is no such plan."""
    source = Plan.objects.filter(district_id=district.id, pk=plan_id).first()
    if source is None:
        raise NotFound("no_plan", "没有这个方案。", "请从列表里重新打开。")
    organization.demand(actor, PLAN, source.under_id)
    with transaction.atomic():
        copy = Plan.objects.create(
            district_id=district.id, title=(title.strip() or f"{source.title}（副本）")[:TITLE_CHARS], under_id=source.under_id,
            level=source.level, load_by=source.load_by, wish=source.wish, begin=source.begin, seed=source.seed, score=source.score,
            made_by_id=actor.user_id, made_at=now, changed_at=now,
        )  # fmt: skip
        PlanPart.objects.bulk_create(
            PlanPart(plan=copy, number=p.number, name=p.name, inside_id=p.inside_id, continues_id=p.continues_id)
            for p in PlanPart.objects.filter(plan=source)
        )
        PlanMember.objects.bulk_create(
            PlanMember(plan=copy, unit_id=m.unit_id, inside_id=m.inside_id, part=m.part, load=m.load, locked=m.locked)
            for m in PlanMember.objects.filter(plan=source)
        )
        _note(district, actor, "copy_plan", copy, {"from": source.pk}, now)
    return copy


def rescore(
    district: DistrictView, plan: Plan, *, only: Sequence[int] | None = None, boards: Sequence[Board] | None = None
) -> dict[str, Any]:
    """Work out the figures of a plan, or of some of its communities, and put them on the row, not saved (3 statements)."""
    wish = scoring.wish_of(plan.wish)
    boards = plan_boards(district, territory.tree(district), plan, only) if boards is None else boards
    communities = dict(plan.score.get("communities", {})) if only is not None else {}
    communities |= {str(board.inside): scoring.score_board(board, wish) for board in boards}
    plan.score = {**plan.score, "communities": communities, "whole": scoring.whole(communities, wish)}
    return dict(plan.score)


def _note(district: DistrictView, actor: Actor, act: str, plan: Plan, detail: dict[str, Any], now: datetime) -> None:
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action=f"planning.{act}", target=plan.title,
        detail={"plan": plan.pk, **detail}, now=now,
    )  # fmt: skip


def submit_plan(*, district: DistrictView, plan_id: int, actor: Actor, now: datetime) -> int:
    """Send a draft on its way (norm G-06); return its run. A plan sent back goes on in the same run (about 15 statements).

    Raises:
        Conflict: it is not a draft. Invalid: it is not whole or has parts in pieces.
    """
    with transaction.atomic():
        plan = locked_draft(district, plan_id, actor)
        run = procedures.find_run(district, SUBJECT, plan.pk)
        if run is not None and run.finished_at is None:
            raise Conflict(
                "plan_in_rework", "这个方案是退回修改的。", "请在它的办理页上“重新报送”，还是同一件。", run=run.pk
            )
        if fault := fault_of(district, plan):
            raise Invalid("plan_not_sound", fault)
        tree = territory.tree(district)
        started = procedures.start_run(
            district=district, pack=district.pack, procedure=PROCEDURE, subject_kind=SUBJECT, subject_id=plan.pk, area_id=plan.under_id,
            card={"ref": f"方案-{plan.pk}", "title": plan.title, "place": tree.full_name(plan.under_id), "category": "网格划分"},
            facts={"parts": plan.score["whole"]["parts"]}, parts={}, actor=actor, now=now,
        )  # fmt: skip
        plan.status, plan.changed_at = "submitted", now
        plan.save(update_fields=["status", "changed_at"])
        _note(district, actor, "submit_plan", plan, {"run": started.run_id}, now)
    return started.run_id
