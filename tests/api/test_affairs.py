"""Affairs through the API: what can be opened, opening, following by receipt, boards without people, lists for keys."""

from __future__ import annotations

from typing import Any

import orjson

from tests.api.conftest import Caller, refusal
from tests.statements import at_most
from tests.world import World
from tongxin.affairs.models import Affair
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run

WISH = {"wish": "一副老花镜", "kind": "thing", "for_whom": "elder", "story": "看报吃力"}


def body(world: World, **given: Any) -> dict[str, Any]:
    return {"procedure": "micro_wish", "area_id": world.tree.at_level("community")[0].id, "form": WISH, **given}


def test_what_can_be_opened_is_told_with_its_form(world: World, api: Caller) -> None:
    kinds = {kind["procedure"]: kind for kind in api.get("/api/v1/affairs/kinds").json()["kinds"]}
    assert kinds["micro_wish"]["public"] is True
    assert kinds["micro_wish"]["level"] == "community"
    assert [field["key"] for field in kinds["micro_wish"]["fields"]] == ["wish", "kind", "for_whom", "story"]
    assert "weekly_care" not in kinds, "staff only"


def test_opening_following_and_acting_by_receipt(world: World, api: Caller) -> None:
    sent = api.post("/api/v1/affairs", body(world, opener_name="王秀英"), headers={"Idempotency-Key": "one-wish"})
    assert sent.status_code == 201
    receipt = sent.json()["receipt"]
    again = api.post("/api/v1/affairs", body(world, opener_name="王秀英"), headers={"Idempotency-Key": "one-wish"})
    assert (again.status_code, again.json()["receipt"]) == (200, receipt)
    assert Affair.objects.count() == 1
    api.get(f"/api/v1/affairs/{receipt}")
    with at_most(3):
        shown = api.get(f"/api/v1/affairs/{receipt}").json()
    assert shown["title"] == "一副老花镜"
    assert "给谁：老人" in shown["answers"]
    assert "王秀英" not in orjson.dumps(shown).decode()
    assert [act["key"] for act in shown["acts"]] == ["withdraw"]
    assert api.get(f"/api/v1/affairs/{receipt}/timeline").json()["steps"][0]["says"].startswith("您的微心愿已收到")
    assert api.get(f"/api/v1/affairs/{receipt}/chain").json()["whole"] is True
    acted = api.post(f"/api/v1/affairs/{receipt}/acts", {"act": "withdraw", "form": {}})
    assert (acted.status_code, acted.json()["state"]) == (200, "withdrawn")


def test_what_is_amiss_is_refused_in_words_and_nothing_is_written(world: World, api: Caller) -> None:
    refusal(api.post("/api/v1/affairs", body(world, procedure="weekly_care", form={})), 403, "may_not_open")
    refusal(api.post("/api/v1/affairs", body(world, procedure="appeal")), 404, "not_opened")
    refusal(api.post("/api/v1/affairs", body(world, procedure="nothing")), 404, "no_procedure")
    refusal(api.post("/api/v1/affairs", body(world, area_id=None)), 422, "required")
    refusal(api.get("/api/v1/affairs/ABCD"), 404, "receipt_unknown")
    refusal(api.get("/api/v1/affairs/board/order"), 404, "no_board")
    refusal(api.get("/api/v1/affairs"), 401, "key_needed")
    assert not Affair.objects.exists()


def test_the_board_and_the_list(world: World, api: Caller, with_key: Any) -> None:
    api.post("/api/v1/affairs", body(world, opener_name="王秀英", opener_phone="0559 123456"))
    assert api.get("/api/v1/affairs/board/micro_wish").json() == {"rows": [], "before": ""}
    run = Run.objects.get(subject_kind="affair")
    procedures.act(
        district=world.district, run_id=run.id, transition="publish", form={"words": "一位老人想要一副老花镜"},
        actor=world.actor("receptionist", "横江"), now=world.now,
    )  # fmt: skip
    (row,) = api.get("/api/v1/affairs/board/micro_wish").json()["rows"]
    assert (row["words"], row["can_join"]) == ("一位老人想要一副老花镜", True)
    program = with_key("see_matters")
    (row,) = program.get("/api/v1/affairs", {"procedure": "micro_wish", "open": "true"}).json()["rows"]
    assert (row["title"], row["state"]) == ("一副老花镜", "published")
    assert program.get("/api/v1/matters").json()["rows"] == [], "matters and affairs are listed apart"
