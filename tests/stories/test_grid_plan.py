"""Grids drawn by the machine and judged by people, walked in a browser: buildings in, plans, hands, audit, the day, cases moved."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.domain import smalltown
from tests.domain.planning.buildings import collection, features
from tests.realdata import read_csv
from tests.shared_data import find_data
from tests.stories.test_walk import DESK, PHONE, signed_in, take_step
from tests.world import NOW, World, open_world, pack
from tongxin.kernel import caches, clock
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.planning import api as planning
from tongxin.planning.taking_in import ReadFile, ReadUnit
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.demo.cast import Cast
from tongxin.web.plan_picture import draw_plan


@pytest.fixture
def world(transactional_db: None) -> World:
    caches.clear_all()
    found = open_world()
    found.now = clock.now()
    return found


def ask(page: Page, where: str) -> None:
    """Ask for a plan, leave, let the worker draw it, come back."""
    page.goto("/work/plans/new")
    page.locator("label.chip", has_text=where).first.click() if page.locator(
        "label.chip", has_text=where
    ).count() else (page.get_by_label("划哪里").select_option(label=where))
    page.get_by_role("button", name="交给机器划分").click()
    page.wait_for_url("**/work/plans/*")
    expect(page.locator("#main")).to_contain_text("可以离开")
    planning.draft_waiting(clock.now)
    expect(page.locator(".plan-parts")).to_be_visible(timeout=10_000)  # the page looks by itself
    expect(page.locator("[data-plan-map][data-drawn]")).to_be_visible()


def load_of(page: Page, number: int) -> float:
    return float(page.locator(f"#part-{number} td.num").first.inner_text())


def state(page: Page, code: str) -> tuple[int, int]:
    """Unit's id and its part as the page knows it."""
    unit = planning.PlanUnit.objects.get(code=code).pk
    rows = page.evaluate("() => JSON.parse(document.getElementById('parts').dataset.units)")
    return unit, next(part for ident, part, *_ in rows if ident == unit)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.row("XN-12")
