"""Faults planted in a sound pack are told in Chinese, at their line, all in one run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.packs.sample import FILES, line_of, write
from tongxin.packs.api import check_folder

# (file, what stands there, what is planted, what the fault says, what the mend says)
PLANTED = [
    ("pack.yaml", "web: 网页", "web: 网页, fax: 传真}\n  chanels: {a: 一", "不认识的键 chanels", "channels"),
    ("catalogue.yaml", "unit: lights", "unit: light", "没有这个组织：light", "lights"),
    ("catalogue.yaml", "{code: 002, title: 路面, grade: plain}", "{code: 001, title: 路面, grade: fast}", "类别代码 001", "换一个"),
    ("bodies.yaml", "key: roads, kind: department", "key: roads, kind: departmnt", "没有这个组织类别", "department"),
    ("bodies.yaml", "kind: branch, name: 第一支部", "kind: branch, name: 第一支部, parent: lights", "不能隶属于", "顶层"),
    ("procedures/lamp.yaml", "limit: grade\n", "otherwise: {role: dutyy}\nlimit: grade\n", "没有这个角色：dutyy", "duty"),
    ("procedures/lamp.yaml", "{escalate: {role: duty, of: county}}", "{escalate: {role: dutty, of: county}}", "没有这个角色：dutty", "duty"),
    ("procedures/lamp.yaml", "{unit: main_unit}\n    within: grade", "{unit: main_unit}", "没有时限", "open_ended"),
    ("procedures/lamp.yaml", "{move: close_late}", "{move: dispatch}", "不能从环节 checking 做", "from"),
    ("procedures/lamp.yaml", "  closed: {title: 办结, final: done}", "  closed: {title: 办结, final: done}\n  lost: {title: 孤儿, holder: {role: duty}, within: 1 days}", "到不了 lost", "动作"),
    ("procedures/lamp.yaml", "kinds: department", "kinds: branch", "没有收件岗", "desk"),
    ("procedures/lamp.yaml", "units: helpers}}]", "units: helper}}]", "没有这个参与单位：helper", "helpers"),
    ("procedures/lamp.yaml", "已派给{main_unit}", "已派给{unit}", "{unit} 代入不了", "{main_unit}"),
    ("procedures/lamp.yaml", "title: 不受理\n    from", "title: 派单\n    from", "都叫“派单”", "改一个名称"),
    ("procedures/lamp.yaml", "result: {title: 结果, required: true}", "phone_no: {title: 联系电话}", "是个人信息", "purpose"),
    ("procedures/lamp.yaml", "guard: [tasks_done]", "guard: [task_done]", "没有这个条件：task_done", "tasks_done"),
    ("procedures/lamp.yaml", "- [finish, pass_check]", "- [refuse, pass_check]", "没有一条路", "删去"),
    ("procedures/help.yaml", "procedure: help", "procedure: helping", "与文件名 help.yaml 不同", "procedure: help"),
    ("procedures/help.yaml", "{title: 完成, from: asked, to: done}", "{title: 完成, from: asked, to: done, do: [zzz]}", "没有这个效果：zzz", "可用的有"),
    ("procedures/help.yaml", "holder: {unit: unit}, within: 1 work_days", "within: 1 work_days", "没有承办人", "holder"),
]  # fmt: skip
# where the fault stands, when it is not the first line of what was planted
STANDS_AT = {
    "没有时限": "  handling:",
    "没有承办人": "  asked:",
    "不认识的键 chanels": "chanels",
    "类别代码 001": "code: 001, title: 路面",
    "到不了 lost": "  lost:",
    "没有这个参与单位：helper": "units: helper}",
    "都叫“派单”": "title: 派单\n    from: received\n    to: refused",
}


def _planted() -> dict[str, str]:
    files = dict(FILES)
    for file, old, new, _, _ in PLANTED:
        assert files[file].count(old) == 1, (file, old)
        files[file] = files[file].replace(old, new)
    return files


def test_the_sample_is_sound(tmp_path: Path) -> None:
    assert check_folder(write(tmp_path)) == []


def test_twenty_faults_are_twenty_messages_at_their_lines(tmp_path: Path) -> None:
    # the pack-wide words must hold for the rest to be judged, so the first one is told with them in a run of its own
    files = _planted()
    files["pack.yaml"] = FILES["pack.yaml"]
    faults = check_folder(write(tmp_path, files))
    told = [(fault.file, fault.line, fault.what) for fault in faults]
    for file, _, new, what, mend in PLANTED[1:]:
        found = [fault for fault in faults if what in fault.what and fault.file == f"sample/{file}"]
        assert len(found) >= 1, (what, told)
        assert line_of(files[file], STANDS_AT.get(what, new.splitlines()[0])) in [fault.line for fault in found], (
            what,
            found,
        )
        assert any(mend in fault.mend for fault in found), found
    assert {fault.file.split("/")[0] for fault in faults} == {"sample"}


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=[planted[3] for planted in PLANTED])
def test_each_fault_alone_is_told_at_its_line(number: int, tmp_path: Path) -> None:
    file, old, new, what, mend = PLANTED[number]
    text = FILES[file].replace(old, new)
    faults = check_folder(write(tmp_path, {file: text}))
    found = [fault for fault in faults if what in fault.what]
    assert found, faults
    assert found[0].file == f"sample/{file}"
    assert found[0].line == line_of(text, STANDS_AT.get(what, new.splitlines()[0]))
    assert mend in found[0].mend
    assert all(re.search("[一-鿿]", fault.what) and fault.mend.endswith(("。", "？")) for fault in faults)


def test_a_start_that_is_not_there_is_told(tmp_path: Path) -> None:
    lamp = FILES["procedures/lamp.yaml"].replace("start: received", "start: recieved")
    faults = check_folder(write(tmp_path, {"procedures/lamp.yaml": lamp}))
    assert [(fault.line, fault.what, fault.mend) for fault in faults] == [
        (4, "没有这个环节：recieved。", "是不是想写 received？")
    ]


SHAPE = [
    ("procedures/lamp.yaml", "within: 2 work_hours", "within: two hours", "不是时长", "within: two hours"),
    ("procedures/lamp.yaml", "clock: before", "clock: befor", "“befor”不在可选的值里", "clock: befor"),
    ("procedures/lamp.yaml", "to: handling", "too: handling", "不认识的键 too", "too: handling"),
    ("procedures/lamp.yaml", "to: handling", "too: handling", "缺少必填的 to", "  dispatch:"),
    ("procedures/lamp.yaml", "{role: worker, of: grid}", "{role: worker, unit: main_unit}", "role、unit、who 须恰填其一", "    holder: {role: worker, unit"),
    ("procedures/lamp.yaml", "  dispatch:", "  Dispatch!:", "键 Dispatch! 写法不对", "  Dispatch!:"),
    ("units.yaml", "family: party", "family: club", "“club”不在可选的值里", "family: club"),
    ("units.yaml", "{title: 网格长, at: grid}", "{title: 网格长, at: grid, seats: many}", "“many”不是整数", "seats: many"),
    ("pack.yaml", "region: 110101", "region: 1101", "“1101”写法不对", "region: 1101"),
    ("catalogue.yaml", "default_grade: plain\n", "", "缺少必填的 default_grade", ""),
    ("bodies.yaml", "- {key: roads", "- just words\n- {key: roads", "这里需要“键: 值”", "- just words"),
    ("procedures/lamp.yaml", "type: choice, choices: {far: 不在本区, twice: 重复}", "type: choice", "choices 与 type: choice、several 同时出现", "reason:"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "what", "at"), SHAPE, ids=[shape[3] for shape in SHAPE])
def test_what_does_not_fit_the_schema_is_told_at_its_line(
    file: str, old: str, new: str, what: str, at: str, tmp_path: Path
) -> None:
    assert FILES[file].count(old) == 1
    text = FILES[file].replace(old, new)
    faults = check_folder(write(tmp_path, {file: text}))
    found = [fault for fault in faults if what in fault.what]
    assert len(found) == 1, faults
    assert found[0].file == f"sample/{file}"
    if at:
        assert found[0].line == line_of(text, at)


def test_a_fault_of_shape_does_not_hide_faults_elsewhere(tmp_path: Path) -> None:
    lamp = FILES["procedures/lamp.yaml"].replace("clock: before", "clock: befor")
    help_ = FILES["procedures/help.yaml"].replace("to: done}", "to: dome}")
    faults = check_folder(write(tmp_path, {"procedures/lamp.yaml": lamp, "procedures/help.yaml": help_}))
    assert [f.file for f in faults if "befor" in f.what or "dome" in f.what] == [
        "sample/procedures/help.yaml",
        "sample/procedures/lamp.yaml",
    ]


WRITING: list[tuple[str, bytes, str, int]] = [
    ("tab", "procedure: help\n\ttitle: 协办\n".encode(), "制表符", 2),
    ("bom", b"\xef\xbb\xbf" + FILES["procedures/help.yaml"].encode(), "BOM", 1),
    ("gbk", FILES["procedures/help.yaml"].encode("gb18030"), "GBK", 2),
    ("utf16", FILES["procedures/help.yaml"].encode("utf-16"), "UTF-16", 1),
    ("binary", b"\x89PNG\r\n\x1a\n\xff\xfe\xfd\xff\x00\x81\x30", "不是文字", 1),
    ("control", b"procedure: he\x00lp\n", "控制字符", 1),
    ("double key", FILES["procedures/help.yaml"].encode() + b"start: asked\n", "在第 4 行已经写过", 13),
    ("anchor", b"procedure: help\nstates: &a {}\nx: *a\n", "锚点", 2),
    ("tag", b"procedure: !!python/object/apply:os.system [ls]\n", "类型标签", 1),
    ("two documents", b"procedure: help\n---\nprocedure: help\n", "两份文档", 2),
    ("wide colon", "procedure：help\ntitle: 协办\n".encode(), "全角", 1),
    ("open brace", b"procedure: help\nparts: {unit: unit\n", "花括号", 2),
    ("open quote", "procedure: help\ntitle: '协办\n".encode(), "引号", 2),
    ("deep", b"procedure: " + b"[" * 2000, "", 1),
    ("merge key", b"procedure: help\n<<: {a: 1}\n", "合并键", 2),
    ("brace then text", "says: {unit}已办\n".encode(), "后面还有文字", 1),
    ("large", b"# " + b"x" * (2 * 1024 * 1024), "超过 2 MB", 0),
]


@pytest.mark.parametrize(("content", "what", "line"), [row[1:] for row in WRITING], ids=[row[0] for row in WRITING])
def test_what_cannot_be_read_is_said_with_its_line(content: bytes, what: str, line: int, tmp_path: Path) -> None:
    faults = check_folder(write(tmp_path, {"procedures/help.yaml": content}))
    found = [fault for fault in faults if fault.file == "sample/procedures/help.yaml" and what in fault.what]
    assert found, faults
    assert found[0].line == line


def test_an_unreadable_file_does_not_bring_false_faults_elsewhere(tmp_path: Path) -> None:
    faults = check_folder(write(tmp_path, {"units.yaml": "levels: [\n"}))
    assert [fault.file for fault in faults] == ["sample/units.yaml"]


def test_the_folder_itself_is_checked(tmp_path: Path) -> None:
    top = write(tmp_path, {"units.yml": "a: 1\n", "procedures/notes.txt": "x", "notes.doc": b"x"}, key="other")
    secret = tmp_path / "secret.yaml"
    secret.write_text("labels: 1\n")
    (top / "labels.yaml").symlink_to(secret)
    (top / ".hidden").write_text("not looked at")
    said = {(fault.file, fault.what) for fault in check_folder(top)}
    assert ("other/units.yml", "不认识的文件 units.yml。") in said
    assert ("other/procedures/notes.txt", "不认识的文件 notes.txt。") in said
    assert ("other/notes.doc", "不认识的文件 notes.doc。") in said
    assert ("other/labels.yaml", "这是指向资料包文件夹以外的链接。") in said
    assert ("other/pack.yaml", "pack 写的是“sample”，与文件夹名 other 不同。") in said


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "找不到" in check_folder(tmp_path / "nowhere")[0].what
    (tmp_path / "empty").mkdir()
    assert check_folder(tmp_path / "empty")[0].what == "缺少文件 pack.yaml。"


@pytest.mark.parametrize(
    ("extends", "what"), [("_nobody", "不在 sample 旁边"), ("sample", "绕成了圈"), ("../x", "不在"), ("[a]", "不在")]
)
def test_what_cannot_be_extended_is_said(extends: str, what: str, tmp_path: Path) -> None:
    pack = FILES["pack.yaml"].replace("extends: null", f"extends: {extends}")
    assert any(what in fault.what for fault in check_folder(write(tmp_path, {"pack.yaml": pack})))
