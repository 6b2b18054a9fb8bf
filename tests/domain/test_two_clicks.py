"""Two clicks, or two people, in the same moment: the first is not yet through when the second begins, and still it stands once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from tests.domain import smalltown
from tests.world import World, open_world
from tongxin.kernel import caches, clock
from tongxin.kernel.errors import Conflict, Refusal
from tongxin.learning import api as learning
from tongxin.learning.models import TopicCase
from tongxin.organization import api as organization
from tongxin.organization.models import Body
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.places.models import CircleStudy, Facility, WalkReading
from tongxin.registers import api as registers
from tongxin.registers.models import Entry, Mark, Signature
from tongxin.territory import api as territory

_WAITS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"""


def overlapping(act: Callable[[], Any]) -> list[Any]:
    """Do a thing, and before it is committed do it again beside; return what each gave or was refused."""
    written, go_on = threading.Event(), threading.Event()

    def first() -> Any:
        try:
            with transaction.atomic():
                try:
                    return act()
                finally:
                    written.set()
                    assert go_on.wait(30)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    def second() -> Any:
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert written.wait(30)
        other = pool.submit(second)
        while not other.done() and not _somebody_waits():
            wait([other], timeout=0.02)
        go_on.set()
        return [one.result(), other.result()]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITS)
        return bool(cursor.fetchone()[0])


@pytest.fixture
def town(transactional_db: None, settings: Any, tmp_path: Path) -> World:
    settings.DATA_DIR = tmp_path
    caches.clear_all()
    packs.forget_districts()
    world = open_world(pack_key="zhongshan")
    world.now = clock.now()
    return world


def test_what_is_asked_for_twice_stands_once(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One test for all: the town is the same, and each thing is of another table."""
    monkeypatch.setattr("tongxin.places.actions.studies.AT_ONCE_SECONDS", -1.0)  # every study is long
    district, now, system = town.district, town.now, organization.system_actor(town.district)
    estate = territory.NewPlaceName("东苑", "estate", (), None, *smalltown.centre(0, 0), 100)
    territory.add_place_names(district=district, names=[estate], actor_label="测试", now=now)
    lon, lat = smalltown.centre(1, 0)
    kind = next(iter(district.pack.facilities.kinds))
    fusion = Body.objects.create(district_id=district.id, kind="fusion", name="甲融合体", began_on=date(2020, 1, 1))
    member = Body.objects.create(
        district_id=district.id, kind="member_unit", name="成员", parent=fusion, began_on=date(2020, 1, 1)
    )
    packs.bump_organization(district.id)
    packs.forget_districts()
    common: dict[str, Any] = {"district": smalltown.seen(district.key), "now": now}
    grid_worker, grid = town.actor("grid_worker"), town.tree.at_level("grid")[0]
    grid_worker_home = next(iter(registers.tag_grounds(common["district"], grid_worker, "low_income")))

    once: list[tuple[QuerySet[Any], Callable[[], Any]]] = [
        (
            WalkReading.objects.all(),
            lambda: places.ask_reading(path=Path("town.osm.pbf"), name="town", actor=system, **common),
        ),
        (CircleStudy.objects.all(), lambda: places.ask_study(actor=system, **common)),
        (
            Facility.objects.all(),
            lambda: places.save_facility(
                facility=places.NewFacility(kind, "一处", lon, lat), actor=system, **common
            ),
        ),
        (
            Signature.objects.all(),
            lambda: registers.sign(
                document="agreement", copy_of=fusion.pk, party_id=member.pk, signed_on=date(2024, 5, 6), actor=system, **common
            ),
        ),
        (
            Mark.objects.all(),
            lambda: registers.mark_home(
                tag="low_income", area_id=grid_worker_home, who="某人", home="一栋一室", note="", actor=grid_worker, **common
            ),
        ),
    ]  # fmt: skip
    for rows, act in once:
        told = overlapping(act)
        assert rows.count() == 1, rows.model
        assert isinstance(told[1], Conflict), (rows.model, told)
        assert not isinstance(told[0], Refusal), (rows.model, told)

    # who gives no number gets the next free one, both of them
    person = registers.NewEntry(title="领头雁", who="某人", area_id=grid.id, klass="retired")
    both = overlapping(lambda: registers.enter(key="lead_candidates", entry=person, actor=system, **common))
    assert sorted(Entry.objects.values_list("key", flat=True)) == sorted(one.key for one in both) == ["001", "002"]


def test_a_topic_is_taken_up_by_one_of_two(town: World) -> None:
    reported = [town.report("滨江花园烧烤店油烟扰民", reporter_phone=f"1390000000{number}") for number in range(3)]
    supervisor = town.actor("supervisor")
    given: dict[str, Any] = {
        "district": town.district, "title": "滨江花园烧烤店油烟", "words": ["油烟"], "since": town.now, "until": town.now,
        "matter_ids": [one.matter_id for one in reported], "owner_id": town.bodies["city"].id, "actor": supervisor, "now": town.now,
    }  # fmt: skip
    again = overlapping(lambda: learning.open_topic(**given, request_key="k" * 12))
    assert [one.replayed for one in again] == [False, True]
    TopicCase.objects.all().delete()
    both = overlapping(lambda: learning.open_topic(**given))
    assert isinstance(both[1], Conflict)
    assert TopicCase.objects.count() == 1
