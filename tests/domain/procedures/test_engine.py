"""The six guarantees of the engine, under a locality's real procedure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from tests.statements import at_most
from tests.world import World
from tongxin.kernel import registry
from tongxin.kernel.errors import Conflict, Invalid, Invalids, NotAllowed
from tongxin.notices.models import Notice
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry, Run


def dispatched(world: World, **form: object):
    """A matter that has come to the housing department."""
    reported = world.report()
    world.act(
        reported, "submit", "grid_worker", "横江社区第1网格", category=world.run(reported).facts["category"] or "01"
    )
    world.act(reported, "ask_to_step_in", "grid_head", "横江社区第1网格")
    world.act(reported, "ask_to_dispatch", "branch_secretary", "横江")
    world.act(reported, "dispatch", "receptionist", "横江", main_unit=world.bodies["housing"].pk, **form)
    return reported


@pytest.mark.row("XN-17")
def test_a_report_reaches_its_grid_worker(world: World) -> None:
    reported = world.report()
    run = world.run(reported)
    assert run.state == "reported"
    assert reported.desk is not None
    assert reported.desk.role == "grid_worker"
    assert run.holder_post_id in {post.id for post in world.actor("grid_worker", "横江社区第1网格").posts}
    # two working hours from Monday 09:00
    assert run.due_at == world.now + timedelta(hours=2)
    assert [
        row.run_id for row in procedures.inbox(world.actor("grid_worker", "横江社区第1网格"), world.district).rows
    ] == [run.id]


@pytest.mark.row("XN-09")
def test_the_whole_loop_ends_archived_and_rated(world: World) -> None:
    reported = dispatched(world)
    world.act(reported, "respond", "department_desk", "住建局")
    world.act(reported, "finish", "department_desk", "住建局", result="已换新灯。")
    world.act(reported, "pass_check", "supervisor", finding="现场看过，灯亮了。")
    world.act_as_reporter(reported, "rate", solved=True, rating=5)
    run = world.run(reported)
    assert (run.state, run.outcome, run.finished_at) == ("closed", "done", world.now)
    assert procedures.verify(run) is None
    told = [step.says for step in procedures.timeline(world.district, run, audience="reporter")]
    assert told[0] == "已收到您的反映。"
    assert "已派给住建局办理" in told
    assert "住建局反馈：已换新灯。" in told


def test_only_the_holder_may_act_and_nothing_changes_otherwise(world: World) -> None:
    reported = world.report()
    before = (world.run(reported).seq, LogEntry.objects.count(), Notice.objects.count())
    with pytest.raises(NotAllowed, match="网格员"):
        world.act(reported, "submit", "department_desk", "住建局", category="01")
    with pytest.raises(NotAllowed):
        world.act(reported, "submit", "grid_worker", "横江社区第2网格", category="01")
    assert (world.run(reported).seq, LogEntry.objects.count(), Notice.objects.count()) == before


def test_a_form_tells_all_its_faults_at_once_and_changes_nothing(world: World) -> None:
    reported = dispatched(world)
    world.act(reported, "respond", "department_desk", "住建局")
    with pytest.raises(Invalids) as refusal:
        world.act(reported, "ask_hold", "department_desk", "住建局", reason="长" * 2_001, what="x")
    assert {fault.field for fault in refusal.value.faults} == {"reason", "milestones", "what"}
    assert world.run(reported).state == "handling"


def test_a_failing_effect_leaves_nothing_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reported = world.report()
    entry = registry.effects["set_category"]

    def fail(context: object, argument: object) -> None:
        entry.call(context, argument)
        raise RuntimeError("the disk is full")

    monkeypatch.setitem(
        registry.effects._entries, "set_category", type(entry)(entry.name, entry.title, entry.package, "", fail)
    )
    with pytest.raises(RuntimeError):
        world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="01")
    run = world.run(reported)
    assert (run.state, run.seq) == ("reported", 1)
    assert run.log.count() == 1


def test_the_same_request_acts_once(world: World) -> None:
    reported = world.report()
    given = {
        "district": world.district, "run_id": reported.run_id, "transition": "submit", "form": {"category": "01"},
        "actor": world.actor("grid_worker", "横江社区第1网格"), "now": world.now, "request_key": "k1",
    }  # fmt: skip
    first, second = procedures.act(**given), procedures.act(**given)
    assert (first.replayed, second.replayed) == (False, True)
    assert second.entry.id == first.entry.id
    assert world.run(reported).seq == 2


def test_the_second_of_two_is_told_who_was_first(world: World) -> None:
    reported = world.report()
    world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="01")
    with pytest.raises(Conflict, match=r"已由 .*网格员 于 03月02日 09:00 核实上报") as refusal:
        world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="01")
    assert refusal.value.details["state"] == "collating"


def test_the_database_refuses_to_change_the_log(world: World) -> None:
    reported = world.report()
    for change in ("UPDATE procedures_logentry SET says = 'x'", "DELETE FROM procedures_logentry"):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert procedures.verify(world.run(reported)) is None


def test_a_changed_past_shows(world: World) -> None:
    reported = dispatched(world)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else the table is busy with checks it put off
        cursor.execute("ALTER TABLE procedures_logentry DISABLE TRIGGER procedures_log_append_only")
        cursor.execute(
            "UPDATE procedures_logentry SET at = at - interval '1 day' WHERE run_id = %s AND seq = 3", [reported.run_id]
        )
        cursor.execute("ALTER TABLE procedures_logentry ENABLE TRIGGER procedures_log_append_only")
    assert procedures.verify(world.run(reported)) == 2


def test_a_cut_off_end_shows(world: World) -> None:
    reported = dispatched(world)
    Run.objects.filter(id=reported.run_id).update(seq=4)
    assert procedures.verify(world.run(reported)) is not None


def test_late_steps_fire_once_each_and_catch_up(world: World) -> None:
    reported = world.report()
    assert procedures.sweep(world.later(hours=1)) == 0
    assert procedures.sweep(world.later(hours=2)) == 1  # due at 11:00, now 12:00: the reminder
    assert procedures.sweep(world.now) == 0
    assert world.run(reported).timer_step == 1
    world.later(days=4)  # the worker was down: two more steps are due by now
    fired = 0
    while procedures.sweep(world.now):
        fired += 1
    assert fired == 2
    run = world.run(reported)
    assert (run.timer_step, run.next_timer_at) == (3, None)
    assert organization.directory(world.district).desk(run.holder_post_id).role == "community_secretary"
    assert procedures.verify(run) is None
    # who had it may still act
    world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="01")


def test_a_case_nobody_rates_is_archived_by_itself(world: World) -> None:
    reported = world.report()
    world.act(reported, "settle", "grid_worker", "横江社区第1网格", result="当场换了灯泡。")
    world.later(days=8)
    assert procedures.sweep(world.now) == 1
    assert world.run(reported).state == "closed"


def test_the_unit_that_handled_may_not_check(world: World) -> None:
    from tongxin.organization.models import Person, Post, Term

    reported = dispatched(world)
    world.act(reported, "respond", "department_desk", "住建局")
    world.act(reported, "finish", "department_desk", "住建局", result="好了。")
    # the housing clerk is also given the supervisor's post: still the same unit's deed
    person = Person.objects.get(user_id=world.actor("department_desk", "住建局").user_id)
    supervisor = Post.objects.get(role="supervisor")
    Post.objects.filter(id=supervisor.id).update(area=None, body=world.bodies["housing"])
    Term.objects.create(post=supervisor, person=person, from_on=world.now.date())
    from tests.domain import smalltown
    from tongxin.packs import api as packs

    packs.bump_organization(world.district.id)
    world.district = smalltown.seen()
    with pytest.raises(NotAllowed, match="不能由同一单位"):
        world.act(reported, "pass_check", "department_desk", "住建局", finding="自己看的。")
    assert world.run(reported).state == "checking"


def test_a_hold_stops_the_clock_and_its_end_shifts_the_limit(world: World) -> None:
    reported = dispatched(world)
    world.act(reported, "respond", "department_desk", "住建局")
    limit = world.run(reported).limit_at
    world.act(reported, "ask_hold", "department_desk", "住建局", reason="等材料", milestones="下周到货")
    world.act(reported, "approve_hold", "county_duty", resume_on="2026-03-05", reason="同意")
    run = world.run(reported)
    assert run.state == "held"
    assert run.paused_at == world.now
    world.later(days=4)
    assert procedures.sweep(world.now) == 1
    run = world.run(reported)
    assert run.state == "handling"
    assert run.limit_at > limit
    assert run.paused_at is None


def test_a_rejected_objection_counts_its_time_and_an_accepted_one_does_not(world: World) -> None:
    rejected = dispatched(world)
    limit = world.run(rejected).limit_at
    world.act(rejected, "object", "department_desk", "住建局", reason="不归我们")
    world.later(hours=2)
    world.act(rejected, "reject_objection", "supervisor", reason="归你们")
    assert world.run(rejected).limit_at == limit


def test_co_units_work_under_one_main_unit(world: World) -> None:
    reported = dispatched(world, co_units=[world.bodies["water"].pk])
    run = world.run(reported)
    (task,) = procedures.list_tasks(world.district, run)
    world.act(reported, "respond", "department_desk", "住建局")
    with pytest.raises(NotAllowed, match="还有 1 个协办单位"):
        world.act(reported, "finish", "department_desk", "住建局", result="好了。")
    world.act(task, "finish", "utility_desk", "自来水", result="水管修好。")
    world.act(reported, "finish", "department_desk", "住建局", result="好了。")
    assert world.run(reported).state == "checking"


def test_the_main_unit_is_never_its_own_co_unit(world: World) -> None:
    with pytest.raises(Invalid, match="主办单位不能同时列为协办"):
        dispatched(world, co_units=[world.bodies["housing"].pk])


def test_rework_stays_on_the_same_case(world: World) -> None:
    reported = dispatched(world)
    world.act(reported, "respond", "department_desk", "住建局")
    world.act(reported, "finish", "department_desk", "住建局", result="好了。")
    started = world.run(reported).clock_started_at
    world.act(reported, "rework", "supervisor", finding="还不亮。")
    run = world.run(reported)
    assert run.state == "handling"
    assert run.clock_started_at == started
    assert organization.directory(world.district).desk(run.holder_post_id).body_name == "住建局"


def test_an_unsolved_rating_may_reopen_within_the_window_only(world: World) -> None:
    reported = world.report()
    world.act(reported, "settle", "grid_worker", "横江社区第1网格", result="看过了。")
    world.act_as_reporter(reported, "rate", solved=False, rating=2)
    world.later(days=14)
    world.act_as_reporter(reported, "reopen", reason="还是不亮")
    run = world.run(reported)
    assert (run.state, run.finished_at) == ("stepping_in", None)
    other = world.report("另一盏路灯也不亮")
    world.act(other, "settle", "grid_worker", "横江社区第1网格", result="看过了。")
    world.act_as_reporter(other, "rate", solved=False, rating=2)
    world.later(days=16)
    with pytest.raises(NotAllowed, match="已截止"):
        world.act_as_reporter(other, "reopen", reason="还是不亮")


def test_a_running_case_keeps_its_pack_version(world: World) -> None:
    from tests.domain import smalltown
    from tongxin.packs import api as packs

    reported = world.report()
    pack = world.district.pack
    changed = pack.procedures["appeal"].model_copy(update={"title": "新版流程"})
    version = packs.publish_pack(
        pack.model_copy(update={"procedures": {**pack.procedures, "appeal": changed}}), actor_label="t", now=world.now
    )
    packs.adopt_pack(world.district.id, version)
    world.district = smalltown.seen()
    assert procedures.drawn(world.run(reported)).title != "新版流程"
    assert procedures.drawn(world.run(world.report("新的一件"))).title == "新版流程"


def test_a_case_without_a_place_waits_at_the_desk_the_pack_names(world: World) -> None:
    reported = world.report(lon=None, lat=None, address="说不清在哪里")
    assert reported.desk is not None
    assert reported.desk.role == "county_duty"
    grid = world.tree.by_code("341000001001002")
    world.act(reported, "place_it", "county_duty", area=grid.id)
    run = world.run(reported)
    assert run.area_id == grid.id
    assert "横江社区第2网格" in organization.directory(world.district).desk(run.holder_post_id).title


def test_statements_of_a_step_a_report_and_an_inbox(world: World) -> None:
    world.report("先热一热各处的副本")
    actor = world.actor("grid_worker", "横江社区第1网格")
    with at_most(3):
        reported = world.report()
    with at_most(1):
        assert len(procedures.inbox(actor, world.district).rows) == 2
    with at_most(4):
        procedures.act(
            district=world.district,
            run_id=reported.run_id,
            transition="submit",
            form={"category": "01"},
            actor=actor,
            now=world.now,
        )
    assert Run.objects.count() == 2


def test_pages_of_an_inbox_follow_each_other_without_gap_or_double(world: World) -> None:
    for number in range(7):
        world.later(minutes=1)
        world.report(f"第{number}盏路灯不亮")
    actor = world.actor("grid_worker", "横江社区第1网格")
    seen, after = [], ""
    while True:
        page = procedures.inbox(actor, world.district, after=after, rows=3)
        seen += [row.run_id for row in page.rows]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 7
