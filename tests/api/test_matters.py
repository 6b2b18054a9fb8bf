"""Matters over HTTP: report, repeat, look up, act, verify; what keys may see."""

import hashlib
import json
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.api.conftest import LAT, LON, TEXT, everything, refusal
from tests.statements import at_most
from tests.world import open_world
from tongxin.kernel.clock import local
from tongxin.matters.models import Matter
from tongxin.procedures.models import Run


def test_a_report_without_an_account_gives_a_receipt_and_a_holder(api, world):
    response = api.report(public=True, reporter_name="王小明", reporter_phone="13812345678")
    assert response.status_code == 201
    body = response.json()
    matter = Matter.objects.get()
    assert body["receipt"] == matter.receipt
    assert body["ref"].endswith(f"-{matter.id}")
    assert body["holder"] == "横江社区第1网格员"
    assert body["due_at"]
    assert not body["replayed"]
    assert response["Location"] == f"/api/v1/matters/{matter.receipt}"
    assert (matter.channel, matter.precision, matter.public) == ("api", "exact", True)


def test_a_report_takes_few_statements(api, with_key):
    api.report()  # fills the copies of places, posts, pack, districts
    with at_most(1):  # its count, matter, run, log and note to the holder in one
        assert api.report().status_code == 201
    program = with_key()
    with at_most(2):  # and the key
        assert program.report().status_code == 201


def test_the_same_request_is_taken_once(api, with_key):
    head = {"Idempotency-Key": "0190-a"}
    body = {"text": TEXT, "lon": LON, "lat": LAT}
    first = api.post("/api/v1/matters", body, head)
    count = everything()
    again = api.post("/api/v1/matters", body, head)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "replayed": True}
    assert everything() == count


def test_another_body_or_caller_under_the_same_key_is_another_request(api, with_key):
    head = {"Idempotency-Key": "1"}
    receipts = {
        api.post("/api/v1/matters", {"text": "路灯坏了"}, head).json()["receipt"],
        api.post("/api/v1/matters", {"text": "井盖丢了"}, head).json()["receipt"],
        with_key().post("/api/v1/matters", {"text": "路灯坏了"}, head).json()["receipt"],
    }
    assert len(receipts) == 3


def test_a_record_of_another_system_is_taken_once(with_key):
    program = with_key("import")
    given = {"source": "老系统", "source_key": "A-1", "occurred_at": "2026-01-05T09:00:00+08:00"}
    first, again = program.report(**given), program.report(**given)
    assert first.json()["receipt"] == again.json()["receipt"]
    assert again.json()["replayed"]
    assert first.json()["ref"].startswith("260105-")
    ahead = program.report(source="老系统", source_key="A-2", occurred_at="2999-01-05T09:00:00+08:00")
    assert "那天还没有到" in refusal(ahead, 422, "day_ahead")["what"]


def test_the_receipt_shows_the_matter_without_name_and_phone(api, world):
    receipt = api.report(reporter_name="王小明", reporter_phone="13812345678").json()["receipt_shown"]
    response = api.get(f"/api/v1/matters/{receipt.lower()}")
    assert response.status_code == 200
    body = response.json()
    assert (body["text"], body["area"], body["state"]) == (TEXT, "横江社区第1网格", "reported")
    assert "王小明" not in response.content.decode()
    assert "13812345678" not in response.content.decode()
    steps = api.get(f"/api/v1/matters/{receipt}/timeline").json()["steps"]
    assert [step["says"] for step in steps] == ["已收到您的反映。"]


def test_a_receipt_that_is_none_and_one_that_is_unknown(api, world):
    refusal(api.get("/api/v1/matters/7K3M-9QXA"), 404, "receipt_typo")
    refusal(api.get("/api/v1/matters/22222222222Z"), 404, "receipt_typo")
    refusal(api.get("/api/v1/matters/222222222222"), 404, "receipt_unknown")


