"""The pages of the service circle: the clerk's figures, facilities by hand and by file, what a resident finds near home."""

from __future__ import annotations

import io
import json

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.places.models import CircleStudy, Facility
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory
from tongxin.territory.models import Area

LON, LAT = smalltown.centre(0, 0)


@pytest.fixture
def town(world: World) -> World:
    names = [
        territory.NewPlaceName("东苑", "estate", ("老东苑",), None, LON, LAT, 100),
        territory.NewPlaceName("南苑小区", "estate", (), None, *smalltown.centre(5, 1), 300),
    ]
    territory.add_place_names(district=world.district, names=names, actor_label="测试", now=world.now)
    return world


def add(client: Client, **more: str) -> object:
    sent = {
        "do": "save",
        "kind": "clinic",
        "name": "一站",
        "lon": str(LON),
        "lat": str(LAT),
        "beds": "",
        "schematic": "no",
    }
    return client.post("/work/facilities/new", {**sent, **more})


def test_a_clerk_adds_a_facility_and_reads_the_circle(town: World, signed_in: SignedIn) -> None:
    client = signed_in("receptionist")
    assert "还没有计算服务圈" in said(client.get("/work/circle"))
    assert add(client, beds="12", floor_area="90").status_code == 302  # type: ignore[attr-defined]
    assert client.post("/work/circle", {"do": "ask"}).status_code == 302
    page = said(client.get("/work/circle"))
    assert "400 户" in page
    assert "25% （100/400）" in page
    assert "没有路网，按直线 × 1.3 估算" in page
    assert "“南苑小区”" in page  # one more beside it would help most
    assert "待核" in page
    assert "每处建筑面积不少于 120 平方米" in page
    assert "不足" in page
    with at_most(16):
        client.get("/work/circle?kind=clinic")
    areas = json.loads(client.get("/work/circle/clinic/areas.geojson").content)["features"]
    tones = {one["properties"]["name"].split("：")[0]: one["properties"]["tone"] for one in areas}
    assert tones["横江社区"] == "done"
    assert tones["梅林社区"] == "late"
    assert tones["玉宁社区"] == "wait"
    points = json.loads(client.get("/work/circle/clinic/points.geojson").content)["features"]
    assert [one["properties"]["tone"] for one in points] == ["late", "done", "hold"]
    assert client.get("/work/circle/nothing/areas.geojson").status_code == 404


def test_progress_is_told_and_a_long_study_is_called_off(
    town: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongxin.places.actions.studies.AT_ONCE_SECONDS", 0.0)
    client = signed_in("receptionist")
    client.post("/work/circle", {"do": "ask"})
    page = said(client.get("/work/circle"))
    assert "等待计算" in page
    assert "HX-Refresh" not in client.get("/work/circle/state")
    assert refused(client, "/work/circle", {"do": "ask"}).status_code == 409
    assert client.post("/work/circle", {"do": "stop"}).status_code == 302
    assert CircleStudy.objects.get().state == "stopped"
    assert client.get("/work/circle/state")["HX-Refresh"] == "true"
    assert refused(client, "/work/circle", {"do": "dance"}).status_code == 422


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": ""}, "名称应为 1–80 个字"),
        ({"kind": ""}, "还没有选种类"),
        ({"lon": "", "lat": ""}, "还没有在地图上点出位置"),
        ({"lon": "东经", "lat": "29"}, "还没有在地图上点出位置"),
        ({"lon": "10", "lat": "10"}, "不在本地范围内"),
        ({"beds": "-3"}, "床位应为不小于 0 的整数"),
        ({"beds": "999999"}, "床位应在 0 到"),
        ({"address": "长" * 201}, "最多 200 个字"),
    ],
)
def test_bad_input_says_what_and_keeps_what_was_typed(
    town: World, signed_in: SignedIn, sent: dict[str, str], words: str
) -> None:
    response = add(signed_in("receptionist"), **{"source": "我写的来源", **sent})
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert words in said(response)
    assert "我写的来源" in response.content.decode()  # type: ignore[attr-defined]
    assert not Facility.objects.exists()


def test_a_facility_is_changed_and_ended_and_leaves_a_trace(town: World, signed_in: SignedIn) -> None:
    client = signed_in("receptionist")
    add(client)
    row = Facility.objects.get()
    path = f"/work/facilities/{row.pk}"
    sent = {"do": "save", "kind": "clinic", "name": "新一站", "lon": str(LON), "lat": str(LAT), "schematic": "yes"}
    assert client.post(path, sent).status_code == 302
    assert "新一站" in said(client.get("/work/facilities?q=新一"))
    assert "示意" in said(client.get(path))
    assert "每处建筑面积不少于 120 平方米" in said(client.get(path))
    assert refused(client, path, {"do": "end", "reason": ""}).status_code == 422
    assert client.post(path, {"do": "end", "reason": "搬走"}).status_code == 302
    assert "新一站" not in said(client.get("/work/facilities"))
    assert "已停用" in said(client.get("/work/facilities?ended=1"))
    assert AuditEntry.objects.filter(action__startswith="places.").count() == 3
    assert client.get("/work/facilities/999999").status_code == 404


