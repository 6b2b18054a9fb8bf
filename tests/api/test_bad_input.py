"""Bad input over the JSON API: every answer says what to do, and nothing is half-written."""

import orjson
import pytest

from tests.api.conftest import LAT, LON, TEXT, Caller, everything, refusal


@pytest.fixture
def unchanged(api):
    before = everything()
    yield
    assert everything() == before


def _text(value):
    return orjson.dumps({"text": value})


NESTED = b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

CASES = {
    "no JSON at all": (b"text=hello", 400, "not_json"),
    "cut off": (b'{"text": "\xe8\xb7', 400, "not_utf8"),
    "half a document": ('{"text": "路灯坏了"'.encode(), 400, "not_json"),
    "GBK": ('{"text": "路灯坏了"}'.encode("gbk"), 400, "not_utf8"),
    "UTF-16": ('{"text": "路灯坏了"}'.encode("utf-16"), 400, "not_utf8"),
    "a lone surrogate": (b'{"text": "\\ud800"}', 400, "not_json"),
    "a space": (b" ", 400, "not_json"),
    "deep nesting": (NESTED, 400, "not_json"),
    "a list": (b"[]", 422, "wrong_kind"),
    "null": (b"null", 422, "wrong_kind"),
    "no text": (b"{}", 422, "required"),
    "spaces only": (_text("   "), 422, "required"),
    "invisible characters only": (_text("\x00\x07"), 422, "required"),
    "letters without width only": (_text("\u200b\u200d\u202e"), 422, "required"),
    "text too long": (_text("灯" * 4_001), 422, "text_too_long"),
    "a number for text": (b'{"text": 5}', 422, "wrong_kind"),
    "an unknown field": (b'{"text": "a", "colour": "red"}', 422, "unknown_field"),
    "half a point": (b'{"text": "a", "lon": 118.0}', 422, "half_a_point"),
    "text for a coordinate": (b'{"text": "a", "lon": "118", "lat": 29.0}', 422, "wrong_kind"),
    "infinite": (b'{"text": "a", "lon": 1e999, "lat": 29}', 422, "wrong_kind"),
    "not on earth": (b'{"text": "a", "lon": 500, "lat": 29}', 422, "no_such_point"),
    "swapped": (f'{{"text": "a", "lon": {LAT}, "lat": {LON}}}'.encode(), 422, "swapped_point"),
    "unknown category": (b'{"text": "a", "category": "ZZ"}', 422, "unknown_category"),
    "impossible category": (b'{"text": "a", "category": "\\u0000"}', 422, "bad_form"),
    "unknown area": (b'{"text": "a", "area_id": 999999}', 422, "unknown_area"),
    "bad phone": (b'{"text": "a", "reporter_phone": "call me"}', 422, "phone"),
    "seven photos": (orjson.dumps({"text": "a", "photos": ["0" * 32] * 7}), 422, "too_many"),
    "a photo that is none": (orjson.dumps({"text": "a", "photos": ["0" * 32]}), 422, "photo_gone"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_report_is_refused_in_words(api, unchanged, case):
    body, status, code = CASES[case]
    refusal(api.post("/api/v1/matters", body), status, code)


def test_a_point_outside_is_told_with_the_distance(api, unchanged):
    near = refusal(api.report(lon=117.995, lat=LAT), 422, "outside")
    assert "米" in near["what"]
    assert near["field"] == "lon"
    assert "超过 2 公里" in refusal(api.report(lon=100.0, lat=LAT), 422, "outside")["what"]


def test_all_faults_are_told_at_once(api, unchanged):
    faults = refusal(api.post("/api/v1/matters", {"lon": "x", "colour": 1}), 422, "required")["faults"]
    assert {fault["field"] for fault in faults} == {"text", "lon", "colour"}


def test_huge_bodies_are_refused_before_they_are_read(api, unchanged):
    for size in (300_000, 10 * 1024 * 1024):
        told = refusal(api.post("/api/v1/matters", b"[" * size), 413, "body_too_large")
        assert told["limit_bytes"] == 256 * 1024


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_other_kinds_of_bodies_are_refused(api, unchanged, kind):
    refusal(api.post("/api/v1/matters", _text(TEXT), kind=kind), 415, "wrong_type")
    refusal(api.post("/api/v1/matters", _text(TEXT), kind="application/json; charset=gbk"), 400, "not_utf8")


def test_methods_and_addresses_that_are_none(api, unchanged):
    for method in ("delete", "put", "patch", "options", "trace"):
        response = getattr(api.client, method)("/api/v1/matters")
        refusal(response, 405, "method_not_allowed")
        assert response["Allow"] == "GET, POST"
    refusal(api.get("/api/v1/nothing"), 404, "no_address")
    refusal(api.get("/api/v2/matters"), 404, "no_address")
    refusal(api.post("/api/nothing", {}), 404, "no_address")


def test_idempotency_keys_have_a_form(api, unchanged):
    for key in ("x" * 129, "钥匙"):
        refusal(api.post("/api/v1/matters", {"text": "a"}, {"Idempotency-Key": key}), 422, "bad_idempotency_key")


QUERIES = {
    "/api/v1/areas/locate": [
        ({}, 422, "required"),
        ({"lon": "a", "lat": "b"}, 422, "wrong_kind"),
        ({"lon": "NaN", "lat": "1"}, 422, "wrong_kind"),
        ({"lon": "500", "lat": "1"}, 422, "out_of_range"),
        ({"lon": "10", "lat": "1"}, 404, "outside"),
        ({"lon": "10", "lat": "1", "z": "1"}, 422, "unknown_field"),
    ],
    "/api/v1/areas": [
        ({"level": "planet"}, 404, "unknown_level"),
        ({"under": "999999"}, 404, "unknown_area"),
        ({"under": "9" * 30}, 422, "out_of_range"),
        ({"level": "\x00"}, 422, "nul"),
    ],
    "/api/v1/areas/geojson": [({}, 422, "required"), ({"level": "planet"}, 404, "unknown_level")],
    "/api/v1/areas/find": [({"address": "路" * 201}, 422, "text_too_long")],
    "/api/v1/suggestions/categories": [({"text": "灯" * 501}, 422, "text_too_long"), ({"text": "灯"}, 422, "required")],
    "/api/v1/pack/procedures/nonsense": [({}, 404, "no_procedure")],
    "/api/v1/pack/procedures/nonsense/picture.svg": [({}, 404, "no_procedure")],
    "/api/v1/matters/a%00b": [({}, 422, "nul")],
}


@pytest.mark.parametrize("path", QUERIES)
def test_bad_queries_are_refused_in_words(api, unchanged, path):
    for query, status, code in QUERIES[path]:
        refusal(api.get(path, query), status, code)


def test_filters_of_lists_are_checked(with_key):
    program: Caller = with_key("see_matters")
    for query, code in (
        ({"after": "%%%"}, "bad_mark"),
        ({"after": "w4g"}, "bad_mark"),
        ({"since": "yesterday"}, "wrong_kind"),
        ({"since": "2026-01-01T00:00:00"}, "wrong_kind"),
        ({"open": "perhaps"}, "wrong_kind"),
        ({"area_id": "0"}, "out_of_range"),
    ):
        refusal(program.get("/api/v1/matters", query), 422, code)
    refusal(program.get("/api/v1/matters/by-ref/abc"), 422, "bad_ref")
    refusal(program.get("/api/v1/matters/by-ref/99999999"), 404, "no_matter")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b" ", "image/jpeg", 422, None),
        (b"MZ\x90\x00 not a picture", "image/jpeg", 422, None),
        (b"<svg/>", "image/svg+xml", 415, "wrong_type"),
        (b"x" * (15 * 1024 * 1024 + 1), "image/png", 413, "body_too_large"),
    ],
)
def test_what_is_no_photo_is_refused(api, unchanged, body, kind, status, code):
    response = api.post("/api/v1/photos", body, kind=kind)
    assert response.status_code == status
    assert code in (None, response.json()["code"])
