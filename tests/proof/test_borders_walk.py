"""Real borders of a city as a new user would meet them: look at a file, take it in, read the report on the map, mend one fault."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.domain import smalltown
from tests.realdata import read_csv
from tests.shared_data import find_data
from tests.stories.test_walk import DESK, PHONE, take_step, window
from tests.world import pack
from tongxin.accounts import api as accounts
from tongxin.kernel import caches, clock
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.planning import api as planning
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry
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


def give_login(role: str, where: str = "") -> str:
    """Put a made-up person at a desk of the city and let them sign in; return the user name."""
    now, view = clock.now(), smalltown.seen("city")
    system = organization.system_actor(view)
    post = next(p for p in organization.directory(view).posts() if p.role == role and where in p.title and not p.ended)
    organization.staff_posts(
        district=view, names={post.id: f"演示{role}"}, actor=system, now=now, from_on=now.date(), made_up=True
    )
    user = accounts.make_user(district=view, username=role, name=f"演示{role}", password=PASSWORD, now=now)
    person = organization.directory(smalltown.seen("city")).holders(post.id, now.date())[0][0]
    organization.link_user(district=view, person_id=person, user_id=user.pk, actor=system, now=now)
    return role


@contextmanager
def signed_in(
    chromium: Browser, server: LiveServer, size: dict[str, int] = DESK, user: str = "administrator"
) -> Iterator[Page]:
    with window(chromium, server, size) as page:
        page.goto("/sign-in")
        page.get_by_label("用户名").fill(user)
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


def blocks_of(path: Path) -> Path:
    """The city's compounds as buildings of at most 80 households, in a table as a housing office would send it."""
    rows = ["编码,名称,户数,经度,纬度"]
    for n, row in enumerate(read_csv(find_data("xiaoqu", "yichang_compounds.csv"))):
        homes = min(int(float(row["households"] or 0)) or 240, 2400)
        spot = (float(row["wgs_lon"]), float(row["wgs_lat"]))
        name = row["name"][:60].replace(",", "，").replace('"', "")
        for code, count, (lon, lat) in planning.split_blocks([f"yc{n}"], [homes], [spot], 80, 0.0004):
            rows.append(f"{code},{name},{count},{lon:.7f},{lat:.7f}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def approve(chromium: Browser, server: LiveServer, case: str, number: str) -> None:
    """The county reads what would change, approves, files, and the day is today."""
    with signed_in(chromium, server, user="county_duty") as page:
        page.goto(case)
        expect(page.locator("#main")).to_contain_text("新设")
        shoot(page, f"audit-{number}")
        take_step(page, "审核通过", opinion="同意")
        page.goto(case)
        take_step(page, "备案并定生效日", filing_number=number, effective_on=f"{clock.local(clock.now()):%Y-%m-%d}")
    assert planning.put_due_in_force(clock.now()) == 1


def submit(page: Page) -> str:
    page.get_by_role("button", name="报送审核").click()
    page.get_by_role("button", name="再点一次，报送").click()
    page.wait_for_url("**/work/cases/*")
    return page.url


def ask_for(page: Page, where: str) -> None:
    page.goto("/work/plans/new")
    page.get_by_label("划哪里").select_option(label=where)
    page.get_by_role("button", name="交给机器划分").click()
    page.wait_for_url("**/work/plans/*")
    planning.draft_waiting(clock.now)
    expect(page.locator(".plan-parts")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-plan-map][data-drawn]")).to_be_visible(timeout=20_000)


def move_three(page: Page, plan: planning.Plan) -> int:
    """Move three buildings across a border by hand; one that would tear a grid apart is taken back. Returns how many were tried."""
    view = smalltown.seen("city")
    boards = planning.plan_boards(view, territory.tree(view), plan)
    shown = int(page.locator("#parts input[name=inside]").input_value())
    board = next(one for one in boards if one.inside == shown)
    away = np.hypot(*(board.points[:, None, :] - board.points[None, :, :]).transpose(2, 0, 1))
    away[board.part[:, None] == board.part[None, :]] = np.inf
    done = tried = 0
    for i in np.argsort(away.min(axis=1)).tolist():
        goal, here = int(board.part[int(away[i].argmin())]), int(board.part[i])
        details = page.locator(f"#part-{here} details.plan-members")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        page.locator(f"#part-{here} input[value='{board.ids[i]}']").check()
        page.locator("[data-plan-to]").select_option(str(goal))
        version = page.locator("#parts").get_attribute("data-version")
        page.get_by_role("button", name="移过去").click()
        expect(page.locator("#parts")).not_to_have_attribute("data-version", version or "")
        tried += 1
        if page.locator(".plan-board .trouble").count():
            version = page.locator("#parts").get_attribute("data-version")
            page.get_by_role("button", name="撤销").click()
            expect(page.locator("#parts")).not_to_have_attribute("data-version", version or "")
            expect(page.locator(".plan-board .trouble")).to_have_count(0)
            continue
        done += 1
        if done == 3:
            return tried
    raise AssertionError("no three buildings that may move")


@pytest.mark.row("XN-12")
@pytest.mark.row("YH-48")
@pytest.mark.row("G-06")
@pytest.mark.row("XG-21")
def test_a_new_user_goes_the_whole_way(
    chromium: Browser, live_server: LiveServer, city: packs.DistrictView, tmp_path: Path
) -> None:
    """Borders in, faults read, buildings in, one community and one street planned, hands, audit, the day, matters moved, the circle."""
    with signed_in(chromium, live_server) as page:
        bring(page, find_data("yichang", "streets_22.geojson"), "town", name="JDMC")
        confirm(page)
        bring(page, find_data("yichang", "communities_193.geojson"), "community", name="SQMC", parent_name="SSJD")
        confirm(page)
        page.goto("/admin/areas/check?level=community")
        expect(page.locator(".lead-line")).to_contain_text("重叠 3 处")

        page.goto("/work/plans/units")
        page.set_input_files("input[type=file]", str(blocks_of(tmp_path / "楼栋.csv")))
        page.get_by_label("来源").fill("户数缺的按 240 户估计")
        page.get_by_role("button", name="上传并检查").click()
        expect(page.locator("#main")).to_contain_text("新增")
        shoot(page, "buildings-report")
        page.get_by_role("button", name="确认导入").click()
        page.get_by_role("button", name="再点一次，写入").click()
        expect(page.locator("#says")).to_contain_text("已导入")
        shoot(page, "buildings")
    give_login("county_duty")

    # one community, straight to its day: it has grids then
    with signed_in(chromium, live_server) as page:
        place = next(p for p in territory.tree(smalltown.seen("city")).at_level("community") if p.name == "石板溪社区")
        ask_for(page, f"{place.name}（社区）")
        shoot(page, "plan-community")
        case = submit(page)
    approve(chromium, live_server, case, "备1号")
    view = smalltown.seen("city")
    tree = territory.tree(view)
    first = tree.children(place.id)
    assert len(first) > 1
    reported = [
        matters.report_matter(
            district=view, now=clock.now(), actor=organization.resident_actor(view),
            report=matters.Report(channel="web", text="楼下路灯不亮，老人出门不方便。", lon=grid.lon, lat=grid.lat),
        )
        for grid in first
    ]  # fmt: skip

    # the whole street, with three buildings moved by hand
    with signed_in(chromium, live_server) as page:
        street = tree.full_name(place.parent_id or 0).split("›")[-1].strip()
        named = tree.get(place.parent_id)
        assert named is not None, street
        ask_for(page, f"{named.name}（镇）")
        plan = planning.list_plans(view, None)[0]
        assert len(plan.score["communities"]) >= 5
        page.goto(f"/work/plans/{plan.pk}?inside={place.id}")
        expect(page.locator("[data-plan-map][data-drawn]")).to_be_visible()
        assert move_three(page, plan) >= 3
        expect(page.locator(".plan-board details.more", has_text="手工改动")).to_contain_text("移")
        shoot(page, "plan-street")
        case = submit(page)
    approve(chromium, live_server, case, "备2号")
    view = smalltown.seen("city")
    now_there = {place.id for place in territory.tree(view).at_level("grid")}
    moved = 0
    for one in reported:
        run = procedures.get_run(view, one.run_id)
        assert run is not None
        assert run.area_id in now_there
        moved += LogEntry.objects.filter(run_id=run.id, transition="relocated").count()
    assert moved  # those whose grid was drawn anew, each with its entry
    with signed_in(chromium, live_server, user="county_duty") as page:
        run_id = LogEntry.objects.filter(transition="relocated").values_list("run_id", flat=True).first()
        page.goto(f"/work/cases/{run_id}")
        expect(page.locator(".trail")).to_contain_text("随地域调整划转")
        shoot(page, "case-moved")
        page.goto("/work/plans")
        expect(page.locator("#main")).to_contain_text("已生效")
        shoot(page, "plans")

    # homes in another coordinate system and clinics, by page; then the circle
    with signed_in(chromium, live_server) as page:
        points = json.loads(find_data("yichang", "pois_wgs84_3220.geojson").read_text())["features"]
        clinics = [one for one in points if one["properties"]["category"] == "医疗"]
        (tmp_path / "医疗.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": clinics}))
        for path, what, words in (
            (find_data("xiaoqu", "yichang_compounds.csv"), "homes", "BD-09"),
            (tmp_path / "医疗.geojson", "facilities", "新增"),
        ):
            page.goto("/work/facilities/import")
            page.set_input_files("input[type=file]", str(path))
            page.locator("label.chip", has=page.locator(f"[name=what][value={what}]")).click()
            if what == "facilities":
                page.locator("[name=kind]").select_option("clinic")
            page.get_by_role("button", name="上传并检查").click()
            expect(page.locator("#main")).to_contain_text(words, timeout=20_000)
            shoot(page, f"import-{what}")
            page.get_by_role("button", name="确认导入").click()
            page.get_by_role("button", name="再点一次").click()
            page.wait_for_url("**/work/facilities")
        page.goto("/work/circle")
        page.get_by_role("button", name="计算").click()
        places.run_waiting(clock.now)
        page.goto("/work/circle")
        expect(page.get_by_role("heading", name="走得到的住户")).to_be_visible(timeout=20_000)
        shoot(page, "circle")