def test_who_may_only_look_looks(town: World, signed_in: SignedIn) -> None:
    add(signed_in("receptionist"))
    row = Facility.objects.get()
    client = signed_in("grid_worker")
    assert "一站" in said(client.get(f"/work/facilities/{row.pk}"))
    assert 'value="ask"' not in client.get("/work/circle").content.decode()
    for path, sent in (
        ("/work/circle", {"do": "ask"}),
        ("/work/facilities/new", {"do": "save"}),
        (f"/work/facilities/{row.pk}", {"do": "end", "reason": "x"}),
    ):
        assert client.post(path, sent).status_code == 403
    assert Facility.objects.get().ended_on is None
    assert not CircleStudy.objects.exists()


def test_a_file_is_looked_at_then_taken(town: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    file = io.BytesIO(f"名称,种类,经度,纬度\n一站,社区卫生服务站,{LON},{LAT}\n二站,火星站,{LON},{LAT}\n".encode())
    file.name = "设施.csv"
    led = client.post("/work/facilities/import", {"file": file, "what": "facilities", "crs": "auto"})
    assert led.status_code == 302
    page = said(client.get(led["Location"]))
    assert "火星站" in page
    assert "第 3 行" in page
    assert not Facility.objects.exists()
    report = client.get(led["Location"].split("?")[0] + "/faults.csv")
    assert "火星站" in b"".join(report.streaming_content).decode("utf-8-sig")
    assert client.post(led["Location"]).status_code == 302
    assert Facility.objects.count() == 1
    assert "还没有选择文件" in said(refused(client, "/work/facilities/import", {}))


def test_homes_are_for_those_who_manage_places(town: World, signed_in: SignedIn) -> None:
    def bring(client: Client) -> object:
        file = io.BytesIO(f"小区名称,户数,经度,纬度\n新苑,320,{LON},{LAT}\n".encode())
        file.name = "小区.csv"
        led = client.post("/work/facilities/import", {"file": file, "what": "homes", "crs": "wgs84"})
        return client.post(led["Location"])

    assert bring(signed_in("receptionist")).status_code == 403  # type: ignore[attr-defined]
    assert not territory.tree(smalltown.seen()).find_place("新苑")
    assert bring(signed_in("administrator")).status_code == 302  # type: ignore[attr-defined]
    assert territory.tree(smalltown.seen()).find_place("新苑")


@pytest.mark.row("XG-21")
def test_a_resident_finds_what_is_near_without_an_account(town: World, signed_in: SignedIn, client: Client) -> None:
    add(signed_in("receptionist"), address="横江路 1 号", hours="每天 8:30–17:30")
    add(
        signed_in("administrator"),
        name="养老院",
        kind="elder_care",
        lon=str(smalltown.centre(5, 1)[0]),
        lat=str(smalltown.centre(5, 1)[1]),
    )
    assert "身边服务" in said(client.get("/nearby"))
    page = said(client.post("/nearby", {"address": "老东苑3栋2单元501"}))
    assert "东苑" in page
    assert "步行约 1 分钟" in page
    assert "横江路 1 号 · 每天 8:30–17:30" in page
    assert "15 分钟走不到的" in page
    assert "养老院" in page
    with at_most(6):
        client.post("/nearby", {"lon": str(LON), "lat": str(LAT)})
    assert "一站" in client.get("/nearby/points.geojson").content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "还没有说在哪里"),
        ({"address": "火星基地"}, "没有找到“火星基地”"),
        ({"lon": "10", "lat": "10"}, "不在本地范围内"),
        ({"lon": "东", "lat": "西"}, "坐标不是数字"),
        ({"lon": "nan", "lat": "nan"}, "不在本地范围内"),
    ],
)
def test_where_nothing_is_gets_a_sentence(town: World, client: Client, sent: dict[str, str], words: str) -> None:
    assert words in said(refused(client, "/nearby", sent))


def test_a_slip_and_a_doubt_are_offered(town: World, client: Client) -> None:
    page = said(client.post("/nearby", {"address": "南园小区"}))
    assert "您说的是哪里？" in page
    assert "南苑小区" in page
    page = said(client.post("/nearby", {"address": "第1网格"}))
    assert page.count("第1网格") >= 4


def test_the_report_form_offers_places(town: World, client: Client) -> None:
    offer = lambda **sent: said(client.post("/places/offer", sent))  # noqa: E731
    assert "在： 横江社区第1网格" in offer(address="东苑3号楼").replace("：横", "： 横")
    assert "您说的是不是" in offer(address="南园小区")
    assert "横江社区第1网格" in offer(address="第1网格")
    assert "地名里没有找到" in offer(address="火星基地")
    assert "在：横江社区第1网格" in offer(address="火星基地", lon="118.005", lat="29.005")  # the point decides
    assert "不在本地范围内" in offer(address="火星基地", lon="120", lat="31")
    assert offer(address="").strip() == ""
    # what is offered decides: filled in, it means one place
    content = client.post("/places/offer", {"address": "第1网格"}).content.decode()
    values = [part.split('"')[0] for part in content.split('data-value="')[1:]]
    assert len(values) == 4
    assert all(len(territory.tree(smalltown.seen()).find_place(value)) == 1 for value in values)


def test_an_empty_community_is_named(town: World, signed_in: SignedIn) -> None:
    client = signed_in("receptionist")
    add(client)
    client.post("/work/circle", {"do": "ask"})
    page = said(client.get("/work/circle"))
    assert "没有住处的：玉宁社区、率水社区" in page
    assert Area.objects.filter(name="玉宁社区").exists()
