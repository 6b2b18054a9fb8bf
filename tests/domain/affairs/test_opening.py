"""Opening an affair: who may, what it costs, that a resend acts once, and that nothing personal reaches the board."""

from __future__ import annotations

from typing import Any

import pytest

from tests.statements import at_most
from tests.world import World
from tongxin.affairs import api as affairs
from tongxin.affairs.models import Affair
from tongxin.kernel.errors import Conflict, Invalids, NotAllowed, NotFound
from tongxin.notices.models import Notice
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures

WISH = {"wish": "一副老花镜", "kind": "thing", "for_whom": "elder", "story": "王奶奶看报吃力，电话 13900001111"}


def community(world: World) -> int:
    return world.tree.at_level("community")[0].id


def open_wish(world: World, **given: Any) -> affairs.Opened:
    start = affairs.Start(**{"procedure": "micro_wish", "form": WISH, "area_id": community(world), **given})
    return affairs.open_affair(
        district=world.district, start=start, actor=organization.resident_actor(world.district), now=world.now
    )


@pytest.mark.row("XN-34")
def test_a_resident_opens_without_an_account_in_one_statement(world: World) -> None:
    open_wish(world)  # copies are kept from here on
    with at_most(1):
        opened = open_wish(world, name="王奶奶", phone="0559 123456")
    affair = Affair.objects.get(id=opened.affair_id)
    assert (affair.title, affair.answers["kind"], affair.opener_phone) == ("一副老花镜", "thing", "0559 123456")
    run = procedures.get_run(world.district, opened.run_id)
    assert run is not None
    assert (run.state, run.subject_kind, run.card["ref"]) == ("submitted", "affair", opened.ref)
    assert run.facts["kind"] == "thing"
    assert "story" not in run.facts, "free text may name people"
    assert opened.desk is not None
    assert opened.desk.role == "receptionist"
    assert Notice.objects.filter(post_id=opened.desk.post_id, subject_kind="affair").exists()
    assert procedures.verify(run) is None
    told = procedures.timeline(world.district, run, audience="reporter")
    assert told[0].says.startswith("您的微心愿已收到")


def test_a_resend_gives_the_same_receipt(world: World) -> None:
    actor = organization.resident_actor(world.district)
    start = affairs.Start("micro_wish", WISH, community(world))
    first, second = (
        affairs.open_affair(district=world.district, start=start, actor=actor, now=world.now, request_key="same-key-1")
        for _ in range(2)
    )
    assert first.receipt == second.receipt
    assert second.replayed
    assert Affair.objects.count() == 1


def test_what_is_missing_is_told_all_at_once_and_nothing_is_written(world: World) -> None:
    with pytest.raises(Invalids) as caught:
        open_wish(world, form={"kind": "gold"})
    assert {fault.field for fault in caught.value.faults} == {"wish", "kind", "for_whom"}
    with pytest.raises(Invalids, match="哪个社区"):
        open_wish(world, area_id=None)
    with pytest.raises(Invalids, match="太大了"):
        open_wish(world, area_id=world.tree.at_level("county")[0].id)
    assert not Affair.objects.exists()


def test_staff_open_by_role_and_place_only(world: World) -> None:
    start = affairs.Start("micro_wish", WISH, community(world))
    opened = affairs.open_affair(
        district=world.district, start=start, actor=world.actor("grid_worker", "横江社区第1网格"), now=world.now
    )
    assert Affair.objects.get(id=opened.affair_id).opened_by_id is not None
    for role, where in (("grid_worker", "梅林社区"), ("department_desk", "住建局")):
        with pytest.raises(NotAllowed, match="网格员"):
            affairs.open_affair(district=world.district, start=start, actor=world.actor(role, where), now=world.now)
    assert Affair.objects.count() == 1
    openable = [
        spec.procedure for spec in affairs.list_openable(world.district, world.actor("department_desk", "住建局"))
    ]
    assert "micro_wish" not in openable


def test_what_is_not_opened_by_people_is_refused(world: World) -> None:
    with pytest.raises(NotFound, match="不能直接开"):
        open_wish(world, procedure="appeal")


@pytest.mark.row("XN-34")
def test_the_board_shows_published_words_only_and_anybody_claims_once(world: World) -> None:
    opened = open_wish(world, name="王奶奶", phone="0559 123456")
    assert affairs.list_board(world.district, "micro_wish", rows=20).rows == []
    receptionist = world.actor("receptionist", "横江")
    words = "一位老人想要一副老花镜，联系 13900001111"
    procedures.act(
        district=world.district, run_id=opened.run_id, transition="publish", form={"words": words}, actor=receptionist, now=world.now
    )  # fmt: skip
    with at_most(2):
        (row,) = affairs.list_board(world.district, "micro_wish", rows=20).rows
    assert row.words.startswith("一位老人想要一副老花镜")
    assert "13900001111" not in row.words, "a number that slipped through is masked"
    assert (row.place, row.can_join) == ("横江社区", True)
    somebody = organization.resident_actor(world.district)
    claim = {"who": "neighbour", "claimer": "李先生", "phone": "0559 654321"}
    acted = procedures.act(
        district=world.district, run_id=opened.run_id, transition="claim", form=claim, actor=somebody, now=world.now
    )
    assert acted.run.state == "claimed"
    assert acted.entry.actor_label == "居民", "a claimer is not the one who wished"
    with pytest.raises(Conflict, match="居民"):
        procedures.act(
            district=world.district, run_id=opened.run_id, transition="claim", form=claim, actor=somebody, now=world.now
        )
    for entry, _ in procedures.public_entries(acted.run):
        assert "李先生" not in str(entry)
    seen = procedures.timeline(world.district, acted.run, audience="reporter")
    assert "0559 654321" not in str(seen)


def test_who_opened_it_acts_by_receipt_and_takes_it_back(world: World) -> None:
    opened = open_wish(world)
    acted = affairs.act_as_opener(
        district=world.district, receipt=opened.receipt.lower(), transition="withdraw", form={}, now=world.now
    )
    assert (acted.run.state, acted.run.outcome) == ("withdrawn", "withdrawn")
    assert acted.entry.actor_label == "反映人"
