"""Rules of duty: links with their uniqueness and coverage, posts each place must have, concurrent posts, staffing by inhabitants."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.domain import smalltown
from tests.statements import at_most
from tongxin.kernel import caches
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.organization import api as organization
from tongxin.organization.models import Body, BodyArea, DutyLink, Term
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.territory import api as territory
from tongxin.territory.models import Area

RULES: dict[str, Any] = {
    "links": {
        "head": {"title": "领导联系社区", "from": {"role": "leader"}, "to": {"level": "community"}, "unique": "both", "cover": "both"},
        "mentor": {"title": "帮带", "from": {"role": "community_head"}, "to": {"role": "grid_worker"}, "unique": "to", "most": 2},
        "pairing": {"title": "结对", "from": {"body": "department"}, "to": {"level": "community"}, "by": "covers", "cover": "both"},
    },
    "required": {
        "workers": {"title": "一格一员", "role": "grid_worker", "at": "grid", "least": 1},
        "clerks": {"title": "AB 岗", "role": "community_clerk", "at": "community", "least": 2, "stand_in": True},
    },
    "concurrent": {"both": {"title": "兼任", "role": "community_head", "with": "community_clerk", "rule": "never"}},
    "staffing": {"ratio": {"title": "配备", "roles": ["grid_worker"], "of": "people", "per": 10000, "least": 18, "source": "规定"}},
}  # fmt: skip
ON = smalltown.TODAY


@pytest.fixture
def district(db: None) -> DistrictView:
    """The small town with four leaders, rules of duty, every post made and held."""
    caches.clear_all()
    units = {
        **smalltown.UNITS,
        **RULES,
        "roles": {**smalltown.UNITS["roles"], "leader": {**smalltown.UNITS["roles"]["leader"], "seats": 4}},
    }
    smalltown.open_town(pack=smalltown.make_pack(units=units))
    organization.set_up_posts(smalltown.seen(), smalltown.make_pack(units=units), smalltown.NOW)
    view = smalltown.seen()
    posts = [post.id for post in organization.directory(view).posts()]
    organization.staff_posts(
        district=view,
        names={ident: f"某{ident}" for ident in posts},
        actor=organization.system_actor(view),
        now=smalltown.NOW,
    )
    return smalltown.seen()


def leaders(district: DistrictView) -> list[organization.End]:
    return [("post", post.id) for post in organization.directory(district).posts() if post.role == "leader"]


def communities(district: DistrictView) -> list[organization.End]:
    return [("area", place.id) for place in territory.tree(district).at_level("community")]


def bind(district: DistrictView, kind: str, source: organization.End, target: organization.End, **more: Any) -> int:
    return organization.set_link(
        district=district,
        kind=kind,
        source=source,
        target=target,
        actor=organization.system_actor(district),
        now=smalltown.NOW,
        **more,
    )


def rule(key: str) -> organization.Duty:
    view = smalltown.seen()
    return next(one for one in organization.list_duties(view, on=ON) if one.key == key)


@pytest.mark.row("XN-24")
def test_each_leader_has_one_community_and_each_community_one_leader(district: DistrictView) -> None:
    assert (rule("head").part, rule("head").whole, rule("head").kept) == (0, 8, False)
    people, places = leaders(district), communities(district)
    bind(district, "head", people[0], places[0])
    with pytest.raises(Conflict) as refused:
        bind(district, "head", people[0], places[1])
    assert "横江社区" in refused.value.what
    with pytest.raises(Conflict) as refused:
        bind(district, "head", people[1], places[0])
    assert "已由" in refused.value.what
    assert DutyLink.objects.count() == 1
    for person, place in zip(people[1:], places[1:], strict=True):
        bind(district, "head", person, place)
    found = rule("head")
    assert (found.part, found.whole, found.kept, found.linked) == (8, 8, True, 4)


def test_an_ended_link_frees_both_ends_and_stays_in_the_books(district: DistrictView) -> None:
    people, places = leaders(district), communities(district)
    ident = bind(district, "head", people[0], places[0], from_on=ON - timedelta(days=30))
    organization.end_link(
        district=district, link_id=ident, actor=organization.system_actor(district), now=smalltown.NOW
    )
    bind(district, "head", people[0], places[1])
    bind(district, "head", people[1], places[0])
    assert DutyLink.objects.count() == 3
    assert rule("head").linked == 2


def test_ends_must_fit_and_only_managers_bind(district: DistrictView) -> None:
    people, places = leaders(district), communities(district)
    grid = ("area", territory.tree(district).at_level("grid")[0].id)
    with pytest.raises(Invalid):
        bind(district, "head", people[0], grid)
    with pytest.raises(Invalid):
        bind(district, "head", ("post", 999_999), places[0])
    resident = organization.resident_actor(district)
    with pytest.raises(NotAllowed):
        organization.set_link(
            district=district, kind="head", source=people[0], target=places[0], actor=resident, now=smalltown.NOW
        )
    assert not DutyLink.objects.exists()


@pytest.mark.row("WH-28")
def test_a_mentor_has_at_most_so_many(district: DistrictView) -> None:
    directory = organization.directory(district)
    mentor = next(("post", post.id) for post in directory.posts() if post.role == "community_head")
    taught = [("post", post.id) for post in directory.posts() if post.role == "grid_worker"]
    bind(district, "mentor", mentor, taught[0])
    bind(district, "mentor", mentor, taught[1])
    with pytest.raises(Conflict) as refused:
        bind(district, "mentor", mentor, taught[2])
    assert "至多 2 处" in refused.value.what
    assert rule("mentor").kept is None, "nothing is demanded, nothing is broken"


@pytest.mark.row("WH-15")
def test_pairing_is_read_from_what_units_cover(district: DistrictView) -> None:
    def unit(name: str, *covers: organization.End) -> None:
        body = Body.objects.create(district_id=district.id, kind="department", name=name, began_on=date(2020, 1, 1))
        BodyArea.objects.bulk_create([BodyArea(body=body, area_id=ident) for _, ident in covers])

    places = communities(district)
    unit("甲局", places[0], places[1])
    unit("乙局", places[1], places[2])
    unit("丙局")
    packs.bump_organization(district.id)
    found = rule("pairing")
    assert (found.part, found.whole, found.linked) == (5, 7, 4)
    assert sorted(gap.what.partition("：")[0].rpartition("镇")[2] for gap in found.gaps) == ["丙局", "率水社区"]
    unit("丁局", places[3])
    packs.bump_organization(district.id)
    assert {gap.what.partition("：")[0] for gap in rule("pairing").gaps} == {"丙局"}


@pytest.mark.row("ZS-21")
@pytest.mark.row("XG-12")
@pytest.mark.row("XN-59")
def test_posts_that_each_place_must_have(district: DistrictView) -> None:
    assert (rule("workers").part, rule("workers").whole) == (16, 16)
    post = next(post for post in organization.directory(district).posts() if post.role == "grid_worker")
    Term.objects.filter(post_id=post.id).delete()
    packs.bump_organization(district.id)
    found = rule("workers")
    assert (found.part, found.whole) == (15, 16)
    assert "在岗 0 人" in found.gaps[0].what
    assert rule("clerks").part == 0
    view = smalltown.seen()
    place = communities(view)[0][1]
    first, second = organization.directory(view).posts_at("community_clerk", place)
    for one, other in ((first, second), (second, first)):
        organization.set_cover(
            district=view, post_id=one.id, by_id=other.id, actor=organization.system_actor(view), now=smalltown.NOW
        )
    assert (rule("clerks").part, rule("clerks").whole) == (1, 4)


@pytest.mark.row("XN-38")
@pytest.mark.row("ZS-33")
def test_posts_that_one_may_not_hold_together(district: DistrictView) -> None:
    assert (rule("both").part, rule("both").whole, rule("both").kept) == (4, 4, True)
    directory = organization.directory(district)
    head = next(post for post in directory.posts() if post.role == "community_head")
    clerk = next(post for post in directory.posts() if post.role == "community_clerk")
    ((person, name),) = directory.holders(head.id, ON)
    Term.objects.filter(post_id=clerk.id).delete()
    packs.bump_organization(district.id)
    organization.appoint(
        district=smalltown.seen(),
        post_id=clerk.id,
        person_id=person,
        actor=organization.system_actor(district),
        now=smalltown.NOW,
    )
    found = rule("both")
    assert (found.part, found.whole) == (3, 4)
    assert name in found.gaps[0].what


@pytest.mark.row("WH-43")
def test_staffing_is_counted_exactly_and_says_when_inhabitants_are_missing(district: DistrictView) -> None:
    found = rule("ratio")
    assert found.rate is None
    assert "还没有人口数" in found.gaps[0].what
    grids = list(Area.objects.filter(district_id=district.id, level="grid").order_by("code"))
    Area.objects.filter(pk__in=[grid.pk for grid in grids]).update(
        people=555
    )  # 16 × 555 = 8,880; 18 per 10,000 want 15.984
    packs.bump_territory(district.id)
    found = rule("ratio")
    assert found.kept
    assert found.rate == Fraction(160_000, 8_880)
    assert found.shown_rate == "18.01"
    Area.objects.filter(pk=grids[0].pk).update(people=564)  # 8,889: 16 are 17.9997… of 10,000
    packs.bump_territory(district.id)
    found = rule("ratio")
    assert not found.kept
    assert found.shown_rate == "17.99"
    assert "现有 16 名，至少要 17 名" in found.gaps[0].what


def test_a_file_of_links_tells_each_row_and_twice_changes_nothing(district: DistrictView, tmp_path: Path) -> None:
    directory, tree = organization.directory(district), territory.tree(district)
    people = [directory.post(ident) for _, ident in leaders(district)]
    path = tmp_path / "联系.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    titles = [post.title for post in people if post is not None]
    rows = [
        ["联系人", "联系对象", "自", "至", "说明"],
        [titles[0], "341000001001", "2026-01-05", "", "县委书记"],
        [titles[1], "玉宁社区", "2026/01/05", "", ""],
        [titles[1], "梅林社区", "", "", ""],
        [titles[2], "没有这个社区", "", "", ""],
        [titles[3], "率水社区", "昨天", "", ""],
    ]
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()

    def take(dry: bool = False) -> organization.LinksImported:
        return organization.import_links(
            district=smalltown.seen(),
            kind="head",
            path=path,
            actor=organization.system_actor(district),
            now=smalltown.NOW,
            dry_run=dry,
        )

    assert take(dry=True).added == 2
    assert not DutyLink.objects.exists()
    done = take()
    assert (done.read, done.added, done.unchanged) == (5, 2, 0)
    assert [fault.row for fault in done.faults] == [4, 5, 6]
    assert take().added == 0
    assert DutyLink.objects.count() == 2
    assert len(tree.at_level("community")) == 4


def test_judging_costs_the_same_whatever_the_number_of_posts(district: DistrictView) -> None:
    organization.list_duties(smalltown.seen(), on=ON)
    view = smalltown.seen()
    with at_most(1):
        organization.list_duties(view, on=ON)
