"""Rows of the articles that are structures: a body of the right kind over the right places, a post where the article puts it.

What a pack names here is what ``manage.py district open`` makes (``tests/setup/test_district_command.py``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tongxin.packs.api import Pack, load_folder
from tongxin.packs.schema import SeedBody


@cache
def pack(key: str) -> Pack:
    return load_folder(Path(settings.BASE_DIR) / "localities" / key)


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
