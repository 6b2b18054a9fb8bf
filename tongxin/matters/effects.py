"""What a procedure may do to the matter it runs on. Each costs one statement."""

from __future__ import annotations

from typing import Any

from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import effects
from tongxin.matters.actions import report_matter
from tongxin.matters.models import Matter
from tongxin.matters.queries import get_matter, read_ref
from tongxin.matters.rules import Report
from tongxin.organization import api as organization
from tongxin.procedures.api import Context
from tongxin.territory import api as territory


def _matter(context: Context) -> Any:
    return Matter.objects.filter(id=context.run.subject_id, district_id=context.district.id)


@effects.register("open_matter", "转为一件诉求，互相能看到", takes="form")
def open_matter(context: Context, argument: Any) -> None:
    """Open a matter from what another subject's step says, at the same place, linked both ways (1 statement).

    Args:
        argument: the form field that says what is to be done; the title of the run stands before it.
    """
    run, intake = context.run, context.pack.settings.intake
    channels = list(intake.channels) if intake is not None else []
    report = Report(
        channel="grid" if "grid" in channels else (channels or [""])[0],
        text=f"{run.card.get('title', '')}。{context.form.get(argument) or ''}",
        area_id=run.area_id,
        extra={"arose_from": [run.subject_kind, run.subject_id]},
    )
    actor = organization.system_actor(context.district)
    reported = report_matter(district=context.district, report=report, actor=actor, now=context.now)
    known = run.facts.get("matters", [])
    run.facts = {**run.facts, "matters": [*known, reported.matter_id]}


@effects.register("set_category", "按表单改类别")
def set_category(context: Context, argument: Any) -> None:
    """Set the category from the form; the limit of what is still to come follows its grade."""
    code = context.form.get("category")
    category = context.pack.catalogue.by_code.get(str(code))
    if category is None:
        return
    before = context.run.facts
    corrected = {}
    if code != before.get("category"):
        _matter(context).update(category=code)
        # what a person put in place of the machine's guess teaches it most
        corrected = {"corrected": True} if before.get("category") and before.get("guessed") else {}
    grade = category.grade or context.pack.catalogue.default_grade
    context.run.facts = {**before, "category": code, "grade": grade, "guessed": False, **corrected}
    context.run.card = {**context.run.card, "category": category.title}


@effects.register("merge_into_master", "并入主件")
def merge_into_master(context: Context, argument: Any) -> None:
    """Make the matter a duplicate of the one in the form's ``master`` field; its reporter follows the master's progress."""
    master = get_matter(context.district, read_ref(str(context.form["master"])))
    master = master.master or master
    if master.id == context.run.subject_id:
        raise Invalid("own_master", "不能并入自己。", "请填另一件的编号。", "master")
    _matter(context).update(master=master, closed_at=context.now)
    Matter.objects.filter(district_id=context.district.id, master_id=context.run.subject_id).update(master=master)
    context.form["master"] = f"{master.id}"


@effects.register("record_rating", "记下评价")
def record_rating(context: Context, argument: Any) -> None:
    """Keep the reporter's mark and whether it was solved."""
    given = {key: context.form[key] for key in ("rating", "solved") if key in context.form}
    if given:
        _matter(context).update(**given)


@effects.register("record_solved", "记下是否解决", takes="yesno?")
def record_solved(context: Context, argument: Any) -> None:
    """Keep whether it was solved, from the argument or the form."""
    solved = argument if isinstance(argument, bool) else context.form.get("solved")
    _matter(context).update(solved=solved)
    context.run.facts = {**context.run.facts, "solved": solved}


@effects.register("set_area", "按表单标明地点")
def set_area(context: Context, argument: Any) -> None:
    """Put the matter into the area of the form; the next holder follows the place."""
    tree, area_id = territory.tree(context.district), int(context.form["area"])
    _matter(context).update(area_id=area_id, precision="area", lon=None, lat=None)
    context.run.area_id = area_id
    context.run.card = {**context.run.card, "place": tree.full_name(area_id)}


@effects.register("close_matter", "诉求办结")
def close_matter(context: Context, argument: Any) -> None:
    """Write down when the matter was closed."""
    _matter(context).update(closed_at=context.now)


@effects.register("reopen_matter", "诉求重新打开")
def reopen_matter(context: Context, argument: Any) -> None:
    """The matter is open again; its former answer stays in the log."""
    _matter(context).update(closed_at=None, solved=None)
