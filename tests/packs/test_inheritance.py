"""A pack laid over the one it extends: what merges, what replaces, what removes, and what a patch may touch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs.sample import FILES, write
from tongxin.packs.api import Fault, PackFaults, check_folder, load_folder

OWN = "pack: town\ntitle: 某镇\nregion: 110102\nextends: sample\n"


def _lay(tmp_path: Path, files: dict[str, str]) -> Path:
    write(tmp_path)
    top = tmp_path / "town"
    for name, text in {"pack.yaml": OWN, **files}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return top


def _faults(tmp_path: Path, files: dict[str, str]) -> list[Fault]:
    return check_folder(_lay(tmp_path, files))


def test_what_is_not_said_is_inherited_but_not_the_name(tmp_path: Path) -> None:
    pack = load_folder(_lay(tmp_path, {}))
    assert (pack.key, pack.settings.title, pack.settings.region) == ("town", "某镇", "110102")
    assert pack.procedures.keys() == {"lamp", "help"}
    assert pack.settings.intake is not None
    (tmp_path / "town" / "pack.yaml").write_text("pack: town\nextends: sample\n")
    assert {fault.what for fault in check_folder(tmp_path / "town")} == {"缺少必填的 title。", "缺少必填的 region。"}


def test_mappings_merge_lists_replace_and_nothing_removes(tmp_path: Path) -> None:
    units = "roles:\n  worker: {title: 楼长}\n  checker: {may: [see_places]}\n  extra: {title: 协理员, at: community}\n"
    pack = load_folder(
        _lay(tmp_path, {"units.yaml": units, "catalogue.yaml": "categories: [{code: 9, title: 其他}]\n"})
    )
    assert (pack.units.roles["worker"].title, pack.units.roles["worker"].at) == ("楼长", "grid")
    assert pack.units.roles["checker"].may == ["see_places"]
    assert [category.code for category in pack.catalogue.categories] == ["9"]
    removed = _lay(tmp_path, {"units.yaml": "bodies:\n  branch:\n", "bodies.yaml": "[]\n"})
    assert "branch" not in load_folder(removed).units.bodies


def test_removing_what_is_not_there_is_a_fault(tmp_path: Path) -> None:
    faults = _faults(tmp_path, {"units.yaml": "roles:\n  nobody:\n"})
    assert [(fault.file, fault.line, fault.what) for fault in faults] == [("town/units.yaml", 2, "nobody 后面是空的。")]


def test_removing_what_others_need_is_told_where_it_is_needed(tmp_path: Path) -> None:
    faults = _faults(tmp_path, {"units.yaml": "roles:\n  checker:\n"})
    assert [(fault.file, fault.what) for fault in faults] == [
        ("sample/procedures/lamp.yaml", "没有这个角色：checker。")
    ]


def test_a_procedure_of_the_same_name_replaces_the_whole(tmp_path: Path) -> None:
    pack = load_folder(_lay(tmp_path, {"procedures/help.yaml": FILES["procedures/help.yaml"].replace("待协办", "等")}))
    assert pack.procedures["help"].states["asked"].title == "等"
    short = "procedure: help\ntitle: 协办\nsubject: matter\nstart: asked\nstates: {asked: {title: 等}}\n"
    assert any("至少要有 2 项" in fault.what for fault in _faults(tmp_path, {"procedures/help.yaml": short}))


PATCH = """\
patch: true
states:
  received: {holder: {role: duty}, within: 1 days}
  visiting: {new: true, title: 上门, holder: {role: worker, of: grid}, within: 1 days}
transitions:
  visit: {new: true, title: 上门看, from: received, to: visiting}
  seen: {new: true, title: 看过了, from: visiting, to: refused}
  dispatch: {form: {note: {title: 说明}, helpers: {required: true}}}
  close_late:
"""


def test_a_patch_says_only_what_differs(tmp_path: Path) -> None:
    patch = PATCH + "separate: []\n"
    text = patch.replace("  close_late:\n", "")
    pack = load_folder(_lay(tmp_path, {"procedures/lamp.yaml": text}))
    lamp, base = pack.procedures["lamp"], load_folder(tmp_path / "sample").procedures["lamp"]
    assert lamp.states["received"].holder != base.states["received"].holder
    assert lamp.states["received"].holder is not None
    assert lamp.states["received"].holder.of is None, "a holder is replaced whole"
    assert lamp.states["received"].late == base.states["received"].late
    assert {"visiting"} == lamp.states.keys() - base.states.keys()
    assert lamp.transitions["dispatch"].form.keys() == {"main_unit", "helpers", "note"}
    assert lamp.transitions["dispatch"].form["helpers"].required
    assert lamp.separate == []
    assert lamp.transitions["finish"] == base.transitions["finish"]


def test_a_patch_may_remove_a_step_and_what_needed_it_is_told(tmp_path: Path) -> None:
    faults = _faults(tmp_path, {"procedures/lamp.yaml": PATCH})
    assert [(fault.file, fault.what) for fault in faults] == [
        ("sample/procedures/lamp.yaml", "没有这个动作：close_late。")
    ]


@pytest.mark.parametrize(
    ("patch", "line", "what", "mend"),
    [
        (
            "patch: true\nstates:\n  recieved: {title: 收}\n",
            3,
            "步骤 recieved 在上级资料包的流程里已经没有了",
            "received",
        ),
        (
            "patch: true\ntransitions:\n  gone: {title: 走}\n",
            3,
            "步骤 gone 在上级资料包的流程里已经没有了",
            "new: true",
        ),
        ("patch: true\nstates:\n  closed: {new: true, title: 完}\n", 3, "已有同名步骤", "换一个键"),
    ],
)
def test_a_patch_of_a_step_that_the_base_lost_is_a_fault(
    patch: str, line: int, what: str, mend: str, tmp_path: Path
) -> None:
    found = [fault for fault in _faults(tmp_path, {"procedures/lamp.yaml": patch}) if what in fault.what]
    assert [(fault.file, fault.line) for fault in found] == [("town/procedures/lamp.yaml", line)]
    assert mend in found[0].mend


def test_a_patch_of_no_procedure_is_a_fault(tmp_path: Path) -> None:
    faults = _faults(tmp_path, {"procedures/other.yaml": "patch: true\nstates: {}\n"})
    assert any("上级资料包里没有流程 other" in fault.what for fault in faults)


def test_loading_raises_with_all_faults(tmp_path: Path) -> None:
    with pytest.raises(PackFaults) as raised:
        load_folder(_lay(tmp_path, {"units.yaml": "roles:\n  a:\n  b:\n"}))
    assert len(raised.value.faults) == 2
    assert "town/units.yaml:2（roles.a）" in str(raised.value)
    assert raised.value.faults[0].as_dict()["line"] == 2
