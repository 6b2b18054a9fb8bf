"""Real borders of a city as a new user would meet them: look at a file, take it in, read the report on the map, mend one fault."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.domain import smalltown
from tests.shared_data import find_data
from tests.stories.test_walk import DESK, PHONE, window
from tests.world import pack
from tongxin.accounts import api as accounts
from tongxin.kernel import caches, clock
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory

pytestmark = [pytest.mark.browser, pytest.mark.realdata, pytest.mark.django_db(transaction=True)]
PASSWORD = "Lamp-post-77"


@pytest.fixture
def city(transactional_db: None) -> packs.DistrictView:
    """A district with nothing in it but its name, and the administrator who sets it up."""
    caches.clear_all()
    packs.forget_districts()
    now = clock.now()
    packs.import_calendar(now)
    version = packs.publish_pack(pack(), actor_label="测试", now=now)
    district = packs.open_district(key="city", title="江城", version=version, hosts=["city.test"], now=now)
    view = smalltown.seen(district.key)
    root = territory.NewArea("城区", "420500", source="测试")
    territory.add_area(district=view, level="county", parent_id=None, area=root, actor_label="测试", now=now)
    view = smalltown.seen(district.key)
    organization.set_up_posts(view, view.pack, now)
    view = smalltown.seen(district.key)
    post = next(one for one in organization.directory(view).posts() if one.role == "administrator")
    system = organization.system_actor(view)
    organization.staff_posts(
        district=view, names={post.id: "演示一"}, actor=system, now=now, from_on=now.date(), made_up=True
    )
    user = accounts.make_user(district=view, username="administrator", name="演示一", password=PASSWORD, now=now)
    person = organization.directory(smalltown.seen(district.key)).holders(post.id, now.date())[0][0]
    organization.link_user(district=view, person_id=person, user_id=user.pk, actor=system, now=now)
    return smalltown.seen(district.key)


@contextmanager
def signed_in(chromium: Browser, server: LiveServer, size: dict[str, int] = DESK) -> Iterator[Page]:
    with window(chromium, server, size) as page:
        page.goto("/sign-in")
        page.get_by_label("用户名").fill("administrator")
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main button.btn-primary").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page


def bring(page: Page, path: Path, level: str, **columns: str) -> None:
    page.goto("/admin/areas/import")
    page.set_input_files("input[type=file]", str(path))
    page.locator("label.chip", has=page.locator(f"[name=level][value={level}]")).click()
    page.locator("details.more summary").click()
    for name, column in columns.items():
        page.locator(f"[name=column_{name}]").fill(column)
    page.get_by_role("button", name="上传并检查").click()


def confirm(page: Page) -> None:
    button = page.get_by_role("button", name="确认导入")
    button.click()
    page.get_by_role("button", name="再点一次").click()
    page.wait_for_url("**/admin/areas")


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where the environment asks for it."""
    if folder := os.environ.get("TONGXIN_PICTURES"):
        page.wait_for_timeout(600)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.wait_for_timeout(600)
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)
            assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.row("G-04")
@pytest.mark.row("G-05")
def test_a_city_is_taken_in_examined_and_one_overlap_mended(
    chromium: Browser, live_server: LiveServer, city: packs.DistrictView, tmp_path: Path
) -> None:
    urban = json.loads(find_data("yichang", "communities_193.geojson").read_text())
    urban["features"] = [f for f in urban["features"] if f["properties"]["类型"] == "城市社区"]
    (tmp_path / "urban.geojson").write_text(json.dumps(urban, ensure_ascii=False))
    with signed_in(chromium, live_server) as page:
        bring(page, find_data("yichang", "streets_22.geojson"), "town", name="JDMC")
        expect(page.locator(".tallies")).to_contain_text("22")
        confirm(page)
        bring(page, tmp_path / "urban.geojson", "community", name="SQMC", parent_name="SSJD")
        expect(page.locator(".lead-line")).to_contain_text("174 个地域，8 片相连")
        expect(page.locator(".map-box[data-ready]")).to_be_visible()
        shoot(page, "import-report")
        confirm(page)

        page.goto("/admin/areas/check?level=community")
        expect(page.locator(".lead-line")).to_contain_text("重叠 3 处")
        expect(page.locator(".map-box[data-ready]")).to_be_visible()
        page.locator("details.more summary").click()
        expect(page.locator("details.more li")).to_have_count(8)
        overlaps = page.locator("tr[data-fault]", has_text="重叠")
        row = overlaps.filter(has_text="金斗山社区").first
        row.click()
        expect(row).to_have_class("lit")
        shoot(page, "check")
        page.locator("path.leaflet-interactive").last.click(force=True)  # a mark on the map lights its row
        expect(page.locator("tr.lit")).to_have_count(1)

        row.get_by_role("link", name="看怎么改").click()
        expect(page.locator("article")).to_have_count(2)
        expect(page.locator("svg.change")).to_have_count(4)
        expect(page.locator("article").first).to_contain_text("这处问题会消失")
        shoot(page, "repair")
        page.get_by_role("button", name="照这样改").first.click()
        page.get_by_role("button", name="再点一次").click()
        page.wait_for_url("**/admin/areas/check?level=community")
        expect(page.locator(".lead-line")).to_contain_text("重叠 2 处")
    assert AuditEntry.objects.filter(action="territory.repair_outline").count() == 1
    report = territory.topology_report(smalltown.seen("city"), "community")
    assert len(report.of("overlap")) == 2
    assert len(report.components) == 8


@pytest.mark.row("XG-21")
def test_the_circle_of_a_city(
    chromium: Browser, live_server: LiveServer, city: packs.DistrictView, tmp_path: Path
) -> None:
    """193 communities, two thousand compounds in another coordinate system, a thousand facilities."""
    now = clock.now()
    for name, level, columns in (
        ("streets_22.geojson", "town", territory.Columns(name="JDMC")),
        ("communities_193.geojson", "community", territory.Columns(name="SQMC", parent_name="SSJD")),
    ):
        territory.import_areas(
            district=smalltown.seen("city"), path=find_data("yichang", name), level=level, columns=columns, actor_label="测试", now=now
        )  # fmt: skip
    taken = territory.import_place_names(
        district=smalltown.seen("city"), path=find_data("xiaoqu", "yichang_compounds.csv"), actor_label="测试", now=now
    )
    assert taken.system == "bd09"  # seen by position, said, and converted
    assert "整体偏了约" in taken.notes[0]
    points = json.loads(find_data("yichang", "pois_wgs84_3220.geojson").read_text())["features"]
    kinds = {"医疗": "clinic", "教育": "kindergarten", "商业": "supermarket"}
    for kind in set(kinds.values()):
        mine = [f for f in points if kinds.get(f["properties"]["category"]) == kind]
        path = tmp_path / f"{kind}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": mine}, ensure_ascii=False))
        district = smalltown.seen("city")
        places.import_facilities(
            district=district, path=path, kind=kind, actor=organization.system_actor(district), now=now
        )
    with signed_in(chromium, live_server) as page:
        page.goto("/work/circle")
        page.get_by_role("button", name="计算").click()
        expect(page.get_by_role("heading", name="走得到的住户")).to_be_visible(timeout=20_000)
        shoot(page, "circle-city")
    study = places.newest_study(city.id)
    assert study is not None
    assert study.result["level"] == "community"
    for key in set(kinds.values()):
        found = study.result["kinds"][key]
        assert 0 < found["within"]["5"] <= found["within"]["10"] <= found["within"]["15"] <= study.result["households"]
        assert sum(row[2] for row in found["areas"]) == study.result["households"]
