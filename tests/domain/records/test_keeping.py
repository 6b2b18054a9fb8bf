"""The life of a kept picture: written whole, claimed once, swept when nobody claims it, shown by a signed link."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory

from tests.domain import smalltown
from tests.domain.smalltown import NOW
from tests.statements import at_most
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.packs.api import DistrictView
from tongxin.records import api as records
from tongxin.records.api import Attachment
from tongxin.records.serving import is_signed

Keep = Callable[..., Attachment]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_picture_lies_under_its_district_and_its_hash(town: DistrictView, keep: Keep, tmp_path: Path) -> None:
    kept = keep()
    assert [path.parent.parent.name for path in files(tmp_path)] == [str(town.id)] * 2
    assert all(path.name.startswith(kept.digest) for path in files(tmp_path))
    assert (kept.mime, kept.width, kept.height) == ("image/jpeg", 40, 30)


def test_equal_pictures_share_their_files(keep: Keep, tmp_path: Path) -> None:
    assert keep().digest == keep().digest
    assert len(files(tmp_path)) == 2
    assert Attachment.objects.count() == 2


def test_a_refused_file_leaves_nothing(town: DistrictView, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        records.keep_photo(town.id, io.BytesIO(b"MZ"), declared_name="a.jpg", user_id=None, now=NOW)
    assert files(tmp_path) == []
    assert not Attachment.objects.exists()


def test_claiming_costs_one_statement_and_may_be_repeated(town: DistrictView, keep: Keep) -> None:
    ids = [keep("red").pk, keep("blue", now=NOW + timedelta(seconds=1)).pk]
    for _ in range(2):
        with at_most(1):
            assert records.claim(ids, district_id=town.id, subject_kind="matter", subject_id=7) == 2
    assert [found.pk for found in records.list_for("matter", 7)] == ids
    with at_most(0):
        assert records.claim([], district_id=town.id, subject_kind="matter", subject_id=7) == 0


def test_a_claimed_picture_cannot_be_taken_by_another(town: DistrictView, keep: Keep) -> None:
    kept = keep()
    records.claim([kept.pk], district_id=town.id, subject_kind="matter", subject_id=7)
    for kind, ident in (("matter", 8), ("visit", 7)):
        with pytest.raises(Invalid, match="失效"):
            records.claim([kept.pk], district_id=town.id, subject_kind=kind, subject_id=ident)
    kept.refresh_from_db()
    assert (kept.subject_kind, kept.subject_id) == ("matter", 7)


def test_another_districts_picture_cannot_be_claimed(town: DistrictView, keep: Keep) -> None:
    other = smalltown.open_town("othertown", areas=False)
    foreign = keep(district_id=other.id)
    with pytest.raises(Invalid):
        records.claim([foreign.pk], district_id=town.id, subject_kind="matter", subject_id=7)


@pytest.mark.parametrize("ids", [["nonsense"], [str(uuid4())], [str(uuid4()) for _ in range(7)]])
def test_wrong_ids_are_refused_with_a_sentence(town: DistrictView, ids: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        records.claim(ids, district_id=town.id, subject_kind="matter", subject_id=7)
    assert caught.value.mend


def test_the_sweep_takes_what_nobody_claimed_for_a_day(town: DistrictView, keep: Keep, tmp_path: Path) -> None:
    claimed, forgotten, fresh = keep("red"), keep("blue"), keep("green", now=NOW + timedelta(hours=20))
    records.claim([claimed.pk], district_id=town.id, subject_kind="matter", subject_id=7)
    assert records.sweep_unclaimed(NOW + timedelta(hours=25)) == 1
    assert set(Attachment.objects.values_list("pk", flat=True)) == {claimed.pk, fresh.pk}
    assert {path.name[:64] for path in files(tmp_path)} == {claimed.digest, fresh.digest}
    assert forgotten.digest not in {claimed.digest, fresh.digest}


def test_the_sweep_leaves_a_file_that_another_row_still_uses(town: DistrictView, keep: Keep, tmp_path: Path) -> None:
    used, _ = keep("red"), keep("red")
    records.claim([used.pk], district_id=town.id, subject_kind="matter", subject_id=7)
    assert records.sweep_unclaimed(NOW + timedelta(hours=25)) == 1
    assert len(files(tmp_path)) == 2


def serve(kept: Attachment, town: DistrictView, query: str, *, may: bool = False, **headers: str) -> Any:
    request = RequestFactory().get("/photos/x/full" + query, **headers)  # type: ignore[arg-type]
    return records.serve_photo(
        request, kept.pk, "full", district_id=town.id, may_see=lambda found: may, now=NOW + timedelta(minutes=1)
    )


def test_a_signed_link_shows_the_picture_for_some_hours(town: DistrictView, keep: Keep) -> None:
    kept = keep()
    records.claim([kept.pk], district_id=town.id, subject_kind="matter", subject_id=7)
    kept.refresh_from_db()
    link = records.url_of(kept, NOW)
    query = link[link.index("?") :]
    response = serve(kept, town, query)
    assert b"".join(response.streaming_content).startswith(b"\xff\xd8")
    assert "private" in response["Cache-Control"]
    assert is_signed(kept.pk, query[3:], NOW + timedelta(hours=6))
    assert not is_signed(kept.pk, query[3:], NOW + timedelta(hours=13))
    assert records.url_of(kept, NOW) == records.url_of(kept, NOW + timedelta(minutes=30))


@pytest.mark.parametrize("query", ["", "?s=", "?s=999999999-00", "?s=x-y", "?s=１２３-00", "?s=" + "9" * 40 + "-0"])
def test_without_a_good_signature_the_pages_rule_decides(town: DistrictView, keep: Keep, query: str) -> None:
    kept = keep()
    records.claim([kept.pk], district_id=town.id, subject_kind="matter", subject_id=7)
    with pytest.raises(NotFound):
        serve(kept, town, query)
    assert serve(kept, town, query, may=True).status_code == 200


def test_a_picture_of_another_district_is_not_found_even_when_signed(town: DistrictView, keep: Keep) -> None:
    kept = keep()
    other = smalltown.open_town("othertown", areas=False)
    link = records.url_of(kept, NOW)
    with pytest.raises(NotFound):
        serve(kept, other, link[link.index("?") :], may=True)


def test_a_browser_that_has_it_is_told_so(town: DistrictView, keep: Keep) -> None:
    kept = keep()
    etag = serve(kept, town, "")["ETag"]
    assert serve(kept, town, "", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_a_lost_file_is_said_plainly(town: DistrictView, keep: Keep, tmp_path: Path) -> None:
    kept = keep()
    for path in files(tmp_path):
        path.unlink()
    with pytest.raises(NotFound, match="不在了"):
        serve(kept, town, "")


def test_a_complaint_sent_twice_is_kept_once(town: DistrictView) -> None:
    sent = [
        records.complain(
            district_id=town.id,
            user_id=None,
            page="/work/",
            text="一天填三张同样的表",
            contact="",
            request_key="k1",
            now=NOW,
        )
        for _ in range(2)
    ]
    assert sent[0].pk == sent[1].pk
    assert [found.text for found in records.list_complaints(town.id)] == ["一天填三张同样的表"]


@pytest.mark.parametrize(("text", "contact"), [("", ""), (" \n", ""), ("字" * 2001, ""), ("事", "1" * 41)])
def test_a_complaint_has_limits(town: DistrictView, text: str, contact: str) -> None:
    with pytest.raises(Invalid):
        records.complain(
            district_id=town.id, user_id=None, page="", text=text, contact=contact, request_key="k2", now=NOW
        )
    assert records.list_complaints(town.id) == []


def test_the_audit_trail_keeps_to_its_district(town: DistrictView) -> None:
    other = smalltown.open_town("othertown", areas=False)
    for place in (town, other):
        records.audit(
            district_id=place.id,
            user_id=None,
            actor_label="某人" * 100,
            action="x.y",
            target="z",
            detail={"a": 1},
            now=NOW,
        )
    assert [entry.district_id for entry in records.list_audit(town.id)] == [town.id]
