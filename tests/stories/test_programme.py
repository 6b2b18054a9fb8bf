"""Anybody opens the model of a locality: its initiatives, what runs under each mechanism, printed figures beside counted ones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World, open_world
from tongxin.accounts.models import User
from tongxin.kernel import caches
from tongxin.matters.models import Matter
from tongxin.organization.models import Body
from tongxin.packs import api as packs

pytestmark = pytest.mark.django_db


def opened(key: str, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    return open_world(pack_key=key)


def text_of(client: Client, path: str = "/programme") -> str:
    """What a person reads on a page: without tags, every space once."""
    response = client.get(path)
    assert response.status_code == 200
    body = response.content.decode().partition('<main id="main"')[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def line_of(text: str, title: str, chars: int = 260) -> str:
    """The words from a figure's title on."""
    start = text.index(f" {title} ")
    return text[start : start + chars]


@pytest.mark.row("XN-01", "XN-02", "XN-10", "XN-31", "XN-32", "XN-42", "XN-48")
def test_a_resident_reads_the_model_of_a_county(db: None, settings: Any) -> None:
    opened("xiuning", settings)
    text = text_of(Client())
    for words in ("“三融三共”", "“三抓一增强”", "组织融合共建", "资源融合共治", "服务融合共享", "活力社区", "温暖社区"):
        assert words in text
    for title, printed in (
        ("解决诉求问题", "3800余 个"), ("共建项目", "280 个"), ("老旧小区改造", "14 个"), ("生态停车位", "615 个"),
        ("公共充电桩", "200 套"), ("绿化面积", "1.1万 平方米"), ("志愿服务总时长", "1.2万余 小时"),
    ):  # fmt: skip
        assert printed in line_of(text, title), title
    assert "2019年以来" in line_of(text, "解决诉求问题")
    assert "原文：累计解决社区、居民诉求问题3800余个" in text  # the line it is printed in
    assert "88.46%" in line_of(text, "办结率")
    assert "69 ÷ 78 = 88.46%" in line_of(text, "办结率")
    assert "80 × 95% = 76起" in line_of(text, "调解成功")
    assert "69 ÷ 22 = 3.14个" in line_of(text, "平均每个支部的网格")


@pytest.mark.row("ZS-01", "ZS-08", "ZS-12", "ZS-15", "ZS-24", "ZS-36", "ZS-47")
def test_a_district_of_four_chapters(settings: Any) -> None:
    opened("zhongshan", settings)
    text = text_of(Client())
    for chapter in ("融合党建", "网格管理", "红色物业", "楼院自管"):
        assert chapter in text
    for title, printed in (
        ("征集需求", "201 个"), ("落实项目", "342 个"), ("解决问题", "627 个"), ("活动", "60余 场次"), ("带动销售额", "超9亿 元"),
        ("合力解决问题", "138 个"), ("平台投入", "4100余万 元"),
    ):  # fmt: skip
        assert printed in line_of(text, title), title
    assert "178 - 148 = 30个".replace("-", "−") in text.replace(" - ", " − ")
    assert "1000 × 542 = 542,000元" in text
    assert "60 × 542 × 12 = 390,240元" in text
    assert "“弃管楼”变“齐管院”" in text
    assert "不照搬： 单栋大厦的党建APP不另做" in text.replace("不照搬：单", "不照搬： 单")  # ZS-12: one platform
    assert "报道所称，平台不核实" in line_of(text, "带动销售额")


@pytest.mark.row("YH-01", "YH-02", "YH-03", "YH-04", "YH-38")
def test_a_district_of_three_rules(settings: Any) -> None:
    opened("yuhu", settings)
    text = text_of(Client())
    for words in (
        "“红润雨湖·三治同行”",
        "2020年5月",
        "2018年6月",
        "党建区域化",
        "院落单元化",
        "深化基层自治",
        "强化基层法治",
        "实化基层德治",
    ):
        assert words in text
    assert "220 位" in line_of(text, "出彩雨湖人")


@pytest.mark.row("WH-01", "WH-03", "WH-08", "WH-42")
def test_a_city_of_ten_actions(settings: Any) -> None:
    opened("wuhan", settings)
    text = text_of(Client())
    for title, printed in (
        ("社区党组织", "1525 个"), ("小区党组织", "5879 个"), ("楼栋党小组", "30142 个"), ("小区", "686 个"), ("网格", "1272 个"),
        ("邻里单元", "2.5万 个"),
    ):  # fmt: skip
        assert printed in line_of(text, title), title
    assert "2.5万 ÷ 1272 = 19.65个" in text
    # nobody has entered a compound's name: that is not a count of 0
    assert "686 个 尚未登记" in line_of(text, "小区")
    assert "导入小区、楼栋的名单后才数得出" in line_of(text, "小区", 400)
    assert "0 起" in line_of(text, "邻里纠纷调解 平台上调解过的")  # but that nothing has happened is
    assert all(pilot in text for pilot in ("武昌区（整区试点）", "江夏区（整区试点）"))
    assert "21294 × 10000 ÷ 18 = 11,830,000人" in text
    # two lists that must not be merged (WH-18, WH-19)
    assert "1762 个" in line_of(text, "共同缔造实事项目", 400)
    assert "3152 个" in line_of(text, "共建项目清单")


