"""The life of a list through its door: drafted, filled, published, compared, closed, carried over; files taken in twice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from tests.domain import smalltown
from tests.statements import at_most
from tests.world import World
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.lists import api as lists
from tongxin.lists.models import Item
from tongxin.procedures import api as procedures


def draft(world: World, key: str = "admission", **given: object) -> lists.Edition:
    return lists.draft_edition(
        district=world.district, key=key, actor=world.actor("county_duty"), now=world.now, **given
    )  # type: ignore[arg-type]


def add(world: World, edition: lists.Edition, *items: lists.NewItem) -> list[lists.Item]:
    return lists.add_items(
        district=world.district, edition_id=edition.pk, items=items, actor=world.actor("county_duty"), now=world.now
    )


def publish(world: World, edition: lists.Edition) -> lists.Edition:
    made = lists.publish_edition(
        district=world.district, edition_id=edition.pk, actor=world.actor("county_duty"), now=world.now
    )
    world.district = smalltown.seen(world.district.key)
    return made


def spread(counts: dict[str, int]) -> list[lists.NewItem]:
    keys = [klass for klass, n in counts.items() for _ in range(n)]
    return [lists.NewItem(f"事项{n + 1}", klass, f"{n + 1:03d}") for n, klass in enumerate(keys)]


@pytest.mark.row("ZS-18")
def test_178_items_in_two_classes_become_148_in_five(world: World) -> None:
    old = draft(world, classes={"office": "行政事务", "service": "公共服务"}, copy=False)
    add(world, old, *spread({"office": 98, "service": 80}))
    publish(world, old)
    new = draft(world, copy=False)
    add(world, new, *spread({"party": 24, "administration": 36, "talent": 18, "society": 40, "life": 30}))
    publish(world, new)
    with at_most(2):
        found = lists.compare_editions(world.district, old, new)
    assert (found.before, found.after, found.difference) == (178, 148, -30)
    assert found.count("removed") == 30
    assert found.count("moved") == 148
    assert sum(1 for _, before, _ in found.classes if before) == 2
    assert sum(1 for _, _, after in found.classes if after) == 5
    assert sum(b for _, _, b in found.classes) - sum(a for _, a, _ in found.classes) == -30


def test_a_published_edition_stays_as_it_is(world: World) -> None:
    edition = draft(world)
    (item,) = add(world, edition, lists.NewItem("楼道灯", "life", share="main"))
    publish(world, edition)
    with pytest.raises(Conflict):
        add(world, edition, lists.NewItem("又一条", "life"))
    with pytest.raises(Conflict):
        lists.remove_item(district=world.district, item_id=item.pk, actor=world.actor("county_duty"), now=world.now)
    assert Item.objects.count() == 1


def test_the_next_draft_begins_with_what_is_in_force_and_keeps_the_numbers(world: World) -> None:
    first = draft(world)
    add(world, first, lists.NewItem("甲", "life"), lists.NewItem("乙", "life"))
    publish(world, first)
    second = draft(world)
    copied = {item.key: item for item in Item.objects.filter(edition=second)}
    assert sorted(copied) == ["001", "002"]
    lists.remove_item(
        district=world.district, item_id=copied["002"].pk, actor=world.actor("county_duty"), now=world.now
    )
    (fresh,) = add(world, second, lists.NewItem("丙", "life"))
    assert fresh.key == "003", "a number is not given to another item"
    with pytest.raises(Conflict):
        draft(world)


def test_only_its_keeper_changes_a_list(world: World) -> None:
    for role in ("receptionist", "leader", "community_secretary"):
        with pytest.raises(NotAllowed):
            lists.draft_edition(district=world.district, key="admission", actor=world.actor(role), now=world.now)
    assert not lists.list_editions(world.district, "admission")


def test_an_empty_edition_is_not_published(world: World) -> None:
    edition = draft(world)
    with pytest.raises(Invalid):
        publish(world, edition)


@pytest.mark.row("ZS-06")
def test_the_four_lists_are_linked(world: World) -> None:
    demand, project, matching, duty = (draft(world, key) for key in ("demand", "project", "matching", "responsibility"))
    add(world, demand, lists.NewItem("背街停车", "life"))
    add(world, project, lists.NewItem("停车位改造", "life", refers=("demand:001",)))
    (match,) = add(world, matching, lists.NewItem("停车对接", "fused", refers=("demand:001", "project:001")))
    add(world, duty, lists.NewItem("牵头单位", "lead", fields={"duty": "划线"}, refers=("project:001",)))
    with at_most(1):
        found = lists.related(world.district, match)
    assert sorted((what, item.title) for what, item in found) == [("需求", "背街停车"), ("项目", "停车位改造")]
    (project_item,) = Item.objects.filter(list_key="project")
    assert {item.title for _, item in lists.related(world.district, project_item)} == {
        "背街停车",
        "停车对接",
        "牵头单位",
    }
    with pytest.raises(Invalid):
        add(world, project, lists.NewItem("错的", "life", refers=("supply:001",)))


@pytest.mark.row("ZS-07")
@pytest.mark.row("XN-07")
def test_items_are_claimed_done_confirmed_and_the_rest_goes_into_the_next_period(world: World) -> None:
    edition = draft(world, "demand", from_on=date(2026, 3, 2))
    assert (edition.title, edition.from_on, edition.to_on) == ("2026年度", date(2026, 1, 1), date(2026, 12, 31))
    add(
        world,
        edition,
        lists.NewItem("送餐", "society"),
        lists.NewItem("停车", "life"),
        lists.NewItem("看护", "society"),
    )
    with at_most(16):
        publish(world, edition)
    items = {item.title: item for item in Item.objects.filter(edition=edition)}
    runs = procedures.run_ids_of(world.district, [(lists.SUBJECT, item.case_id or 0) for item in items.values()])

    def act(title: str, key: str, role: str, where: str = "", **form: object) -> None:
        run_id = runs[(lists.SUBJECT, items[title].case_id or 0)]
        procedures.act(
            district=world.district,
            run_id=run_id,
            transition=key,
            form=form,
            actor=world.actor(role, where),
            now=world.later(hours=2),
        )

    housing, city = world.bodies["housing"].pk, world.bodies["city"].pk
    with pytest.raises(NotAllowed):
        act("停车", "claim", "department_desk", "住建局", unit=city)
    act("停车", "claim", "department_desk", "住建局", unit=housing)
    act("停车", "finish", "department_desk", "住建局", result="划好了 20 个车位")
    act("停车", "confirm", "county_duty")
    act("看护", "claim", "county_duty", unit=city)
    assert {i.title: i.stage for i in Item.objects.filter(edition=edition)} == {
        "送餐": "open",
        "停车": "done",
        "看护": "taken",
    }

    world.now += timedelta(days=310)
    assert [late.pk for late in lists.late_periods(world.district, world.now)] == [edition.pk]
    with at_most(14):
        following = lists.close_period(
            district=world.district, edition_id=edition.pk, actor=world.actor("county_duty"), now=world.now
        )
    assert following is not None
    assert following.title == "2027年度"
    carried = {item.title: item for item in Item.objects.filter(edition=following)}
    assert set(carried) == {"送餐", "看护"}
    assert carried["看护"].carried_from_id == items["看护"].pk
    assert carried["看护"].case_id == items["看护"].case_id, "the same case goes on"
    act("看护", "finish", "department_desk", "城管局", result="已开班")
    act("看护", "confirm", "county_duty")
    carried["看护"].refresh_from_db()
    items["看护"].refresh_from_db()
    assert (carried["看护"].stage, items["看护"].stage) == ("done", "carried")
    with pytest.raises(Conflict):
        lists.close_period(
            district=world.district, edition_id=edition.pk, actor=world.actor("county_duty"), now=world.now
        )


def test_claimable_items_have_deadlines_that_fire(world: World) -> None:
    edition = draft(world, "demand")
    add(world, edition, lists.NewItem("停车", "life"))
    publish(world, edition)
    (item,) = Item.objects.filter(edition=edition)
    run = procedures.find_run(world.district, lists.SUBJECT, item.case_id or 0)
    assert run is not None
    procedures.act(
        district=world.district, run_id=run.id, transition="claim", form={"unit": world.bodies["housing"].pk},
        actor=world.actor("county_duty"), now=world.now,
    )  # fmt: skip
    assert procedures.sweep(world.later(days=80)) > 0


def sheet(path: Path, rows: list[list[str]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return path


HEAD = ["编号", "事项", "分类", "社区的责任", "责任单位", "地点", "诉求类别", "依据"]


def test_a_file_tells_each_faulty_row_and_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    edition = draft(world)
    path = sheet(
        tmp_path / "清单.xlsx",
        [
            HEAD,
            ["001", "调解纠纷", "社会服务", "主办", "", "", "0403", "人民调解法"],
            ["", "停车劝导", "生活服务", "只协助", "住建局", "", "停车", ""],
            ["003", "错的分类", "没有这类", "", "", "", "", ""],
            ["004", "错的单位", "生活服务", "", "没有这个局", "", "", ""],
            ["001", "重复编号", "生活服务", "", "", "", "", ""],
            ["006", "", "生活服务", "", "", "", "", ""],
        ],
    )

    def take(dry: bool = False) -> lists.ItemsImported:
        return lists.import_items(
            district=world.district,
            edition_id=edition.pk,
            path=path,
            actor=world.actor("county_duty"),
            now=world.now,
            dry_run=dry,
        )

    assert take(dry=True).added == 2
    assert not Item.objects.exists()
    done = take()
    assert (done.read, done.added, done.changed, done.unchanged) == (6, 2, 0, 0)
    assert [fault.row for fault in done.faults] == [4, 5, 6, 7]
    again = take()
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    items = {item.title: item for item in Item.objects.filter(edition=edition)}
    assert items["停车劝导"].categories == ["0502"]
    assert items["停车劝导"].share == "assist"
    assert items["停车劝导"].owner_id == world.bodies["housing"].pk
    assert items["调解纠纷"].fields == {"law": "人民调解法"}


def test_a_file_without_the_needed_columns_is_refused(world: World, tmp_path: Path) -> None:
    edition = draft(world)
    with pytest.raises(Invalid) as refused:
        lists.import_items(
            district=world.district, edition_id=edition.pk, path=sheet(tmp_path / "x.xlsx", [["事项名"], ["甲"]]),
            actor=world.actor("county_duty"), now=world.now,
        )  # fmt: skip
    assert "分类" in refused.value.what
