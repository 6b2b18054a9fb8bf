"""The pages of what comes round: noting on a phone, what was missed, kept or not, feeds by signed link."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import User
from tongxin.cadence import api as cadence
from tongxin.cadence.models import Occurrence, Record
from tongxin.kernel.clock import local


@pytest.fixture
def made(world: World) -> World:
    cadence.make_occurrences(world.district, now=world.now, since=local(world.now).date().replace(day=1))
    return world


def mine(world: World, series: str = "four_seasons") -> Occurrence:
    place = next(p for p in world.tree.at_level("community") if p.name == "横江社区")
    one = Occurrence.objects.filter(series=series, area_id=place.id, first_on__lte=local(world.now).date()).latest(
        "first_on"
    )
    return one


def desk(world: World, signed_in: SignedIn) -> Client:
    return signed_in(world.actor("receptionist", "横江社区").user_id or 0)


def test_somebody_notes_it_in_one_form(made: World, signed_in: SignedIn) -> None:
    one, client = mine(made), desk(made, signed_in)
    shown = client.get("/work/cadence").content.decode()
    assert "红领四季" in shown
    page = client.get(f"/work/cadence/{one.pk}").content.decode()
    assert "不是必须" in page
    for said in ("2026-02-31", "明天", ""):
        assert client.post(f"/work/cadence/{one.pk}", {"do": "keep", "done_on": said}).status_code == 422
    day = max(one.first_on, min(local(made.now).date(), one.due_on)).isoformat()
    wrong = client.post(
        f"/work/cadence/{one.pk}", {"do": "keep", "done_on": "2001-01-01", "heads": "3", "note": "写了很多字"}
    )
    assert wrong.status_code == 422
    assert "写了很多字" in wrong.content.decode()
    sent = {"do": "keep", "done_on": day, "heads": "35", "note": "联谊活动", "request_key": "k" * 12}
    for _ in range(2):
        assert client.post(f"/work/cadence/{one.pk}", sent).status_code == 302
    assert Record.objects.get().heads == 35
    assert "做到了" in client.get(f"/work/cadence/{one.pk}").content.decode()
    table = client.get("/work/cadence/kept?group=great&days=366")
    assert table.status_code == 200
    other = signed_in(made.actor("receptionist", "率水社区").user_id or 0)
    assert other.post(f"/work/cadence/{one.pk}", sent | {"request_key": "z" * 12}).status_code == 403


def test_pages_cost_the_same_whatever_the_number_of_dates(made: World, signed_in: SignedIn) -> None:
    client = desk(made, signed_in)
    client.get("/work/cadence")
    with at_most(10):
        client.get("/work/cadence")
    with at_most(6):
        client.get("/work/cadence/kept")


def test_feeds_are_open_or_signed(made: World, signed_in: SignedIn) -> None:
    public = Client().get("/cadence.ics")
    assert public["Content-Type"].startswith("text/calendar")
    titles = {str(event["summary"]) for event in Calendar.from_ical(public.content).walk("VEVENT")}
    assert "“红领四季”城市党建日" in titles
    assert "社区“大党委”月例会" not in titles
    assert Client().get("/cadence.ics?area=nothing").status_code == 404
    client = desk(made, signed_in)
    address: Any = client.get("/work/cadence").context["feed"]
    path = address.partition("testserver")[2]
    own = Client().get(path)
    assert own.status_code == 200
    assert "no-store" in own["Cache-Control"]
    assert b"cadence-" in own.content
    assert Client().get(path.replace(".ics", "x.ics")).status_code == 404
    User.objects.filter(pk=made.actor("receptionist", "横江社区").user_id).update(is_active=False)
    assert Client().get(path).status_code == 404, "somebody who has left gets nothing"


def test_residents_see_what_is_on(made: World) -> None:
    page = Client().get("/calendar")
    assert page.status_code == 200
    assert "红领四季" in page.content.decode()
