"""Certificates by reference and data exchanged with a platform, against a real receiver that fails in every way (YH-45)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.exchange import SECRET, Platform, running_platform
from tests.world import PASSWORD, World, open_world
from tongxin.accounts import api as accounts
from tongxin.affairs import api as affairs
from tongxin.exchange import api as exchange
from tongxin.exchange import sending
from tongxin.exchange.models import Certificate, Message, Received
from tongxin.kernel import caches, clock
from tongxin.kernel.errors import Invalid
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry
from tongxin.records.models import AuditEntry

NUMBER = "430302199001011234"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setenv("PLATFORM_SECRET", SECRET)
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.5)
    with running_platform() as running:
        yield running


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    found = open_world(pack_key="yuhu")
    found.now = clock.now()
    return found


@pytest.fixture
def link(world: World, platform: Platform) -> str:
    """The link is set up; returns the secret of the platform's own key."""
    key, secret = accounts.make_api_key(district=world.district, name="一体化平台", may=["exchange"], now=world.now)
    told = StringIO()
    call_command(
        "exchange", "set", "smalltown", "platform", "--address", platform.address, "--secret-from", "env:PLATFORM_SECRET", "--key", str(key.pk),
        stdout=told,
    )  # fmt: skip
    assert "收到了签名的 ping" in told.getvalue()
    platform.asked.clear()
    return secret


class Case:
    """A resident's request on its way, by the posts of one place."""

    def __init__(self, world: World) -> None:
        self.world = world
        grid = world.tree.at_level(world.tree.levels[-1])[0]
        opened = affairs.open_affair(
            district=world.district, actor=organization.resident_actor(world.district), now=world.now,
            start=affairs.Start("service_request", {"business": "申请救助", "kind": "aid", "mobility": "ok"}, grid.id),
        )  # fmt: skip
        self.run_id, self.ref = opened.run_id, opened.ref

    def take(self, transition: str, **form: Any) -> Any:
        self.world.later(minutes=1)
        run = procedures.get_run(self.world.district, self.run_id)
        assert run is not None
        step = procedures.drawn(run).transitions[transition]
        role = step.by[0].role if step.by and step.by[0].role else None
        post = organization.desk(self.world.district, run.holder_post_id)
        assert post is not None
        actor = next(
            actor
            for (held, _), user in self.world.users.items()
            if held == (role or post.role)
            and (actor := organization.actor_for_user(user, self.world.district, self.world.now))
            and (role is not None or run.holder_post_id in actor.post_ids)
            and any(a in self.world.tree.path(run.area_id) for p in actor.posts for a in p.grounds)
        )
        return procedures.act(
            district=self.world.district,
            run_id=self.run_id,
            transition=transition,
            form=form,
            actor=actor,
            now=self.world.now,
        )

    @property
    def run(self) -> Any:
        return procedures.get_run(self.world.district, self.run_id)

    def unit(self) -> int:
        return self.world.bodies["housing"].pk

    def forwarded(self) -> Case:
        self.take("accept", answer="带身份证到社区一窗")
        self.take("send", main_unit=self.unit())
        return self


def send(world: World, **later: float) -> int:
    """The worker comes round."""
    now = world.later(**later) if later else world.now
    return exchange.send_due(lambda: now)


