"""一小时动员: from the community to every household, by the district's own procedure and with its real posts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.statements import at_most
from tests.world import NOW, open_locality
from tongxin.accounts.models import User
from tongxin.callouts import api as callouts
from tongxin.callouts.models import Recipient
from tongxin.kernel import clock
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.notices.models import Notice
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.demo.cast import Cast
from tongxin.web.demo.logins import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.row("WH-04")]


@pytest.fixture
def town(db: Any) -> packs.DistrictView:
    return open_locality("wuhan")


def someone(town: packs.DistrictView, role: str, under: int | None = None) -> organization.Actor:
    """Whoever holds a post of that role (at or below a place)."""
    directory, tree = organization.directory(town), territory.tree(town)
    inside = set(tree.under(under)) if under else None
    post = next(
        post
        for post in directory.posts()
        if post.role == role and not post.ended and (inside is None or inside.intersection(post.grounds))
    )
    actor = Cast(town).of_post(post.id, NOW)
    assert actor is not None
    return actor


def prepared(town: packs.DistrictView, area_id: int | None = None, **given: Any) -> procedures.Run:
    tree = territory.tree(town)
    community = tree.at_level("community")[0]
    return callouts.prepare_call_out(
        **{
            "district": town, "procedure": "mobilisation", "area_id": area_id or community.id, "title": "明早停水",
            "text": "明早六点到十点停水，请各户提前储水。", "drill": False,
            "actor": someone(town, "community_secretary", community.id), "now": NOW, **given,
        }
    )  # fmt: skip


def act(
    town: packs.DistrictView, run: procedures.Run, transition: str, now: datetime = NOW, **form: Any
) -> procedures.Acted:
    assert run.holder_post_id is not None
    actor = Cast(town).of_post(run.holder_post_id, now)
    assert actor is not None
    return procedures.act(district=town, run_id=run.id, transition=transition, form=form, actor=actor, now=now)


def rows(run: procedures.Run) -> list[Recipient]:
    return list(Recipient.objects.filter(call_out_id=run.subject_id).order_by("id"))


@pytest.mark.row("WH-05")
def test_a_call_out_goes_down_is_confirmed_and_passes_up(town: packs.DistrictView) -> None:
    tree = territory.tree(town)
    community = tree.at_level("community")[0]
    run = prepared(town)
    with at_most(12):  # eight of the step itself; COPY, notes and the time of sending beside them
        act(town, run, "send")
    called = rows(run)
    assert len(called) == len(tree.leaves_under(community.id))
    assert Notice.objects.filter(subject_kind="call_out", kind="call_out").count() == len(called)

    lead = Cast(town).of_post(called[0].post_id, NOW)
    assert lead is not None
    with at_most(2):
        callouts.answer(district=town, recipient_id=called[0].id, reached=None, actor=lead, now=NOW)
    assert rows(run)[0].reached == 0, "received is not yet passed on"
    callouts.answer(
        district=town, recipient_id=called[0].id, reached=10_000, actor=lead, now=NOW + timedelta(minutes=5)
    )
    callouts.answer_by_link(
        district=town,
        token=callouts.token_of(called[1].id),
        reached=called[1].households,
        now=NOW + timedelta(minutes=9),
    )
    first, second = rows(run)[:2]
    assert (first.how, first.answered_at, first.reached) == ("tap", NOW, first.households), "more than there are is all"
    assert (second.how, second.answered_by_id) == ("link", None)

    with at_most(2):
        whole, below = callouts.coverage(town, callouts.get_call_out(town, run.subject_id), community.id)
    assert (whole.answered, whole.called) == (2, len(called))
    assert whole.reached == first.households + second.households
    assert sum(place.coverage.called for place in below) == whole.called

    # Half an hour on, who has not answered passes to the head of each grid, and is telephoned.
    procedures.sweep(NOW + timedelta(minutes=31))
    waiting = [row for row in rows(run) if row.answered_at is None]
    assert all(row.passed_to_id is not None for row in waiting)
    assert rows(run)[0].passed_to_id is None
    directory = organization.directory(town)
    assert {directory.post(row.passed_to_id or 0).role for row in waiting} == {"grid_head"}
    head = Cast(town).of_post(waiting[0].passed_to_id or 0, NOW)
    assert head is not None
    assert waiting[0].id in {row.id for row in callouts.list_passed(head)}
    callouts.answer(district=town, recipient_id=waiting[0].id, reached=3, actor=head, now=NOW + timedelta(minutes=40))
    assert Recipient.objects.get(id=waiting[0].id).how == "phone"

    # After the hour to the community; then it is closed with a summary, and a late answer is told so.
    procedures.sweep(NOW + timedelta(minutes=61))
    assert {directory.post(row.passed_to_id or 0).role for row in rows(run) if row.answered_at is None} == {
        "receptionist"
    }
    acted = act(town, run, "end", NOW + timedelta(minutes=70), summary="其余电话通知")
    assert acted.run.outcome == "done"
    with pytest.raises(Conflict, match="已于"):
        callouts.answer(district=town, recipient_id=waiting[1].id, reached=1, actor=head, now=NOW + timedelta(hours=2))
    assert Recipient.objects.get(id=waiting[1].id).answered_at is None


def test_the_other_ends(town: packs.DistrictView) -> None:
    assert act(town, prepared(town), "cancel", reason="消息有误").run.state == "dropped"
    forgotten = prepared(town)
    for days in range(1, 6):
        procedures.sweep(NOW + timedelta(days=days))
    found = procedures.get_run(town, forgotten.id)
    assert found is not None
    assert found.state == "dropped"
    left = prepared(town)
    act(town, left, "send")
    for hours in (1, 2, 26):
        procedures.sweep(NOW + timedelta(hours=hours))
    found = procedures.get_run(town, left.id)
    assert found is not None
    assert found.state == "closed"


def test_who_may_not_and_what_is_refused(town: packs.DistrictView) -> None:
    other = territory.tree(town).at_level("community")[1]
    with pytest.raises(NotAllowed):
        prepared(town, other.id)
    with pytest.raises(NotAllowed):
        prepared(town, actor=someone(town, "neighbour_lead"))
    for wrong in ({"title": " "}, {"text": "长" * 2_001}, {"area_id": 10**9}, {"procedure": "appeal"}):
        with pytest.raises(Invalid):
            prepared(town, **wrong)
    run = prepared(town, request_key="k" * 20)
    assert prepared(town, request_key="k" * 20).id == run.id, "the same request prepares once"
    act(town, run, "send")
    stranger = someone(town, "neighbour_lead", other.id)
    with pytest.raises(NotAllowed):
        callouts.answer(district=town, recipient_id=rows(run)[0].id, reached=1, actor=stranger, now=NOW)
    assert rows(run)[0].answered_at is None
    assert callouts.read_token(callouts.token_of(1) + "x") is None


def test_the_pages_from_preparing_to_one_tap(town: packs.DistrictView) -> None:
    base = f"/d/{town.key}"
    desk, phone, nobody = Client(), Client(), Client()
    for client, login in ((desk, "community_secretary"), (phone, "neighbour_lead")):
        user = User.objects.get(district_id=town.id, username=login)
        user.password_once, user.password_at = False, clock.now()
        user.save(update_fields=["password_once", "password_at"])
        assert client.post(f"{base}/sign-in", {"username": login, "password": PASSWORD}).status_code == 302
    lead = someone(town, "neighbour_lead")
    community = territory.tree(town).ancestor(lead.posts[0].grounds[0], "community")
    assert community is not None
    shown = desk.get(f"{base}/work/callouts")
    assert shown.status_code == 200
    made = desk.post(
        f"{base}/work/callouts", {"title": "明早停水", "text": "请储水", "area": str(community.id), "drill": "yes"}
    )
    assert made.status_code == 302, made.content.decode()[:2000]
    case = made["Location"]
    assert "待发出" in desk.get(case).content.decode()
    sent = desk.post(case, {"transition": "send", "request_key": "s" * 24})
    assert sent.status_code == 302
    assert "覆盖情况" in desk.get(case).content.decode()

    row = Recipient.objects.filter(post_id__in=[post.id for post in lead.posts]).get()
    mine = phone.get(f"{base}/grid/callouts").content.decode()
    assert "明早停水" in mine
    assert "演练" in mine
    phone.post(f"{base}/grid/callouts", {"recipient": row.id})
    assert Recipient.objects.get(id=row.id).how == "tap"
    other = Recipient.objects.exclude(id=row.id).first()
    assert other is not None
    link = f"{base}/c/{callouts.token_of(other.id)}"
    assert "请储水" in nobody.get(link).content.decode()
    assert Recipient.objects.get(id=other.id).answered_at is None, "opening the link confirms nothing"
    assert nobody.post(link, {"reached": str(other.households)}).status_code == 302
    assert Recipient.objects.get(id=other.id).reached == other.households
    live = desk.get(f"{base}/work/callouts/{row.call_out_id}/coverage")
    assert live.status_code == 200
    assert desk.get(f"{base}/work/callouts/{row.call_out_id}/coverage?area=99999999999999999999").status_code == 200
    for rubbish in ("²", "9" * 40, "-1", ""):
        assert phone.post(f"{base}/grid/callouts", {"recipient": rubbish, "reached": rubbish}).status_code == 302
    assert nobody.get(f"{base}/c/rubbish").status_code == 404
