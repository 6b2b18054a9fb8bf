"""What the checker refuses in procedures, rule by rule: who acts, until when, where escalations and parts lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs.sample import FILES, line_of, write
from tongxin.packs.api import Fault, check_folder

LAMP = "procedures/lamp.yaml"


def _check(tmp_path: Path, *changes: tuple[str, str], file: str = LAMP) -> tuple[list[Fault], str]:
    text = FILES[file]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return check_folder(write(tmp_path, {file: text})), text


RULES = [
    ("escalation ends where it began", "{role: duty, of: county}", "{role: worker, of: grid}", "绕回了原来的人", "4 work_hours"),
    ("escalates twice to one", "    late:\n      - {after: 2 work_days", "    late:\n      - {after: 1 work_days, do: [{escalate: {role: duty}}, {escalate: {role: duty}}]}\n      - {after: 2 work_days", "升级到了前面", "after: 1 work_days"),
    ("role at another level", "{role: duty, of: county}", "{role: duty, of: grid}", "不在 grid 一级", "of: grid}}"),
    ("late without a limit", "    within: 2 work_hours\n", "    open_ended: 等居民\n", "late 永远不会发生", "    late:\n      - {after: 0"),
    ("limit and no limit", "    within: 2 work_hours\n", "    within: 2 work_hours\n    open_ended: 等居民\n", "既写了时限又", "open_ended"),
    ("late out of order", "after: 0, do: [remind]", "after: 9 work_hours, do: [remind]", "排在更晚的一步后面", "after: 4 work_hours"),
    ("moved by a person's act", "    by: system\n", "", "不许系统自动做", "move: close_late"),
    ("final with a limit", "{title: 办结, final: done}", "{title: 办结, final: done, within: 1 days}", "终态不写 within", "final: done"),
    ("no way to an end", "    from: handling\n    to: checking", "    from: handling\n    to: stay", "到不了任何终态", "  handling:"),
    ("part held before it is named", "{title: 主办, type: unit, required: true, kinds: department}", "{title: 主办, type: unit, kinds: department}", "还没有指定参与单位 main_unit", "    holder: {unit: main_unit}"),
    ("held by several units", "    holder: {unit: main_unit}", "    holder: {unit: helpers}", "是多个单位", "    holder: {unit: helpers}"),
    ("part of another type", "helpers: {title: 协办, type: units}", "helpers: {title: 协办, type: unit}", "类型应为 units", "helpers: {title: 协办"),
    ("argument missing", "guard: [tasks_done]", "guard: [has_part]", "缺少参数", "has_part"),
    ("argument too many", "guard: [tasks_done]", "guard: [{tasks_done: yes}]", "不带参数", "tasks_done"),
    ("argument of another kind", "guard: [tasks_done]", "guard: [{has_part: {a: b}}]", "参数写法不对", "has_part"),
    ("argument names nothing", "guard: [tasks_done]", "guard: [{not_same_unit_as: dispach}]", "没有这个动作：dispach", "dispach"),
    ("not a role", "{escalate: {role: duty, of: county}}", "{escalate: duty}", "要写一个角色", "escalate"),
    ("tasks by other words", "{procedure: help, units: helpers}", "{procedure: help, unit: helpers}", "参数写法不对", "open_tasks"),
    ("tasks of no procedure", "{procedure: help, units: helpers}", "{procedure: hepl, units: helpers}", "没有这个流程：hepl", "hepl"),
    ("tasks of a whole procedure", "{procedure: help, units: helpers}", "{procedure: lamp, units: helpers}", "应恰为 parts", "procedure: lamp, units"),
    ("separate but one actor", "holder: {role: checker, of: county}", "holder: {unit: main_unit}", "只有同一个角色能做", "- [finish"),
    ("separate from itself", "- [finish, pass_check]", "- [finish, finish]", "不能和自己分开", "- [finish"),
    ("same but for the name", "  close_late:", "  pass_again: {title: 也通过, from: checking, to: closed}\n  close_late:", "没有区别", "  pass_again"),
    ("open brace in words", "已派给{main_unit}", "已派给{main_unit", "花括号", "已派给"),
    ("a default that is no choice", "choices: {far: 不在本区", "default: near, choices: {far: 不在本区", "不在选项里", "reason:"),
    ("a person's phone without purpose", "result: {title: 结果, required: true}", "call: {title: 回电, type: phone}", "必须写 purpose", "call:"),
    ("a moment that no form gives", "    within: 1 work_days\n", "    within: 1 work_days\n    until: day\n", "没有必填的、填今天以后的 date 项 day", "until: day"),
    ("a subject nobody keeps", "subject: matter\nstart: received", "subject: mater\nstart: received", "没有这个事物", "subject: mater"),
    ("an affair that says not how it is opened", "subject: matter\nstart: received", "subject: affair\nstart: received", "没有写怎么开一件", "procedure: lamp"),
    ("a matter with an opening", "subject: matter\nstart: received", "subject: matter\nopen: {by: resident, headline: what, form: {what: {title: 什么, required: true}}}\nstart: received", "open 只用于", "open: {by"),
    ("a way of gates that is none", "guard: [tasks_done]", "guard: [{steps_done: inspect}]", "没有这个动作：inspect", "steps_done"),
    ("seats that no field asks for", "guard: [tasks_done]", "guard: [{seats_present: {present: [a]}}]", "没有这个表单项：present", "seats_present"),
    ("a photo by force", "result: {title: 结果, required: true}", "shots: {title: 照片, type: photos, required: true}", "照片不得强制上传", "shots:"),
    ("an affair of no procedure", "guard: [tasks_done]", "do: [{open_affair: {procedure: lamb, form: {a: b}}}]", "没有这个流程：lamb", "open_affair"),
    ("act of nobody", "    from: checking\n    to: closed\n    by: system", "    from: [checking, closed]\n    to: closed", "谁也做不了", "  close_late:"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "at"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_a_broken_rule_is_told_where_it_is_broken(old: str, new: str, what: str, at: str, tmp_path: Path) -> None:
    faults, text = _check(tmp_path, (old, new))
    found = [fault for fault in faults if what in fault.what]
    assert found, faults
    assert line_of(text, at) in [fault.line for fault in found], found


UNITS = [
    ("role nowhere", "head: {title: 网格长, at: grid}", "head: {title: 网格长}", "须恰填其一"),
    ("role at no level", "head: {title: 网格长, at: grid}", "head: {title: 网格长, at: gird}", "没有这个级别：gird"),
    ("permission unknown", "may: [see_matters, supervise]", "may: [see_matters, superwise]", "没有这个权限：superwise"),
    ("deputy is oneself", "deputy: head", "deputy: worker", "由自己代行"),
    ("deputy elsewhere", "deputy: head", "deputy: duty", "不在同一级地域"),
    ("desk in another kind", "desk: clerk", "desk: duty", "不设在 department 里"),
    ("level twice", "{key: grid, title: 网格}", "{key: grid, title: 网格}\n  - {key: grid, title: 格}", "写了 2 次"),
]


@pytest.mark.parametrize(("old", "new", "what"), [row[1:] for row in UNITS], ids=[row[0] for row in UNITS])
def test_units_that_do_not_fit_are_told(old: str, new: str, what: str, tmp_path: Path) -> None:
    faults, _ = _check(tmp_path, (old, new), file="units.yaml")
    assert [fault for fault in faults if what in fault.what and fault.file == "sample/units.yaml"], faults


def test_a_way_back_counts_as_a_way(tmp_path: Path) -> None:
    """``back`` leads to where the state was entered from, so a state left only that way still ends."""
    asked = "  asking: {title: 询问, holder: {role: duty}, within: 1 days}\n  closed:"
    ways = "  ask: {title: 问, from: handling, to: asking}\n  answer: {title: 答, from: asking, to: back}\n  dispatch:"
    faults, _ = _check(tmp_path, ("  closed:", asked), ("  dispatch:", ways))
    assert faults == []


def test_a_map_is_held_against_levels_and_bodies(tmp_path: Path) -> None:
    square = '{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}'
    rows = [
        ("county", "110101", "null"),
        ("community", "1", '"110101"'),
        ("grid", "2", '"9"'),
        ("gird", "3", '"1"'),
        ("grid", "2", '"1"'),
    ]
    features = ",".join(
        f'{{"properties": {{"level": "{level}", "code": "{code}", "name": "x", "parent": {parent}}}, "geometry": {square}}}'
        for level, code, parent in rows
    )
    bodies = FILES["bodies.yaml"].replace("name: 第一支部", "name: 第一支部, covers: [1, 7]")
    changes = {"map.geojson": f'{{"features": [{features}]}}', "bodies.yaml": bodies}
    said = [
        fault.what
        for fault in check_folder(
            write(tmp_path, {**changes, "places.yaml": "- {name: 桂苑, kind: estate, area: 8}\n"})
        )
    ]
    assert sorted(said) == sorted(
        [
            "代码 2 出现两次。",
            "2 的上级 9 不是 community 一级的地域。",
            "没有级别 gird。",
            "网格党支部覆盖的应是 grid 一级，1 是 community 一级。",
            "地图里没有地域代码 7。",
            "地图里没有地域代码 8。",
        ]
    )


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"features": [{}]}', '{"features": [{"properties": null, "geometry": 1}]}']
)
def test_a_file_that_is_no_map_is_said(content: str, tmp_path: Path) -> None:
    faults = check_folder(write(tmp_path, {"map.geojson": content}))
    assert [fault.file for fault in faults] == ["sample/map.geojson"]
