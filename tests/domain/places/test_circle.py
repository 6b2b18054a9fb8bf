"""Studies of the service circles: shares by hand, the network, the worker, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.domain.places.conftest import at
from tests.domain.smalltown import seen
from tests.statements import at_most
from tests.world import World
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.places.models import CircleStudy, WalkMap
from tongxin.records.models import AuditEntry
from tongxin.territory.models import Area, PlaceName
from tongxin.web.worker import Worker


def put(
    world: World, name: str = "一站", kind: str = "clinic", spot: tuple[float, float] = (0.5, 0.5), **more: object
) -> int:
    lon, lat = at(*spot)
    facility = places.NewFacility(kind, name, lon, lat, **more)  # type: ignore[arg-type]
    return places.save_facility(
        district=world.district, facility=facility, actor=organization.system_actor(world.district), now=world.now
    )


def ask(world: World) -> places.StudyCard:
    places.ask_study(district=seen(), actor=organization.system_actor(world.district), now=world.later(minutes=1))
    found = places.newest_study(world.district.id)
    assert found is not None
    return found


@pytest.mark.row("XG-21")
def test_shares_gaps_and_the_best_site_as_worked_by_hand(world: World) -> None:
    put(world)
    study = ask(world)
    assert (study.result["dwellings"], study.result["households"]) == (5, 280)
    assert study.result["without_households"] == 1
    clinic = study.result["kinds"]["clinic"]
    assert clinic["facilities"] == 1
    assert clinic["within"] == {"5": 100, "10": 160, "15": 160}
    # 南苑 and 北苑 lie 147 m apart and walk 17 minutes; one more beside either serves both, 远村 stays alone
    assert clinic["site"]["households"] == 70
    assert clinic["site"]["near"] in ("南苑", "北苑")
    assert clinic["site"]["left_out"] == 120
    gaps = {row[0]: (row[1], row[2]) for row in clinic["areas"]}
    names = {area.pk: area.name for area in Area.objects.filter(pk__in=gaps)}
    assert {names[key]: value for key, value in gaps.items()} == {"横江社区": (160, 230), "率水社区": (0, 50)}
    missed = places.left_out(study, seen(), "clinic")
    assert [(name, households) for name, _, _, households, _ in missed] == [("远村", 50), ("南苑", 40), ("北苑", 30)]
    nursery = study.result["kinds"]["nursery"]
    assert (nursery["facilities"], nursery["within"]["15"], nursery["site"]["left_out"]) == (0, 0, 280)
    assert places.left_out(study, seen(), "nursery")[0][0] == "东苑"


def test_people_are_told_where_they_are_known(world: World) -> None:
    put(world)
    assert ask(world).result["kinds"]["clinic"]["site"]["people"] is None
    Area.objects.filter(name="横江社区").update(households=200, people=500)
    assert ask(world).result["kinds"]["clinic"]["site"]["people"] == 175


def test_ways_are_walked_where_there_is_a_network(world: World, extract: Path) -> None:
    put(world, spot=(1.5, 0.5))
    straight = ask(world).result["kinds"]["clinic"]["within"]
    card = places.load_walk_map(district=seen(), path=extract, actor_label="测试", now=world.now)
    assert (card.nodes, card.links) == (4, 3)
    study = ask(world)
    assert study.result["network"]["nodes"] == 4
    # 东苑 walked 16.9 minutes in a straight line × 1.3; along the street it is 998 + 974 + 998 m = 39.6 minutes
    assert straight["15"] == 130  # 西苑 too: 682 m × 1.3 are 11.8 minutes
    assert study.result["kinds"]["clinic"]["within"]["15"] == 70
    walk = next(row for row in places.left_out(study, seen(), "clinic") if row[0] == "东苑")
    assert 390 <= walk[4] <= 400
    # 远村 lies 6 km from the street: estimated, and said
    assert study.result["kinds"]["clinic"]["estimated"] == 50
    again = places.load_walk_map(district=seen(), path=extract, actor_label="测试", now=world.now)
    assert again.digest == card.digest
    assert WalkMap.objects.count() == 1


def test_the_command_reads_a_network_and_prints_the_circle(
    world: World, extract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("places", "network", "smalltown", str(extract))
    assert "4 个路口和转折点" in capsys.readouterr().out
    put(world)
    call_command("places", "circle", "smalltown")
    assert "社区卫生服务站：1 处；5 分钟" in capsys.readouterr().out
    assert AuditEntry.objects.filter(action="places.load_walk_map").count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "找不到路网文件"), (b"not a pbf", "读不出来"), (b"", "读不出来")],
)
def test_a_file_that_is_no_network_gets_a_sentence(
    world: World, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "roads.osm.pbf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("places", "network", "smalltown", str(path))
    assert not WalkMap.objects.exists()


def test_a_network_of_another_place_is_refused(world: World, extract: Path) -> None:
    Area.objects.all().update(outline=None)
    import shapely

    Area.objects.filter(level="county").update(outline=shapely.to_wkb(shapely.box(100, 30, 100.1, 30.1)))
    packs.bump_territory(world.district.id)
    with pytest.raises(Invalid, match="没有一条路在本地范围内"):
        places.load_walk_map(district=seen(), path=extract, actor_label="测试", now=world.now)
    assert not WalkMap.objects.exists()


def test_no_homes_no_study(world: World) -> None:
    PlaceName.objects.all().delete()
    packs.bump_territory(world.district.id)
    with pytest.raises(Invalid, match="还没有住处"):
        ask(world)
    assert not CircleStudy.objects.exists()
    # households of whole grids stand in
    Area.objects.filter(level="grid").update(households=300)
    packs.bump_territory(world.district.id)
    study = ask(world)
    assert (study.result["from_areas"], study.result["households"]) == (16, 4_800)


def test_a_change_of_facilities_or_places_makes_a_study_old(world: World) -> None:
    study = ask(world)
    assert not places.out_of_date(seen(), study)
    world.later(minutes=5)
    put(world)
    assert places.out_of_date(seen(), study)


class TestLongStudies:
    @pytest.fixture(autouse=True)
    def _long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every study counts as long, so that it waits for a worker."""
        monkeypatch.setattr("tongxin.places.actions.studies.AT_ONCE_SECONDS", 0.0)

    def system(self, world: World) -> organization.Actor:
        return organization.system_actor(world.district)

    def test_it_waits_is_run_by_the_worker_and_kept(self, world: World) -> None:
        put(world)
        places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        assert places.newest_study(world.district.id) is None
        last = places.last_asked(world.district.id)
        assert last is not None
        assert last.open
        with pytest.raises(Conflict, match="已经在算了"):
            places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        assert places.run_waiting(lambda: world.now) == 1
        assert places.run_waiting(lambda: world.now) == 0
        done = places.newest_study(world.district.id)
        assert done is not None
        assert done.percent == 100

    def test_the_worker_of_the_platform_runs_it(self, world: World) -> None:
        put(world)
        places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        Worker(now=lambda: world.now).work()
        assert CircleStudy.objects.get().state == "done"

    def test_a_waiting_one_is_called_off(self, world: World) -> None:
        places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        places.stop_study(district=seen(), actor=self.system(world), now=world.now)
        assert places.run_waiting(lambda: world.now) == 0
        assert CircleStudy.objects.get().state == "stopped"

    def test_a_running_one_ends_at_its_next_step(self, world: World) -> None:
        places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        CircleStudy.objects.update(stop=True)
        assert places.run_waiting(lambda: world.now) == 1
        row = CircleStudy.objects.get()
        assert (row.state, row.result) == ("stopped", {})

    def test_one_whose_worker_died_is_taken_up_again(self, world: World) -> None:
        places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        CircleStudy.objects.update(state="running", began_at=world.now, percent=40)
        assert places.run_waiting(lambda: world.now) == 1
        assert CircleStudy.objects.get().state == "done"

    def test_one_that_cannot_be_done_says_why(self, world: World) -> None:
        places.ask_study(district=seen(), actor=self.system(world), now=world.now)
        PlaceName.objects.update(households=None)
        packs.bump_territory(world.district.id)
        packs.forget_districts()
        places.run_waiting(lambda: world.now)
        row = CircleStudy.objects.get()
        assert row.state == "failed"
        assert "没有任何住处" in row.trouble


