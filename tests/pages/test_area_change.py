"""Single places split, merged and redrawn by page: preview, day, codes, posts, cases with their log, notices; bad drawings in words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.test import Client

from tests.domain import smalltown
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.affairs import api as affairs
from tongxin.kernel import clock
from tongxin.notices.models import Notice
from tongxin.organization.models import Post, Term
from tongxin.planning import api as planning
from tongxin.planning.models import AreaChange
from tongxin.procedures.models import LogEntry, Run
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory
from tongxin.territory.models import Area, AreaSuccession

WEST, SOUTH, SIDE = smalltown.WEST, smalltown.SOUTH, smalltown.SIDE
ACROSS = f"{WEST - 0.001},{SOUTH + 0.7 * SIDE} {WEST + SIDE + 0.001},{SOUTH + 0.7 * SIDE}"  # the first grid, above its middle


def grid(number: int, community: str = "横江社区") -> Area:
    return Area.objects.get(level="grid", parent__name=community, name=f"第{number}网格", ended_on=None)


def today() -> str:
    return f"{clock.local(clock.now()):%Y-%m-%d}"


def send(client: Client, area: Area, kind: str, **given: Any) -> Any:
    return client.post(f"/admin/areas/{area.pk}/change/{kind}", given)


def told_at(area: Area) -> list[Notice]:
    posts = Post.objects.filter(area_id=area.pk).values_list("id", flat=True)
    return list(Notice.objects.filter(kind="grid_changed", post_id__in=list(posts)))


@pytest.fixture
def client(world: World, signed_in: SignedIn) -> Client:
    return signed_in("administrator")


@pytest.mark.row("XN-12")
@pytest.mark.row("G-06")
def test_a_grid_is_split_with_new_codes_and_its_cases_and_people_follow(world: World, client: Client) -> None:
    reported = world.report()  # in the middle of the first grid: below the line
    old = grid(1)
    code, ident = old.code, old.pk
    people = set(Term.objects.filter(post__area_id=ident).values_list("person_id", flat=True))
    assert people
    with at_most(25):
        page = said(send(client, old, "split", shape=ACROSS, do="look"))
    for words in (
        f"停用的代码 第1网格 {code}",
        "第5网格",
        "341000001001005",
        "341000001001006",
        "随之划转 1 件",
        "岗位空缺，要配人 第5网格",
        "边界没有新问题",
    ):
        assert words in re.sub(r"\s+", " ", page), words
    assert not AreaChange.objects.exists()
    sent = {
        "shape": ACROSS, "do": "confirm", "pieces": "2", "name0": "第1网格", "households0": "300", "continues0": str(ident),
        "name1": "江滨网格", "households1": "", "continues1": "", "reason": "街道〔2026〕3号批复", "effective_on": today(),
    }  # fmt: skip
    led = send(client, old, "split", **sent)
    assert led.status_code == 302
    change = AreaChange.objects.get()
    assert (change.status, change.moved) == ("in_force", 1)
    old.refresh_from_db()
    assert old.ended_on is not None
    south, north = (Area.objects.get(pk=made) for made in change.became)
    assert (south.name, south.households, north.name, north.households) == ("第1网格", 300, "江滨网格", None)
    assert code not in (south.code, north.code)  # a used code is never used again
    assert AreaSuccession.objects.filter(old=old).count() == 2
    whole = shapely.union_all([shapely.from_wkb(bytes(one.outline)) for one in (south, north)])
    assert whole.symmetric_difference(shapely.from_wkb(bytes(old.outline))).area < 1e-12
    world.district = smalltown.seen()
    run = world.run(reported)
    assert run.area_id == south.pk
    entry = LogEntry.objects.get(run_id=run.pk, transition="relocated")
    assert "现由" in entry.says
    assert set(Term.objects.filter(post__area_id=south.pk).values_list("person_id", flat=True)) == people
    assert not Term.objects.filter(post__area_id=north.pk).exists()
    told = told_at(south)
    assert len(told) == Post.objects.filter(area_id=south.pk, ended_on=None).count() > 0
    assert "有 1 件在办的事转到这里" in told[0].body
    assert AuditEntry.objects.filter(action="planning.split_area").exists()
    page = said(client.get(led["Location"]))
    assert "已生效" in page
    assert code in page
    assert "街道〔2026〕3号批复" in said(client.get(f"/admin/areas/{south.pk}"))
    assert "江滨网格" in said(client.get("/admin/areas/changes"))
    assert not territory.topology_report(smalltown.seen(), "grid").faults


def test_affairs_follow_with_their_cases_and_come_back_to_whoever_began_them(world: World, client: Client) -> None:
    first, second = grid(1), grid(2)
    wish = {"wish": "一副老花镜", "kind": "thing", "for_whom": "elder", "story": "看报吃力"}
    sent = {"procedure": "micro_wish", "area_id": first.pk, "form": wish}
    receipt = client.post("/api/v1/affairs", sent, content_type="application/json").json()["receipt"]
    worker = world.actor("grid_worker", "横江社区第1网格")
    weekly = affairs.Start(
        "weekly_care", {"gist": "楼道灯不亮", "week": f"{clock.local(world.now):%Y-%m-%d}"}, first.pk
    )
    affairs.open_affair(district=world.district, start=weekly, actor=worker, now=world.now)
    given = {
        "others": [str(second.pk)], "do": "confirm", "pieces": "1", "name0": "联合网格", "households0": "600",
        "continues0": str(first.pk), "reason": "批复", "effective_on": today(),
    }  # fmt: skip
    assert send(client, first, "merge", **given).status_code == 302
    made = Area.objects.get(name="联合网格")
    assert set(affairs.Affair.objects.values_list("area_id", flat=True)) == {made.pk}
    shown = client.get(f"/api/v1/affairs/{receipt}").json()
    assert shown["area_id"] == made.pk
    assert "联合网格" in shown["place"]
    steps = client.get(f"/api/v1/affairs/{receipt}/timeline").json()["steps"]
    assert "联合网格继续办理" in steps[-1]["says"]
    assert client.get(f"/api/v1/affairs/{receipt}/chain").json()["whole"] is True
    run = Run.objects.get(procedure="weekly_care")
    post = Post.objects.get(pk=run.facts["starter"])
    assert (post.role, post.area_id, post.ended_on) == ("grid_worker", made.pk, None)


def test_two_grids_become_one_on_their_day(world: World, client: Client) -> None:
    world.report()
    first, second = grid(1), grid(2)
    page = said(send(client, first, "merge", others=[str(second.pk)], do="look"))
    assert "随之划转 1 件" in page
    assert "岗位撤销" in page  # whose holders have to be placed elsewhere, by name
    tomorrow = f"{clock.local(clock.now()) + timedelta(days=1):%Y-%m-%d}"
    sent = {
        "others": [str(second.pk)], "do": "confirm", "pieces": "1", "name0": "联合网格", "households0": "600",
        "continues0": str(first.pk), "reason": "批复", "effective_on": tomorrow,
    }  # fmt: skip
    led = send(client, first, "merge", **sent)
    assert led.status_code == 302
    assert "待生效" in said(client.get(led["Location"]))
    assert refused(client, f"/admin/areas/{second.pk}/change/split", {**sent, "shape": ACROSS}).status_code in (
        409,
        422,
    )
    again = send(client, first, "merge", **sent)  # a second one of the same places has to wait
    assert again.status_code == 409
    assert "等着生效" in said(again)
    assert planning.put_due_changes(clock.now()) == 0
    assert planning.put_due_changes(clock.now() + timedelta(days=1)) == 1
    made = Area.objects.get(name="联合网格")
    assert Area.objects.filter(pk__in=[first.pk, second.pk], ended_on=None).count() == 0
    assert made.outline is not None
    assert not territory.topology_report(smalltown.seen(), "grid").faults
    assert client.post(led["Location"], {}).status_code == 409  # too late to call off


def test_a_change_that_waits_is_called_off_or_refused_when_borders_moved(world: World, client: Client) -> None:
    first = grid(1)
    tomorrow = clock.now() + timedelta(days=1)
    sent = {
        "shape": ACROSS, "do": "confirm", "pieces": "2", "name0": "甲", "name1": "乙", "reason": "批复",
        "effective_on": f"{clock.local(tomorrow):%Y-%m-%d}",
    }  # fmt: skip
    led = send(client, first, "split", **sent)
    assert client.post(led["Location"], {}).status_code == 302
    assert AreaChange.objects.get().status == "withdrawn"
    send(client, first, "split", **sent)
    shape = shapely.from_wkb(bytes(grid(1).outline)).buffer(-0.0001)
    territory.redraw_area(
        district=smalltown.seen(), area_id=first.pk, outline=shape, source="别处", actor_label="别人", now=clock.now()
    )
    assert planning.put_due_changes(tomorrow) == 0
    change = AreaChange.objects.get(status="waiting")
    assert "又被改过" in change.failed["why"]
    assert Area.objects.get(pk=first.pk).ended_on is None
    assert Notice.objects.filter(kind="late", user_id=change.made_by_id).count() == 1
    assert planning.put_due_changes(tomorrow + timedelta(minutes=11)) == 0
    assert Notice.objects.filter(kind="late", user_id=change.made_by_id).count() == 1  # told once
    assert "没有办成" in said(client.get(f"/admin/areas/changes/{change.pk}"))


def test_a_piece_changes_hands_and_no_gap_is_left(world: World, client: Client) -> None:
    reported = world.report()
    first, second = grid(1), grid(2)
    middle = WEST + SIDE
    ring = f"{middle - 0.6 * SIDE},{SOUTH - 0.002} {middle + 0.002},{SOUTH - 0.002} {middle + 0.002},{SOUTH + SIDE} {middle - 0.6 * SIDE},{SOUTH + SIDE}"
    page = said(send(client, first, "redraw", shape=ring, way="out", do="look"))
    assert "代码不变" in page
    assert "随之划转 1 件" in page
    led = send(client, first, "redraw", shape=ring, way="out", do="confirm", reason="按现状调整", effective_on=today())
    assert led.status_code == 302
    codes = (first.code, second.code)
    first, second = grid(1), grid(2)
    assert (first.code, second.code) == codes
    assert (second.area_cm2 or 0) > 1.5 * (first.area_cm2 or 0)
    world.district = smalltown.seen()
    assert world.run(reported).area_id == second.pk
    assert LogEntry.objects.filter(run_id=reported.run_id, transition="relocated").count() == 1
    assert told_at(second)
    assert not territory.topology_report(world.district, "grid").faults
    before, _ = planning.outlines_of(AreaChange.objects.get())
    assert set(before) == {first.pk, second.pk}  # what stood there is kept
    # and back again: what lies beyond the community is cut off and said
    wide = f"{middle - SIDE},{SOUTH - 0.005} {middle + 0.3 * SIDE},{SOUTH - 0.005} {middle + 0.3 * SIDE},{SOUTH + SIDE} {middle - SIDE},{SOUTH + SIDE}"
    page = said(send(client, first, "redraw", shape=wide, way="in", do="look"))
    assert "上级边界外面的" in page
    assert "第2网格" in page


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("split", {"shape": ""}, "还没有在图上画"),
        ("split", {"shape": "118.0 二十九"}, "读不出来"),
        ("split", {"shape": "118.0001,29.005 118.005,29.005"}, "没有把“第1网格”分开"),
        ("split", {"shape": "117.99,29.0000001 118.02,29.0000001"}, "只有"),
        ("split", {"shape": "500000,3200000 500100,3200100"}, "不是经纬度"),
        ("split", {"shape": "LINESTRING (118 29"}, "读不出来"),
        ("merge", {}, "还没有选与谁合并"),
        ("merge", {"others": ["999999"]}, "只能与同一上级之下"),
        ("redraw", {"shape": "118,29 118.01,29.01", "way": "in"}, "至少三个不同的点"),
        ("redraw", {"shape": "118.002,29.002 118.008,29.008 118.008,29.002 118.002,29.008", "way": "out"}, "自相交"),
        ("redraw", {"shape": "118.002,29.002 118.004,29.002 118.004,29.004", "way": "in"}, "没有可以划进来的"),
        ("redraw", {"shape": "118.002,29.002 118.004,29.002 118.004,29.004", "way": "out"}, "没有同级的地域可以接"),
        ("redraw", {"shape": "117.9,28.9 118.1,28.9 118.1,29.1 117.9,29.1", "way": "out"}, "整个划走"),
        ("redraw", {"shape": "117.9,28.9 118.1,28.9 118.1,29.1 117.9,29.1", "way": "in"}, "整个划进来"),
        ("redraw", {"shape": "118.002,29.002 118.004,29.002 118.004,29.004", "way": "up"}, "划进来还是划出去"),
    ],
)  # fmt: skip
def test_a_drawing_that_makes_no_sense_is_told_and_changes_nothing(
    world: World, client: Client, kind: str, given: dict[str, Any], words: str
) -> None:
    response = send(client, grid(1), kind, do="look", **given)
    assert response.status_code == 422
    assert words in said(response)
    assert not AreaChange.objects.exists()


def test_words_and_days_that_make_no_sense_change_nothing(world: World, client: Client) -> None:
    good = {
        "shape": ACROSS, "do": "confirm", "pieces": "2", "name0": "甲", "name1": "乙", "reason": "批复", "effective_on": today(),
    }  # fmt: skip
    own = str(grid(1).pk)
    for wrong, words in (
        ({"name1": "甲"}, "两个“甲”"),
        ({"name1": "第2网格"}, "两个“第2网格”"),
        ({"name1": ""}, "第 2 块的名称"),
        ({"reason": ""}, "写明依据"),
        ({"effective_on": "2020-01-01"}, "那天已经过去"),
        ({"effective_on": f"{clock.local(clock.now()) + timedelta(days=400):%Y-%m-%d}"}, "今天到一年之内"),
        ({"effective_on": "明天"}, "“生效日期”不是日期"),
        ({"households0": "-3"}, "不小于 0 的整数"),
        ({"pieces": "3"}, "块数和刚才看的不一样"),
        ({"continues0": own, "continues1": own}, "只能到一块继续"),
    ):
        response = send(client, grid(1), "split", **{**good, **wrong})
        assert response.status_code == 422, wrong
        assert words in said(response), wrong
    assert not AreaChange.objects.exists()
    assert client.get(f"/admin/areas/{own}/change/dance").status_code == 404
    root = Area.objects.get(level="county")
    assert "最上一级" in said(send(client, root, "split", shape=ACROSS, do="look"))


def test_who_may_not_manage_places_changes_none(world: World, signed_in: SignedIn) -> None:
    clerk = signed_in("receptionist")
    assert clerk.get(f"/admin/areas/{grid(1).pk}/change/split").status_code == 403
    assert send(clerk, grid(1), "split", shape=ACROSS, do="confirm").status_code == 403


def test_a_community_is_split_and_what_lies_in_it_follows(world: World, client: Client) -> None:
    """Its grids get codes under their new community; those that lie across the line are named."""
    reported = world.report()
    place = Area.objects.get(level="community", name="横江社区")
    line = f"{WEST - 0.01},{SOUTH + 0.9 * SIDE} {WEST + 3 * SIDE},{SOUTH + 0.9 * SIDE}"
    page = re.sub(r"\s+", " ", said(send(client, place, "split", shape=line, do="look")))
    assert "下面 4 个地域" in page
    assert "要接着划" in page
    sent = {
        "shape": line, "do": "confirm", "pieces": "2", "name0": "横江社区", "name1": "横江南社区", "continues0": str(place.pk),
        "reason": "批复", "effective_on": today(),
    }  # fmt: skip
    assert send(client, place, "split", **sent).status_code == 302
    south = Area.objects.get(level="community", name="横江南社区")
    assert Area.objects.filter(parent=south, ended_on=None).count() == 2
    world.district = smalltown.seen()
    area = Area.objects.get(pk=world.run(reported).area_id)
    assert (area.parent_id, area.ended_on) == (south.pk, None)
