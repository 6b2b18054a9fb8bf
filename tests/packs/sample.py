"""A small sound pack as text, for tests that plant faults in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PACK = """\
pack: sample
title: 样区
extends: null
region: 110101
intake:
  procedure: lamp
  channels: {web: 网页, phone: 电话}
"""
UNITS = """\
levels:
  - {key: county, title: 区}
  - {key: community, title: 社区}
  - {key: grid, title: 网格}
bodies:
  department:
    title: 部门
    family: government
    covers: county
    desk: clerk
  branch: {title: 网格党支部, family: party, covers: grid}
roles:
  worker: {title: 网格员, at: grid, may: [see_matters], deputy: head}
  head: {title: 网格长, at: grid}
  duty: {title: 值班员, at: county, may: [see_matters, supervise]}
  checker: {title: 核查员, at: county}
  clerk: {title: 收件员, in: department}
"""
CATALOGUE = """\
grades:
  plain: {title: 一般, within: 5 work_days, source: {title: 样本, confidence: K}}
default_grade: plain
categories:
  - {code: 001, title: 路灯, unit: lights, keywords: 路灯 灯泡}
  - {code: 002, title: 路面, grade: plain}
"""
BODIES = """\
- {key: lights, kind: department, name: 路灯所, covers: 110101}
- {key: roads, kind: department, name: 道路所}
- {key: first_branch, kind: branch, name: 第一支部}
"""
LAMP = """\
procedure: lamp
title: 修路灯
subject: matter
start: received
limit: grade
parts: {main_unit: unit, helpers: units}
states:
  received:
    title: 受理
    holder: {role: worker, of: grid}
    within: 2 work_hours
    clock: before
    late:
      - {after: 0, do: [remind]}
      - {after: 4 work_hours, do: [{escalate: {role: duty, of: county}}]}
  handling:
    title: 办理
    holder: {unit: main_unit}
    within: grade
    clock: starts
  checking:
    title: 核查
    holder: {role: checker, of: county}
    within: 1 work_days
    late:
      - {after: 2 work_days, do: [{move: close_late}]}
  closed: {title: 办结, final: done}
  refused: {title: 不受理, final: refused}
transitions:
  dispatch:
    title: 派单
    from: received
    to: handling
    form:
      main_unit: {title: 主办, type: unit, required: true, kinds: department}
      helpers: {title: 协办, type: units}
    do: [{open_tasks: {procedure: help, units: helpers}}]
    says: 已派给{main_unit}
  refuse:
    title: 不受理
    from: received
    to: refused
    form:
      reason: {title: 理由, type: choice, choices: {far: 不在本区, twice: 重复}}
  finish:
    title: 办好了
    from: handling
    to: checking
    form:
      result: {title: 结果, required: true}
    guard: [tasks_done]
  pass_check:
    title: 通过
    from: checking
    to: closed
  close_late:
    title: 到期办结
    from: checking
    to: closed
    by: system
separate:
  - [finish, pass_check]
"""
HELP = """\
procedure: help
title: 协办
subject: matter
start: asked
parts: {unit: unit}
states:
  asked: {title: 待协办, holder: {unit: unit}, within: 1 work_days}
  done: {title: 已协办, final: done}
  gone: {title: 已收回, final: withdrawn}
transitions:
  finish: {title: 完成, from: asked, to: done}
  withdraw: {title: 收回, from: asked, to: gone, by: system}
"""
FILES = {
    "pack.yaml": PACK,
    "units.yaml": UNITS,
    "catalogue.yaml": CATALOGUE,
    "bodies.yaml": BODIES,
    "procedures/lamp.yaml": LAMP,
    "procedures/help.yaml": HELP,
}


def write(folder: Path, changes: Mapping[str, str | bytes] | None = None, key: str = "sample") -> Path:
    """Write the sample with some files changed or added, and return its folder."""
    top = folder / key
    for name, content in {**FILES, **(changes or {})}.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return top


def line_of(text: str, part: str) -> int:
    """Return the line on which ``part`` stands; it must stand once."""
    assert text.count(part) == 1, f"{part!r} stands {text.count(part)} times"
    return text[: text.index(part)].count("\n") + 1
