"""What a procedure runs on, and how one of it is opened: known subjects, openers that exist, a place deep enough for its holders."""

from __future__ import annotations

from collections.abc import Iterator

from tongxin.kernel.registry import subjects
from tongxin.packs.checks.fields import check_field
from tongxin.packs.checks.places import check_words
from tongxin.packs.checks.report import Report
from tongxin.packs.checks.units import level_of
from tongxin.packs.reading import Keys
from tongxin.packs.schema import EffectCall, Holder, Pack, Procedure

AFFAIR, ANY = "affair", "any"
TASKS, PUBLISH, SEES_PEOPLE = "open_tasks", "publish", ("text", "longtext")


def check_opening(pack: Pack, key: str, report: Report) -> None:
    """Check ``subject`` and ``open`` of one procedure."""
    procedure, at = pack.procedures[key], ("procedures", key)
    if not report.need(procedure.subject, [*subjects.names(), ANY], "事物（subject）", (*at, "subject")):
        return
    _check_tasks(pack, procedure, at, report)
    if procedure.open is None:
        if procedure.subject == AFFAIR and not _is_task(pack, key):
            what = f"流程“{procedure.title}”在事项（affair）上运行，却没有写怎么开一件。"
            report.add(at, what, "请写 open: {by: …, form: …, headline: …}；只作子任务的由 open_tasks 开出。")
        elif procedure.subject == ANY and not _is_task(pack, key):
            report.add((*at, "subject"), "subject: any 只用于 open_tasks 开出的子任务。", "请写 matter 或 affair。")
        return
    if procedure.subject != AFFAIR:
        report.add((*at, "open"), "open 只用于在事项上运行的流程。", "请删去 open，或写 subject: affair。")
        return
    _check_open(pack, procedure, (*at, "open"), report)
    _check_depth(pack, procedure, at, report)


def _check_open(pack: Pack, procedure: Procedure, at: Keys, report: Report) -> None:
    opening = procedure.open
    assert opening is not None
    for index, opener in enumerate(opening.by):
        if opener.role is not None:
            report.need(opener.role, pack.units.roles, "角色", (*at, "by", index), "角色写在 units.yaml。")
    if not opening.by and not _is_derived(pack, procedure.procedure):
        what = "open.by 是空的，也没有别的流程用 open_affair 派生它，谁也开不了。"
        report.add((*at, "by"), what, "请写谁能开，例如 by: [resident, {role: grid_worker}]。")
    for name, field in opening.form.items():
        check_field(pack, procedure, name, field, (*at, "form", name), report)
    if report.need(opening.headline, opening.form, "项目", (*at, "headline")):
        field = opening.form[opening.headline]
        if field.type not in SEES_PEOPLE or not field.required:
            report.add(
                (*at, "headline"), f"作标题的 {opening.headline} 应是必填的文字项。", "请换一项，或改成必填的文字。"
            )
    check_words(opening.says, list(opening.form), report, (*at, "says"))
    if not opening.public:
        for name, calls in _calls(procedure):
            if any(call.name == PUBLISH for call in calls):
                what = f"动作 {name} 用了 publish，可 open 里没有公开栏。"
                report.add((*at[:-1], "transitions", name), what, "请在 open 里写 public: true，或删去 publish。")


def _check_depth(pack: Pack, procedure: Procedure, at: Keys, report: Report) -> None:
    """A holder below the level at which the affair lies could never be found."""
    opening, levels = procedure.open, pack.units.level_keys()
    if opening is None or opening.at is None or not report.need(opening.at, levels, "级别", (*at, "open", "at")):
        return
    for keys, holder in _holders(procedure):
        role = pack.units.roles.get(holder.role or "")
        level = holder.of or (level_of(pack, role) if role is not None else None)
        if level in levels and levels.index(level) > levels.index(opening.at):
            what = f"这件事定到 {opening.at} 一级，定不了由哪个 {level} 的 {holder.role} 来办。"
            report.add((*at, *keys), what, f"请把 open.at 改为 {level}，或换成上一级的角色。")


def _check_tasks(pack: Pack, procedure: Procedure, at: Keys, report: Report) -> None:
    """A task runs on what its parent runs on."""
    for name, calls in _calls(procedure):
        for call in calls:
            target = pack.procedures.get(_task_of(call))
            if target is not None and target.subject not in (procedure.subject, ANY):
                what = f"子流程 {target.procedure} 在 {target.subject} 上运行，这里是 {procedure.subject}。"
                report.add((*at, "transitions", name, "do"), what, "请把子流程写成 subject: any，或换一个。")


def _task_of(call: EffectCall) -> str:
    return str(call.argument.get("procedure", "")) if call.name == TASKS and isinstance(call.argument, dict) else ""


def _is_task(pack: Pack, key: str) -> bool:
    return any(_task_of(call) == key for p in pack.procedures.values() for _, calls in _calls(p) for call in calls)


def _is_derived(pack: Pack, key: str) -> bool:
    return any(
        call.name == "open_affair" and isinstance(call.argument, dict) and call.argument.get("procedure") == key
        for p in pack.procedures.values()
        for _, calls in _calls(p)
        for call in calls
    )


def _calls(procedure: Procedure) -> Iterator[tuple[str, list[EffectCall]]]:
    return ((name, step.do) for name, step in procedure.transitions.items())


def _holders(procedure: Procedure) -> Iterator[tuple[Keys, Holder]]:
    for name, state in procedure.states.items():
        if state.holder is not None:
            yield ("states", name, "holder"), state.holder
    for name, step in procedure.transitions.items():
        for index, holder in enumerate(step.by):
            yield ("transitions", name, "by", index), holder
