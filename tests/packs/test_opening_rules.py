"""What the checker refuses in how an affair is opened: openers, headline, depth of place, boards, and what a day opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs.sample import write
from tongxin.packs.api import check_folder

WISH = """\
procedure: wish
title: 心愿
subject: affair
open:
  by: [resident, {role: worker}]
  at: community
  headline: what
  public: true
  form:
    what: {title: 想要什么, required: true}
    kind: {title: 哪一种, type: choice, choices: {a: 甲}}
start: asked
states:
  asked: {title: 待核实, holder: {role: duty, of: county}, within: 1 days}
  done: {title: 已实现, final: done}
transitions:
  publish:
    title: 公开
    from: asked
    to: stay
    form: {words: {title: 公开怎么写, required: true}}
    do: [{publish: words}]
  finish: {title: 实现, from: asked, to: done}
"""
RULES = [
    ("an opener that is none", "{role: worker}", "{role: wroker}", "没有这个角色：wroker"),
    ("nobody may open it", "[resident, {role: worker}]", "[]", "谁也开不了"),
    ("a headline that is no field", "headline: what", "headline: waht", "没有这个项目：waht"),
    ("a headline of a choice", "headline: what", "headline: kind", "应是必填的文字项"),
    ("a holder below its place", "{role: duty, of: county}", "{role: worker, of: grid}", "定不了由哪个 grid"),
    ("published without a board", "  public: true\n", "", "没有公开栏"),
    ("a level that is none", "at: community", "at: comunity", "没有这个级别：comunity"),
    ("a person without purpose", "kind: {title: 哪一种, type: choice, choices: {a: 甲}}", "who: {title: 姓名}", "没有写用途"),
]  # fmt: skip


def test_a_sound_opening_passes(tmp_path: Path) -> None:
    assert check_folder(write(tmp_path, {"procedures/wish.yaml": WISH})) == []


@pytest.mark.parametrize(("old", "new", "what"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_what_is_wrong_with_an_opening_is_told(old: str, new: str, what: str, tmp_path: Path) -> None:
    assert WISH.count(old) == 1
    text = WISH.replace(old, new)
    found = [fault for fault in check_folder(write(tmp_path, {"procedures/wish.yaml": text})) if what in fault.what]
    assert found
    assert all(fault.file == "sample/procedures/wish.yaml" and fault.line for fault in found)


ROUND = """\
wishes:
  title: 心愿月
  every: month
  level: community
  kept: case
  opens: {affair: {procedure: wish, form: {what: '{period}的心愿'}}}
"""
KEPT = WISH.replace(
    "finish: {title: 实现, from: asked, to: done}",
    "finish: {title: 实现, from: asked, to: done, do: [keep_occurrence]}",
)
DAYS = [
    ("a procedure that is none", "procedure: wish", "procedure: wihs", "没有这个流程：wihs"),
    ("a field that is none", "what: '", "waht: '", "没有这个项目：waht"),
    ("a required field left out", ", form: {what: '{period}的心愿'}", "", "要填的 “想要什么”（what） 没有给"),
    ("words that are none", "{period}", "{week}", "{week} 代入不了"),
    ("a level above the procedure's", "level: community", "level: county", "要到 community 一级才开得了"),
    ("a case that none opens", "  opens: {affair: {procedure: wish, form: {what: '{period}的心愿'}}}\n", "", "要有到日子打开的事"),
    ("an opener that is none", "{affair:", "{afair:", "没有这个可打开的东西：afair"),
    ("a list that is none", "{affair: {procedure: wish, form: {what: '{period}的心愿'}}}", "{edition: wishes}", "没有这个清单：wishes"),
]  # fmt: skip


def test_a_day_that_opens_a_case_passes(tmp_path: Path) -> None:
    assert check_folder(write(tmp_path, {"procedures/wish.yaml": KEPT, "cadence.yaml": ROUND})) == []


@pytest.mark.parametrize(("old", "new", "what"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_what_is_wrong_with_what_a_day_opens_is_told(old: str, new: str, what: str, tmp_path: Path) -> None:
    assert ROUND.count(old) == 1
    files = {"procedures/wish.yaml": KEPT, "cadence.yaml": ROUND.replace(old, new)}
    found = [fault for fault in check_folder(write(tmp_path, files)) if what in fault.what]
    assert found
    assert all(fault.file == "sample/cadence.yaml" and fault.line for fault in found)


def test_a_case_that_never_says_so_is_told(tmp_path: Path) -> None:
    (fault,) = check_folder(write(tmp_path, {"procedures/wish.yaml": WISH, "cadence.yaml": ROUND}))
    assert "没有一步说“这一期做到了”" in fault.what
    assert "keep_occurrence" in fault.mend
