"""Training on a district's handled matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tongxin.kernel.clock import local
from tongxin.learning.artefact import save_model
from tongxin.learning.errors import LearningError
from tongxin.learning.models import TextModel
from tongxin.learning.training import Example, Recipe, train
from tongxin.learning.vectors import Text
from tongxin.matters import api as matters
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.records import api as records

FOLDER = "text-models"
MOST_EXAMPLES = 20_000  # the newest; two to three minutes of one core


def train_district(
    *,
    district: packs.DistrictView,
    actor: Actor,
    now: datetime,
    recipe: Recipe | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> TextModel:
    """Learn from the closed matters of a district and put the new model in force (6 statements).

    Only classes that a person chose or confirmed are learned from, and only classes of today's catalogue. Takes seconds to
    minutes; the transaction begins when the learning is done. ``tell`` as of ``training.train``.

    Raises:
        LearningError: too little to learn from, or a training of the same second; nothing is changed. NotAllowed: without the
        permission to manage the pack. OSError: the disk refuses; nothing is changed.
    """
    access.demand(actor, "manage_pack")
    known = set(district.pack.catalogue.by_code)
    examples = [
        Example(Text(row.title, row.text), row.category, row.corrected)
        for row in matters.list_classified(district, most=MOST_EXAMPLES)
        if row.category in known
    ]
    version = f"{local(now):%Y%m%d-%H%M%S}"
    model = train(examples, version=version, made_at=local(now).isoformat(timespec="seconds"), recipe=recipe, tell=tell)
    file = f"{FOLDER}/{district.key}-{version}.model"
    path = Path(settings.DATA_DIR) / file
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    if path.exists():
        raise LearningError("trained_just_now", "同一时刻已有一次训练完成。", "请用那一次的结果，或过一会儿再训练。")
    save_model(model, path)
    try:
        with transaction.atomic():
            packs.District.objects.select_for_update().get(pk=district.id)  # one at a time puts its model in force
            TextModel.objects.filter(district_id=district.id, in_force=True).update(in_force=False)
            kept = TextModel.objects.create(
                district_id=district.id, version=version, file=file, card=asdict(model.card), trained_at=now, in_force=True
            )  # fmt: skip
            records.audit(
                district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="learning.train_district",
                target=version, detail={"examples": model.card.examples, "macro_f1": model.card.macro_f1}, now=now,
            )  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return kept
