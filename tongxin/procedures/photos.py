"""Pictures that come with a step: given to the run's subject when the step is taken. The log keeps their ids (sealed, like any form)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongxin.packs.schema import FormField
from tongxin.procedures.models import Run
from tongxin.records import api as records


def photo_ids_of(fields: Mapping[str, FormField], form: Mapping[str, Any]) -> list[str]:
    """Return the ids that a checked form names."""
    return [ident for key, field in fields.items() if field.type == "photos" for ident in form.get(key) or ()]


def claim_photos(fields: Mapping[str, FormField], form: Mapping[str, Any], run: Run) -> None:
    """Give the pictures of a step to the subject (1 statement, none without pictures).

    Raises:
        Invalid: one of them is gone or belongs to something else; nothing of the step is kept then.
    """
    records.claim(
        photo_ids_of(fields, form),
        district_id=run.district_id,
        subject_kind=run.subject_kind,
        subject_id=run.subject_id,
    )
