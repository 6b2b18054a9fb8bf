"""Files as people really send them: what is opened, what is refused before it can do harm, and in which words."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
import xlsxwriter

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.matters.imports import excel, readers
from tongxin.matters.imports.mapping import load_mapping, with_words


def table(path, **more):
    opened = readers.open_table(path, **more)
    return opened, list(opened.rows)


def book(path, rows, sheet="表一", **more):
    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet(sheet)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                page.write(r, c, value)
        for name in more.get("others", ()):
            made.add_worksheet(name)
    return path


def refusal(path, **more):
    with pytest.raises(Invalid) as caught:
        table(path, **more)
    assert caught.value.mend.endswith("。")
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_any_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = tmp_path / "a.csv"
    path.write_bytes(f"编号{delimiter}内容\r\n1{delimiter}路灯不亮\r\n2{delimiter}“停车”难\r\n".encode(encoding))
    opened, rows = table(path)
    assert opened.columns == ("编号", "内容")
    assert [row.values for row in rows] == [("1", "路灯不亮"), ("2", "“停车”难")]
    assert [row.number for row in rows] == [2, 3]


@pytest.mark.parametrize(("main", "other"), [("utf-8", "gbk"), ("gbk", "utf-8")])
def test_a_row_of_another_encoding_is_refused_alone(tmp_path, main, other):
    path = tmp_path / "a.csv"
    good = [f"{n},小区门口的路灯不亮了{n}\n".encode(main) for n in range(9)]
    path.write_bytes("编号,内容\n".encode(main) + b"".join(good) + "99,井盖松动请来修理\n".encode(other))
    opened, rows = table(path)
    assert "夹有其他编码" in opened.remarks[0]
    assert [row.fault is None for row in rows] == [True] * 9 + [False]
    assert rows[-1].fault.code == "mixed_encoding"
    assert rows[-1].number == 11


def test_texts_with_line_ends_and_quotes_count_file_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('编号,内容\n1,"一行\n两行，""引号"""\n2,好\n', encoding="utf-8")
    _, rows = table(path)
    assert rows[0].values == ("1", '一行\n两行，"引号"')
    assert [row.number for row in rows] == [2, 4]


def test_a_cut_off_csv_tells_the_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("编号,内容,时间\n1,好,2024-01-01\n2,断", encoding="utf-8")
    assert "文件可能不完整" in table(path)[1][-1].fault.mend


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"MZ\x90\x00" + b"\0" * 100, "program"),
        ("a.csv", b"\x7fELF" + b"\0" * 100, "program"),
        ("a.csv", b"%PDF-1.4", "not_a_table"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "not_a_table"),
        ("a.csv", b"a,b\n\x00\x01\x02", "not_a_table"),
        ("a.csv", b"", "empty_file"),
        ("a.xlsx", "编号,内容\n".encode(), "wrong_extension"),
        ("a.csv", b"PAR1" + b"\0" * 50, "wrong_extension"),
        ("a.parquet", b"PAR1" + b"\0" * 50, "broken_file"),
        ("a.parquet", b"PAR1" + b"\0" * 50 + b"PAR1", "broken_file"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 50, "broken_file"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "broken_file"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path).code == code


def test_a_missing_file_and_one_too_large(tmp_path, monkeypatch):
    assert refusal(tmp_path / "nothing.csv").code == "no_file"
    monkeypatch.setattr(limits, "IMPORT_BYTES", 10)
    path = tmp_path / "a.csv"
    path.write_text("编号,内容\n1,好\n", encoding="utf-8")
    assert refusal(path).code == "file_too_large"


def test_more_rows_than_one_import_takes(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "IMPORT_ROWS", 3)
    path = tmp_path / "a.csv"
    path.write_text("内容\n" + "好\n" * 4, encoding="utf-8")
    assert refusal(path).code == "too_many_rows"
    assert refusal(book(tmp_path / "a.xlsx", [["内容"]] + [["好"]] * 4)).code == "too_many_rows"


# ---- Excel ----

LEDGER = ["编号", "标题", "内容", "时间"]


def test_a_title_and_notes_may_stand_above_the_heading(tmp_path):
    above, rows = (
        [["2026年居民诉求台账"], ["填报单位：横江社区"], []],
        [["1", "灯", "灯坏了", "2026-03-01"], ["2", "水", "漏水", ""]],
    )
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in [*above, LEDGER, *rows]), encoding="utf-8")
    for opened, found in (table(path), table(book(tmp_path / "a.xlsx", [*above, LEDGER, *rows]))):
        assert opened.columns == tuple(LEDGER)
        assert [(row.number, row.values[2], row.fault) for row in found] == [(5, "灯坏了", None), (6, "漏水", None)]
        assert opened.remarks == ["前 3 行是表题，从第 4 行的表头读起。"]


def test_a_heading_of_other_words_is_found_by_the_columns_of_the_mapping(tmp_path):
    path = book(tmp_path / "a.xlsx", [["台账", "2026"], ["F1", "F2"], ["路灯", "2026-03-01"]])
    assert readers.open_table(path).columns == ("台账", "2026")
    assert readers.open_table(path, named={"F1", "F2"}).columns == ("F1", "F2")


