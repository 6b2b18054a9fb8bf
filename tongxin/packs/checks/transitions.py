"""Transitions of a procedure: where from and to, who, forms, words, and that no two look the same to a person."""

from __future__ import annotations

from itertools import combinations

from tongxin.packs.checks.calls import check_calls
from tongxin.packs.checks.fields import check_field
from tongxin.packs.checks.graph import BACK, STAY, Edge, edges, reach
from tongxin.packs.checks.places import check_words
from tongxin.packs.checks.report import Report
from tongxin.packs.checks.states import check_holder
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Holder, Pack, Procedure, Transition


def check_transitions(pack: Pack, key: str, report: Report) -> None:
    """Check the transitions of one procedure."""
    procedure, at = pack.procedures[key], ("procedures", key)
    for name, step in procedure.transitions.items():
        _check_transition(pack, procedure, step, (*at, "transitions", name), report)
    for name, state in procedure.states.items():
        for index, late in enumerate(state.late):
            where: Keys = (*at, "states", name, "late", index, "do")
            check_calls(late.do, "effect", pack, procedure, where, report, state=name)
    _check_alike(procedure, at, report)
    _check_separate(procedure, at, report)


def _check_transition(pack: Pack, procedure: Procedure, step: Transition, at: Keys, report: Report) -> None:
    for index, source in enumerate(step.from_):
        report.need(source, procedure.states, "环节", (*at, "from", index))
    if step.to not in (STAY, BACK):
        report.need(step.to, procedure.states, "环节", (*at, "to"))
    for index, holder in enumerate(step.by):
        check_holder(pack, procedure, holder, (*at, "by", index), report)
    if not step.by:
        for source in step.from_:
            state = procedure.states.get(source)
            if state is not None and state.final is not None:
                what = f"环节 {source} 是终态，没有承办人，这个动作谁也做不了。"
                report.add(at, what, "请写 by，例如 by: reporter。")
    for name, field in step.form.items():
        check_field(pack, procedure, name, field, (*at, "form", name), report)
    check_calls(step.guard, "guard", pack, procedure, (*at, "guard"), report, step=step)
    check_calls(step.do, "effect", pack, procedure, (*at, "do"), report, step=step)
    check_words(step.says, list(dict.fromkeys([*step.form, *procedure.parts, "holder"])), report, (*at, "says"))


def _actors(procedure: Procedure, step: Transition) -> set[Holder]:
    """Who can do it: those named, or whoever holds the states it starts from."""
    if step.by:
        return set(step.by)
    holders = [procedure.states[name].holder for name in step.from_ if name in procedure.states]
    return {holder for holder in holders if holder is not None}


def _check_alike(procedure: Procedure, at: Keys, report: Report) -> None:
    for (first, a), (second, b) in combinations(procedure.transitions.items(), 2):
        shared = set(a.from_) & set(b.from_)
        if not shared:
            continue
        keys: Keys = (*at, "transitions", second)
        where = "、".join(sorted(shared))
        if a.title == b.title:
            what = f"在环节 {where}，动作 {first} 和 {second} 都叫“{a.title}”，分不清。"
            report.add((*keys, "title"), what, "请改一个名称。")
        elif a.to == b.to and _actors(procedure, a) & _actors(procedure, b) and _same_terms(a, b):
            what = f"在环节 {where}，动作 {first} 和 {second} 由同样的人做、到同一环节、要填的也一样，没有区别。"
            report.add(keys, what, "请合并成一个，或让表单、条件有所不同。")


def _same_terms(a: Transition, b: Transition) -> bool:
    return set(a.form) == set(b.form) and a.guard == b.guard and a.within == b.within and a.do == b.do


def _check_separate(procedure: Procedure, at: Keys, report: Report) -> None:
    ways = edges(procedure)
    for index, (first, second) in enumerate(procedure.separate):
        keys: Keys = (*at, "separate", index)
        known = [report.need(name, procedure.transitions, "动作", keys) for name in (first, second)]
        if not all(known):
            continue
        if first == second:
            report.add(keys, f"一个动作 {first} 不能和自己分开。", "请写两个不同的动作。")
            continue
        a, b = (_actors(procedure, procedure.transitions[name]) for name in (first, second))
        if len(a) == 1 and a == b:
            what = f"{first} 和 {second} 只有同一个角色能做，没有一条路能让两个单位分开做。"
            report.add(keys, what, "请让其中一个动作由另一个角色来做。")
        elif not (_after(first, second, ways) or _after(second, first, ways)):
            what = f"没有一条路会先后做 {first} 和 {second}，分开就没有意义。"
            report.add(keys, what, "请改正动作名称，或删去这一对。")


def _after(first: str, second: str, ways: list[Edge]) -> bool:
    landed = [edge.target for edge in ways if edge.transition == first]
    reached = reach(landed, [(edge.source, edge.target) for edge in ways])
    return any(edge.source in reached for edge in ways if edge.transition == second)
