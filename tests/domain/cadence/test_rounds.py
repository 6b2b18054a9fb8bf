"""Dates that come round, in the database: made ahead once, moved with the calendar, noted, missed, counted, opened, subscribed to."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from tests import world as worlds
from tests.domain import smalltown
from tests.statements import at_most
from tests.world import World, open_world
from tongxin.cadence import api as cadence
from tongxin.cadence.models import Occurrence
from tongxin.kernel import caches
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.lists.models import Edition
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack

CULTURE = {
    "publicity": {"title": "周有宣传", "every": "week", "on": {"weekday": 3}, "level": "community", "group": "culture", "public": True},
    "activity": {"title": "月有活动", "every": "month", "on": {"day": 15}, "level": "community", "group": "culture"},
    "show": {"title": "季有演出", "every": "quarter", "on": {"month": 2, "day": 1}, "level": "community", "group": "culture"},
}  # fmt: skip


def with_cadence(series: dict[str, Any], **more: Any) -> World:
    """The small town under a pack with these series."""
    pack = worlds.pack("xiuning")
    changed = Pack.model_validate(
        {**pack.model_dump(mode="json", by_alias=True, exclude_defaults=True), "cadence": series, **more}
    )
    caches.clear_all()
    return open_world(with_pack=changed)


@pytest.fixture
def town(db: None) -> World:
    return with_cadence(CULTURE)


def occurrence(series: str, **which: Any) -> Occurrence:
    found = Occurrence.objects.filter(series=series, **which).order_by("due_on", "area_id").first()
    assert found is not None
    return found


def keep(world: World, one: Occurrence, role: str = "receptionist", **given: Any) -> cadence.Record:
    where = world.tree.get(one.area_id)
    assert where is not None
    return cadence.keep(
        district=world.district,
        occurrence_id=one.pk,
        actor=world.actor(role, where.name),
        now=world.now,
        **{"done_on": one.due_on, **given},
    )


@pytest.mark.row("XG-24")
def test_dates_are_made_ahead_in_one_statement_a_series_and_once(town: World) -> None:
    with at_most(8):
        made = cadence.make_occurrences(town.district, now=town.now)
    assert made == Occurrence.objects.count()
    assert Occurrence.objects.filter(series="show").count() == 4 * 2  # four communities, this quarter and the next
    assert cadence.make_occurrences(town.district, now=town.now) == 0
    assert Occurrence.objects.count() == made


def test_a_year_published_later_moves_what_is_to_come_and_leaves_what_is_past(town: World) -> None:
    town.now = smalltown.NOW.replace(year=2027, month=9, day=20)
    cadence.make_occurrences(town.district, now=town.now)
    october = occurrence("publicity", due_on__gte=date(2027, 10, 5), due_on__lte=date(2027, 10, 7))
    assert october.due_on == date(2027, 10, 6)
    assert october.provisional
    for day in range(1, 8):
        packs.set_own_day(town.district.id, date(2027, 10, day), is_workday=False, name="国庆节", now=town.now)
    town.district = smalltown.seen(town.district.key)
    assert cadence.make_occurrences(town.district, now=town.now) > 0
    october.refresh_from_db()
    assert october.due_on == date(2027, 10, 8)


@pytest.mark.row("XG-24")
def test_kept_missed_and_excused_are_counted_with_their_denominators(town: World) -> None:
    today = town.now.date()
    cadence.make_occurrences(town.district, now=town.now, since=today - timedelta(days=60))
    area = occurrence("publicity").area_id
    past = list(Occurrence.objects.filter(series="publicity", area_id=area, closes_on__lt=today).order_by("due_on"))
    assert len(past) == 9
    for one in past[:5]:
        keep(town, one, heads=30)
    where = town.tree.get(area)
    assert where is not None
    cadence.excuse(
        district=town.district,
        occurrence_id=past[5].pk,
        reason="春节停办",
        actor=town.actor("receptionist", where.name),
        now=town.now,
    )
    with at_most(1):
        table = cadence.monitor(
            town.district,
            series=list(CULTURE),
            under=None,
            since=today - timedelta(days=92),
            until=today,
            today=today,
        )
    assert (table[area]["publicity"].kept, table[area]["publicity"].total) == (5, 8)
    missed = cadence.list_occurrences(town.district, under=[area], which="missed", series=["publicity"], today=today)
    assert {row.occurrence.pk for row in missed} == {one.pk for one in past[6:]}
    assert "show" not in table[area], "a time that is not up counts nowhere: 不适用"


def test_noting_has_limits_and_happens_once(town: World) -> None:
    cadence.make_occurrences(town.district, now=town.now, since=town.now.date() - timedelta(days=30))
    one = occurrence("publicity", closes_on__lt=town.now.date())
    with pytest.raises(NotAllowed):
        cadence.keep(
            district=town.district,
            occurrence_id=one.pk,
            done_on=one.due_on,
            actor=town.actor("receptionist", "率水"),
            now=town.now,
        )
    with pytest.raises(Invalid):
        keep(town, one, done_on=one.first_on - timedelta(days=1))
    with pytest.raises(Invalid):
        keep(town, one, done_on=town.now.date() + timedelta(days=3))
    with pytest.raises(Invalid):
        keep(town, one, heads=-1)
    assert not one.records.exists()
    first = keep(town, one, heads=25, note="楼下摆了展板", request_key="abcdefgh12")
    assert keep(town, one, heads=25, request_key="abcdefgh12").pk == first.pk
    one.refresh_from_db()
    assert one.kept_on == one.due_on
    actor = town.actor("receptionist", town.tree.get(one.area_id).name)  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        cadence.excuse(district=town.district, occurrence_id=one.pk, reason="记错", actor=actor, now=town.now)
    cadence.take_back(district=town.district, record_id=first.pk, actor=actor, now=town.now)
    one.refresh_from_db()
    assert one.kept_on is None


@pytest.mark.row("XN-06")
def test_the_monthly_meeting_goes_round_the_communities(db: None) -> None:
    series = {
        "meeting": {
            "title": "月例会",
            "every": "month",
            "on": {"nth": 2, "weekday": 5},
            "level": "county",
            "hosts": "community_office",
        }
    }
    world = with_cadence(series)
    from tongxin.organization.models import Body, BodyArea

    for name in ("玉宁社区", "梅林社区", "率水社区"):
        body = Body.objects.create(
            district_id=world.district.id, kind="community_office", name=f"{name}居委会", began_on=date(2020, 1, 1)
        )
        place = next(p for p in world.tree.at_level("community") if p.name == name)
        BodyArea.objects.create(body=body, area_id=place.id)
    packs.bump_organization(world.district.id)
    world.district = smalltown.seen(world.district.key)
    cadence.make_occurrences(world.district, now=world.now, since=date(2025, 4, 1))
    hosts = list(
        Occurrence.objects.filter(due_on__lt=date(2026, 4, 1)).order_by("due_on").values_list("host__name", flat=True)
    )
    assert len(hosts) == 12
    assert all(hosts.count(name) == 3 for name in set(hosts))
    assert len(set(hosts)) == 4
    assert all(a != b for a, b in itertools.pairwise(hosts))


@pytest.mark.row("XN-62")
def test_a_plan_is_never_noted_and_never_counted(db: None) -> None:
    series = {
        "duty": {"title": "下沉网格", "every": "day", "workdays_only": True, "level": "community", "kept": "plan"}
    }
    world = with_cadence(series)
    today = world.now.date()
    cadence.make_occurrences(world.district, now=world.now, since=today - timedelta(days=14))
    assert not Occurrence.objects.filter(due_on__week_day__in=[1, 7], due_on__gte=date(2026, 3, 2)).exists()
    with pytest.raises(Conflict):
        keep(world, occurrence("duty"))
    assert not cadence.list_occurrences(world.district, under=None, which="missed", today=today)
    assert not cadence.list_occurrences(world.district, under=None, which="open", today=today)


@pytest.mark.row("XN-07")
def test_the_quarter_opens_its_list_once(db: None) -> None:
    series = {
        "opens": {"title": "季清单", "every": "quarter", "level": "community", "opens": {"edition": "quarter_list"}}
    }
    world = with_cadence(series)
    cadence.make_occurrences(world.district, now=world.now)
    assert cadence.open_due(world.district, now=world.now) == 4
    assert cadence.open_due(world.district, now=world.now) == 0
    editions = Edition.objects.filter(list_key="quarter_list")
    assert {(e.title, e.status) for e in editions} == {("2026年第一季度", "draft")}
    assert editions.count() == 4


@pytest.mark.row("YH-28")
@pytest.mark.row("YH-29")
def test_a_report_is_counted_from_records_and_nobody_writes_it(db: None) -> None:
    series = {
        "weekly": {"title": "周报告", "every": "week", "on": {"weekday": 5}, "level": "community", "kept": "report"},
        "talk": {"title": "宣传", "every": "week", "on": {"weekday": 1}, "level": "community"},
    }  # fmt: skip
    world = with_cadence(series)
    cadence.make_occurrences(world.district, now=world.now)
    for _ in range(3):
        world.report()
    home = next(p for p in world.tree.at_level("community") if p.name == "横江社区")
    keep(world, occurrence("talk", area_id=home.id), heads=18)
    one = occurrence("weekly", area_id=home.id)
    (row,) = cadence.report(world.district, one)
    assert (row.started, row.finished, row.open_at_end) == (3, 0, 3)
    assert (row.in_time, row.with_limit) == (0, 0)
    assert cadence.report_activities(world.district, one) == [("宣传", 1, 18, 1)]
    other = next(p for p in world.tree.at_level("community") if p.name == "率水社区")
    assert cadence.report(world.district, occurrence("weekly", area_id=other.id)) == []
    with pytest.raises(Conflict):
        keep(world, one)


def test_feeds_have_lasting_ids_and_only_what_one_may_see(town: World) -> None:
    cadence.make_occurrences(town.district, now=town.now)
    today = town.now.date()

    def ids(rows: list[cadence.Row]) -> dict[str, date]:
        calendar = Calendar.from_ical(cadence.to_ics(rows, title="小镇", host="smalltown", now=town.now))
        return {str(event["uid"]): event.decoded("dtstart") for event in calendar.walk("VEVENT")}

    cadence.public_feed(town.district, area_id=None, today=today)
    with at_most(1):
        rows = cadence.public_feed(town.district, area_id=None, today=today)
    assert {row.title for row in rows} == {"周有宣传"}
    first = ids(rows)
    cadence.make_occurrences(town.district, now=town.later(days=1))
    again = ids(cadence.public_feed(town.district, area_id=None, today=today))
    assert first.items() <= again.items()
    place = next(p for p in town.tree.at_level("community") if p.name == "横江社区")
    only = cadence.public_feed(town.district, area_id=place.id, today=today)
    assert {row.place for row in only} == {town.tree.full_name(place.id)}
    mine = cadence.staff_feed(town.district, town.actor("receptionist", "横江社区"), today=today)
    assert {row.title for row in mine} == {"周有宣传", "月有活动", "季有演出"}
    assert {row.occurrence.area_id for row in mine} == {place.id}
