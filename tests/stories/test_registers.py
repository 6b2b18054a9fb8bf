"""Structure, documents, staff and data as people open them: what is in force and by which clause, who is entered, which networks a grid carries."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, ViewportSize
from pytest_django.live_server_helper import LiveServer

from tests.statements import at_most
from tests.world import World, open_world
from tongxin.accounts.models import User
from tongxin.kernel import caches, clock
from tongxin.kernel.errors import Refusal
from tongxin.organization import api as organization
from tongxin.organization.models import Body, Post, Term
from tongxin.packs import api as packs
from tongxin.records.models import AuditEntry
from tongxin.registers import api as registers
from tongxin.registers.models import Change, Entry, Mark, Signature
from tongxin.territory.models import Area

pytestmark = pytest.mark.django_db


def opened(key: str, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    world = open_world(pack_key=key)
    world.now = clock.now()
    return world


def words(client: Client, path: str) -> str:
    """What a person reads in the main part of a page."""
    response = client.get(path)
    assert response.status_code == 200, path
    body = response.content.decode().partition('<main id="main"')[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def signed_in(world: World, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    return client


@pytest.mark.row("XN-23", "XN-36")
def test_twelve_documents_and_what_runs_by_them(settings: Any) -> None:
    world = opened("xiuning", settings)
    documents = world.district.pack.documents
    assert len(documents) == 12
    reader = Client()
    page = words(reader, "/documents")
    assert all(one.title in page for one in documents.values())
    # from the document to the rule, from the rule and the procedure to the document
    rules = words(reader, "/documents/appeal_rules")
    assert "采集（第一时间反应）" in rules
    assert "与第一版比较" in rules
    html = reader.get("/documents/appeal_rules").content.decode()
    assert "<ins>2</ins>" in html
    assert "<del>1</del>" in html
    assert "已被替代" in words(reader, "/documents/appeal_rules?version=1")
    assert "诉求“三个第一时间”办理办法" in words(reader, "/programme/procedures/appeal")
    admin = words(signed_in(world, "administrator"), "/admin/pack/rules")
    assert "诉求“三个第一时间”办理办法第1条" in admin
    # the twelve clauses, in the three parts the article names
    opinions = documents["report_opinions"].current
    assert len(opinions.clauses) == 12
    assert {c.heading.partition("：")[0] for c in opinions.clauses} == {"报到主体", "服务内容", "工作要求"}
    shown = words(reader, "/documents/report_opinions")
    assert "第12条" in shown
    assert "微心愿" in shown
    assert "在职党员进社区报到的12条具体意见" in words(reader, "/programme/procedures/micro_wish")
    assert reader.get("/documents/appeal_rules?version=9").status_code == 404
    assert reader.get("/documents/nothing").status_code == 404


@pytest.mark.row("YH-40")
def test_one_scheme_and_seven_documents_under_it(settings: Any) -> None:
    world = opened("yuhu", settings)
    documents = world.district.pack.documents
    assert [key for key, one in documents.items() if one.under is None] == ["scheme"]
    assert sum(one.under == "scheme" for one in documents.values()) == 7
    page = words(Client(), "/documents/scheme")
    assert "配套文件 7" in page
    assert all(one.title in page for one in documents.values())
    assert "“乡街吹哨、部门报到”实施办法" in words(Client(), "/programme/procedures/whistle")


@pytest.mark.row("ZS-05")
def test_each_fusion_body_has_its_charter_and_its_members_sign_the_agreement(settings: Any) -> None:
    world = opened("zhongshan", settings)
    fusion = Body.objects.create(
        district_id=world.district.id, kind="fusion", name="甲融合体", began_on=date(2020, 1, 1)
    )
    members = [
        Body.objects.create(
            district_id=world.district.id, kind="member_unit", name=f"成员{n}", parent=fusion, began_on=date(2020, 1, 1)
        )
        for n in range(3)
    ]
    packs.bump_organization(world.district.id)
    packs.forget_districts()
    keeper = signed_in(world, "county_duty")
    here = "/work/documents/agreement"
    sent = {"copy": fusion.pk, "party": members[0].pk, "signed_on": "2024-05-06"}
    assert keeper.post(here, sent).status_code == 302
    assert keeper.post(here, sent).status_code == 409, "noted once"
    assert keeper.post(here, {**sent, "party": members[1].pk, "signed_on": "2999-01-01"}).status_code == 422
    outsider = keeper.post(here, {**sent, "party": world.bodies["housing"].pk})
    assert outsider.status_code == 422
    assert "不是签署方" in outsider.content.decode()
    assert signed_in(world, "receptionist").get(here).status_code == 403
    with at_most(6):
        public = words(Client(), f"/documents/agreement?copy={fusion.pk}")
    assert "1/4" in re.sub(r"\s", "", public)
    assert "2024年5月6日" in public
    charter = words(Client(), "/documents/charter")
    assert "由两张增为四张" in charter
    assert "四张清单" in charter
    assert Signature.objects.count() == 1
    assert AuditEntry.objects.filter(action="registers.sign").exists()


@pytest.mark.row("XN-29", "ZS-20")
def test_recruits_belong_to_a_batch_and_their_names_stay_inside(settings: Any) -> None:
    world = opened("xiuning", settings)
    registers.set_up_registers(world.district, actor=organization.system_actor(world.district), now=world.now)
    again = registers.set_up_registers(world.district, actor=organization.system_actor(world.district), now=world.now)
    assert again == 0
    batches = list(Entry.objects.filter(register="recruitment").order_by("key"))
    assert [one.fields["planned"] for one in batches] == [7, 7, 8]
    keeper = signed_in(world, "county_duty")
    place = world.tree.at_level("community")[0]
    sent = {"who": "演示·林一", "under": batches[0].pk, "area": place.id, "ground": "公示第3号"}
    assert keeper.post("/work/registers/recruits", sent).status_code == 302
    assert keeper.post("/work/registers/recruits", {**sent, "under": ""}).status_code == 422
    one = Entry.objects.get(register="recruits")
    moved = keeper.post(
        f"/work/registers/entries/{one.pk}", {"do": "move", "stage": "taken", "ground": "体检、政审合格"}
    )
    assert moved.status_code == 302
    assert [c.stage for c in Change.objects.filter(entry=one).order_by("id")] == ["shown", "taken"]
    assert "演示·林一" in words(keeper, "/work/registers/recruits")
    assert signed_in(world, "receptionist").get("/work/registers/recruits").status_code == 403
    public = words(Client(), "/registers/recruits")
    assert "演示·林一" not in public
    assert "现有 1" in public
    assert "第一批" in words(Client(), "/registers/recruitment")
    assert not AuditEntry.objects.filter(target__contains="林一").exists(), "the record names the line, not the person"


@pytest.mark.row("ZS-41")
def test_a_candidate_is_led_to_the_post_with_a_ground_for_each_step(settings: Any) -> None:
    world = opened("zhongshan", settings)
    keeper, grid = signed_in(world, "county_duty"), world.tree.at_level("grid")[0]
    sent = {"who": "演示·金二", "klass": "retired", "area": grid.id, "by": "社区党委", "document": "lead_rules"}
    assert keeper.post("/work/registers/lead_candidates", sent).status_code == 302
    one = Entry.objects.get(register="lead_candidates")
    here = f"/work/registers/entries/{one.pk}"
    for stage in ("trained", "examined", "shown", "appointed"):
        assert keeper.post(here, {"do": "move", "stage": stage, "ground": f"{stage} 的会议记录"}).status_code == 302
    no_ground = keeper.post(here, {"do": "move", "stage": "not_taken", "ground": " "})
    assert no_ground.status_code == 422
    assert keeper.post(here, {"do": "move", "stage": "appointed", "ground": "再记一遍"}).status_code == 409
    page = words(keeper, here)
    for said in ("推荐", "培育", "考察", "公示", "选任", "examined 的会议记录", "网格党支部书记选任办法"):
        assert said in page
    assert keeper.post(here, {"do": "end", "ground": "任期满"}).status_code == 302
    assert keeper.post(here, {"do": "move", "stage": "named", "ground": "x"}).status_code == 409
    assert "任期满" in words(keeper, here), "an ended line stays readable"


@pytest.mark.row("XN-04")
def test_part_time_seats_say_which_unit_their_holder_comes_from(settings: Any) -> None:
    world = opened("xiuning", settings)
    roles = world.district.pack.units.roles
    assert roles["full_member"].time == "full"
    assert {roles[key].time for key in ("four_offices_head", "part_deputy", "part_member")} == {"part"}
    great = Body.objects.create(
        district_id=world.district.id,
        kind="great_committee",
        name="横江大党委",
        parent=world.bodies["committee"],
        began_on=date(2020, 1, 1),
    )
    unit = Body.objects.create(
        district_id=world.district.id, kind="resident_unit", name="驻区甲单位", parent=great, began_on=date(2020, 1, 1)
    )
    organization.set_up_posts(world.district, world.district.pack, world.now)
    packs.forget_districts()
    post = Post.objects.get(role="part_deputy", body=great, seat=1)
    admin = signed_in(world, "administrator")
    sent = {"do": "appoint_new", "name": "演示·周三"}
    missing = admin.post(f"/admin/people/posts/{post.pk}", sent)
    assert missing.status_code == 422
    assert "来自哪个驻区单位" in missing.content.decode()
    assert admin.post(f"/admin/people/posts/{post.pk}", {**sent, "unit_id": unit.pk}).status_code == 302
    assert Term.objects.get(post=post).unit_id == unit.pk
    full = Post.objects.get(role="full_member", body=great, seat=1)
    assert admin.post(f"/admin/people/posts/{full.pk}", {**sent, "unit_id": unit.pk}).status_code == 422
    page = words(Client(), f"/bodies/{great.pk}")
    assert "专职 5 · 兼职 7" in page
    assert "驻区甲单位" in page
    assert "周三" not in page


@pytest.mark.row("WH-26", "WH-27", "WH-29", "WH-32")
def test_programmes_workshops_trainings_and_the_college_are_registers_without_scores(settings: Any) -> None:
    world = opened("wuhan", settings)
    college = Body.objects.create(
        district_id=world.district.id,
        key="college",
        kind="training_body",
        name="武汉社区学院",
        began_on=date(2020, 1, 1),
    )
    packs.bump_organization(world.district.id)
    packs.forget_districts()
    world.district = next(d for d in packs.list_districts() if d.key == world.district.key)
    registers.set_up_registers(world.district, actor=organization.system_actor(world.district), now=world.now)
    page = words(Client(), "/registers/growth_actions")
    assert all(action in page for action in ("强雁", "拔尖", "领航"))
    assert "社区工作者培训机构" in words(Client(), f"/bodies/{college.pk}"), "the flag stands at the body"
    keeper = signed_in(world, "county_duty")
    action = Entry.objects.get(register="growth_actions", key="1")
    training = {
        "title": "第一期异地学习",
        "klass": "exchange",
        "under": action.pk,
        "body": college.pk,
        "x_heads": "38",
        "x_where": "学院",
    }
    assert keeper.post("/work/registers/trainings", training).status_code == 302
    place = world.tree.at_level("community")[0]
    assert keeper.post("/work/registers/studios", {"title": "某书记工作室", "area": place.id}).status_code == 302
    assert "参加人数：38" in words(Client(), "/registers/trainings").replace(" ", "")
    assert "名书记工作室" in words(Client(), f"/places/{place.code}")
    assert words(keeper, f"/work/registers/entries/{action.pk}").count("培训记录") == 1
    demo = world.district.pack.demo
    assert demo is not None
    assert {one.key: sum(one.classes.values()) for one in demo.registers} == {
        "studios": 15,
        "secretary_pool": 100,
        "trainings": 6,
    }
    fields = [field.title for one in world.district.pack.registers.values() for field in one.fields.values()]
    assert not any(word in title for title in fields for word in ("分", "名次", "排"))


@pytest.mark.row("YH-08", "YH-09")
def test_a_demonstration_place_and_the_tags_of_party_plus(settings: Any) -> None:
    world = opened("yuhu", settings)
    hive = Body.objects.create(
        district_id=world.district.id, key="hive", kind="project", name="窑湾街道“蜂巢党建”", began_on=date(2020, 1, 1)
    )
    packs.bump_organization(world.district.id)
    packs.forget_districts()
    world.district = next(d for d in packs.list_districts() if d.key == world.district.key)
    registers.set_up_registers(world.district, actor=organization.system_actor(world.district), now=world.now)
    keeper, grid = signed_in(world, "county_duty"), world.tree.at_level("grid")[0]
    sent = {"title": "示范小区", "area": grid.id, "by": "区委", "document": "party_alliance", "from_on": "2022-07-01"}
    assert keeper.post("/work/registers/home_points", sent).status_code == 302
    page = words(Client(), f"/places/{grid.code}")
    assert "家园党建示范点" in page
    assert "由 区委 · 2022年7月1日" in page
    demo = world.district.pack.demo
    assert demo is not None
    named = len(world.district.pack.registers["home_points"].entries)
    assert named + sum(sum(one.classes.values()) for one in demo.registers if one.key == "home_points") == 4
    assert "党建+" in words(Client(), f"/bodies/{hive.pk}")
    assert "党建+服务" in words(Client(), "/registers/party_plus")


@pytest.mark.row("XN-26", "ZS-16", "YH-47")
@pytest.mark.parametrize(
    ("key", "networks"),
    [
        ("xiuning", ["党建网格", "社会治理网格"]),
        ("zhongshan", ["党建网格", "综治网格", "城管网格"]),
        ("yuhu", ["党建网格", "综治网格", "自治网格", "服务网格"]),
    ],
)
def test_one_grid_carries_all_networks_and_shows_its_six_elements(key: str, networks: list[str], settings: Any) -> None:
    world = opened(key, settings)
    world.report()
    grid = world.tree.at_level("grid")[0]
    Area.objects.filter(pk=grid.id).update(households=432, area_cm2=980_000_000)
    Client().get(f"/places/{grid.code}")
    with at_most(14):
        page = words(Client(), f"/places/{grid.code}")
    assert all(title in page for title in networks)
    assert "六要素：人、财、物、地、事、组织" in page
    for said in ("住户 地域登记的户数 432 户", "面积 按边界算", "在办 1 件，已了结 0 件", "今天在岗", "覆盖到这里"):
        assert said in page
    all_ = words(Client(), "/networks")
    for title in networks:
        assert title in all_
    # a grid where nobody is left for a network is shown as a gap
    roles = world.district.pack.units.networks["party"].roles
    Term.objects.filter(post__role__in=[*roles, "grid_worker", "grid_head", "info_worker"]).delete()
    packs.bump_organization(world.district.id)
    packs.forget_districts()
    assert "没有人承担" in words(Client(), f"/places/{world.tree.at_level('grid')[-1].code}")
    assert Client().get("/places/nowhere").status_code == 404


@pytest.mark.row("ZS-25", "ZS-27")
def test_the_data_catalogue_and_the_list_of_applications(settings: Any) -> None:
    world = opened("zhongshan", settings)
    actor = organization.system_actor(world.district)
    registers.set_up_registers(world.district, actor=actor, now=world.now)
    page = words(Client(), "/registers/modules")
    assert "智慧党建" in page
    assert "协同办公" in page
    spec = world.district.pack.registers["modules"]
    assert sum(one.klass == "base" for one in spec.entries) == 7
    assert all(one.runs for one in spec.entries), "each names what runs here; the pack check proves that it does"
    demo = world.district.pack.demo
    assert demo is not None
    assert sum(sum(one.classes.values()) for one in demo.registers if one.key == "data_classes") >= 260
    keeper = signed_in(world, "county_duty")
    sent = {
        "title": "人口数据",
        "klass": "population",
        "body": world.bodies["housing"].pk,
        "x_basis": "统计法",
        "document": "data_sharing",
    }
    lacking = keeper.post("/work/registers/data_classes", sent)
    assert lacking.status_code == 422, "a class of data without purpose and way of sharing is not entered"
    assert (
        keeper.post(
            "/work/registers/data_classes", {**sent, "x_purpose": "免重复填报", "x_sharing": "check"}
        ).status_code
        == 302
    )
    shown = words(Client(), "/registers/data_classes")
    assert "只回答是或否" in shown
    assert "区级数据共享约定" in shown
    assert "数据目录" in words(Client(), "/documents/data_sharing")


@pytest.mark.row("ZS-26")
def test_a_tag_is_opened_by_role_and_place_with_a_reason_and_every_look_is_recorded(settings: Any) -> None:
    world = opened("zhongshan", settings)
    grids = world.tree.at_level("grid")
    worker = world.actor("grid_worker", world.tree.full_name(grids[0].id))
    client = Client()
    client.force_login(User.objects.get(pk=worker.user_id or 0))
    assert "空巢老人" in words(client, "/grid/tags")
    here = "/grid/tags/empty_nest"
    mine = {"do": "add", "area": grids[0].id, "who": "演示·王四", "home": "演示楼1号101室", "note": "腿脚不便"}
    assert client.post(here, mine).status_code == 302
    assert client.post(here, mine).status_code == 409
    assert client.post(here, {**mine, "area": grids[1].id, "who": "别处"}).status_code == 403
    before = words(client, here)
    assert "王四" not in before, "no names before a reason is given"
    assert client.post(here, {"do": "look", "reason": ""}).status_code == 422
    looked = client.post(here, {"do": "look", "reason": "寒潮上门"}).content.decode()
    assert "演示·王四" in looked
    record = AuditEntry.objects.get(action="registers.look_at_tag")
    assert record.detail["reason"] == "寒潮上门"
    assert record.detail["count"] == 1
    other = Client()
    other.force_login(User.objects.get(pk=world.actor("grid_worker", world.tree.full_name(grids[1].id)).user_id))
    assert "王四" not in other.post(here, {"do": "look", "reason": "寒潮上门"}).content.decode()
    secretary = signed_in(world, "branch_secretary")
    assert secretary.get("/grid/tags/low_income").status_code == 404, "a role the tag does not name"
    for role in ("administrator", "county_duty"):
        assert signed_in(world, role).get(here).status_code in (403, 404)
    mark = Mark.objects.get()
    assert client.post(here, {"do": "off", "mark": mark.pk}).status_code == 302
    assert "王四" not in client.post(here, {"do": "look", "reason": "寒潮上门"}).content.decode()
    with pytest.raises(Refusal):
        registers.look_at_marks(
            district=world.district,
            tag="empty_nest",
            reason="看看",
            actor=organization.system_actor(world.district),
            now=world.now,
        )


@pytest.mark.row("XN-28")
def test_guarantee_money_is_kept_by_year_and_community_and_every_correction_is_told(settings: Any) -> None:
    world = opened("xiuning", settings)
    demo = world.district.pack.demo
    assert demo is not None
    made = [one for one in demo.registers if one.key == "guarantee_fund"]
    assert sum(int(one.fields["yuan"]) * sum(one.classes.values()) for one in made) == 13_000_000
    keeper, places = signed_in(world, "county_duty"), world.tree.at_level("community")[:2]
    for place, year, yuan in ((places[0], "y2019", 300), (places[0], "y2020", 200), (places[1], "y2020", 50)):
        sent = {"title": "拨付", "klass": year, "area": place.id, "x_yuan": str(yuan), "by": "镇党委"}
        assert keeper.post("/work/registers/guarantee_fund", sent).status_code == 302
    assert (
        keeper.post(
            "/work/registers/guarantee_fund", {"title": "拨付", "klass": "y2019", "area": places[0].id}
        ).status_code
        == 422
    )
    page = words(Client(), "/registers/guarantee_fund")
    assert "合计 300 250 550" in page, "by year, and together"
    assert f"{world.tree.full_name(places[0].id)} 300 200 500" in page
    one = Entry.objects.order_by("id").first()
    assert one is not None
    fixed = {"do": "correct", "title": "拨付", "klass": "y2019", "area": places[0].id, "x_yuan": "310", "by": "镇党委"}
    assert keeper.post(f"/work/registers/entries/{one.pk}", fixed).status_code == 422, "no correction without a reason"
    assert keeper.post(f"/work/registers/entries/{one.pk}", {**fixed, "ground": "录入有误"}).status_code == 302
    assert "录入有误" in words(keeper, f"/work/registers/entries/{one.pk}")
    assert AuditEntry.objects.get(action="registers.correct").detail["before"]["fields"] == {"yuan": 300}
    assert "财 社区兜底保障经费" in words(Client(), f"/places/{places[0].code}")


@pytest.mark.row("WH-43")
def test_the_staffing_ratio_shows_what_is_divided_by_what(settings: Any) -> None:
    world = opened("wuhan", settings)
    Area.objects.filter(district_id=world.district.id, level="grid").update(people=1_000, source="示意")
    packs.bump_territory(world.district.id)
    packs.forget_districts()
    page = words(signed_in(world, "administrator"), "/admin/duty")
    # 4 communities with a receptionist and 16 grids with a head; a thousand people to a grid
    assert "现有 20 ÷ 16,000 人（示意） · 实际 12.50" in page
    assert "每 10,000 人不少于 18 名" in page


PHONE: ViewportSize = {"width": 360, "height": 760}


@pytest.mark.browser
@pytest.mark.row("XG-33")
@pytest.mark.django_db(transaction=True)
def test_party_pages_fit_a_phone_and_nobody_checks_in(
    chromium: Browser, live_server: LiveServer, settings: Any
) -> None:
    world = opened("xigu", settings)
    body, grid = Body.objects.filter(kind="grid_branch").first(), world.tree.at_level("grid")[0]
    assert body is not None
    context = chromium.new_context(
        viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=live_server.url
    )
    page = context.new_page()
    shown_at = ("/", "/programme", "/calendar", "/documents", "/networks", f"/places/{grid.code}", f"/bodies/{body.pk}")
    for path in shown_at:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), f"{path} is too wide"
        acts = page.locator("main button, main a, main input, main label").filter(
            has_text=re.compile("打卡|签到|学习时长")
        )
        assert acts.count() == 0, path
    context.close()


@pytest.mark.parametrize(
    ("key", "register", "printed"),
    [
        pytest.param("zhongshan", "branch_fund", 542, marks=pytest.mark.row("ZS-22")),
        pytest.param("zhongshan", "estates_left", 12, marks=pytest.mark.row("ZS-40")),
        pytest.param("yuhu", "special_projects", 12, marks=pytest.mark.row("YH-06")),
        pytest.param("yuhu", "agencies", 10, marks=pytest.mark.row("YH-16")),
        pytest.param("yuhu", "one_brand", 17, marks=pytest.mark.row("YH-43")),
        pytest.param("xiuning", "volunteer_teams", 32, marks=pytest.mark.row("XN-39")),
        pytest.param("xiuning", "incubated", 11, marks=pytest.mark.row("XN-54")),
        pytest.param("xigu", "donations", 3, marks=pytest.mark.row("XG-30")),
        pytest.param("xigu", "teams", 4, marks=pytest.mark.row("XG-36")),
    ],
)
def test_a_register_holds_what_is_printed_and_its_keeper_enters_and_leads_on(
    key: str, register: str, printed: int, settings: Any
) -> None:
    """Entered through the page like any other: what it must say is demanded, each step leaves its ground, the public reads it."""
    world = opened(key, settings)
    pack = world.district.pack
    spec, demo = pack.registers[register], pack.demo
    assert demo is not None
    assert (
        len(spec.entries) + sum(sum(one.classes.values()) for one in demo.registers if one.key == register) == printed
    )
    sent: dict[str, Any] = {"title": "新登的一条", "by": "社区"}
    if len(spec.classes) > 1:
        sent["klass"] = next(iter(spec.classes))
    if spec.level is not None:
        place = world.tree.at_level(spec.level)[0]
        sent["area"] = place.id
    if spec.kinds:
        body = Body.objects.filter(kind__in=spec.kinds, district_id=world.district.id).first() or Body.objects.create(
            district_id=world.district.id, kind=spec.kinds[0], name="一个组织", began_on=date(2020, 1, 1)
        )
        packs.bump_organization(world.district.id)
        packs.forget_districts()
        sent["body"] = body.pk
    sent |= {f"x_{name}": "1000" if field.type == "number" else "说明" for name, field in spec.fields.items()}
    keeper = signed_in(world, "county_duty")
    wanted = [name for name, field in spec.fields.items() if field.required]
    for name in wanted:
        lacking = {field: value for field, value in sent.items() if field != f"x_{name}"}
        assert keeper.post(f"/work/registers/{register}", lacking).status_code == 422
    assert keeper.post(f"/work/registers/{register}", sent).status_code == 302
    one = Entry.objects.get(register=register)
    for stage in list(spec.stages)[1:]:
        moved = keeper.post(f"/work/registers/entries/{one.pk}", {"do": "move", "stage": stage, "ground": "会议记录"})
        assert moved.status_code == 302
    assert Change.objects.filter(entry=one).count() == max(1, len(spec.stages))
    public = words(Client(), f"/registers/{register}")
    assert "新登的一条" in public
    if spec.mark:
        assert spec.mark in words(Client(), f"/places/{place.code}")


@pytest.mark.row("ZS-31")
def test_a_standard_of_three_aspects_and_twelve_rules_with_its_versions(settings: Any) -> None:
    world = opened("zhongshan", settings)
    standard = world.district.pack.documents["red_property_standard"]
    assert len(standard.current.clauses) == 12
    assert {clause.heading.partition("：")[0] for clause in standard.current.clauses} == {
        "党建工作",
        "管理服务",
        "示范建设",
    }
    page = words(Client(), "/documents/red_property_standard")
    assert "有变化 11" in page.replace("  ", " ")
    assert "“红色物业”建设标准" in words(Client(), "/programme/procedures/one_three_n")


@pytest.mark.parametrize(
    ("key", "document", "owner", "member"),
    [
        pytest.param("zhongshan", "court_covenant", "grid_branch", "self_committee", marks=pytest.mark.row("ZS-44")),
        pytest.param("wuhan", "merchant_covenant", "merchant_union", "merchant", marks=pytest.mark.row("WH-38")),
    ],
)
def test_a_covenant_is_signed_copy_by_copy(key: str, document: str, owner: str, member: str, settings: Any) -> None:
    world = opened(key, settings)
    of = Body.objects.create(district_id=world.district.id, kind=owner, name="甲处", began_on=date(2020, 1, 1))
    party = Body.objects.create(
        district_id=world.district.id, kind=member, name="乙方", parent=of, began_on=date(2020, 1, 1)
    )
    packs.bump_organization(world.district.id)
    packs.forget_districts()
    keeper = signed_in(world, "county_duty")
    sent = {"copy": of.pk, "party": party.pk, "signed_on": "2024-03-01"}
    assert keeper.post(f"/work/documents/{document}", sent).status_code == 302
    page = words(Client(), f"/documents/{document}?copy={of.pk}")
    assert "1/2" in re.sub(r"\s", "", page)
    assert "乙方 已签 2024年3月1日" in page
    assert "甲处 未签" in page