@pytest.mark.row("XG-01", "XG-10", "XG-22")
def test_a_community_of_one_core_two_drives_and_many(settings: Any) -> None:
    opened("xigu", settings)
    text = text_of(Client())
    for words in (
        "“1+2+N”",
        "一核引领",
        "两化驱动",
        "多元共治",
        "组织探望日（每月）",
        "榜样宣传日（每季）",
        "由被动响应向主动服务",
    ):
        assert words in text
    assert "9 个" in line_of(text, "网格")


def test_counted_figures_follow_what_is_there(settings: Any) -> None:
    world = opened("xiuning", settings)
    client = Client()
    before = text_of(client)
    # the small town has 16 grids in 4 communities and one branch that covers two of them
    assert "16 个 现有地域数" in line_of(before, "社区网格")
    assert "1 个 现有组织数" in line_of(before, "网格党支部")
    assert "12.50%（2/16）" in line_of(before, "有支部覆盖的网格")
    assert "还没有可算的" in line_of(before, "办结", 80)
    world.report("小区门口的路灯不亮了。")
    Body.objects.create(district_id=world.district.id, kind="grid_branch", name="第二支部", began_on=world.now.date())
    caches.clear_all()
    after = text_of(client)
    assert "2 个 现有组织数" in line_of(after, "网格党支部")
    assert "1 件" in line_of(after, "诉求", 60)
    assert "0.00%（0/1）" in line_of(after, "办结", 80)


def test_the_statements_stay_the_same_however_much_there_is(settings: Any) -> None:
    world = opened("xiuning", settings)
    client = Client()

    def statements() -> int:
        caches.clear_all()
        packs.forget_districts()
        with CaptureQueriesContext(connection) as caught:
            text_of(client)
        return len(caught)

    first = statements()
    assert first <= 30
    Body.objects.bulk_create(
        Body(district_id=world.district.id, kind="grid_branch", name=f"支部{n}", began_on=world.now.date())
        for n in range(200)
    )
    for n in range(5):
        world.report(f"第{n}件事，路灯不亮。")
    assert statements() == first
    with CaptureQueriesContext(connection) as caught:  # the counts are kept for a minute
        text_of(client)
    assert not [query for query in caught.captured_queries if Matter._meta.db_table in query["sql"]]


def test_what_runs_under_a_mechanism_is_one_step_away(settings: Any) -> None:
    world = opened("xiuning", settings)
    client = Client()
    page = client.get("/programme").content.decode()
    assert 'href="/programme/procedures/appeal"' in page
    assert "受理" in text_of(client, "/programme/procedures/appeal")
    assert 'href="/programme/bodies/grid_branch"' in page
    assert "横江第一网格党支部" in text_of(client, "/programme/bodies/grid_branch")
    assert client.get("/programme/procedures/nothing").status_code == 404
    assert client.get("/programme/bodies/nothing").status_code == 404
    Body.objects.create(
        district_id=world.district.id, kind="member_household", name="张三家", began_on=world.now.date()
    )
    caches.clear_all()
    packs.bump_organization(world.district.id)
    assert "张三" not in text_of(client, "/programme/bodies/member_household")


def test_staff_find_it_in_their_navigation(settings: Any) -> None:
    world = opened("xiuning", settings)
    client = Client()
    client.force_login(User.objects.get(pk=world.actor("receptionist").user_id))
    assert "/work/programme" in client.get("/work/").content.decode()
    assert "“三融三共”" in text_of(client, "/work/programme")


def test_a_locality_without_a_programme_says_so(settings: Any) -> None:
    opened("_base", settings)
    assert "本地还没有写自己的模式" in text_of(Client())


def test_lists_and_dates_under_a_mechanism_lead_where_the_reader_may_go(settings: Any) -> None:
    world = opened("xiuning", settings)
    client = Client()
    page = client.get("/programme").content.decode()
    assert 'href="/lists/quarter_list"' in page  # a public list
    assert "/work/lists/" not in page
    assert "社区“大党委”月例会" in page
    assert 'href="/programme/procedures/alliance"' in page
    client.force_login(User.objects.get(pk=world.actor("receptionist").user_id))
    assert 'href="/work/lists/quarter_list"' in client.get("/work/programme").content.decode()
