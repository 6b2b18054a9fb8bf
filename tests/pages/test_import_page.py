"""Records of another system on a desk: columns guessed and corrected, tried dry row by row, taken in once."""

from __future__ import annotations

import csv
import io
import zipfile
from copy import copy
from typing import Any

import pytest
import xlsxwriter
from django.test import Client

from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.world import World
from tongxin.matters.models import Matter
from tongxin.records.models import AuditEntry

HEAD = ["工单编号", "主题", "留言详情", "来电时间", "所属社区", "联系电话"]
ROW = ["A1", "路灯不亮", "小区门口的路灯坏了", "2026-01-05 09:00", "横江社区", "13800001111"]
CHOSEN = {
    "is_key": "工单编号", "is_title": "主题", "is_text": "留言详情", "is_reported_at": "来电时间", "is_area": "所属社区",
    "is_reporter_phone": "联系电话", "source": "热线", "channel": "import",
}  # fmt: skip


def rows(count: int = 3) -> list[list[str]]:
    return [[f"A{n}", ROW[1], f"{ROW[2]}，第{n}盏", *ROW[3:]] for n in range(count)]


def table(content: list[list[str]], encoding: str = "utf-8", name: str = "工单.csv") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *content])
    file = io.BytesIO(text.getvalue().encode(encoding))
    file.name = name
    return file


def upload(client: Client, file: Any) -> str:
    response = client.post("/work/import", {"file": file})
    assert response.status_code == 302, said(response)
    return str(response["Location"])


def test_columns_are_guessed_and_may_be_corrected(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    page = client.get(upload(client, table(rows()))).content.decode()
    for column in HEAD:
        assert f'<option value="{column}" selected>' in page, column
    assert "小区门口的路灯坏了" in page


def test_a_dry_run_writes_nothing_and_the_file_is_taken_in_once(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for added in (3, 0):
        path = upload(client, table(rows()))
        before = Matter.objects.count()
        tried = said(client.post(path, {**CHOSEN, "do": "try"}))
        assert f"将会新增 {added} 件" in tried or "全部都已经导入过" in tried
        assert Matter.objects.count() == before
        done = client.post(path, {**CHOSEN, "do": "take"})
        assert done.status_code == 302
        assert Matter.objects.count() == 3
        assert client.get(done["Location"]).status_code == 200
    assert AuditEntry.objects.filter(action="matters.import_rows").count() == 2


def test_bad_rows_are_listed_and_downloaded_while_good_ones_go_in(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    bad = [
        *rows(2),
        ["=A9", "x", "路灯坏了", "昨天下午", "横江社区", ""],
        ["A10", "x", "路灯坏了", "2026-01-05", "不存在社区", ""],
    ]
    path = upload(client, table(bad))
    page = said(client.post(path, {**CHOSEN, "do": "try"}))
    assert "“昨天下午”不是时间" in page
    assert "第 4 行" in page
    assert "没有区域“不存在社区”" in page
    report = client.get(f"{path}/faults.csv")
    lines = list(csv.reader(io.StringIO(b"".join(report.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert lines[0] == ["文件", "行", "列", "问题", "怎么改"]
    assert {line[1] for line in lines[1:]} == {"4", "5"}
    client.post(path, {**CHOSEN, "do": "take"})
    assert Matter.objects.count() == 2


def test_gbk_and_excel_are_read_like_utf8(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([HEAD, *rows()]):
        sheet.write_row(number, 0, row)
    book.close()
    buffer.seek(0)
    buffer.name = "工单.xlsx"
    for file in (table(rows(), "gb18030"), buffer):
        assert "将会新增 3 件" in said(client.post(upload(client, file), {**CHOSEN, "do": "try"}))


def zip_bomb() -> bytes:
    """One sheet of 100 MB packed small, entered eleven times in the archive's list: what a bomb is made of."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet0.xml", b"0" * 100 * 2**20)
        for number in range(1, 11):
            again = copy(archive.getinfo("xl/worksheets/sheet0.xml"))
            again.filename = f"xl/worksheets/sheet{number}.xml"
            archive.filelist.append(again)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("工单.exe", b"MZ", "不认识"),
        ("工单.csv", b"", "空文件"),
        ("工单.csv", b"MZ\x90\x00\x03", "是程序"),
        ("工单.csv", b"\xff\xd8\xff\xe0", "是照片"),
        ("工单.csv", "编号,内容\n".encode(), "没有内容行"),
        ("工单.xlsx", b"PK\x03\x04broken", "损坏"),
        ("工单.xlsx", b"a,b\n1,2\n", "扩展名"),
    ],
)
def test_what_is_no_table_is_refused_by_its_own_name(
    world: World, signed_in: SignedIn, name: str, content: bytes, sentence: str
) -> None:
    file = io.BytesIO(content)
    file.name = name
    page = said(refused(signed_in("administrator"), "/work/import", {"file": file}))
    assert sentence in page
    assert name in page


def test_a_bomb_in_a_workbook_is_not_opened(world: World, signed_in: SignedIn) -> None:
    file = io.BytesIO(zip_bomb())
    file.name = "工单.xlsx"
    assert "解开有" in said(refused(signed_in("administrator"), "/work/import", {"file": file}))


def test_more_rows_than_a_page_takes_are_for_the_command_line(world: World, signed_in: SignedIn) -> None:
    page = said(refused(signed_in("administrator"), "/work/import", {"file": table(rows(5_001))}))
    assert "超过 5,000 行" in page
    assert "import_messages" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_text": ""}, "还没有指明哪一列是内容"),
        ({"is_text": "没有的列"}, "没有这些列"),
        ({"source": " "}, "还没有写来源"),
        ({"channel": "pigeon"}, "没有“pigeon”这个渠道"),
        ({"is_lon": "工单编号"}, "经度"),
    ],
)
def test_a_wrong_mapping_is_told_and_writes_nothing(
    world: World, signed_in: SignedIn, change: dict[str, str], sentence: str
) -> None:
    client = signed_in("administrator")
    path = upload(client, table(rows()))
    assert sentence in said(refused(client, path, {**CHOSEN, **change, "do": "take"}))
    assert not Matter.objects.exists()


def test_a_community_takes_in_only_what_lies_in_it(world: World, signed_in: SignedIn) -> None:
    clerk = next(user for (role, title), user in world.users.items() if role == "data_clerk" and "横江" in title)
    client = signed_in(clerk)
    assert "只能导入自己地域" in said(client.get("/work/import"))
    path = upload(client, table([*rows(2), ["B1", "x", "楼道灯坏了", "2026-01-05", "梅林社区", ""]]))
    page = said(client.post(path, {**CHOSEN, "do": "take"}, follow=True))
    assert "新增 2 件" in page
    assert set(Matter.objects.values_list("area__name", flat=True)) == {"横江社区"}


def test_a_desk_without_the_permission_takes_nothing_in(world: World, signed_in: SignedIn) -> None:
    assert signed_in("grid_worker").post("/work/import", {"file": table(rows())}).status_code == 403
    path = upload(signed_in("administrator"), table(rows()))
    assert signed_in("grid_worker").post(path, {**CHOSEN, "do": "take"}).status_code == 403
    other = next(user for (role, _), user in world.users.items() if role == "county_duty")
    assert signed_in(other).post(path, {**CHOSEN, "do": "take"}).status_code == 404
    assert not Matter.objects.exists()
