"""A day that comes round opens a case, once; whether that time was kept follows from the case, and each page leads to the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import world as worlds
from tests.domain import smalltown
from tests.world import World, open_world
from tongxin.accounts.models import User
from tongxin.cadence import api as cadence
from tongxin.cadence.models import Occurrence
from tongxin.kernel import caches
from tongxin.kernel.errors import Conflict
from tongxin.packs.schema import Pack
from tongxin.procedures import api as procedures

FIRST = "横江社区第一网格"
OPENS = {"affair": {"procedure": "weekly_care", "form": {"gist": "{period}的大情小事", "week": "{first}"}}}
WEEKLY = {
    "title": "周收集", "every": "week", "on": {"weekday": 5}, "level": "grid", "kept": "case", "window_days": 10, "opens": OPENS,
}  # fmt: skip


def changed(**series: Any) -> Pack:
    whole = worlds.pack("xiuning").model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return Pack.model_validate({**whole, "cadence": {"weekly": {**WEEKLY, **series}}})


@pytest.fixture
def world(db: None) -> World:
    caches.clear_all()
    world = open_world(with_pack=changed())
    world.now = smalltown.NOW + timedelta(days=4)  # Friday
    cadence.make_occurrences(world.district, now=world.now)
    return world


def act(world: World, one: Occurrence, step: str, role: str, **form: Any) -> Occurrence:
    run = procedures.get_run(world.district, one.run_id or 0)
    assert run is not None
    actor = world.actor(role, "横江")
    procedures.act(district=world.district, run_id=run.id, transition=step, form=form, actor=actor, now=world.now)
    one.refresh_from_db()
    return one


@pytest.mark.row("XN-52")
def test_a_day_opens_its_case_once_and_the_case_says_whether_it_was_kept(world: World) -> None:
    early = world.now - timedelta(days=1)
    assert cadence.open_due(world.district, now=early) == 0, "its day has not come"
    opened = cadence.open_due(world.district, now=world.now)
    due = Occurrence.objects.filter(due_on=world.now.date()).order_by("id")
    assert opened == due.count() > 3
    assert cadence.open_due(world.district, now=world.now) == 0
    first, second, third, *_ = due
    assert {first.run.card["title"], second.run.card["title"]} == {"2026年第10周的大情小事"}  # type: ignore[union-attr]
    with pytest.raises(Conflict, match="不用另记"):
        cadence.keep(
            district=world.district, occurrence_id=first.pk, done_on=first.due_on, now=world.now,
            actor=world.actor("branch_secretary", "横江"),
        )  # fmt: skip
    found = act(world, first, "hand_in", "branch_secretary", households=3, details="两户漏水")
    assert found.kept_on is None
    assert act(world, second, "nothing_came", "branch_secretary").excused == "这一周没有要收集的"
    found = act(
        world, first, "note_only", "branch_secretary", note="已留意"
    )  # the deputy of the social worker, whose post is empty
    assert found.kept_on == world.now.date()
    assert [record.note for record in found.records.all()] == ["没有要专门做的"]
    today = (world.now + timedelta(days=20)).date()
    table = cadence.monitor(
        world.district, series=["weekly"], under=None, since=first.due_on, until=first.due_on, today=today
    )
    assert (table[first.area_id]["weekly"].kept, table[first.area_id]["weekly"].total) == (1, 1)
    assert second.area_id not in table, "excused: neither kept nor missed"
    assert (table[third.area_id]["weekly"].kept, table[third.area_id]["weekly"].total) == (0, 1)


def test_a_case_that_ends_too_late_leaves_its_time_missed(world: World) -> None:
    cadence.open_due(world.district, now=world.now)
    one = Occurrence.objects.filter(due_on=world.now.date()).order_by("id").first()
    assert one is not None
    act(world, one, "hand_in", "branch_secretary", households=3, details="两户漏水")
    world.later(days=11)
    assert act(world, one, "note_only", "branch_secretary", note="已留意").kept_on is None
    assert cadence.state_of(one, world.district.pack.cadence["weekly"], world.now.date()) == "missed"


def test_the_time_and_its_case_lead_to_each_other(world: World, client: Client) -> None:
    cadence.open_due(world.district, now=world.now)
    one = Occurrence.objects.filter(due_on=world.now.date()).order_by("id").first()
    assert one is not None
    client.force_login(User.objects.get(pk=world.actor("branch_secretary", "横江").user_id))
    page = client.get(f"/work/cadence/{one.pk}").content.decode()
    assert f'href="/work/cases/{one.run_id}"' in page
    assert "不用另记" in page
    assert 'value="keep"' not in page
    assert f'href="/work/cadence/{one.pk}"' in client.get(f"/work/cases/{one.run_id}").content.decode()
