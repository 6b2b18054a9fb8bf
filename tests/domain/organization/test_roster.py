"""import_people: a roster in Excel or CSV, read row by row, each fault told, a second run changing nothing."""

from __future__ import annotations

import csv

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from tests.domain.organization.conftest import C1, C2
from tests.domain.smalltown import NOW, TODAY
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.organization import api as organization
from tongxin.organization.models import Person, Term

HEAD = ["姓名", "电话", "岗位角色", "地域代码/组织"]
GOOD = [
    ["李一", 13800000001, "网格员", int(C1 + "001")],  # Excel keeps codes and numbers as numbers
    ["李一", 13800000001, "网格员", C1 + "002"],
    ["王二", "138-0000-0002", "grid_worker", "玉宁社区第1网格"],
    ["赵三", "", "网格支部书记", "第一支部"],
    ["钱四", "13800000004", "社区接待员", "横江社区"],
    ["孙五", "13800000005", "社区接待员", C1],
    ["周六", "13800000006", "收件员", "police"],
]
BAD = {
    9: (["", "1", "网格员", C1 + "003"], "没有姓名"),
    10: (["吴七", "abc", "网格员", C1 + "003"], "电话应为"),
    11: (["吴七", "", "大王", C1 + "003"], "没有“大王”这个岗位角色"),
    12: (["吴七", "", "网格员", "999"], "没有“999”"),
    13: (["吴七", "", "网格员", "第3网格"], "有 4 处"),
    14: (["吴七", "", "网格员", C1 + "001"], "现由李一担任"),
    15: (["吴七", "13800000002", "网格员", C1 + "003"], "已登记在另一人名下"),
    16: (["吴七", "", "社区主任", C1 + "003"], "不设“社区主任”"),
    17: (["吴七", "", "社区接待员", C1], "现由钱四、孙五担任"),
}