def post(secret: str, **event: Any) -> Any:
    event = {"id": str(uuid.uuid4()), "specversion": "1.0", "source": "platform", **event}
    return Client().post(
        "/api/v1/exchange/platform",
        json.dumps(event),
        "application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )


@pytest.mark.row("YH-45")
def test_a_certificate_and_a_case_go_to_the_platform_and_the_result_comes_back(
    world: World, platform: Platform, link: str
) -> None:
    case = Case(world)
    case.take("accept", answer="带身份证到社区一窗")
    with pytest.raises(Invalid, match="不像居民身份证"):
        case.take("verify", id_number="12345")
    with pytest.raises(Invalid, match="到期"):
        case.take("verify", id_number=NUMBER, valid_until="2020-01-01")
    assert not Certificate.objects.exists()
    assert not Message.objects.exists()
    case.take("verify", id_number=f" {NUMBER[:6]} {NUMBER[6:]}", valid_until="2040-01-01")

    # by reference: masked in the log and on the page, the number sealed
    held = Certificate.objects.get()
    assert (held.masked, held.issuer) == ("**************1234", "公安机关")
    assert NUMBER not in held.number
    assert LogEntry.objects.get(run_id=case.run_id, transition="verify").form["id_number"] == held.masked
    assert procedures.verify(case.run) is None
    case.take("send", main_unit=case.unit())
    assert not any(NUMBER in body for body in Message.objects.values_list("body", flat=True))

    # the platform gets the two in order, and not a field more than the pack names
    assert send(world) == 1
    assert send(world) == 1
    first, second = platform.events
    assert (first["type"], second["type"]) == ("certificate", "forwarded")
    assert first["data"] == {
        "caseNo": case.ref,
        "certificate": str(held.pk),
        "certificateType": "居民身份证",
        "certificateNo": NUMBER,
    }
    assert set(second["data"]) == {"caseNo", "areaCode", "itemKind", "forwardedAt", "dueAt"}
    assert second["data"]["itemKind"] == "aid"
    assert "申请救助" not in str(platform.events)
    for message in Message.objects.all():
        assert (message.state, message.body, message.receipt[:3]) == ("sent", "", "PT-")
    assert Message.objects.filter(
        ref=case.ref, fields__contains="certificateNo", purpose__contains="办理结果回流"
    ).exists()

    # what comes back: the check of the certificate, then the result; each once however often it is sent
    checked = {
        "type": "certificate_result",
        "subject": case.ref,
        "data": {"certificate": str(held.pk), "valid": True, "valid_until": "2041-01-01"},
    }
    assert post(link, **checked).json()["state"] == "valid"
    held.refresh_from_db()
    assert held.valid is True
    result = {"id": "pt-7", "type": "result", "subject": case.ref, "data": {"resultText": "已纳入低保"}}
    answer = post(link, **result)
    assert (answer.status_code, answer.json()["state"], answer.json()["replayed"]) == (201, "rating", False)
    again = post(link, **result)
    assert (again.status_code, again.json()["replayed"]) == (200, True)
    assert LogEntry.objects.filter(run_id=case.run_id, transition="platform_result").count() == 1
    entry = LogEntry.objects.get(run_id=case.run_id, transition="platform_result")
    assert entry.actor_label == "一体化政务服务平台"
    assert "已纳入低保" in entry.says
    assert post(link, **{**result, "data": {"resultText": "别的"}}).status_code == 409

    # staff see it on the case; the whole number once, and who looked is kept
    receptionist = Client()
    receptionist.post("/sign-in", {"username": world.username("receptionist"), "password": PASSWORD})
    page = receptionist.get(f"/work/cases/{case.run_id}").content.decode()
    assert "**************1234" in page
    assert NUMBER not in page
    assert "核验有效" in page
    looked = receptionist.post(
        f"/work/cases/{case.run_id}", {"look": "number", "certificate": str(held.pk)}
    ).content.decode()
    assert NUMBER in looked
    assert AuditEntry.objects.get(action="exchange.look_at_certificate").target == case.ref
    assert NUMBER not in str(list(AuditEntry.objects.values_list("detail", flat=True)))

    # when the case has ended the number goes, the reference stays
    case.take("rate", mark=5)
    assert exchange.forget_numbers(world.later(days=29)) == 0
    assert exchange.forget_numbers(world.later(days=2)) == 1
    held.refresh_from_db()
    assert (held.number, held.masked) == ("", "**************1234")
    gone = receptionist.post(f"/work/cases/{case.run_id}", {"look": "number", "certificate": str(held.pk)})
    assert NUMBER not in gone.content.decode()


def test_what_fails_is_tried_again_and_acted_on_once(world: World, platform: Platform, link: str) -> None:
    """Fails, times out, answers rubbish, loses its answer: at least once from here, once there; growing waits in between."""
    case = Case(world).forwarded()
    platform.how = ["broken", "slow", "rubbish", "another", "huge", "later", "drops", "ok"]
    waits, message = [], Message.objects.get()
    for words in ("答了 503", "没有答完", "不是约定的 JSON", "没有写明", "答得太长", "答了 429", "断了"):
        assert send(world) == 1
        before = world.now
        message = Message.objects.get()
        assert words in message.trouble, (words, message.trouble)
        assert send(world) == 0  # not before its time
        waits.append(message.next_at - before)
        world.now = message.next_at
    assert waits == [*(timedelta(minutes=m) for m in (1, 2, 5, 10, 30)), timedelta(hours=2), timedelta(minutes=120)]
    assert send(world) == 1
    message = Message.objects.get()
    assert (message.state, message.attempts) == ("sent", 8)
    assert len(platform.asked) == 8
    assert len({ident for ident, _ in platform.asked}) == 1  # one idempotency key
    assert len(platform.events) == 1  # acted on once, though it came three times
    assert case.run.state == "processing"


def test_what_stands_still_is_shown_holds_back_its_own_case_only_and_goes_again(
    world: World, platform: Platform, link: str
) -> None:
    case, other = Case(world), Case(world).forwarded()
    case.take("accept", answer="带身份证到社区一窗")
    case.take("verify", id_number=NUMBER)
    case.take("send", main_unit=case.unit())
    stuck = Message.objects.get(ref=case.ref, kind="certificate")
    platform.how = ["ok", "refuses"]
    send(world)
    assert Message.objects.get(ref=other.ref).state == "sent"
    stuck.refresh_from_db()
    assert (stuck.state, stuck.trouble) == ("stuck", "不收，答了 422：缺少字段 areaCode")
    assert send(world, days=2) == 0  # the one behind it waits, and no worker stays awake for it
    assert exchange.next_due() is None
    administrator = Client()
    administrator.post("/sign-in", {"username": world.username("administrator"), "password": PASSWORD})
    page = administrator.get("/admin/exchange?state=stuck").content.decode()
    assert "缺少字段 areaCode" in page
    assert case.ref in page
    assert administrator.post("/admin/exchange", {"do": "again", "message": str(stuck.pk)}).status_code == 302
    world.now = clock.now() + timedelta(minutes=1)
    platform.how = ["elsewhere"]
    assert send(world) == 1
    stuck.refresh_from_db()
    assert "转到别处" in stuck.trouble
    assert administrator.post("/admin/exchange", {"do": "drop", "message": str(stuck.pk)}).status_code == 302
    stuck.refresh_from_db()
    assert (stuck.state, stuck.body) == ("dropped", "")
    assert send(world, minutes=10) == 1
    assert [event["subject"] for event in platform.events] == [other.ref, case.ref]
    assert AuditEntry.objects.filter(action__startswith="exchange.").count() == 3
    clerk = Client()
    clerk.post("/sign-in", {"username": world.username("grid_worker"), "password": PASSWORD})
    assert clerk.get("/admin/exchange").status_code == 403


def test_tried_long_enough_it_stands_still(
    world: World, platform: Platform, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Case(world).forwarded()
    two = Case(world).forwarded()
    monkeypatch.delenv("PLATFORM_SECRET")
    first = Message.objects.order_by("number")[0]
    assert send(world) == 1  # the link is silent: the second is not tried in the same round
    waiting = Message.objects.get(ref=two.ref)
    assert waiting.attempts == 0
    assert "PLATFORM_SECRET" in Message.objects.get(pk=first.pk).trouble
    for _ in range(14):
        world.now = Message.objects.get(pk=first.pk).next_at
        Message.objects.filter(pk=waiting.pk).update(next_at=world.now + timedelta(days=1))
        send(world)
    assert Message.objects.get(pk=first.pk).state == "stuck"
    monkeypatch.setenv("PLATFORM_SECRET", SECRET)
    told = StringIO()
    call_command("exchange", "again", "smalltown", "platform", stdout=told)
    assert "1 条" in told.getvalue()
    call_command("exchange", "show", stdout=told)
    assert "停 0" in told.getvalue()


def test_two_workers_and_one_that_died(world: World, platform: Platform, link: str) -> None:
    """A message that another worker has claimed is left alone until its lease is over, then it goes with the same id."""
    Case(world).forwarded()
    ident = str(Message.objects.get().pk)
    Message.objects.update(next_at=world.now + sending.LEASE, attempts=1)  # claimed, and its worker was killed
    assert send(world) == 0
    assert send(world, minutes=4) == 1
    assert [one for one, _ in platform.asked] == [ident]


def test_only_the_platform_speaks_for_itself_and_only_about_what_it_was_sent(
    world: World, platform: Platform, link: str
) -> None:
    case, silent = Case(world).forwarded(), Case(world)
    silent.take("accept", answer="先核对")
    result = {"type": "result", "subject": case.ref, "data": {"resultText": "办好了"}}
    assert post("", **result).status_code == 401
    _, reader = accounts.make_api_key(district=world.district, name="看板", may=["see_matters"], now=world.now)
    assert post(reader, **result).status_code == 403
    _, stranger = accounts.make_api_key(district=world.district, name="别的平台", may=["exchange"], now=world.now)
    assert post(stranger, **result).json()["code"] == "not_its_key"
    assert post(link, **{**result, "subject": silent.ref}).json()["code"] == "not_sent"
    assert post(link, **{**result, "type": "anything"}).status_code == 404
    assert post(link, **{**result, "data": {}}).status_code == 422
    checked = {"type": "certificate_result", "subject": case.ref, "data": {"certificate": "1", "valid": True}}
    assert post(link, **checked).status_code == 404
    assert not Received.objects.exists()
    assert case.run.state == "processing"
    assert post(link, **result).status_code == 201
    assert post(link, **result).status_code == 409  # another id: the case has moved on


def test_without_an_address_nothing_is_kept_and_the_command_says_what_is_wrong(
    world: World, platform: Platform
) -> None:
    Case(world).forwarded()
    assert not Message.objects.exists()
    given = ["smalltown", "platform", "--address", platform.address, "--secret-from", "env:PLATFORM_SECRET"]
    for index, wrong, words in (
        (1, "nowhere", "platform"),
        (3, "http://share.example.test/", "没有加密"),
        (5, SECRET, "不写在这里"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command(
                "exchange", "set", *[wrong if i == index else word for i, word in enumerate(given)], stdout=StringIO()
            )
    platform.algorithm = "sm3"
    with pytest.raises(CommandError, match="401"):
        call_command("exchange", "set", *given, stdout=StringIO())
    call_command("exchange", "set", *given, "--algorithm", "sm3", stdout=StringIO())
    Case(world).forwarded()
    call_command("exchange", "drop", "smalltown", "platform", stdout=StringIO())
    Case(world).forwarded()
    left = Message.objects.get()  # only what was written before
    assert left.body
    exchange.forget_numbers(world.later(days=31))
    left.refresh_from_db()
    assert (left.state, left.body) == ("dropped", "")