@pytest.mark.row("YH-48")
@pytest.mark.row("XG-15")
def test_from_a_file_of_buildings_to_grids_in_force(
    chromium: Browser, live_server: LiveServer, world: World, tmp_path: Path
) -> None:
    reported = world.report()
    file = tmp_path / "楼栋.geojson"
    file.write_bytes(collection(features()))
    with signed_in(chromium, live_server, world, "town_duty", "东临镇", DESK) as page:
        page.goto("/work/plans/units")
        page.set_input_files("input[type=file]", file)
        page.get_by_role("button", name="上传并检查").click()
        expect(page.locator("#main")).to_contain_text("新增 128")
        page.get_by_role("button", name="确认导入").click()
        page.get_by_role("button", name="再点一次，写入").click()
        expect(page.locator("#says")).to_contain_text("已导入")

        ask(page, "东临镇（镇）")  # a whole street: each community by itself
        expect(page.locator(".plan-communities tbody tr")).to_have_count(2)
        ask(page, "横江社区（社区）")
        expect(page.locator("#main")).to_contain_text("不可能再小")

        # with the keyboard and lists alone: open a part, tick a building, choose where to, send
        first, here = state(page, "0-0-00")
        away = next(n for n in range(1, 9) if n != here)
        page.locator(f"#part-{here} details.plan-members summary").click()
        page.locator(f"#part-{here} input[value='{first}']").check()
        page.locator("[data-plan-to]").select_option(str(away))
        before = load_of(page, away)
        page.get_by_role("button", name="移过去").click()
        expect(page.locator(f"#part-{away} td.num").first).to_have_text(f"{before + 50:g}")
        page.get_by_role("button", name="撤销").click()
        expect(page.locator(f"#part-{away} td.num").first).to_have_text(f"{before:g}")

        # on the map: pick one by a click, then drag another into a neighbouring part
        second, there = state(page, "0-0-15")
        page.locator(f"[data-plan-map] path[data-unit='{second}']").click()
        expect(page.locator("[data-plan-chosen]")).to_contain_text("已选 1 栋，共 50")
        goal = next(n for n in range(1, 9) if n != there)
        page.locator("[data-plan-to]").select_option(str(goal))
        page.get_by_role("button", name="移过去").click()
        expect(page.locator("[data-plan-chosen]")).to_contain_text("在图上点楼")
        assert state(page, "0-0-15")[1] == goal
        third, _ = state(page, "1-1-00")
        drop, into = next(
            state(page, f"1-0-{k:02}") for k in range(16) if state(page, f"1-0-{k:02}")[1] != state(page, "1-1-00")[1]
        )
        page.locator(f"[data-plan-map] path[data-unit='{third}']").drag_to(
            page.locator(f"[data-plan-map] path[data-unit='{drop}']"), force=True
        )
        page.wait_for_function(
            "([u, p]) => JSON.parse(document.getElementById('parts').dataset.units).some(([a, b]) => a === u && b === p)",
            arg=[third, into],
        )
        # what came apart is told, and such a plan does not go on its way
        broken = page.locator(".plan-board .trouble")
        if broken.count():
            page.get_by_role("button", name="报送审核").click()
            page.get_by_role("button", name="再点一次，报送").click()
            expect(page.locator(".trouble").first).to_contain_text("不相连")
            page.get_by_role("button", name="撤销").click()
            expect(page.locator(".plan-undo button[value=redo]")).to_be_enabled()
            page.get_by_role("button", name="撤销").click()
            expect(page.locator(".plan-board .trouble")).to_have_count(0)
        page.get_by_role("button", name="报送审核").click()
        page.get_by_role("button", name="再点一次，报送").click()
        page.wait_for_url("**/work/cases/*")
        case = page.url
        expect(page.locator("#main")).to_contain_text("1 件在办")

    with signed_in(chromium, live_server, world, "county_duty", "", DESK) as page:
        page.goto(case)
        take_step(page, "审核通过", opinion="同意")
        page.goto(case)
        take_step(
            page, "备案并定生效日", filing_number="备〔2026〕7号", effective_on=f"{clock.local(clock.now()):%Y-%m-%d}"
        )
    assert planning.put_due_in_force(clock.now()) == 1
    world.district = smalltown.seen()
    run = procedures.get_run(world.district, reported.run_id)
    assert run is not None
    place = territory.tree(world.district).get(run.area_id)
    assert place is not None
    assert place.code not in {f"341000001001{n:03}" for n in range(1, 5)}
    with signed_in(chromium, live_server, world, "county_duty", "", PHONE) as page:
        page.goto(f"/work/cases/{run.pk}")
        expect(page.locator(".trail")).to_contain_text("随地域调整划转")
        expect(page.locator("#main")).to_contain_text(place.name)
        page.goto("/work/plans")
        expect(page.locator("#main")).to_contain_text("已生效")


def take_in_the_city() -> Any:
    """The city's streets, communities and estates with people at its desks; missing households are estimated and marked so."""
    caches.clear_all()
    district = smalltown.open_town("yichang", areas=False, pack=pack())
    by: dict[str, Any] = {"actor_label": "测试", "now": NOW}
    territory.add_area(
        district=district, level="county", parent_id=None, area=territory.NewArea("城区", source="测试"), **by
    )
    for level, file, columns in (
        ("town", "streets_22.geojson", territory.Columns(name="JDMC")),
        ("community", "communities_193.geojson", territory.Columns(name="SQMC", parent_name="SSJD")),
    ):
        path = find_data("yichang", file)
        done = territory.import_areas(district=smalltown.seen("yichang"), path=path, level=level, columns=columns, **by)
        assert done.written
    assert len(done.report.of("overlap")) == 3
    packs.import_calendar(NOW)
    district = smalltown.seen("yichang")
    organization.set_up_posts(district, district.pack, NOW)
    district = smalltown.seen("yichang")
    actor = organization.system_actor(district)
    posts = [p.id for p in organization.directory(district).posts() if p.role in ("town_duty", "county_duty")]
    names = {post: f"演示{n}" for n, post in enumerate(posts)}
    organization.staff_posts(
        district=district, names=names, actor=actor, now=NOW, from_on=date(2025, 1, 1), made_up=True
    )
    units = []
    for n, row in enumerate(read_csv(find_data("xiaoqu", "yichang_compounds.csv"))):
        homes = min(int(float(row["households"] or 0)) or 240, 2400)
        spot = (float(row["wgs_lon"]), float(row["wgs_lat"]))
        blocks = planning.split_blocks([f"yc{n}"], [homes], [spot], 80, 0.0004)
        units += [
            ReadUnit(n, code, row["name"][:60], lon, lat, None, count, None) for code, count, (lon, lat) in blocks
        ]
    read = ReadFile(tuple(units), (), (), "wgs84")
    taken = planning.take_in(
        district=smalltown.seen("yichang"),
        read=read,
        name="小区",
        schematic=True,
        source="户数缺的按 240 户估计",
        actor=actor,
        now=NOW,
    )
    assert taken.created == len(units) > 4000
    return smalltown.seen("yichang")