def test_a_heading_of_two_rows_and_cells_merged_downwards(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("说明").write(0, 0, "请看下一张表")
        page = made.add_worksheet("数据")
        page.merge_range("B1:C1", "诉求")
        for row, values in enumerate(
            [["编号", None, None, "社区"], ["", "标题", "时间"], [1, "灯", "1日"], [2, "水", "2日"]]
        ):
            for column, value in enumerate(values):
                if value not in (None, ""):
                    page.write(row, column, value)
        page.merge_range("D3:D4", "横江社区")
    opened, rows = table(path)
    assert opened.columns == ("编号", "标题", "时间", "社区")
    assert [(row.number, row.values[3]) for row in rows] == [(3, "横江社区"), (4, "横江社区")]
    assert "读的是“数据”" in opened.remarks[-1]


def test_excel_sheets_by_name_and_the_first_otherwise(tmp_path):
    path = book(tmp_path / "a.xlsx", [["编号", "内容"], [1, "路灯"], ["", ""], [2, "停车"]], others=["表二"])
    opened, rows = table(path)
    assert "读的是“表一”" in opened.remarks[0]
    assert [(row.number, row.values) for row in rows] == [(2, (1.0, "路灯")), (4, (2.0, "停车"))]
    told = refusal(path, sheet="表三")
    assert (told.code, told.mend) == ("no_sheet", "有：表一、表二。")


def test_a_bomb_is_refused_without_being_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "bomb.xlsx"
    monkeypatch.setattr(limits, "EXCEL_UNPACKED_BYTES", 5_000_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 6_000_000)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(excel.python_calamine, "load_workbook", lambda *_: pytest.fail("it was opened"))
    assert refusal(path).code == "zip_bomb"


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 6_000_000)
    data = path.read_bytes()
    path.write_bytes(data.replace((6_000_000).to_bytes(4, "little"), (600).to_bytes(4, "little")))
    monkeypatch.setattr(excel.python_calamine, "load_workbook", lambda *_: pytest.fail("it was opened"))
    assert refusal(path).code == "broken_file"


def sheet_xml(path, cells):
    """Replace the cells of a good file by others, as a hostile writer would."""
    good = io.BytesIO()
    with xlsxwriter.Workbook(good) as made:
        made.add_worksheet().write(0, 0, "内容")
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            text = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                head, _, rest = text.partition(b"<sheetData>")
                text = head + b"<sheetData>" + cells + b"</sheetData>" + rest.partition(b"</sheetData>")[2]
            target.writestr(part.filename, text)
    return path


def test_one_cell_at_the_far_corner_does_not_cost_the_whole_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(excel.python_calamine, "load_workbook", lambda *_: pytest.fail("it was opened"))
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="%b1048576"><v>1</v></c></row>'
    assert refusal(sheet_xml(tmp_path / "a.xlsx", far % b"XFD")).code == "too_many_columns"
    told = refusal(sheet_xml(tmp_path / "b.xlsx", far % b"ZZ"))
    assert told.code == "sheet_too_large"
    assert "1,048,576 行 × 702 列" in told.what


def test_a_formula_that_nobody_computed_is_told(tmp_path):
    cells = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="2"><c r="A2"><f>1+1</f></c></row>'
    opened, _ = table(sheet_xml(tmp_path / "a.xlsx", cells))
    assert "1 个公式还没有算出值" in opened.remarks[0]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_off_or_altered_excel_file_is_refused_in_words(tmp_path, share):
    path = book(tmp_path / "a.xlsx", [["编号", "内容"]] + [[n, f"事情{n}"] for n in range(500)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert refusal(path).code in {"broken_file", "not_a_table"}
    chance = random.Random(7)
    altered = bytearray(data)
    for _ in range(200):
        altered[chance.randrange(len(altered))] ^= 0xFF
    path.write_bytes(bytes(altered))
    assert refusal(path).code in {"broken_file", "not_a_table"}


def test_an_archive_that_is_no_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "压缩包" in refusal(path).what


# ---- mappings ----


def slip(tmp_path, text):
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        load_mapping(path).check(["留言编号", "留言主题", "留言详情", "留言时间"], "a.xlsx")
    return caught.value.sentence


def test_a_wrong_column_is_told_with_the_nearest_name(tmp_path):
    said = slip(tmp_path, "columns: {text: 留言详请, reported_at: 留言时间, key: 工单}")
    assert "text 要的“留言详请”（是不是“留言详情”？）" in said
    assert "key 要的“工单”" in said
    assert "文件里有：留言编号、留言主题、留言详情、留言时间" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {text: a}", "须有 reported_at"),
        ("columns: {reported_at: a}", "须有 text"),
        ("columns: {text: a, reported_at: b, lon: c}", "须同时有"),
        ("columns: {texts: a, reported_at: b}", "没有字段“texts”，是不是 text？"),
        ("columns: {text: a, reported_at: b}\nsorce: x", "不认识“sorce”，是不是 source？"),
        ("columns: {text: a, reported_at: b}\ntimezone: Mars/Base", "没有时区 Mars/Base"),
        ("columns: {text: a\n reported_at", "行不是正确的 YAML"),
        ("- a", "须是“键: 值”"),
    ],
)
def test_slips_in_a_mapping_are_told(tmp_path, text, said):
    assert said in slip(tmp_path, text)


def test_usual_names_need_no_mapping_and_words_change_one():
    usual = with_words(None, [], ["留言编号", "留言主题", "留言时间", "留言详情"])
    assert usual.columns == {"key": "留言编号", "title": "留言主题", "reported_at": "留言时间", "text": "留言详情"}
    changed = with_words(usual, ["text=留言主题", "extra.likes=点赞数"], [])
    assert (changed.columns["text"], changed.extra) == ("留言主题", {"likes": "点赞数"})
    with pytest.raises(Invalid, match="认不出哪一列是内容"):
        with_words(None, [], ["甲", "乙"])
    with pytest.raises(Invalid, match="不是“字段=列名”"):
        with_words(None, ["text"], ["甲"])
