"""The seven-step loop of city management walked to each of its ends, with supervision and command kept apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stories.hotline import open_under, state, told
from tests.world import World
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.figures import Measured, say
from tongxin.kernel.registry import measures
from tongxin.procedures import api as procedures

pytestmark = [pytest.mark.django_db, pytest.mark.row("D-01", "D-03", "D-04")]
COLLECTOR, CENTRE, COMMAND, HOUSING = "receptionist", "supervisor", "county_duty", "department_desk"


@pytest.fixture
def world(db: None) -> World:
    return open_under("seven_steps")


def collected(world: World) -> Any:
    reported = world.report()
    world.act(reported, "report_up", COLLECTOR, "横江", category="01", seen="灯杆三盏不亮")
    return reported


def handled(world: World) -> Any:
    reported = collected(world)
    world.act(reported, "file", CENTRE, grounds="符合立案条件")
    world.act(reported, "dispatch", COMMAND, main_unit=world.bodies["housing"].pk)
    return reported


def checked(world: World) -> Any:
    reported = handled(world)
    world.act(reported, "finish", HOUSING, "住建局", result="已换新灯")
    world.act(reported, "pass_on", COMMAND)
    return reported


def measured(world: World, name: str) -> Measured:
    found: list[Measured] = measures[name].call(world.district, [{"procedure": "seven_steps"}], world.now)
    return found[0]


def test_seven_steps_to_a_closed_and_rated_case(world: World) -> None:
    reported = checked(world)
    world.act(reported, "pass_check", CENTRE, finding="现场看过，灯亮了")
    world.act_as_reporter(reported, "evaluate", solved=True, rating=5)
    assert state(world, reported) == ("closed", "done")
    run = world.run(reported)
    assert procedures.visited(run) == [
        "collected", "filing", "dispatching", "handling", "fed_back", "checking", "evaluating", "closed",
    ]  # fmt: skip
    assert run.facts["done_in_time"] is True
    assert procedures.verify(run) is None


def test_the_clock_starts_at_dispatch(world: World) -> None:
    reported = collected(world)
    world.later(days=2)
    world.act(reported, "file", CENTRE, grounds="符合立案条件")
    assert world.run(reported).clock_started_at is None
    world.act(reported, "dispatch", COMMAND, main_unit=world.bodies["housing"].pk)
    assert world.run(reported).clock_started_at == world.now


def test_supervision_does_not_dispatch_and_command_does_not_close(world: World) -> None:
    reported = collected(world)
    with pytest.raises(NotAllowed):
        world.act(reported, "file", COMMAND, grounds="我来立")
    world.act(reported, "file", CENTRE, grounds="符合立案条件")
    with pytest.raises(NotAllowed):
        world.act(reported, "dispatch", CENTRE, main_unit=world.bodies["housing"].pk)
    world.act(reported, "return_file", COMMAND, reason="要素不全")
    assert state(world, reported)[0] == "filing"
    done = checked(world)
    for role, where in ((COMMAND, ""), (HOUSING, "住建局")):
        with pytest.raises(NotAllowed):
            world.act(done, "pass_check", role, where, finding="好了")


def test_what_does_not_meet_the_standard_is_struck_off_with_its_reason(world: World) -> None:
    reported = collected(world)
    world.act(reported, "strike_off", CENTRE, reason="不在管理范围")
    assert state(world, reported) == ("struck_off", "refused")
    assert told(world, reported)[-1] == "不予立案：不在管理范围"


def test_a_double_joins_its_master_and_a_reporter_may_withdraw(world: World) -> None:
    first, second = handled(world), collected(world)
    world.act(second, "merge", CENTRE, master=str(first.matter_id))
    assert state(world, second) == ("merged", "merged")
    world.act_as_reporter(first, "withdraw", reason="修好了")
    assert state(world, first) == ("withdrawn", "withdrawn")


def test_rework_stays_on_the_same_case(world: World) -> None:
    reported = checked(world)
    world.act(reported, "rework", CENTRE, finding="还有一盏不亮")
    assert state(world, reported)[0] == "handling"
    world.act(reported, "finish", HOUSING, "住建局", result="都亮了")
    world.act(reported, "not_done", COMMAND, reason="没有照片说明")
    world.act(reported, "finish", HOUSING, "住建局", result="都亮了，附说明")
    world.act(reported, "pass_on", COMMAND)
    world.act(reported, "pass_check", CENTRE, finding="通过")
    world.later(days=30)
    while procedures.sweep(world.now):
        pass
    assert state(world, reported) == ("closed", "done")
    assert measured(world, "rework_rate") == Measured(1, 1, "percent")


def test_what_is_settled_on_the_spot_is_checked_by_another(world: World) -> None:
    reported = world.report()
    world.act(reported, "settle", COLLECTOR, "横江", result="清走了")
    world.act(reported, "collect_again", CENTRE, finding="还在")
    world.act(reported, "settle", COLLECTOR, "横江", result="清走了")
    world.act(reported, "pass_check", CENTRE, finding="属实")
    world.act(reported, "evaluate", CENTRE, solved=True, rating=4)
    assert state(world, reported) == ("closed", "done")


def test_a_case_may_be_sent_back_to_command_and_put_off_with_approval_only(world: World) -> None:
    reported = handled(world)
    world.act(reported, "send_back", HOUSING, "住建局", reason="属城管")
    world.act(reported, "dispatch", COMMAND, main_unit=world.bodies["city"].pk)
    world.act(reported, "ask_delay", HOUSING, "城管局", reason="等立项")
    assert measured(world, "finish_rate") == Measured(0, 0, "percent")  # nothing is due yet: 不适用
    world.act(reported, "reject_delay", CENTRE, reason="能办")
    world.act(reported, "ask_delay", HOUSING, "城管局", reason="汛期不能施工")
    until = (world.now.date() + timedelta(days=30)).isoformat()
    world.act(reported, "approve_delay", CENTRE, resume_on=until, reason="属实")
    assert measured(world, "held_cases") == Measured(1)
    world.later(days=31)
    while procedures.sweep(world.now):
        pass
    assert "缓办结束，恢复处理" in told(world, reported)


def test_the_closing_rates_by_hand(world: World) -> None:
    """Three dispatched: one closed in time, one closed late, one overdue and open."""
    first = checked(world)
    world.act(first, "pass_check", CENTRE, finding="通过")
    world.act(first, "evaluate", CENTRE, solved=True, rating=5)
    late, never = handled(world), handled(world)
    world.later(days=40)
    world.act(late, "finish", HOUSING, "住建局", result="才修好")
    world.act(late, "pass_on", COMMAND)
    world.act(late, "pass_check", CENTRE, finding="通过")
    world.act(late, "evaluate", CENTRE, solved=True, rating=3)
    assert state(world, never)[0] == "handling"
    assert measured(world, "finish_rate") == Measured(2, 3, "percent")
    assert measured(world, "on_time_rate") == Measured(1, 3, "percent")


def test_the_rates_of_a_published_report() -> None:
    """天门: 应结 972, 已结 911 = 93.72 %, 按期 737 = 75.82 % (norms §2)."""
    for part, said in ((911, "93.72%"), (737, "75.82%")):
        value = Measured(part, 972, "percent").value
        assert value is not None
        assert say(value, "percent", 2) == said
