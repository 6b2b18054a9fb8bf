"""States of a procedure: reachable, with a way out, somebody to act and a limit, escalations that lead somewhere."""

from __future__ import annotations

from tongxin.kernel.worktime import Span
from tongxin.packs.checks.graph import edges, reach, sets_part
from tongxin.packs.checks.report import Report
from tongxin.packs.checks.units import level_of
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Holder, Pack, Procedure, State

ESCALATE = "escalate"
_NATURAL = {"minutes": 1, "hours": 60, "days": 1440}
_WORKING = {"work_hours": 1, "work_days": 7}


def check_states(pack: Pack, key: str, report: Report) -> None:
    """Check the states of one procedure."""
    procedure, at = pack.procedures[key], ("procedures", key)
    if procedure.procedure != key:
        what = f"procedure 写的是“{procedure.procedure}”，与文件名 {key}.yaml 不同。"
        report.add((*at, "procedure"), what, f"请改成 procedure: {key}。")
    started = report.need(procedure.start, procedure.states, "环节", (*at, "start"))
    for index, name in enumerate(procedure.main_path):
        report.need(name, procedure.states, "环节", (*at, "main_path", index))
    if started:
        _check_ways(procedure, at, report)
    if procedure.otherwise is not None:
        check_holder(pack, procedure, procedure.otherwise, (*at, "otherwise"), report)
    for name, state in procedure.states.items():
        _check_state(pack, procedure, state, (*at, "states", name), report)


def check_holder(pack: Pack, procedure: Procedure, holder: Holder, at: Keys, report: Report) -> None:
    """Check that a holder names a role at a level where it is, or a part of the procedure."""
    if holder.unit is not None:
        if not report.need(holder.unit, procedure.parts, "参与单位", (*at, "unit"), "参与单位写在 parts。"):
            return
        if procedure.parts[holder.unit] != "unit":
            what = f"参与单位 {holder.unit} 是多个单位，不能由它们共同承办一个环节。"
            report.add((*at, "unit"), what, "请用类型为 unit 的参与单位；多个单位用子流程。")
    if holder.of is not None:
        report.need(holder.of, pack.units.level_keys(), "级别", (*at, "of"))
    if holder.role is None or not report.need(
        holder.role, pack.units.roles, "角色", (*at, "role"), "角色写在 units.yaml。"
    ):
        return
    level = level_of(pack, pack.units.roles[holder.role])
    if holder.of is not None and level is not None and level != holder.of:
        what = f"角色 {holder.role} 设在 {level} 一级，不在 {holder.of} 一级。"
        report.add((*at, "of"), what, f"请改成 of: {level}，或换一个角色。")


def _check_ways(procedure: Procedure, at: Keys, report: Report) -> None:
    ways = [(edge.source, edge.target) for edge in edges(procedure)]
    reached = reach([procedure.start], ways)
    finals = [name for name, state in procedure.states.items() if state.final is not None]
    if not finals:
        report.add((*at, "states"), "流程没有终态。", "请给结束的环节写 final: done。")
    ending = reach(finals, [(target, source) for source, target in ways])
    for name, state in procedure.states.items():
        if name not in reached:
            what = f"从起始环节 {procedure.start} 到不了 {name}（{state.title}）。"
            report.add((*at, "states", name), what, "请加一个通到它的动作，或删去它。")
        elif finals and name not in ending:
            what = f"从 {name}（{state.title}）到不了任何终态。"
            report.add((*at, "states", name), what, "请加一个通向结束的动作。")
    for part in procedure.parts:
        _check_part_is_set(procedure, part, reached, at, report)


def _check_part_is_set(procedure: Procedure, part: str, reached: set[str], at: Keys, report: Report) -> None:
    """A part that this procedure's own forms fill must be filled before a state is held by it."""
    if not any(part in step.form for step in procedure.transitions.values()):
        return  # given when the procedure is opened, as in a sub-procedure
    first = procedure.states[procedure.start].holder if procedure.start in procedure.states else None
    if first is not None and first.unit == part and procedure.subject != "matter":
        return  # likewise: no form comes before the first state; only a reporter names no unit
    transitions = procedure.transitions
    without = reach(
        [procedure.start],
        [(e.source, e.target) for e in edges(procedure) if not sets_part(transitions[e.transition], part)],
    )
    for name in without & reached:
        holder = procedure.states[name].holder
        if holder is not None and holder.unit == part:
            what = f"走到 {name} 时可能还没有指定参与单位 {part}。"
            mend = f"请在通到它的动作里把 {part} 列为必填，或加条件 has_part: {part}。"
            report.add((*at, "states", name, "holder"), what, mend)


def _check_state(pack: Pack, procedure: Procedure, state: State, at: Keys, report: Report) -> None:
    if state.holder is not None:
        check_holder(pack, procedure, state.holder, (*at, "holder"), report)
    if state.final is not None:
        for name in ("holder", "within", "until", "open_ended", "late"):
            if getattr(state, name):
                report.add((*at, name), f"终态不写 {name}。", "请删去；终态没有人要办，也没有时限。")
        return
    if state.holder is None:
        report.add(at, f"环节“{state.title}”没有承办人。", "请写 holder，例如 holder: {role: grid_worker, of: grid}。")
    if state.within is None and not state.open_ended:
        what = f"环节“{state.title}”没有时限。"
        report.add(at, what, "请写 within（例如 2 work_hours 或 grade）；确实不设时限的写 open_ended: 理由。")
    if state.open_ended and state.within is not None:
        report.add((*at, "open_ended"), "既写了时限又写了 open_ended。", "请只留一个。")
    if state.late and state.within is None:
        report.add((*at, "late"), "没有时限，late 永远不会发生。", "请写 within，或删去 late。")
    if state.until is not None:
        if state.within is None:
            report.add((*at, "until"), "写了 until 却没有 within。", "请写 within 作最长期限，例如 90 days。")
        _check_until(procedure, state.until, at, report)
    _check_late(state, at, report)


def _check_until(procedure: Procedure, field: str, at: Keys, report: Report) -> None:
    name = at[-1]
    for key, step in procedure.transitions.items():
        if step.to != name:
            continue
        given = step.form.get(field)
        if given is None or given.type != "date" or not given.required or given.days != "coming":
            what = f"动作 {key} 通到这里，却没有必填的、填今天以后的 date 项 {field}。"
            wanted = f"{field}: {{title: …, type: date, days: coming, required: true}}"
            report.add((*at, "until"), what, f"请在它的 form 里写 {wanted}。")


def _check_late(state: State, at: Keys, report: Report) -> None:
    seen = [state.holder] if state.holder is not None else []
    for index, step in enumerate(state.late):
        if index and _minutes(step.after, state.late[index - 1].after):
            report.add((*at, "late", index), f"{step.after} 排在更晚的一步后面。", "请按 after 从早到晚排列。")
        for number, call in enumerate(step.do):
            if call.name != ESCALATE or not isinstance(call.argument, dict):
                continue
            try:
                target = Holder.model_validate(call.argument)
            except ValueError:
                continue  # told by the check of arguments
            if target in seen:
                what = "升级绕回了原来的人。" if target == seen[0] else "升级到了前面已经升级过的人。"
                report.add((*at, "late", index, "do", number), what, "请升级到上一级的角色。")
            seen.append(target)


def _minutes(later: Span, earlier: Span) -> bool:
    """Whether the two surely run backwards; natural and working time are not compared."""
    for table in (_NATURAL, _WORKING):
        if later.unit in table and earlier.unit in table:
            return later.amount * table[later.unit] < earlier.amount * table[earlier.unit]
    return False
