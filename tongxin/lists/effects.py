"""What procedures may do to an item of a list, and how something comes onto the admission list. Each costs one statement or says so."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet

from tongxin.kernel.clock import LOCAL
from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import effects
from tongxin.lists.actions import admitting
from tongxin.lists.models import Item
from tongxin.procedures.api import Context


def _lines(context: Context) -> QuerySet[Item]:
    """The lines of the item in editions that are not closed: a carried item's newest line moves on."""
    lines = Item.objects.filter(district_id=context.district.id, case_id=context.run.subject_id)
    return lines.exclude(stage="carried")


@effects.register("take_item", "清单条目由单位认领")
def take_item(context: Context, argument: Any) -> None:
    """The unit of the form takes the item."""
    unit = context.run.parts.get("unit")
    _lines(context).update(stage="taken", taken_by_id=unit if isinstance(unit, int) else None)


@effects.register("release_item", "清单条目退回待认领")
def release_item(context: Context, argument: Any) -> None:
    """The item waits for another unit."""
    context.run.parts = {key: value for key, value in context.run.parts.items() if key != "unit"}
    _lines(context).update(stage="open", taken_by_id=None)


@effects.register("finish_item", "清单条目办结")
def finish_item(context: Context, argument: Any) -> None:
    """The item is done."""
    _lines(context).update(stage="done", closed_at=context.now)


@effects.register("drop_item", "清单条目不办")
def drop_item(context: Context, argument: Any) -> None:
    """The item will not be done; the reason stands in the log."""
    _lines(context).update(stage="dropped", closed_at=context.now)


@effects.register("reopen_item", "清单条目重新办理")
def reopen_item(context: Context, argument: Any) -> None:
    """A finished item is worked on again."""
    _lines(context).update(stage="taken", closed_at=None)


def _given(context: Context, key: str) -> Any:
    """A value of the form, or of what the case knows."""
    return context.form.get(key) or context.run.facts.get(key)


def _categories(context: Context) -> list[str]:
    code = _given(context, "category")
    return [str(code)] if code else []


@effects.register("admit_item", "批准列入清单的下一版", takes="list")
def admit_item(context: Context, argument: Any) -> None:
    """Put what was approved into the draft of the named list (6 statements). Reads title, class, category, share, department."""
    department = _given(context, "department") or context.run.parts.get("applicant")
    admitting.propose_item(
        district=context.district, key=str(argument), title=str(_given(context, "title") or context.run.card.get("title", "")),
        klass=str(_given(context, "class") or _given(context, "kind") or ""), categories=_categories(context), now=context.now,
        share=str(_given(context, "share") or "assist"), owner_id=department if isinstance(department, int) else None,
    )  # fmt: skip


@effects.register("admit_for_a_time", "批准临时准入，到期自动失效", takes="list")
def admit_for_a_time(context: Context, argument: Any) -> None:
    """Admit what was approved to the named list until the end of the day of the ``until`` field (3 statements)."""
    day = _given(context, "until")
    if not day:
        raise Invalid("until_missing", "临时准入要写明到哪天为止。", "请填截止日期。", "until")
    department = _given(context, "department") or context.run.parts.get("applicant")
    until = datetime.combine(date.fromisoformat(str(day)), time(23, 59, 59), LOCAL)
    admitting.admit_for_a_time(
        district=context.district, key=str(argument), title=str(_given(context, "title") or context.run.card.get("title", "")),
        categories=_categories(context), until_at=until, approved_by=context.actor.label, now=context.now,
        department_id=department if isinstance(department, int) else None, reason=str(_given(context, "reason") or ""),
        run_id=context.run.id,
    )  # fmt: skip
