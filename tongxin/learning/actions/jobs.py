"""Training as work that can be left and come back to: asked for, begun by a worker, watched, given up, done."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tongxin.kernel import clock, limits
from tongxin.kernel.errors import Conflict, NotFound, Refusal
from tongxin.kernel.once import write_once
from tongxin.learning.actions.training import train_district
from tongxin.learning.models import TextModel, Training
from tongxin.learning.training import Recipe
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.records import api as records

SILENT = timedelta(minutes=10)  # one that said nothing for so long has died; a step takes seconds
RETRAIN_AFTER = timedelta(days=1)  # no oftener by itself


class GivenUp(Exception):
    """Somebody asked to cancel."""


def ask_training(*, district: DistrictView, actor: Actor, now: datetime) -> Training:
    """Ask for a training; a worker begins it within half a minute (3 statements).

    Raises:
        NotAllowed: without the permission to manage the pack. Conflict: one waits or runs already.
    """
    access.demand(actor, "manage_pack")
    there = Conflict("training_now", "已经有一次训练在等待或进行。", "请等它完成，或先取消它。")
    with write_once(there, "training_one_at_a_time"):
        asked = Training.objects.create(district_id=district.id, why="asked", asked_by_id=actor.user_id, asked_at=now)
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="learning.ask_training",
            target=str(asked.pk), detail={}, now=now,
        )  # fmt: skip
    return asked


def cancel_training(*, district: DistrictView, actor: Actor, now: datetime) -> None:
    """Give up the training that waits or runs; the model in force stays (3 statements). Nothing running is no fault."""
    access.demand(actor, "manage_pack")
    open_ones = Training.objects.filter(district_id=district.id, finished_at=None)
    waiting = open_ones.filter(begun_at=None).update(finished_at=now, outcome="cancelled", cancel_asked=True)
    if waiting or open_ones.update(cancel_asked=True):
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="learning.cancel_training",
            target="", detail={}, now=now,
        )  # fmt: skip


def begin_training(now: datetime) -> Training | None:
    """Take the oldest training that waits, for the caller to run; of several workers one gets it (at most 3 statements).

    One that died with its process is written down as failed.
    """
    Training.objects.filter(finished_at=None, begun_at__isnull=False, seen_at__lt=now - SILENT).update(
        finished_at=now, outcome="failed", says="训练中途断了（进程结束）。可以再来一次。"
    )
    with transaction.atomic():
        waiting = Training.objects.select_for_update(skip_locked=True).filter(finished_at=None, begun_at=None)
        found = waiting.order_by("asked_at").first()
        if found is not None:
            found.begun_at = found.seen_at = now
            found.save(update_fields=["begun_at", "seen_at"])
    return found


def run_training(training_id: int, *, recipe: Recipe | None = None) -> Training:
    """Do a training that was begun, telling how far it is; what happened is written down, whatever happens.

    Takes seconds to minutes. Each step costs 1 statement: it tells the share and asks whether to give up.
    """
    asked = Training.objects.filter(pk=training_id, finished_at=None, begun_at__isnull=False).first()
    if asked is None:
        raise NotFound("no_training", "没有这次训练，或它已经结束。", "请在“文字理解”页重新发起。")
    district = next(view for view in packs.list_districts() if view.id == asked.district_id)

    def tell(share: float) -> None:
        alive = Training.objects.filter(pk=asked.pk, cancel_asked=False, finished_at=None)
        if not alive.update(share=share, seen_at=clock.now()):
            raise GivenUp

    outcome, says = "failed", "训练出错，已记入日志。原来的模型照常使用。"
    try:
        kept = train_district(
            district=district, actor=organization.system_actor(district), now=clock.now(), recipe=recipe, tell=tell
        )
        outcome, says = "done", f"学自 {kept.card['examples']} 件，版本 {kept.version}。"
    except GivenUp:
        outcome, says = "cancelled", "已取消。原来的模型照常使用。"
    except Refusal as refusal:
        says = refusal.sentence
    finally:
        Training.objects.filter(pk=asked.pk, finished_at=None).update(
            finished_at=clock.now(), outcome=outcome, says=says[:400]
        )
    asked.refresh_from_db()
    return asked


def schedule_trainings(now: datetime) -> int:
    """Ask for a training wherever corrections reached the number since the model was made (2 statements a district with a model).

    Only where a model is in force (the first one is a person's to ask for), and at most once a day.
    """
    asked = 0
    views = {view.id: view for view in packs.list_districts()}
    for model in TextModel.objects.filter(in_force=True, trained_at__lt=now - RETRAIN_AFTER):
        district = views.get(model.district_id)
        if (
            district is None
            or Training.objects.filter(district_id=model.district_id, asked_at__gt=now - RETRAIN_AFTER).exists()
        ):
            continue
        if matters.count_corrected(district, since=model.trained_at) >= limits.RETRAIN_CORRECTIONS:
            with transaction.atomic():
                Training.objects.bulk_create(
                    [Training(district_id=district.id, why="corrections", asked_at=now)], ignore_conflicts=True
                )
            asked += 1
    return asked