def test_only_the_newest_study_keeps_its_walks(world: World) -> None:
    put(world)
    first = ask(world)
    ask(world)
    assert CircleStudy.objects.get(pk=first.id).minutes is None
    assert places.left_out(first, seen(), "clinic") == []


def test_who_may_not_manage_facilities_asks_for_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        places.ask_study(district=seen(), actor=world.actor("grid_worker"), now=world.now)
    assert not CircleStudy.objects.exists()


def test_what_is_near_a_point(world: World) -> None:
    put(world, "一站")
    put(world, "二站", spot=(0.8, 0.5))
    put(world, "远院", kind="elder_care", spot=(7.5, 1.5))
    district = seen()
    with at_most(3):
        found = places.list_nearby(district, *at(0.5, 0.5))
    assert [(one.facility.name, one.minutes) for one in found.near] == [("一站", 1), ("二站", 6)]
    assert [(one.facility.name, one.minutes > 15) for one in found.beyond] == [("远院", True)]
    assert found.estimated


def test_a_change_is_counted_anew_in_the_background_once_things_have_settled(world: World) -> None:
    put(world)
    first = ask(world)
    assert places.ask_again(world.later(hours=1)) == 0  # nothing has changed
    put(world, name="新站")
    changed = world.now
    assert places.ask_again(changed) == 1
    assert places.ask_again(changed) == 0  # one waits already
    assert places.run_waiting(lambda: changed) == 1
    second = places.newest_study(world.district.id)
    assert second is not None
    assert second.id != first.id
    assert second.asked_by.startswith("系统")
    assert not places.out_of_date(seen(), second)
    # what a person called off is not asked for again before facilities change
    packs.bump_territory(world.district.id)
    packs.forget_districts()
    CircleStudy.objects.create(district_id=world.district.id, state="stopped", asked_by="人", asked_at=changed)
    assert places.ask_again(world.later(hours=1)) == 0
    put(world, name="又一站")
    assert places.ask_again(world.now) == 1
