"""What the case that a date opened says about that time: it was kept, or there was nothing to do. Each says its statements."""

from __future__ import annotations

from typing import Any

from tongxin.cadence.models import Occurrence, Record
from tongxin.kernel.clock import local
from tongxin.kernel.registry import effects
from tongxin.procedures.api import Context


def _occurrence(context: Context) -> Occurrence | None:
    """The time of a series that opened this case, unless it is noted already; None for a case that people opened."""
    found = Occurrence.objects.select_for_update().filter(district_id=context.district.id, run_id=context.run.id)
    return found.filter(kept_on=None).first()


@effects.register("keep_occurrence", "打开这件事的那一期记作做到", takes="form?")
def keep_occurrence(context: Context, argument: Any) -> None:
    """Note that the time whose day opened this case was kept (1 statement, 3 when it was). After its end it stays missed.

    Args:
        argument: the number field of this step's form that says how many people came; may be left out.
    """
    one, today = _occurrence(context), local(context.now).date()
    if one is None or today > one.closes_on:
        return
    heads = context.form.get(argument) if argument else None
    Record.objects.create(
        occurrence=one, done_on=today, heads=heads if isinstance(heads, int) else None, noted_at=context.now,
        note=context.spec.title if context.spec is not None else "", noted_by=context.actor.label[:120],
        request_key=f"run-{context.run.id}",
    )  # fmt: skip
    one.kept_on, one.excused = today, ""
    one.save(update_fields=["kept_on", "excused"])


@effects.register("excuse_occurrence", "打开这件事的那一期记作不办", takes="text")
def excuse_occurrence(context: Context, argument: Any) -> None:
    """Note that there was nothing to do this time, so that it counts neither as kept nor as missed (1–2 statements)."""
    one = _occurrence(context)
    if one is not None:
        one.excused = str(argument)[:200]
        one.save(update_fields=["excused"])