def test_anybody_can_compute_the_chain_anew(api, world):
    receipt = api.report().json()["receipt"]
    chain = api.get(f"/api/v1/matters/{receipt}/chain").json()
    assert chain["whole"] is True
    before = chain["genesis"]
    for link in chain["links"]:  # as `how` says, with nothing of ours
        canonical = json.dumps(link["public"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.new(chain["algorithm"], f"{before}\n{canonical}".encode()).hexdigest()
        assert link["hash"] == before


def test_the_reporter_rates_once_by_receipt(api, world):
    receipt = api.report().json()["receipt"]
    matter = Matter.objects.get()
    reported = SimpleNamespace(run_id=Run.objects.get(subject_id=matter.id, parent=None).id)
    assert api.get(f"/api/v1/matters/{receipt}").json()["acts"] != []
    world.act(reported, "settle", "grid_worker", "第1网格", result="已换灯泡")
    options = api.get(f"/api/v1/matters/{receipt}").json()
    rate = next(act for act in options["acts"] if act["key"] == "rate")
    assert {field["key"] for field in rate["fields"]} == {"solved", "rating", "comment"}
    given = {"act": "rate", "form": {"solved": True, "rating": 5}, "seen_seq": options["seq"]}
    done = api.post(f"/api/v1/matters/{receipt}/acts", given, {"Idempotency-Key": "r1"})
    assert (done.status_code, done.json()["state"]) == (200, "closed")
    again = api.post(f"/api/v1/matters/{receipt}/acts", given, {"Idempotency-Key": "r1"})
    assert again.json() == {**done.json(), "replayed": True}
    matter.refresh_from_db()
    assert (matter.rating, matter.solved) == (5, True)
    refusal(api.post(f"/api/v1/matters/{receipt}/acts", given), 409, "moved_on")


def test_the_reporter_cannot_act_for_staff_and_nothing_changes(api, world):
    receipt = api.report().json()["receipt"]
    before = everything()
    refusal(
        api.post(f"/api/v1/matters/{receipt}/acts", {"act": "settle", "form": {"result": "我自己修好了"}}),
        403,
        "not_yours",
    )
    refusal(api.post(f"/api/v1/matters/{receipt}/acts", {"act": "nonsense"}), 404, "no_transition")
    assert everything() == before


def test_lists_are_for_keys_with_the_permission(api, with_key, world):
    api.report(category="", text="有人乱扔垃圾")
    api.report()
    refusal(api.get("/api/v1/matters"), 401, "key_needed")
    refusal(with_key("import").get("/api/v1/matters"), 403, "not_allowed")
    wrong = with_key("see_matters")
    wrong.key = "tx_" + "x" * 43
    assert refusal(wrong.get("/api/v1/matters"), 401, "bad_key")["field"] == "api_key"
    program = with_key("see_matters")
    program.get("/api/v1/matters")
    with at_most(4):  # key, its counter, the page, and the districts once a second
        page = program.get("/api/v1/matters", {"rows": 1}).json()
    assert len(page["rows"]) == 1
    rest = program.get("/api/v1/matters", {"rows": 1, "after": page["after"]}).json()
    assert rest["after"] == ""
    assert {page["rows"][0]["ref"], rest["rows"][0]["ref"]} == {
        f"{local(matter.reported_at):%y%m%d}-{matter.id}" for matter in Matter.objects.all()
    }
    elsewhere = world.tree.by_code("341000002").id
    assert program.get("/api/v1/matters", {"area_id": elsewhere}).json()["rows"] == []


def test_the_words_of_a_matter_need_the_permission_for_personal_data(api, with_key):
    ref = api.report().json()["ref"]
    assert with_key("see_matters").get(f"/api/v1/matters/by-ref/{ref}").json()["text"] == ""
    assert with_key("see_matters", "see_personal").get(f"/api/v1/matters/by-ref/{ref}").json()["text"] == TEXT
    refusal(api.get(f"/api/v1/matters/by-ref/{ref}"), 401, "key_needed")


def test_a_key_of_another_district_opens_nothing(api, with_key, world):
    other = open_world("othertown")
    program = with_key("see_matters", district=other.district)
    refusal(program.get("/api/v1/matters"), 403, "foreign_key")
    before = everything()
    refusal(program.report(), 403, "foreign_key")
    assert everything() == before


def test_another_district_does_not_know_the_receipt(api, world):
    receipt = api.report().json()["receipt"]
    open_world("othertown")
    refusal(Client(SERVER_NAME="othertown.test").get(f"/api/v1/matters/{receipt}"), 404, "receipt_unknown")


def test_some_fields_are_for_programs(api, with_key):
    before = everything()
    refusal(api.report(channel="phone"), 401, "key_needed")
    refusal(with_key().report(channel="phone"), 403, "not_allowed")
    refusal(with_key("report_for_others").report(channel="pigeon"), 422, "unknown_channel")
    refusal(with_key("see_matters").report(source="x", source_key="1"), 403, "not_allowed")
    assert everything() == before
    assert with_key("report_for_others").report(channel="phone").status_code == 201


@pytest.mark.usefixtures("steady_clock")
def test_floods_are_held_back_and_told_when_again(with_key):
    program = with_key(per_minute=2)
    assert [program.report().status_code for _ in range(2)] == [201, 201]
    before = everything()
    refused = program.report()
    assert refusal(refused, 429, "too_many")["retry_after_seconds"] == int(refused["Retry-After"])
    assert 0 < int(refused["Retry-After"]) <= 60
    assert everything() == before
    other = with_key(per_minute=2)
    same = ("/api/v1/matters", {"text": TEXT, "lon": LON, "lat": LAT}, {"Idempotency-Key": "0190-f"})
    assert other.post(*same).status_code == 201
    refusal(other.report(text=" "), 422, "required")  # what is refused for its content has counted as well
    refusal(other.report(), 429, "too_many")
    assert other.post(*same).status_code == 200  # nothing new is taken in, so the first answer is given again


def test_suggestions_tell_nothing_private_of_others(api, world):
    api.report(text="横江小区3号楼前的路灯不亮了，我姓王")
    api.report(text="横江小区3号楼前的路灯不亮有一周", public=True)
    api.report(text="横江小区3号楼前的路灯坏了不亮", public=True, text_public=True)
    found = api.get("/api/v1/suggestions/duplicates", {"text": "3号楼前路灯不亮", "lon": LON, "lat": LAT}).json()
    assert len(found["matters"]) == 2
    assert {m["title"] for m in found["matters"]} == {None, "横江小区3号楼前的路灯坏了不亮"}
    category = api.get("/api/v1/suggestions/categories", {"text": "有人乱扔垃圾，不文明"}).json()["suggestions"][0]
    assert category["because"]


@pytest.mark.parametrize("rows", [1, 200])
def test_a_page_has_its_limits(with_key, rows):
    program = with_key("see_matters")
    assert program.get("/api/v1/matters", {"rows": rows}).status_code == 200
    assert refusal(program.get("/api/v1/matters", {"rows": 201}), 422, "out_of_range")["limit"] == 200


def test_a_telephone_number_in_wide_digits_is_kept_as_it_is_dialled(api):
    response = api.report(text="路灯\u200b不亮", reporter_phone="１３８ ００１３－５６７８")
    matter = Matter.objects.get(receipt=response.json()["receipt"])
    assert (matter.text, matter.reporter_phone) == ("路灯不亮", "138 0013-5678")
