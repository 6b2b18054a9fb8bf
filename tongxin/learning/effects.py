"""What a procedure may do to the topic it runs on. Each costs one statement."""

from __future__ import annotations

from typing import Any

from tongxin.kernel.registry import effects
from tongxin.learning.models import TopicCase
from tongxin.procedures.api import Context


def _topic(context: Context) -> Any:
    return TopicCase.objects.filter(id=context.run.subject_id, district_id=context.district.id)


@effects.register("keep_answer", "记下高频问题的社区答案")
def keep_answer(context: Context, argument: Any) -> None:
    """Keep the form's ``answer`` with the topic, where the next community finds it (row WH-30)."""
    if context.form.get("answer"):
        _topic(context).update(solution=str(context.form["answer"]))


@effects.register("close_topic", "高频问题结题，不再归入新的诉求")
def close_topic(context: Context, argument: Any) -> None:
    """Write down when it was closed; later matters no longer join it."""
    _topic(context).update(closed_at=context.now)
