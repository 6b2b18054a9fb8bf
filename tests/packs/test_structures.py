"""Rows of the articles that are structures: a body of the right kind over the right places, a post where the article puts it.

What a pack names here is what ``manage.py district open`` makes (``tests/setup/test_district_command.py``).
"""

from __future__ import annotations

import pytest

from tests.world import pack
from tongxin.packs.schema import SeedBody


def bodies(key: str, kind: str) -> list[SeedBody]:
    return [body for body in pack(key).bodies if body.kind == kind]


def made(key: str, kind: str) -> int:
    """Bodies of a kind that the demo makes in numbers."""
    demo = pack(key).demo
    return sum(batch.count or 0 for batch in demo.bodies if batch.kind == kind) if demo else 0


def covered(key: str, kind: str) -> list[str]:
    return sorted(code for body in bodies(key, kind) for code in body.covers)


@pytest.mark.row("XN-03")
def test_each_community_has_an_enlarged_committee_with_member_units() -> None:
    great = bodies("xiuning", "great_committee")
    assert len(great) == 4
    assert len({code for body in great for code in body.covers}) == 4
    assert made("xiuning", "resident_unit") == 62
    assert "great_committee" in pack("xiuning").units.bodies["resident_unit"].parents


@pytest.mark.row("XN-05")
def test_the_heads_of_the_four_county_offices_sit_in_the_enlarged_committees() -> None:
    role = pack("xiuning").units.roles["four_offices_head"]
    assert role.in_ == "great_committee"
    assert role.seats * len(bodies("xiuning", "great_committee")) == 4
    assert "副书记" in role.duties


@pytest.mark.row("XN-49", "XN-50")
def test_the_social_work_centre_is_a_partner_with_a_party_branch_of_its_own() -> None:
    (partner,) = bodies("xiuning", "social_org")
    (branch,) = bodies("xiuning", "social_branch")
    assert partner.name == "睿泽社会工作发展中心"
    above = {body.key: body for body in pack("xiuning").bodies}[str(branch.parent)]
    assert above.kind == "community_committee"
    assert set(partner.covers) == set(above.covers), "where the partner works, its branch stands under that committee"
    assert pack("xiuning").units.roles["social_worker"].in_ == "social_branch"


@pytest.mark.row("ZS-14")
def test_the_building_helpers_are_a_team_with_posts() -> None:
    assert len(bodies("zhongshan", "building_desk")) == 1
    assert pack("zhongshan").units.roles["building_helper"].in_ == "building_desk"


@pytest.mark.row("YH-35")
def test_every_community_has_a_legal_point_a_mediation_room_and_an_adviser() -> None:
    communities = covered("yuhu", "community_office")
    assert len(communities) == 48
    assert covered("yuhu", "legal_point") == communities
    assert covered("yuhu", "mediation_room") == communities
    roles = pack("yuhu").units.roles
    assert (roles["legal_adviser"].at or roles["legal_adviser"].in_) in ("community", "legal_point")
    assert (roles["mediator"].at or roles["mediator"].in_) in ("community", "mediation_room")


@pytest.mark.row("WH-07")
def test_each_grid_has_a_neighbours_council_that_the_neighbour_lead_leads() -> None:
    grids = covered("wuhan", "estate_party")
    assert len(grids) == 20
    assert covered("wuhan", "neighbour_council") == grids
    holder = pack("wuhan").procedures["appeal"].states["in_council"].holder
    assert holder is not None
    assert holder.role == "neighbour_lead"


@pytest.mark.row("WH-23")
def test_grid_head_enforcement_and_police_have_posts_at_every_station() -> None:
    assert covered("wuhan", "station") == covered("wuhan", "estate_party")
    roles = pack("wuhan").units.roles
    assert {roles[key].at for key in ("grid_head", "enforcement", "police_officer")} == {"grid"}


@pytest.mark.row("XG-16")
def test_all_seven_kinds_are_drawn_into_the_grids() -> None:
    units = pack("xigu").units
    assert units.bodies["grid_branch"].covers == "grid"  # the branch and, with it, its secretary
    assert units.roles["branch_secretary"].in_ == "grid_branch"
    assert units.bodies["building_group"].covers == "group"
    assert units.roles["group_leader"].in_ == "building_group"
    assert units.roles["court_head"].at == "group"
    assert units.roles["grid_worker"].at == "grid"
    assert units.bodies["shop"].covers == "grid"
    assert units.level_keys().index("group") > units.level_keys().index("grid"), "a group lies in a grid"


@pytest.mark.row("XG-18", "XG-20")
def test_the_enlarged_committee_gathers_the_resident_units() -> None:
    (great,) = bodies("xigu", "great_committee")
    assert "党建共荣圈" in great.name
    assert made("xigu", "resident_unit") == 8
    assert pack("xigu").units.bodies["resident_unit"].parents == ["great_committee"]


@pytest.mark.row("XN-55")
def test_police_procuratorate_court_justice_and_lawyers_have_a_roster_in_one_community() -> None:
    roster = bodies("xiuning", "legal_force")
    assert {code for body in roster for code in body.covers} == {"341022100002"}
    for word in ("公安", "检察院", "法院", "司法局", "律师事务所"):
        assert any(word in body.name for body in roster), word
    assert pack("xiuning").units.roles["legal_liaison"].in_ == "legal_force"
    asked = pack("xiuning").procedures["mediation"].transitions["invite"].form["legal"]
    assert asked.kinds == ["legal_force"], "a mediation asks them to come"


@pytest.mark.row("XN-60", "XN-61")
def test_three_centres_and_a_clerk_receive_sort_split_and_upload_at_one_window() -> None:
    centres = bodies("xiuning", "centre")
    assert len(centres) == 3
    assert {word for body in centres for word in ("网格服务", "大厅接待", "数据处理") if word in body.name} == {
        "网格服务",
        "大厅接待",
        "数据处理",
    }
    spec = pack("xiuning").procedures["steward"]
    clerk = {
        key for key, state in spec.states.items() if state.holder is not None and state.holder.role == "data_clerk"
    }
    assert clerk == {"received", "sorted", "split"}
    assert spec.open is not None
    assert set(spec.open.form["way"].choices or {}) == {"up", "down"}
    openers = {opener.role or opener.who for opener in spec.open.by}
    assert {"resident", "town_office_desk"} <= openers, "one window both ways"


@pytest.mark.row("XN-43")
def test_an_alliance_is_of_four_kinds_and_there_are_26() -> None:
    assert made("xiuning", "property_alliance") == 26
    spec = pack("xiuning").procedures["alliance"]
    seats = next(call.argument["present"] for call in spec.transitions["agree"].guard if call.name == "seats_present")
    assert len(seats) == 4
    for kind in ("property_party", "grid_branch", "owners_committee", "property_company"):
        assert bodies("xiuning", kind), kind
    shared = set(covered("xiuning", "owners_committee")) & set(covered("xiuning", "property_company"))
    assert shared <= set(covered("xiuning", "grid_branch")), "where three meet, and the county's committee over them"
    assert shared
