"""What a procedure may do to an affair, and how a run of any kind gives rise to one. Each says its statements."""

from __future__ import annotations

from typing import Any

from tongxin.affairs.actions import SUBJECT, begin
from tongxin.affairs.models import Affair
from tongxin.affairs.rules import Start
from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import effects
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Context

_PUBLIC_CHARS = 200


def _affair(context: Context) -> Any:
    return Affair.objects.filter(id=context.run.subject_id, district_id=context.district.id)


@effects.register("publish", "在公开栏公开（隐去个人信息的话）", takes="form")
def publish(context: Context, argument: Any) -> None:
    """Show the affair on its public board, in the words of the named form field and no others (1 statement)."""
    words = str(context.form.get(argument) or "").strip()
    if not words or len(words) > _PUBLIC_CHARS:
        raise Invalid("public_words", f"公开的话要有 1 到 {_PUBLIC_CHARS} 个字。", "请改写。", str(argument))
    _affair(context).update(public_words=words)


@effects.register("unpublish", "从公开栏撤下")
def unpublish(context: Context, argument: Any) -> None:
    """Take the affair off its public board (1 statement)."""
    _affair(context).update(public_words="")


@effects.register("open_affair", "派生一件事项，互相能看到", takes="affair")
def open_affair(context: Context, argument: Any) -> None:
    """Open an affair that arises from this run, at its place, linked both ways (1 statement).

    Args:
        argument: ``{procedure: …, form: {field: $field of this step's form, or a fixed value}}``. A repeat of the same step never
            happens (the step itself acts once), so no key of its own is needed.
    """
    form = {}
    for key, value in dict(argument["form"]).items():
        given = context.form.get(value[1:]) if isinstance(value, str) and value.startswith("$") else value
        if given is not None:
            form[key] = given
    run = context.run
    opened = begin(
        district=context.district, pack=context.pack, actor=context.actor, now=context.now,
        start=Start(argument["procedure"], form, run.area_id, parent=(run.subject_kind, run.subject_id)),
    )  # fmt: skip
    run.facts = {**run.facts, "gave_rise_to": [*run.facts.get("gave_rise_to", []), opened.ref]}


@effects.register("tell_origin", "告知派生出它的那一件的承办人")
def tell_origin(context: Context, argument: Any) -> None:
    """Leave a note with the holder of what the affair arose from, naming where this one stands (2 statements)."""
    origin = _affair(context).exclude(parent_id=None).values_list("parent_kind", "parent_id").first()
    if context.run.subject_kind != SUBJECT or origin is None:
        return
    run = procedures.find_run(context.district, *origin)
    if run is not None and run.holder_post_id is not None:
        state = context.procedure.states[context.to_state].title
        context.note(
            run.holder_post_id, "task_done", f"{state}：{context.run.card.get('title', '')}", context.procedure.title
        )
