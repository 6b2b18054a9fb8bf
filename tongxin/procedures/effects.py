"""Consequences any procedure may name. An effect gets the step's context and its argument; what it changes is written with the step."""

from __future__ import annotations

from typing import Any

from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import effects
from tongxin.notices.api import Note
from tongxin.organization import api as organization
from tongxin.packs.schema import Holder
from tongxin.packs.schema.base import as_list
from tongxin.procedures import permissions
from tongxin.procedures.context import Context
from tongxin.procedures.models import Run


@effects.register("remind", "提醒承办人")
def remind(context: Context, argument: Any) -> None:
    """Leave a note with the present holder."""
    if context.run.holder_post_id is not None:
        title = f"已超时：{context.run.card.get('title', '')}"
        context.note(context.run.holder_post_id, "late", title, str(context.run.card.get("place", "")))


@effects.register("notify_reporter", "请代为反映的工作人员转告居民")
def notify_reporter(context: Context, argument: Any) -> None:
    """Leave a note with the member of staff who reported for somebody; a resident reads the step's own words by the receipt."""
    user_id = context.run.facts.get("reported_by")
    if user_id is not None and user_id != context.actor.user_id:
        state = context.procedure.states[context.to_state]
        context.notes.append(
            Note(
                user_id=user_id, kind="tell_reporter", title=f"请转告反映人：{context.run.card.get('title', '')}"[:160],
                body=(state.plain or state.title)[:400], subject_kind=context.run.subject_kind, subject_id=context.run.subject_id,
            )
        )  # fmt: skip


@effects.register("notify", "告知某个岗位", takes="role")
def notify(context: Context, argument: Any) -> None:
    """Leave a note with a role at the run's place."""
    desk = permissions.resolve(context, Holder.model_validate(argument))
    if desk is not None:
        state = context.procedure.states[context.to_state].title
        context.note(
            desk.post_id,
            "told",
            f"{state}：{context.run.card.get('title', '')}",
            str(context.run.card.get("place", "")),
        )


@effects.register("escalate", "上报，由上一级接手", takes="role")
def escalate(context: Context, argument: Any) -> None:
    """Make the named role the holder; the former holder is told and may still act."""
    desk = permissions.resolve(context, Holder.model_validate(argument))
    if desk is None or desk.post_id == context.run.holder_post_id:
        return
    if context.run.holder_post_id is not None:
        context.note(
            context.run.holder_post_id,
            "escalated",
            f"超时已上报：{context.run.card.get('title', '')}",
            f"现由{desk.title}接手",
        )
    context.note(
        desk.post_id,
        "escalated",
        f"超时上报到您：{context.run.card.get('title', '')}",
        str(context.run.card.get("place", "")),
    )
    context.take_holder = desk


@effects.register("move", "自动走到下一步", takes="transition")
def move(context: Context, argument: Any) -> None:
    """As a late action: take the named transition as the system."""
    context.move = str(argument)


@effects.register("count_paused_time", "暂停的时间计入办理时间")
def count_paused_time(context: Context, argument: Any) -> None:
    """A rejected objection counts the time it took."""
    context.count_pause = True


@effects.register("set_fact", "记下一个事实", takes="mapping")
def set_fact(context: Context, argument: Any) -> None:
    """Set facts of the run; ``$name`` takes the value of a form field."""
    values = {
        k: context.form.get(v[1:]) if isinstance(v, str) and v.startswith("$") else v for k, v in dict(argument).items()
    }
    context.run.facts = {**context.run.facts, **values}


@effects.register("on_time", "记下这一步是否按时", takes="text")
def on_time(context: Context, argument: Any) -> None:
    """Keep as a fact whether the state that is left was left before it was due."""
    due_at = context.run.due_at
    context.run.facts = {**context.run.facts, str(argument): due_at is None or context.now <= due_at}


@effects.register("open_tasks", "给几个单位或几个岗位各开一件子任务", takes="tasks")
def open_tasks(context: Context, argument: Any) -> None:
    """Open a task for each unit of a participant, or for each of some roles at the run's place, that has none open yet
    (1 statement, +1 a task).

    Args:
        argument: ``{procedure: …, units: <part name>}``; the main unit never becomes its own co-unit (norm J-06). Or
            ``{procedure: …, roles: [role, …]}``: two who own a case together each get it in their own inbox and sign for
            themselves (XN-16); who stands in for a vacant post gets one task, not two.
    """
    if "roles" in argument:
        _open_for_posts(context, argument)
    else:
        _open_for_units(context, argument)


def _open_for_units(context: Context, argument: Any) -> None:
    run, directory = context.run, organization.directory(context.district)
    wanted = run.parts.get(argument["units"]) or []
    wanted = wanted if isinstance(wanted, list) else [wanted]
    if run.parts.get("main_unit") in wanted:
        raise Invalid("main_is_co", "主办单位不能同时列为协办单位。", "请从协办里去掉它。", str(argument["units"]))
    busy = {task.parts.get("unit") for task in Run.objects.filter(parent_id=run.id, finished_at=None).only("parts")}
    for ident in wanted:
        body = directory.body(ident)
        if ident not in busy and body is not None:
            _open_task(
                context, argument["procedure"], f"【协办】{run.card.get('title', '')}", body.name, {}, {"unit": ident}
            )


def _open_for_posts(context: Context, argument: Any) -> None:
    run = context.run
    wanted = (permissions.resolve(context, Holder(role=role)) for role in as_list(argument["roles"]))
    desks = {desk.post_id: desk for desk in wanted if desk is not None}
    waiting = Run.objects.filter(parent_id=run.id, finished_at=None).only("facts")
    busy = {task.facts.get(permissions.STARTER) for task in waiting}
    for post_id, desk in desks.items():
        if post_id not in busy:
            facts = {permissions.STARTER: post_id}
            _open_task(context, argument["procedure"], f"【共同】{run.card.get('title', '')}", desk.title, facts, {})


def _open_task(
    context: Context, procedure: str, title: str, who: str, facts: dict[str, Any], parts: dict[str, Any]
) -> None:
    from tongxin.procedures.actions import (
        start_run,  # the two need each other; the engine is complete by the time this runs
    )

    run = context.run
    start_run(
        district=context.district, pack=context.pack, procedure=procedure, subject_kind=run.subject_kind,
        subject_id=run.subject_id, area_id=run.area_id, parent_id=run.id, facts={**run.facts, **facts}, parts=parts,
        card={**run.card, "title": title, "unit": who}, actor=context.actor, now=context.now,
    )  # fmt: skip


@effects.register("cancel_tasks", "收回还没办完的协办任务")
def cancel_tasks(context: Context, argument: Any) -> None:
    """Close the open tasks of the run as withdrawn, each with its own log entry (1 statement, +1 a task)."""
    from tongxin.procedures.actions import close_task

    for task in Run.objects.select_for_update().filter(parent_id=context.run.id, finished_at=None).order_by("id"):
        close_task(context, task)


@effects.register("tell_parent", "告知主办单位协办已完成")
def tell_parent(context: Context, argument: Any) -> None:
    """Leave a note with the holder of the parent run (1 statement)."""
    if context.run.parent_id is None:
        return
    holder = Run.objects.filter(id=context.run.parent_id).values_list("holder_post_id", flat=True).first()
    if holder is not None:
        context.note(
            holder,
            "task_done",
            f"协办已回复：{context.run.card.get('title', '')}",
            str(context.run.card.get("unit", "")),
        )