def workbook(path, rows, head=HEAD):
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate([head, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def take(town, path, actor=None, **more):
    return organization.import_people(district=town.view, path=path, actor=actor or town.system, now=NOW, **more)


def test_good_rows_are_taken_in_and_bad_ones_told(town, tmp_path):
    path = workbook(tmp_path / "a.xlsx", [*GOOD, *(row for row, _ in BAD.values())])
    done = take(town, path)
    assert (done.people, done.terms, done.unchanged) == (6, 7, 0)
    said = {fault.row: fault.sentence for fault in done.faults}
    assert said.keys() == BAD.keys()
    for number, (_, words) in BAD.items():
        assert said[number].startswith(f"第 {number} 行：")
        assert words in said[number]
    known = organization.directory(town.view)
    names = {seat: known.holders(town.post("community_clerk", C1, seat).pk, TODAY)[0][1] for seat in (1, 2)}
    assert names == {1: "钱四", 2: "孙五"}
    assert Person.objects.get(name="王二").phone == "13800000002"


def test_a_second_run_changes_nothing(town, tmp_path, unchanged):
    path = workbook(tmp_path / "a.xlsx", GOOD)
    take(town, path)
    people, terms = (list(one.objects.order_by("pk").values()) for one in (Person, Term))
    done = take(town, path)
    assert (done.people, done.terms, done.unchanged, done.faults) == (0, 0, 7, ())
    assert [list(one.objects.order_by("pk").values()) for one in (Person, Term)] == [people, terms]


def test_a_gbk_csv_without_telephones(town, tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows(
            [["姓名", "岗位", "地域代码"], ["李一", "网格员", C1 + "001"], ["李一", "网格员", C1 + "002"]]
        )
    done = take(town, path)
    assert (done.people, done.terms, done.faults) == (1, 2, ())
    titled = tmp_path / "a.tsv"
    lines = [
        "横江社区网格员花名册",
        "填报单位：横江社区\t填报日期：2026-03-01",
        "",
        "姓名\t岗位\t地域代码",
        f"㐀二\t网格员\t{C1}003",
        f"王三\t没有\t{C1}",
    ]
    titled.write_bytes("\r\n".join(lines).encode("gb18030"))
    done = take(town, titled)
    assert (done.people, done.terms, [fault.row for fault in done.faults]) == (1, 1, [6])


def test_statements_do_not_grow_with_rows(town, tmp_path, django_assert_max_num_queries):
    rows = [[f"员{n}", f"1390000{n:04}", "网格员", f"{C1 if n < 4 else C2}{n % 4 + 1:03}"] for n in range(8)]
    path, view, system = workbook(tmp_path / "a.xlsx", rows), town.view, town.system
    with django_assert_max_num_queries(15):
        done = organization.import_people(district=view, path=path, actor=system, now=NOW)
    assert done.terms == 8


def test_a_dry_run_writes_nothing(town, tmp_path, unchanged):
    before = unchanged()
    assert take(town, workbook(tmp_path / "a.xlsx", GOOD), dry_run=True).terms == 7
    assert unchanged() == before


def test_rows_outside_ones_grounds_are_told(town, tmp_path):
    town.hold("主任", "community_head", C1)
    path = workbook(tmp_path / "a.xlsx", [["李一", "", "网格员", C1 + "001"], ["王二", "", "网格员", C2 + "001"]])
    done = take(town, path, town.actor("主任"))
    assert done.terms == 1
    assert "没有为“玉宁社区第1网格员”任命人员的权限" in done.faults[0].sentence


def test_without_the_permission_nothing_is_read(town, tmp_path, unchanged):
    town.hold("员", "grid_worker", C1 + "001")
    before = unchanged()
    with pytest.raises(NotAllowed):
        take(town, tmp_path / "not-there.xlsx", town.actor("员"))
    assert unchanged() == before


def test_bad_files(town, tmp_path, unchanged):
    before = unchanged()
    fake = tmp_path / "fake.xlsx"
    fake.write_bytes(b"MZ not a workbook")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    for path, words in [
        (workbook(tmp_path / "b.xlsx", GOOD, ["甲", "乙", "丙", "丁"]), "缺少列：姓名、岗位角色、地域代码/组织"),
        (fake, "不像是 Excel"),
        (empty, "是空的"),
        (tmp_path / "x.pdf", "不认识"),
        (tmp_path / "none.xlsx", "找不到"),
    ]:
        with pytest.raises(Invalid, match=words):
            take(town, path)
    assert unchanged() == before


def test_the_command(town, tmp_path, capsys):
    good = str(workbook(tmp_path / "a.xlsx", GOOD))
    call_command("import_people", "smalltown", good, "--dry-run")
    assert "没有写入：新增人员 6、任职 7" in capsys.readouterr().out
    call_command("import_people", "smalltown", good, "--from", "2026-01-01")
    assert "完成：新增人员 6、任职 7" in capsys.readouterr().out
    assert str(Term.objects.first().from_on) == "2026-01-01"
    bad = str(workbook(tmp_path / "b.xlsx", [row for row, _ in BAD.values()]))
    with pytest.raises(CommandError, match="行没有导入"):
        call_command("import_people", "smalltown", bad)
    with pytest.raises(CommandError, match="没有键为“nowhere”的地方"):
        call_command("import_people", "nowhere", good)


def test_staff_posts_fills_empty_ones_only(town, unchanged):
    first, second = town.post("grid_worker", C1 + "001").pk, town.post("grid_worker", C1 + "002").pk
    organization.staff_posts(
        district=town.view, names={first: "演示·甲", second: "演示·乙"}, actor=town.system, now=NOW, made_up=True
    )
    assert Person.objects.filter(made_up=True).count() == 2
    before = unchanged()
    from tongxin.kernel.errors import NotFound

    with pytest.raises(NotFound):
        organization.staff_posts(district=town.view, names={first: "演示·丙"}, actor=town.system, now=NOW)
    assert unchanged() == before
