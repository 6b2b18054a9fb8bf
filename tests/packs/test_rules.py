"""Rules with a source: what refers to one gets its value, the checker tells what is wrong, a stored version keeps the reference."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.packs.sample import FILES, LAMP, line_of, write
from tests.world import pack
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack, RuledNumber, RuledSpan
from tongxin.packs.schema.pack import dump

REPLY = """\
reply:
  - {title: 答复, value: 2, unit: work_hours, to: 2026-06-30, source: 旧办法, confidence: S}
  - {title: 答复, value: 4, unit: work_hours, from: 2026-07-01, source: 新办法, article: 第3条, confidence: L}
most: {title: 最多几户, value: 5, unit: 户}
"""
RULED = LAMP.replace("    within: 2 work_hours\n", "    within: rule reply\n").replace(
    "result: {title: 结果, required: true}", "result: {title: 结果, required: true}\n      homes: {title: 户数, type: number, max: rule most}"
)  # fmt: skip


def ruled(tmp_path: Path, rules: str = REPLY, lamp: str = RULED) -> Path:
    return write(tmp_path, {"rules.yaml": rules, "procedures/lamp.yaml": lamp})


def test_a_reference_is_the_value_and_knows_its_rule(tmp_path: Path) -> None:
    found = packs.load_folder(ruled(tmp_path))
    within = found.procedures["lamp"].states["received"].within
    assert isinstance(within, RuledSpan)
    assert (within.words, within.rule) == ("4个工作时", "reply")
    assert within.on(date(2026, 6, 30)).words == "2个工作时"
    assert within.on(date(2026, 7, 1)).words == "4个工作时"
    most = found.procedures["lamp"].transitions["finish"].form["homes"].max
    assert isinstance(most, RuledNumber)
    assert most == 5


def test_a_stored_version_keeps_the_reference(tmp_path: Path) -> None:
    found = packs.load_folder(ruled(tmp_path))
    plain = dump(found)
    assert plain["procedures"]["lamp"]["states"]["received"]["within"] == "rule reply"
    assert plain["procedures"]["lamp"]["transitions"]["finish"]["form"]["homes"]["max"] == "rule most"
    again = Pack.model_validate(plain)
    assert again == found
    within = again.procedures["lamp"].states["received"].within
    assert isinstance(within, RuledSpan)
    assert within.values[1].article == "第3条"


FAULTS = [
    ("within: rule reply", "within: rule repli", "procedures/lamp.yaml", "没有这个规则：repli"),
    ("max: rule most", "max: rule least", "procedures/lamp.yaml", "没有这个规则：least"),
    ("within: rule reply", "within: rule most", "procedures/lamp.yaml", "单位不是时长"),
    ("from: 2026-07-01", "from: 2026-06-30", "rules.yaml", "时间上重叠"),
    ("from: 2026-07-01", "from: 2026-08-01", "rules.yaml", "空了 2026-06-30 以后的几天"),
    ("source: 新办法, ", "", "rules.yaml", "却没有写出处"),
    ("value: 5", "value: 五", "rules.yaml", "不是整数"),
    ("to: 2026-06-30", "until: 2026-06-30", "rules.yaml", "不认识的键 until"),
    ("confidence: L", "confidence: A", "rules.yaml", "写法不对"),
]


@pytest.mark.parametrize(("old", "new", "file", "what"), FAULTS, ids=[row[3] for row in FAULTS])
def test_a_wrong_rule_is_told_where_it_stands(old: str, new: str, file: str, what: str, tmp_path: Path) -> None:
    text = {"rules.yaml": REPLY, "procedures/lamp.yaml": RULED}[file]
    assert text.count(old) == 1
    text = text.replace(old, new)
    rules, lamp = (text, RULED) if file == "rules.yaml" else (REPLY, text)
    found = [fault for fault in packs.check_folder(ruled(tmp_path, rules, lamp)) if what in fault.what]
    assert found
    assert found[0].file == f"sample/{file}"
    if new and new not in FILES:
        assert abs(found[0].line - line_of(text, new)) <= 2


def test_no_span_of_a_locality_is_without_source_and_without_its_mark() -> None:
    """Every limit that people wait for comes from a rule, so that each shows its source or that it is still to be checked."""
    for key in ("_base", "xiuning", "zhongshan", "yuhu", "wuhan", "xigu"):
        found = pack(key)
        for name in ("appeal", "co_handling"):
            for state in found.procedures[name].states.values():
                assert state.within in (None, "grade") or isinstance(state.within, RuledSpan), (key, name, state.title)
        assert all(isinstance(grade.within, RuledSpan) or grade.source for grade in found.catalogue.grades.values())
