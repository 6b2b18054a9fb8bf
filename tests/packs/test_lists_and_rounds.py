"""What the localities' lists and rounds say: the printed counts exactly, and each thing that comes round as often as its article says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from tests.world import open_world, pack
from tongxin.accounts.models import User
from tongxin.cadence.rules import dues
from tongxin.kernel import caches
from tongxin.kernel.worktime import WorkCalendar
from tongxin.lists import api as lists
from tongxin.lists.models import Edition, Item
from tongxin.packs.schema import Pack
from tongxin.web.demo import listing

CALENDAR = WorkCalendar(years=frozenset(range(2020, 2040)))


def times(locality: Pack, key: str, year: int = 2029) -> int:
    """How often something falls into a year, on working days where it asks for them."""
    series = locality.cadence[key]
    found = [d for d in dues(series, date(year, 1, 1), date(year, 12, 31), CALENDAR) if d.due_on.year == year]
    if series.shift != "none" and series.every != "day":
        assert all(CALENDAR.is_workday(due.due_on) for due in found)
    return len(found)


@pytest.mark.parametrize(
    ("locality", "key", "every_year"),
    [
        pytest.param("xiuning", "great_committee_month", 12, marks=pytest.mark.row("XN-06")),
        pytest.param("xiuning", "quarter_list_opens", 4, marks=pytest.mark.row("XN-07")),
        pytest.param("xiuning", "year_review", 1, marks=pytest.mark.row("XN-08")),
        pytest.param("xiuning", "four_seasons", 4, marks=pytest.mark.row("XN-33")),
        pytest.param("xiuning", "volunteers_of_year", 1, marks=pytest.mark.row("XN-41")),
        pytest.param("xiuning", "joint_meeting", 4, marks=pytest.mark.row("XN-45")),
        pytest.param("xiuning", "collect_week", 52, marks=pytest.mark.row("XN-52")),
        pytest.param("xiuning", "bench_class", 12, marks=pytest.mark.row("XN-57")),
        pytest.param("xiuning", "general_grid_day", 261, marks=pytest.mark.row("XN-62")),
        pytest.param("zhongshan", "year_demand", 1, marks=pytest.mark.row("ZS-07")),
        pytest.param("zhongshan", "year_summary", 1, marks=pytest.mark.row("ZS-07")),
        pytest.param("zhongshan", "mentor_month", 12, marks=pytest.mark.row("ZS-42")),
        pytest.param("zhongshan", "mentor_quarter", 4, marks=pytest.mark.row("ZS-42")),
        pytest.param("zhongshan", "mentor_year", 1, marks=pytest.mark.row("ZS-42")),
        pytest.param("yuhu", "process_week", 52, marks=pytest.mark.row("YH-28")),
        pytest.param("yuhu", "result_month", 12, marks=pytest.mark.row("YH-29")),
        pytest.param("yuhu", "matching_meeting", 4, marks=pytest.mark.row("YH-17")),
        pytest.param("wuhan", "meal_day", 365, marks=pytest.mark.row("WH-37")),
        pytest.param("wuhan", "three_rates", 1, marks=pytest.mark.row("WH-33")),
        pytest.param("xigu", "publicity_week", 52, marks=pytest.mark.row("XG-24")),
        pytest.param("xigu", "activity_month", 12, marks=pytest.mark.row("XG-24")),
        pytest.param("xigu", "show_quarter", 4, marks=pytest.mark.row("XG-24")),
        pytest.param("xigu", "visit_month", 12, marks=pytest.mark.row("XG-07")),
        pytest.param("xigu", "veterans_day", 1, marks=pytest.mark.row("XG-29")),
        pytest.param("xigu", "model_quarter", 4, marks=pytest.mark.row("XG-08")),
        pytest.param("xigu", "benefit_half_year", 2, marks=pytest.mark.row("XG-09")),
    ],
)
def test_it_comes_round_as_often_as_the_article_says(locality: str, key: str, every_year: int) -> None:
    assert times(pack(locality), key) == every_year


@pytest.mark.row("WH-45")
def test_the_five_year_action_is_one_period_of_five_years() -> None:
    series = pack("wuhan").cadence["takeover"]
    assert series.since is not None
    (due,) = dues(series, series.since, series.since + timedelta(days=4 * 365), CALENDAR)
    assert due.last_on.year - due.first_on.year == 4


@pytest.mark.row("XN-62")
def test_the_daily_duty_is_a_plan_and_nothing_more() -> None:
    assert pack("xiuning").cadence["general_grid_day"].kept == "plan"


@pytest.mark.row("YH-28")
@pytest.mark.row("YH-29")
def test_reports_are_made_by_the_system() -> None:
    assert {pack("yuhu").cadence[key].kept for key in ("process_week", "result_month")} == {"report"}


def counts(key: str) -> dict[tuple[str, str], int]:
    """(list, class) → items on the newest edition, after the demo has filled the lists of a small town under that pack."""
    caches.clear_all()
    world = open_world(pack_key=key)
    listing.set_up_lists(world.district, since=date(2025, 12, 1), now=world.now)
    return {pair: n for pair, (n, _) in lists.count_items(world.district).items()}


@pytest.mark.row("ZS-06")
@pytest.mark.row("ZS-09")
@pytest.mark.row("ZS-18")
def test_the_admission_list_went_from_178_in_two_classes_to_148_in_five(db: None) -> None:
    found = counts("zhongshan")
    assert sum(n for (key, _), n in found.items() if key == "admission") == 148
    old, new = Edition.objects.filter(list_key="admission").order_by("number")
    assert (Item.objects.filter(edition=old).count(), len(old.classes)) == (178, 2)
    assert (Item.objects.filter(edition=new).count(), len(new.classes)) == (148, 5)
    assert list(pack("zhongshan").lists["demand"].classes.values()) == [
        "党的建设",
        "行政服务",
        "人才服务",
        "社会服务",
        "生活服务",
    ]


@pytest.mark.row("YH-15")
@pytest.mark.row("YH-18")
@pytest.mark.row("YH-44")
@pytest.mark.row("W-06")
def test_supply_purchase_and_affairs_have_their_printed_counts(db: None) -> None:
    found = counts("yuhu")
    assert sum(n for (key, _), n in found.items() if key == "supply") == 102
    assert sum(n for (key, _), n in found.items() if key == "purchase") == 75
    assert (found["affairs", "street"], found["affairs", "community"]) == (59, 45)
    assert {klass for key, klass in found if key == "town_duty"} == {"basic", "assist", "taken_back"}


@pytest.mark.row("WH-19")
@pytest.mark.row("WH-21")
@pytest.mark.row("WH-39")
def test_what_sank_has_39_and_10_and_the_printed_3152_stands_apart(db: None) -> None:
    found = counts("wuhan")
    assert (found["sunk", "community"], found["sunk", "machine"]) == (39, 10)
    spec = pack("wuhan").lists["joint_projects"]
    counted = sum(n for (key, _), n in found.items() if key == "joint_projects")
    assert spec.printed is not None
    assert (counted, spec.printed.count) == (12, 3152)
    assert len(pack("wuhan").lists["two_way"].classes) == 8


@pytest.mark.row("XG-17")
@pytest.mark.row("XG-19")
def test_matters_go_into_the_grids_in_five_classes_and_units_have_tasks(db: None) -> None:
    locality = pack("xigu")
    assert list(locality.lists["grid_matters"].classes.values()) == ["党建", "民政", "计生服务", "安全维稳", "环境卫生"]
    found = counts("xigu")
    assert (
        sum(n for (key, _), n in found.items() if key == "unit_tasks") == 4 * 8
    )  # each of the small town's four communities


@pytest.mark.row("XN-07")
def test_what_a_quarter_left_undone_stands_on_the_next_ones_list(db: None) -> None:
    counts("xiuning")
    carried = Item.objects.filter(edition__status="published", carried_from__isnull=False)
    assert carried.exists()
    assert not Item.objects.filter(edition__status="closed", stage__in=("open", "taken")).exists()
    assert Item.objects.filter(stage="done").exists(), "most of it was claimed and done"


@pytest.mark.row("ZS-06")
def test_from_a_need_one_clicks_on_to_its_match_its_project_and_who_answers_for_it(db: None, client: Client) -> None:
    caches.clear_all()
    world = open_world(pack_key="zhongshan")
    listing.set_up_lists(world.district, since=date(2025, 12, 1), now=world.now)
    client.force_login(User.objects.get(pk=world.actor("county_duty").user_id))
    newest = {key: Item.objects.filter(edition__status="published", list_key=key) for key in world.district.pack.lists}
    need = newest["demand"].get(title="背街小巷增加停车位")
    page, walked = client.get(f"/work/lists/items/{need.pk}", follow=True).content.decode(), [need.title]
    for key, title in (
        ("matching", "停车由金融融合体楼宇来接（拟名）"),
        ("project", "背街错时停车（拟名）"),
        ("responsibility", "错时停车牵头（拟名）"),
    ):
        item = newest[key].get(title=title)
        assert f'href="/work/lists/items/{item.pk}"' in page, (walked, title)
        page = client.get(f"/work/lists/items/{item.pk}", follow=True).content.decode()
        walked.append(title)
    assert "谈车位、定时段" in page


@pytest.mark.row("WH-48")
def test_the_twenty_questions_are_a_list_that_everybody_reads_and_the_form_asks_by(db: None, client: Client) -> None:
    found = counts("wuhan")
    locality = pack("wuhan")
    spec = locality.lists["hot_questions"]
    assert sum(n for (key, _), n in found.items() if key == "hot_questions") == 20
    assert spec.printed is not None
    assert spec.printed.count == 20
    named = [item.title for item in spec.items if item.fields["named"] == "报道写明"]
    assert named == ["小区停车难", "加装电梯难", "业委会成立难"]
    assert all(item.title.endswith("（拟名）") for item in spec.items[3:])
    opening = locality.procedures["common_question"].open
    assert opening is not None
    assert set(opening.form["topic"].choices or {}) == {item.key for item in spec.items} | {"other"}
    page = client.get("/lists/hot_questions").content.decode()
    assert all(item.title in page for item in spec.items)