@pytest.mark.realdata
@pytest.mark.django_db
@pytest.mark.row("XN-12")
@pytest.mark.row("G-05")
def test_a_real_street_is_planned_and_put_in_force_without_a_gap() -> None:
    city = take_in_the_city()
    system, cast = organization.system_actor(city), Cast(city)

    def desk(role: str) -> organization.Actor:
        post = next(p for p in organization.directory(city).posts() if p.role == role and not p.ended)
        actor = cast.of_post(post.id, NOW)
        assert actor is not None
        return actor

    street = next(p for p in territory.tree(city).at_level("town") if p.name == "西陵街办")
    wish = {"target": 400, "low": 300, "high": 500}
    plan = planning.begin_plan(
        district=city, title="西陵", under=street.id, level="grid", wish=wish, actor=system, now=NOW
    )
    planning.draft_waiting(lambda: NOW)
    plan = planning.get_plan(city, plan.pk)
    whole = plan.score["whole"]
    assert whole["communities"] >= 10
    assert whole["broken"] == 0
    assert whole["inside"] > 0.9
    for score in plan.score["communities"].values():
        assert score["findings"] or score["inside"] == 1.0  # what is not in range says why
    if folder := os.environ.get("TONGXIN_PICTURES"):  # the picture of the how-to, drawn from this plan
        names = {number: part.name for number, part in planning.parts_of(plan).items()}
        boards = planning.plan_boards(city, territory.tree(city), plan)
        Path(folder, "real-street.svg").write_text(draw_plan(boards, names, title=plan.title), encoding="utf-8")
        print(
            {one["name"]: (one["parts"], one["inside"], one["max_mean"]) for one in plan.score["communities"].values()}
        )
    run_id = planning.submit_plan(district=city, plan_id=plan.pk, actor=system, now=NOW)
    for transition, form in (
        ("approve", {"opinion": "同意"}),
        ("file", {"filing_number": "备1号", "effective_on": f"{clock.local(NOW):%Y-%m-%d}"}),
    ):
        procedures.act(
            district=city, run_id=run_id, transition=transition, form=form, actor=desk("county_duty"), now=NOW
        )
    assert planning.put_due_in_force(NOW) == 1
    city = smalltown.seen("yichang")
    tree = territory.tree(city)
    grids = tree.at_level("grid", street.id)
    assert len(grids) == whole["parts"]
    for community in tree.at_level("community", street.id):
        if not tree.children(community.id):
            continue
        mine = shapely.union_all([tree.outline(p.id) for p in tree.children(community.id)])
        assert mine.symmetric_difference(tree.outline(community.id)).area < 1e-10  # about a square metre
    again = planning.begin_plan(
        district=city, title="再划", under=street.id, level="grid", begin="today", wish=wish, actor=system, now=NOW
    )
    planning.draft_waiting(lambda: NOW)
    assert planning.get_plan(city, again.pk).score["whole"]["moved"] == 0.0
    assert "什么都不会变" in planning.fault_of(city, planning.get_plan(city, again.pk))
