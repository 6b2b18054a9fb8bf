"""接诉即办 walked from the first word to each of its ends, with its rates, and tickets of a hotline in and out."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.statements import at_most
from tests.stories.hotline import open_under, state, told
from tests.world import World, open_world, pack
from tongxin.accounts.models import User
from tongxin.kernel import caches
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.matters.models import Matter
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures

pytestmark = [pytest.mark.django_db, pytest.mark.row("J-02", "J-06", "J-12")]
DISPATCHER, CHECKER, HOUSING = "county_duty", "supervisor", "department_desk"


@pytest.fixture
def world(db: None) -> World:
    return open_under("swift_response")


def dispatched(world: World, **given: Any) -> Any:
    reported = world.report(**given)
    world.act(reported, "dispatch", DISPATCHER, main_unit=world.bodies["housing"].pk)
    return reported


def handled(world: World, **given: Any) -> Any:
    reported = dispatched(world, **given)
    world.act(reported, "contact", HOUSING, "住建局", note="下午三点上门看")
    return reported


def called_back(world: World, **given: Any) -> Any:
    reported = handled(world, **given)
    world.act(reported, "finish", HOUSING, "住建局", result="已换新灯。")
    return reported


def closed(world: World, rating: int = 5, **given: Any) -> Any:
    reported = called_back(world, **given)
    world.act(reported, "solved", CHECKER, rating=rating)
    return reported


def measured(world: World, name: str, **more: Any) -> Measured:
    found: list[Measured] = measures[name].call(world.district, [{"procedure": "swift_response", **more}], world.now)
    return found[0]


def test_dispatched_contacted_answered_called_back_solved(world: World) -> None:
    reported = closed(world)
    assert state(world, reported) == ("closed", "done")
    assert told(world, reported)[-2:] == ["住建局答复：已换新灯。", "已解决，归档"]
    run = world.run(reported)
    assert (run.facts["responded"], run.facts["done_in_time"]) == (True, True)
    assert (Matter.objects.get().solved, Matter.objects.get().rating) == (True, 5)
    assert procedures.verify(run) is None


def test_a_question_is_answered_at_once(world: World) -> None:
    reported = world.report("老年证在哪里办，要带什么？")
    world.act(reported, "answer", DISPATCHER, reply="在社区大厅，带身份证。")
    assert state(world, reported) == ("closed", "done")
    assert "答复：在社区大厅，带身份证。" in told(world, reported)
    assert measured(world, "response_rate").whole == 0  # nothing was dispatched
    assert measured(world, "response_rate").value is None  # 不适用


@pytest.mark.row("J-03")
@pytest.mark.parametrize(
    "disposition", ["emergency", "legal_channel", "same_matter", "secret", "outside_duty", "unlawful"]
)
def test_six_ways_of_not_dispatching_each_say_where_to_turn(world: World, disposition: str) -> None:
    reported = world.report()
    world.act(reported, "not_dispatch", DISPATCHER, disposition=disposition, explanation="请找这里。")
    assert state(world, reported) == ("not_dispatched", "refused")
    assert world.run(reported).facts["disposition"] == disposition
    choices = world.district.pack.procedures["swift_response"].transitions["not_dispatch"].form["disposition"].choices
    assert choices is not None
    assert told(world, reported)[-1] == f"{choices[disposition]}。请找这里。"


def test_hard_ones_are_conferred_upon_and_then_cannot_be_objected_to(world: World) -> None:
    reported = world.report()
    world.act(reported, "confer", DISPATCHER, reason="几个部门都沾边")
    world.act(reported, "assign", CHECKER, main_unit=world.bodies["city"].pk, opinion="由城管主办")
    assert "经会商，由城管局主办" in told(world, reported)
    with pytest.raises(NotAllowed, match="条件不满足"):
        world.act(reported, "object", HOUSING, "城管局", reason="不归我")


def test_the_same_thing_joins_its_master_and_its_reporter_may_withdraw(world: World) -> None:
    first = world.report()
    second = world.report("小区门口路灯不亮，跟前几天说的一样。")
    world.act(second, "merge", DISPATCHER, master=str(first.matter_id))
    assert state(world, second) == ("merged", "merged")
    world.act_as_reporter(first, "withdraw", reason="自己好了")
    assert state(world, first) == ("withdrawn", "withdrawn")


@pytest.mark.row("J-09")
def test_a_community_is_never_main_unit_of_what_it_only_assists_with(world: World) -> None:
    reported = world.report()
    codes = [c.code for c, _ in world.district.pack.catalogue.walk() if not c.community_may_handle and not c.children]
    world.act(reported, "sort", DISPATCHER, category=codes[0])
    with pytest.raises(NotAllowed, match="不在社区职责清单内"):
        world.act(reported, "dispatch", DISPATCHER, main_unit=world.bodies["office"].pk)
    assert state(world, reported)[0] == "received"


def test_an_objection_is_decided_by_another_and_only_once(world: World) -> None:
    reported = dispatched(world)
    world.act(reported, "object", HOUSING, "住建局", reason="属市政路灯", better=world.bodies["city"].pk)
    limit = world.run(reported).limit_at
    world.later(hours=2)
    world.act(reported, "reject_objection", CHECKER, reason="小区内由住建负责")
    run = world.run(reported)
    assert (run.state, run.limit_at) == ("contacting", limit)  # the time of a rejected objection counts
    with pytest.raises(NotAllowed, match="条件不满足"):
        world.act(reported, "object", HOUSING, "住建局", reason="还是不归我")


def test_an_accepted_objection_moves_the_main_unit(world: World) -> None:
    reported = dispatched(world)
    world.act(reported, "object", HOUSING, "住建局", reason="属市政路灯")
    world.act(reported, "accept_objection", CHECKER, main_unit=world.bodies["city"].pk, reason="属实")
    assert world.run(reported).parts["main_unit"] == world.bodies["city"].pk
    world.act(reported, "contact", HOUSING, "城管局", note="已通话")
    assert state(world, reported)[0] == "handling"


@pytest.mark.row("J-05")
def test_the_grade_of_the_category_is_the_limit(world: World) -> None:
    graded = {c.grade: c.code for c, _ in world.district.pack.catalogue.walk() if c.grade and not c.children}
    urgent = next(code for grade, code in graded.items() if grade in ("urgent", "utility"))
    reported = world.report()
    world.act(reported, "sort", DISPATCHER, category=urgent)
    world.act(reported, "dispatch", DISPATCHER, main_unit=world.bodies["water"].pk)
    run = world.run(reported)
    assert run.limit_at is not None
    assert run.limit_at - world.now <= timedelta(hours=24)


def test_at_expiry_the_call_back_begins_whatever_the_unit_says(world: World) -> None:
    reported = handled(world)
    world.later(days=30)
    assert procedures.sweep(world.now) > 0
    while procedures.sweep(world.now):
        pass
    assert state(world, reported)[0] == "calling_back"
    assert "办理期限已到，开始回访" in told(world, reported)
    assert world.run(reported).facts["done_in_time"] is False
    world.act_as_reporter(reported, "unsolved", rating=1, comment="还是黑的")
    assert state(world, reported)[0] == "judging"
    world.act(reported, "redo", CHECKER, finding="没有人来过")
    assert state(world, reported)[0] == "handling"


def test_what_cannot_be_helped_is_explained_and_may_be_reopened(world: World) -> None:
    reported = called_back(world)
    world.act(reported, "unsolved", CHECKER, rating=2, comment="想要新灯杆")
    world.act(reported, "explain", CHECKER, explanation="灯杆更换列入明年计划")
    assert state(world, reported) == ("closed", "done")
    world.act_as_reporter(reported, "reopen", reason="还是希望今年换")
    assert state(world, reported)[0] == "judging"


def test_who_cannot_be_reached_is_archived_and_counts_in_no_rate(world: World) -> None:
    reported = called_back(world)
    world.act(reported, "unreached", CHECKER, tries=3)
    assert state(world, reported) == ("closed", "done")
    assert measured(world, "solved_rate").whole == 0
    again = called_back(world)
    world.later(days=30)
    while procedures.sweep(world.now):
        pass
    assert state(world, again) == ("closed", "done")
    assert told(world, again)[-1] == "回访期已过，归档"


def test_extension_and_coordination_keep_the_main_unit(world: World) -> None:
    reported = handled(world)
    world.act(reported, "ask_up", HOUSING, "住建局", reason="要立项")
    world.act(reported, "coordinate", DISPATCHER, opinion="城管配合", co_units=[world.bodies["city"].pk])
    world.act(reported, "ask_extension", HOUSING, "住建局", reason="等配件")
    world.act(reported, "reject_extension", DISPATCHER, reason="可以先修")
    world.act(reported, "ask_extension", HOUSING, "住建局", reason="厂家停产")
    world.act(reported, "approve_extension", DISPATCHER, reason="属实")
    assert state(world, reported)[0] == "extended"
    with pytest.raises(NotAllowed, match="协办单位没有办完"):
        world.act(reported, "finish", HOUSING, "住建局", result="好了")
    assert world.run(reported).parts["main_unit"] == world.bodies["housing"].pk


def test_a_hold_has_milestones_and_ends_by_itself(world: World) -> None:
    reported = handled(world)
    world.act(reported, "ask_hold", HOUSING, "住建局", reason="列入改造", plan="三月设计，四月施工")
    world.act(reported, "reject_hold", DISPATCHER, reason="先说明白")
    world.act(reported, "ask_hold", HOUSING, "住建局", reason="列入改造", plan="三月设计，四月施工")
    first, last = world.now.date() + timedelta(days=14), world.now.date() + timedelta(days=60)
    world.act(
        reported, "approve_hold", DISPATCHER, resume_on=last.isoformat(), next_on=first.isoformat(), reason="同意"
    )
    due = world.run(reported).due_at
    assert due is not None
    assert due.date() == first  # the first milestone, not the end
    assert measured(world, "held_cases").part == 1
    assert measured(world, "response_rate").whole == 0  # it left the present period
    beyond = (last + timedelta(days=1)).isoformat()
    with pytest.raises(NotAllowed, match="晚于批准的"):
        world.act(reported, "reach_milestone", HOUSING, "住建局", reached="图纸好了", next_on=beyond)
    world.act(reported, "reach_milestone", HOUSING, "住建局", reached="图纸好了", next_on=last.isoformat())
    world.later(days=70)
    while procedures.sweep(world.now):
        pass
    assert world.run(reported).facts["held"] is False
    assert "暂缓结束，恢复办理" in told(world, reported)


@pytest.mark.row("J-17")
def test_an_exclusion_needs_a_reviewer_and_stays_visible(world: World) -> None:
    reported, other, third = closed(world, 1), closed(world, 5), closed(world, 4)
    assert measured(world, "satisfied_rate") == Measured(2, 3, "percent")
    with pytest.raises(NotAllowed):
        world.act(reported, "ask_exclusion", DISPATCHER, ground="beyond_reason", evidence="要求无依据")
    world.act(reported, "ask_exclusion", HOUSING, "住建局", ground="beyond_reason", evidence="录音第3段")
    with pytest.raises(NotAllowed):
        world.act(reported, "grant_exclusion", HOUSING, "住建局", finding="同意")
    world.act(reported, "grant_exclusion", CHECKER, finding="属实")
    assert state(world, reported) == ("closed", "done")
    assert measured(world, "satisfied_rate") == Measured(2, 2, "percent")
    assert measured(world, "response_rate") == Measured(2, 2, "percent")
    assert measured(world, "excluded_cases") == Measured(1)
    world.act(other, "ask_exclusion", HOUSING, "住建局", ground="policy", evidence="见附件")
    world.act(other, "deny_exclusion", CHECKER, finding="不成立")
    assert measured(world, "excluded_cases") == Measured(1)
    world.act(third, "ask_exclusion", HOUSING, "住建局", ground="force_majeure", evidence="见附件")
    world.later(days=30)
    while procedures.sweep(world.now):
        pass
    assert state(world, third) == ("closed", "done")
    assert world.run(third).facts["excluded"] is False


@pytest.mark.row("J-16")
def test_the_three_rates_by_hand(world: World) -> None:
    """Four dispatched: three contacted in time, of two valid call-backs one solved, 基本满意 counts when asked for."""
    closed(world, 5)
    unsolved = called_back(world)
    world.act(unsolved, "unsolved", CHECKER, rating=3, comment="只修了一半")
    handled(world)
    late = dispatched(world)
    world.later(days=3)
    world.act(late, "contact", HOUSING, "住建局", note="来晚了")
    assert measured(world, "response_rate") == Measured(3, 4, "percent")
    assert measured(world, "solved_rate") == Measured(1, 2, "percent")
    assert measured(world, "satisfied_rate") == Measured(1, 2, "percent")
    assert measured(world, "satisfied_rate", basic=True) == Measured(2, 2, "percent")
    assert measured(world, "response_rate", since=(world.now.date() + timedelta(days=1)).isoformat()).value is None
    asked = [{"procedure": "swift_response"}, {"procedure": "appeal"}, {"procedure": "swift_response", "basic": True}]
    with at_most(1):
        assert len(measures["satisfied_rate"].call(world.district, asked, world.now)) == 3


TICKETS = """工单编号,受理时间,诉求内容,地址,类别,联系电话
HL-001,2026-03-01 20:10,横江社区门口路灯不亮,横江社区,路灯,13800000001
HL-002,2026-03-01 21:30,楼道堆满杂物,,,
HL-001,2026-03-01 20:10,横江社区门口路灯不亮,横江社区,路灯,13800000001
"""
MAPPING = """source: '12345'
channel: hotline
live: true
columns: {key: 工单编号, reported_at: 受理时间, text: 诉求内容, address: 地址, reporter_phone: 联系电话}
"""


def test_tickets_come_in_by_file_and_results_go_back_by_file(world: World, tmp_path: Path, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    (tmp_path / "t.csv").write_text(TICKETS)
    (tmp_path / "m.yaml").write_text(MAPPING)
    call_command("import_messages", world.district.key, tmp_path / "t.csv", mapping=tmp_path / "m.yaml")
    call_command("import_messages", world.district.key, tmp_path / "t.csv", mapping=tmp_path / "m.yaml")
    assert sorted(Matter.objects.values_list("source_key", flat=True)) == ["HL-001", "HL-002"]
    matter = Matter.objects.get(source_key="HL-001")
    run = procedures.find_run(world.district, "matter", matter.id)
    assert run is not None
    assert run.next_timer_at is not None  # live work: the clock runs
    world.now = run.started_at
    for step, role, where, form in (
        ("dispatch", DISPATCHER, "", {"main_unit": world.bodies["housing"].pk}),
        ("contact", HOUSING, "住建局", {"note": "已通话"}),
        ("finish", HOUSING, "住建局", {"result": "=灯亮了"}),
        ("solved", CHECKER, "", {"rating": 4}),
    ):
        procedures.act(
            district=world.district, run_id=run.id, transition=step, form=form, actor=world.actor(role, where), now=world.now
        )  # fmt: skip
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(DISPATCHER).user_id))
    assert "12345" in client.get("/work/results").content.decode()
    answer = client.get("/work/results.xlsx", {"source": "12345"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    rows = {line[0]: dict(zip(sheet[0], line, strict=True)) for line in sheet[1:]}
    assert rows["HL-001"] | {} == {
        **rows["HL-001"],
        "结果": "办结",
        "处置": "派单",
        "主办单位": "住建局",
        "是否解决": "是",
    }
    assert rows["HL-001"]["满意程度"] == 4
    assert rows["HL-001"]["按时联系"] == "是"
    assert rows["HL-002"]["环节"] == "受理"
    assert "13800000001" not in str(sheet)


def test_tickets_come_in_by_program_and_results_go_back(world: World, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    may = ["report_for_others", "see_matters", "import", "export"]
    actor = world.actor("administrator")
    _, secret = organization.issue_key(
        district=world.district, name="12345", may=may, per_minute=600, actor=actor, now=world.now
    )
    client, head = Client(), {"Authorization": f"Bearer {secret}"}
    ticket = {"text": "路灯不亮，老人出门看不见。", "channel": "hotline", "source": "12345", "source_key": "HL-9"}
    sent = client.post("/api/v1/matters", ticket, content_type="application/json", headers=head)
    assert sent.status_code == 201
    again = client.post("/api/v1/matters", ticket, content_type="application/json", headers=head)
    assert (again.status_code, again.json()["receipt"]) == (200, sent.json()["receipt"])
    with at_most(3):
        found = client.get("/api/v1/matters/results", {"source": "12345"}, headers=head).json()
    (row,) = found["rows"]
    assert (row["source_key"], row["state"], row["outcome"]) == ("HL-9", "received", "")
    matter = Matter.objects.get()
    run = procedures.find_run(world.district, "matter", matter.id)
    assert run is not None
    procedures.act(
        district=world.district, run_id=run.id, transition="not_dispatch", now=run.started_at + timedelta(minutes=5),
        actor=world.actor(DISPATCHER), form={"disposition": "outside_duty", "explanation": "请找商户协商"},
    )  # fmt: skip
    later = client.get("/api/v1/matters/results", {"source": "12345", "since": row["changed_at"]}, headers=head).json()
    assert [(one["source_key"], one["disposition"], one["outcome"]) for one in later["rows"]] == [
        ("HL-9", "outside_duty", "refused")
    ]
    assert "宜由市场或社会解决。请找商户协商" in later["rows"][0]["says"]
    nothing = {"source": "12345", "since": (run.started_at + timedelta(minutes=6)).isoformat()}
    assert client.get("/api/v1/matters/results", nothing, headers=head).json()["rows"] == []
    assert client.get("/api/v1/matters/results", {"source": "12345"}).status_code == 401
    assert client.get("/api/v1/matters/results", {"source": "12345", "after": "x"}, headers=head).status_code == 422


def test_a_district_that_adopted_it_shows_its_rates_on_a_page_and_gives_results_back(db: None, settings: Any) -> None:
    """The made-up district: one line of its pack adopts the procedure; its page of rates fills as cases end."""
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    world = open_world(with_pack=pack("jiesu"))
    for rating in (5, 2):
        closed(world, rating, channel="hotline", source="12345", source_key=f"HL-{rating}")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", Client().get("/programme").content.decode()))
    for said in (
        "响应率 — 100.00%（2/2）",
        "解决率 — 100.00%（2/2）",
        "满意率 只有“满意”算 — 50.00%（1/2） 满意 ÷ 有效回访数",
        "剔除的件数 — 0 件",
    ):
        assert said in text, said
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(DISPATCHER).user_id))
    assert "12345" in client.get("/work/results").content.decode()
    region = world.district.pack.settings.region
    assert world.district.pack.catalogue.adopts == "gb47678_5"
    sent = client.post(
        "/api/v1/matters", {"text": "楼下垃圾三天没清。", "category": f"{region}06010"}, content_type="application/json"
    )
    assert sent.status_code == 201, "tickets with national codes are understood"
