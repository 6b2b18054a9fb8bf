"""Facilities for programs: by key only, sent twice they are one, held against the norms as on the page."""

from __future__ import annotations

import pytest

from tests.api.conftest import LAT, LON, refusal
from tests.domain import smalltown
from tests.statements import at_most
from tongxin.places.models import Facility
from tongxin.records.models import AuditEntry

PATH = "/api/v1/facilities"
STATION = {"kind": "clinic", "name": "横江卫生服务站", "lon": LON, "lat": LAT, "floor_area": 90, "address": "某路1号"}


@pytest.mark.row("XG-21")
def test_a_facility_is_sent_in_read_and_held_against_its_norm(world, api, with_key):
    refusal(api.get(PATH), 401, "key_needed")
    refusal(with_key("see_matters").get(PATH), 403, "not_allowed")
    refusal(with_key("see_places").post(PATH, STATION), 403, "not_allowed")
    program = with_key("manage_facilities")
    with at_most(14):
        made = program.post(PATH, STATION)
    assert (made.status_code, made.json()["outcome"]) == (201, "created")
    shown = made.json()["facility"]
    assert made["Location"] == f"{PATH}/{shown['id']}"
    assert shown["area"].endswith("第1网格")
    [verdict] = shown["norms"]
    assert verdict["norm"] == "每处建筑面积不少于 120 平方米"
    assert (verdict["have"], verdict["need"], verdict["verdict"]) == (90, 120, "short")

    again = program.post(PATH, STATION)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    grown = program.post(PATH, {**STATION, "floor_area": 150, "address": ""})
    assert (grown.status_code, grown.json()["outcome"]) == (200, "changed")
    row = Facility.objects.get()
    assert (row.floor_area, row.address) == (150, "某路1号")  # what is not given stays
    assert [e.actor_label for e in AuditEntry.objects.filter(action__startswith="places.")] == ["程序 测试程序"] * 2

    reader = with_key("see_places")
    assert reader.get(f"{PATH}/{row.pk}").json()["norms"][0]["verdict"] == "kept"
    refusal(reader.get(f"{PATH}/999999"), 404, "no_facility")
    norms = reader.get(f"{PATH}/norms").json()
    assert norms["kinds"]["clinic"]
    assert next(one for one in norms["norms"] if one["kind"] == "clinic")["kept"] == 1
    program.post(PATH, {**STATION, "name": "又一站"})
    page = reader.get(PATH, {"rows": 1}).json()
    assert (len(page["facilities"]), page["total"], page["after"]) == (1, 2, 1)
    assert reader.get(PATH, {"rows": 1, "after": 1}).json()["after"] is None
    assert reader.get(PATH, {"kind": "kindergarten"}).status_code in (200, 404)
    refusal(reader.get(PATH, {"under": 2**40}), 404, "unknown_area")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "moon_base"}, "unknown_kind"),
        ({"lon": 100.0}, "outside"),
        ({"beds": -1}, "out_of_range"),
        ({"beds": "12"}, "wrong_kind"),
        ({"name": ""}, "required"),
        ({"name": "  "}, "facility_name"),
        ({"since": "9999-12-31"}, "day_far"),
        ({"since": "0001-01-01"}, "day_far"),
        ({"colour": "红"}, "unknown_field"),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(world, with_key, given, code):
    response = with_key("manage_facilities").post(PATH, {**STATION, **given})
    assert response.json()["code"] == code
    assert response.status_code == 422
    assert not Facility.objects.exists()


def test_a_program_of_another_place_sends_nothing(world, with_key):
    other = smalltown.open_town("elsewhere", areas=False)
    refusal(with_key("manage_facilities", district=other).post(PATH, STATION), 403, "foreign_key")
