"""Places by those who manage them: the tree, one place, rename, end, and files with their report before anything is written."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import shapely
from django.test import Client

from tests.domain import smalltown
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.organization.models import Post
from tongxin.records.models import AuditEntry
from tongxin.territory.models import Area


def grid(number: int = 0) -> Area:
    return Area.objects.filter(level="grid").order_by("code")[number]


def a_file(features: list[dict[str, Any]], name: str = "grids.geojson") -> io.BytesIO:
    file = io.BytesIO(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    file.name = name
    return file


def square(name: str, column: float, row: float, **more: str) -> dict[str, Any]:
    shape = smalltown.square(column, row)
    return {
        "type": "Feature",
        "properties": {"name": name, "上级": "横江社区", **more},
        "geometry": shapely.geometry.mapping(shape),
    }


def upload(client: Client, file: Any, **more: str) -> Any:
    return client.post("/admin/areas/import", {"file": file, "level": "grid", "crs": "wgs84", **more})


def test_the_tree_and_a_place_tell_what_is_written_down(world: World, signed_in: SignedIn) -> None:
    world.report()
    client = signed_in("administrator")
    whole = said(client.get("/admin/areas"))
    assert "东临镇" in whole
    assert "示意" in whole
    page = said(client.get(f"/admin/areas/{grid().pk}"))
    assert grid().code in page
    assert "在办件 1 件" in page
    assert "第1网格" in said(client.get("/admin/areas?q=第1网格"))
    assert "没有这个地域" in said(client.get("/admin/areas?q=不存在"))


def test_a_place_costs_the_same_however_many_lie_beside_it(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    client.get(f"/admin/areas/{grid().pk}")
    with at_most(10):
        client.get(f"/admin/areas/{grid().pk}")


def test_a_new_name_reaches_the_posts(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    place = grid()
    assert client.post(f"/admin/areas/{place.pk}", {"do": "rename", "name": "湖滨网格"}).status_code == 302
    place.refresh_from_db()
    assert place.name == "湖滨网格"
    assert all(
        "湖滨网格" in title for title in Post.objects.filter(area=place, ended_on=None).values_list("title", flat=True)
    )
    assert AuditEntry.objects.filter(action="territory.rename_area").count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"do": "rename", "name": ""}, "地域名称应为"),
        ({"do": "rename", "name": "第2网格"}, "已有“第2网格”"),
        ({"do": "rename", "name": "长" * 81}, "地域名称应为"),
        ({"do": "end", "reason": ""}, "请写明事由"),
        ({"do": "burn"}, "不知道要做什么"),
    ],
)
def test_bad_input_about_a_place_changes_nothing(
    world: World, signed_in: SignedIn, sent: dict[str, str], sentence: str
) -> None:
    assert sentence in said(refused(signed_in("administrator"), f"/admin/areas/{grid().pk}", sent))
    assert grid().name == "第1网格"
    assert grid().ended_on is None


def test_a_place_with_cases_or_places_in_it_does_not_end(world: World, signed_in: SignedIn) -> None:
    world.report()
    client = signed_in("administrator")
    sent = {"do": "end", "reason": "撤并"}
    assert "还有 1 件在办" in said(refused(client, f"/admin/areas/{grid().pk}", sent))
    town = Area.objects.get(name="东临镇")
    assert "下面还有" in said(refused(client, f"/admin/areas/{town.pk}", sent))
    empty = grid(9)
    assert client.post(f"/admin/areas/{empty.pk}", sent).status_code == 302
    assert not Post.objects.filter(area=empty, ended_on=None).exists()
    assert "已停用" in said(client.get(f"/admin/areas/{empty.pk}"))


def test_a_file_is_looked_at_before_it_is_taken_in(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    led = upload(client, a_file([square("新网格", 40, 0)]), schematic="yes", source="试验")
    assert led.status_code == 302
    page = said(client.get(led["Location"]))
    assert "不能导入" in page  # wholly outside its parent
    assert not Area.objects.filter(name="新网格").exists()
    led = upload(client, a_file([square("第1网格", 0, 0), square("第2网格", 1.05, 0)]))
    page = said(client.get(led["Location"]))
    assert "重叠" in page  # with the neighbour that the file leaves as it is
    assert "超出上级" in page
    before = AuditEntry.objects.count()
    assert client.post(led["Location"]).status_code == 302
    assert AuditEntry.objects.filter(action="territory.import_areas").count() == 1
    assert AuditEntry.objects.count() == before + 2  # the file, and the posts that follow it
    assert client.get(led["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("grids.exe", b"MZ1234", "不认识"),
        ("grids.geojson", b"", "空文件"),
        ("grids.csv", "编号\n1\n".encode(), "不知道哪一列是名称"),
        ("grids.geojson", b"{broken", ""),
        ("grids.zip", b"PK\x03\x04broken", ""),
    ],
)
def test_files_that_are_none_are_refused_in_words(
    world: World, signed_in: SignedIn, name: str, content: bytes, sentence: str
) -> None:
    file = io.BytesIO(content)
    file.name = name
    client = signed_in("administrator")
    response = upload(client, file)
    if response.status_code == 302:
        response = client.get(response["Location"])
    else:
        assert response.status_code == 422
    page = said(response)
    assert sentence in page
    assert "确认导入" not in page


def test_no_file_and_no_level_are_told(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    assert "还没有选择文件" in said(refused(client, "/admin/areas/import", {"level": "grid"}))
    assert "还没有选择级别" in said(refused(client, "/admin/areas/import", {}))


def test_a_file_of_somebody_else_is_not_found(world: World, signed_in: SignedIn) -> None:
    led = upload(signed_in("administrator"), a_file([square("第1网格", 0, 0)]))
    other = next(user for (role, _), user in world.users.items() if role == "county_duty")
    assert signed_in(other).get(led["Location"]).status_code == 403
    assert signed_in("administrator").get("/admin/areas/import/..%2F..%2Fsecret").status_code == 404


def test_the_outlines_as_they_stand_are_examined(world: World, signed_in: SignedIn) -> None:
    assert "合格" in said(signed_in("administrator").get("/admin/areas/check?level=grid"))


def test_a_desk_without_the_permission_changes_no_place(world: World, signed_in: SignedIn) -> None:
    client = signed_in("receptionist")
    for path in ("/admin/areas", f"/admin/areas/{grid().pk}", "/admin/areas/import"):
        assert client.post(path, {"do": "rename", "name": "我的"}).status_code == 403
    assert not Area.objects.filter(name="我的").exists()
