"""Guards and effects: the name is registered, and the argument is of the kind that the entry takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ValidationError

from tongxin.kernel.registry import Entry, effects, guards
from tongxin.kernel.worktime import Span
from tongxin.packs.checks.exchange import check_certificate, check_message
from tongxin.packs.checks.report import Report
from tongxin.packs.checks.states import check_holder
from tongxin.packs.reading import Keys
from tongxin.packs.schema import EffectCall, Holder, Pack, Procedure, Transition

MOVE = "move"
_TITLES = {"guard": "条件", "effect": "效果"}
_SHOULD = {
    "role": "{role: 角色, of: 级别}",
    "procedure": "流程的键",
    "transition": "动作的键",
    "part": "参与单位的名称",
    "text": "一段文字",
    "span": "时长，例如 2 work_hours",
    "form": "表单项的键",
    "mapping": "{键: 值}",
    "tasks": "{procedure: 流程, units: 参与单位}，或 {procedure: 流程, roles: [角色]}",
    "yesno": "true 或 false",
    "list": "清单的键",
    "steps": "一个或几个动作的键，例如 [check, record]",
    "seats": "{多选项: [必须到的几方]}",
    "message": "系统.消息，例如 platform.accepted",
    "certificate": "{kind: 证照种类, number: $表单项}",
    "affair": "{procedure: 流程, form: {项目: $表单项}}",
}


def check_calls(
    calls: Sequence[EffectCall],
    kind: Literal["guard", "effect"],
    pack: Pack,
    procedure: Procedure,
    at: Keys,
    report: Report,
    *,
    step: Transition | None = None,
    state: str = "",
) -> None:
    """Check a list of guards or effects.

    Args:
        at: keys of the list.
        step: the transition they belong to, None for the late steps of a state.
        state: the state whose late step it is.
    """
    registry: Any = guards if kind == "guard" else effects
    for index, call in enumerate(calls):
        keys: Keys = (*at, index)
        if not report.need(call.name, registry.names(), _TITLES[kind], keys):
            continue
        entry: Entry[Any] = registry[call.name]
        argument = call.argument
        inner: Keys = (*keys, call.name)
        takes, optional = entry.takes.rstrip("?"), entry.takes.endswith("?")
        if not takes:
            if argument is not None:
                report.add(inner, f"{_TITLES[kind]} {call.name} 不带参数。", f"请只写 {call.name}。")
        elif argument is None and optional:
            continue
        elif argument is None:
            what = f"{_TITLES[kind]} {call.name}（{entry.title}）缺少参数。"
            report.add(keys, what, f"请写 {call.name}: {_SHOULD.get(takes, '参数')}。")
        else:
            _check_argument(takes, call.name, argument, pack, procedure, inner, report, step)
            if call.name == MOVE and state and isinstance(argument, str):
                _check_move(procedure, argument, state, inner, report)


def _check_argument(
    takes: str,
    name: str,
    argument: Any,
    pack: Pack,
    procedure: Procedure,
    at: Keys,
    report: Report,
    step: Transition | None,
) -> None:
    if takes == "role":
        _check_role(argument, pack, procedure, at, report)
    elif takes == "tasks":
        _check_tasks(argument, name, pack, procedure, at, report, step)
    elif takes == "mapping":
        if not isinstance(argument, dict) or not argument:
            report.add(at, f"{name} 的参数要写成“键: 值”。", f"请写 {name}: {{键: 值}}。")
    elif takes == "steps":
        for name_ in argument if isinstance(argument, list) else [argument]:
            report.need(str(name_), procedure.transitions, "动作", at)
    elif takes == "seats":
        _check_seats(argument, name, at, report, step)
    elif takes == "affair":
        _check_affair(argument, name, pack, at, report, step)
    elif takes == "message":
        check_message(argument, pack, step, at, report)
    elif takes == "certificate":
        check_certificate(argument, pack, step, at, report)
    elif takes == "yesno":
        if not isinstance(argument, bool):
            report.add(at, f"{name} 的参数不是 true 或 false。", "请改写。")
    elif not isinstance(argument, str):
        report.add(at, f"{name} 的参数写法不对。", f"请写{_SHOULD.get(takes, '一个词')}。")
    elif takes == "procedure":
        report.need(argument, pack.procedures, "流程", at)
    elif takes == "list":
        report.need(argument, pack.lists, "清单", at, "清单写在 lists.yaml。")
    elif takes == "transition":
        report.need(argument, procedure.transitions, "动作", at)
    elif takes == "part":
        report.need(argument, procedure.parts, "参与单位", at, "参与单位写在 parts。")
    elif takes == "form":
        report.need(argument, step.form if step is not None else (), "表单项", at)
    elif takes == "span":
        try:
            Span.parse(argument)
        except ValueError as error:
            report.add(at, f"{error}。", "请改写。")


def _check_role(argument: Any, pack: Pack, procedure: Procedure, at: Keys, report: Report) -> None:
    try:
        holder = Holder.model_validate(argument)
    except ValidationError:
        report.add(at, "这里要写一个角色。", "例如 {role: town_duty, of: town}。")
        return
    check_holder(pack, procedure, holder, at, report)


def _check_tasks(
    argument: Any, name: str, pack: Pack, procedure: Procedure, at: Keys, report: Report, step: Transition | None
) -> None:
    """Sub-tasks need a procedure for one unit and a participant that says which units, or one for a post and some roles."""
    if not isinstance(argument, dict) or set(argument) not in ({"procedure", "units"}, {"procedure", "roles"}):
        report.add(at, f"{name} 的参数写法不对。", f"请写 {name}: {_SHOULD['tasks']}。")
        return
    target = str(argument["procedure"])
    if report.need(target, pack.procedures, "流程", (*at, "procedure")):
        wanted = {"unit": "unit"} if "units" in argument else {}
        if pack.procedures[target].parts != wanted:
            what, mend = f"子流程 {target} 的参与单位应恰为 parts: {{unit: unit}}。", "每个协办单位各走一份。"
            if not wanted:
                what, mend = f"子流程 {target} 是给岗位的，不应有参与单位。", "请删去 parts，承办人写 holder: starter。"
            report.add((*at, "procedure"), what, mend)
        if not any(state.final == "withdrawn" for state in pack.procedures[target].states.values()):
            what = f"子流程 {target} 没有“撤回”终态，主办件撤回时收不回来。"
            report.add((*at, "procedure"), what, "请加一个 final: withdrawn 的环节。")
    if "units" in argument:
        report.need(str(argument["units"]), procedure.parts, "参与单位", (*at, "units"), "参与单位写在 parts。")
        return
    roles = argument["roles"] if isinstance(argument["roles"], list) else [argument["roles"]]
    for role in roles:
        _check_role({"role": role}, pack, procedure, (*at, "roles"), report)


def _check_seats(argument: Any, name: str, at: Keys, report: Report, step: Transition | None) -> None:
    """Parties that must be there are choices of a field of this very form."""
    if not isinstance(argument, dict) or not argument:
        report.add(at, f"{name} 的参数写法不对。", f"请写 {name}: {_SHOULD['seats']}。")
        return
    form = step.form if step is not None else {}
    for key, wanted in argument.items():
        if not report.need(str(key), form, "表单项", (*at, key)):
            continue
        if form[key].type != "several" or not form[key].required:
            report.add((*at, key), f"{key} 应是必填的多选项。", "请写 type: several、required: true 和 choices。")
        for choice in wanted if isinstance(wanted, list) else [wanted]:
            report.need(str(choice), form[key].choices or {}, "选项", (*at, key))


def _check_affair(argument: Any, name: str, pack: Pack, at: Keys, report: Report, step: Transition | None) -> None:
    """An affair that a step gives rise to: the procedure can be opened, and its required fields are given."""
    if (
        not isinstance(argument, dict)
        or set(argument) != {"procedure", "form"}
        or not isinstance(argument["form"], dict)
    ):
        report.add(at, f"{name} 的参数写法不对。", f"请写 {name}: {_SHOULD['affair']}。")
        return
    key = str(argument["procedure"])
    if not report.need(key, pack.procedures, "流程", (*at, "procedure")):
        return
    opening = pack.procedures[key].open
    if opening is None:
        report.add((*at, "procedure"), f"流程 {key} 没有写 open，开不了。", "请在那个流程里写 open。")
        return
    for field, value in argument["form"].items():
        report.need(str(field), opening.form, "项目", (*at, "form", field))
        if isinstance(value, str) and value.startswith("$"):
            report.need(value[1:], step.form if step is not None else (), "表单项", (*at, "form", field))
    missing = [
        f"“{item.title}”（{field}）"
        for field, item in opening.form.items()
        if item.required and field not in argument["form"]
    ]
    if missing:
        report.add((*at, "form"), f"流程 {key} 要填的 {'、'.join(missing)} 没有给。", "请写 项目: $表单项。")


def _check_move(procedure: Procedure, name: str, state: str, at: Keys, report: Report) -> None:
    """A late step that moves the case must name a transition that the system can do from here."""
    step = procedure.transitions.get(name)
    if step is None:
        return  # told already
    if state not in step.from_:
        report.add(at, f"动作 {name} 不能从环节 {state} 做。", f"请换一个动作，或在它的 from 里加上 {state}。")
    if not any(holder.who == "system" for holder in step.by):
        report.add(at, f"动作 {name} 不许系统自动做。", "请在它的 by 里加上 system。")
    needed = [key for key, field in step.form.items() if field.required]
    if needed:
        report.add(at, f"动作 {name} 有必填项（{'、'.join(needed)}），系统填不了。", "请去掉必填，或另写一个自动动作。")
