"""One's own account as its owner meets it: the second step, where one is signed in, a password that has grown old."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.pages.conftest import PASSWORD, SignedIn
from tests.world import World
from tongxin.accounts import api as accounts
from tongxin.accounts import totp
from tongxin.accounts.models import SignIn, User
from tongxin.kernel import clock

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def send(client: Client, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"username": "li.min", "password": password, **more})


def phone(user: User) -> Any:
    """What the person's phone shows at a moment."""
    key = accounts.begin_second_step(user=User.objects.get(pk=user.pk))
    return lambda now: totp.code_at(key, totp.step_of(now))


def turn_on(client: Client, user: User) -> tuple[Any, list[str]]:
    shows = phone(user)
    page = client.post("/account/second-step", {"code": shows(clock.now())}).content.decode()
    return shows, [word.replace("-", "") for word in re.findall(r"<code>(.{5}-.{5})</code>", page)]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def test_the_second_step_is_turned_on_asked_for_and_turned_off(
    world: World, staff: User, signed_in: SignedIn, at: Any
) -> None:
    client = signed_in(staff)
    page = client.get("/account/second-step").content.decode()
    assert "<svg" in page
    assert client.get("/account/second-step").content.decode().count("<code") == 1
    assert client.post("/account/second-step", {"code": "000000x"}).status_code == 422
    shows, spares = turn_on(client, staff)
    assert len(set(spares)) == totp.SPARES
    kept = User.objects.get(pk=staff.pk)
    assert not any(spare in str(kept.totp_spares) for spare in spares)
    assert "开着" in client.get("/account").content.decode()

    here, start = Client(), clock.now()
    at(start + timedelta(minutes=2))
    asked = send(here, next="/help?x=1")
    assert asked["Location"] == "/sign-in/code?next=%2Fhelp%3Fx%3D1"
    assert "李敏" not in here.get("/help").content.decode()  # the password alone opens nothing
    wrong = here.post("/sign-in/code", {"code": "12345a"})
    assert wrong.status_code == 422
    assert "不对" in wrong.content.decode()
    code = shows(clock.now())
    assert (
        here.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}", "next": "/help?x=1"})["Location"] == "/help?x=1"
    )
    assert "李敏" in here.get("/help").content.decode()

    again = Client()
    send(again)
    assert again.post("/sign-in/code", {"code": code}).status_code == 422  # a code counts once
    assert again.post("/sign-in/code", {"code": spares[3]}).status_code == 302
    third = Client()
    send(third)
    assert third.post("/sign-in/code", {"code": spares[3]}).status_code == 422  # so does a spare one

    assert here.post("/account/second-step", {"password": "Wrong-pass-1"}).status_code == 403
    assert here.post("/account/second-step", {"password": PASSWORD}).status_code == 302
    assert send(Client())["Location"] == "/first-page"


def test_waiting_for_the_code_ends_and_guessing_is_held_back(
    world: World, staff: User, signed_in: SignedIn, at: Any
) -> None:
    turn_on(signed_in(staff), staff)
    client, start = Client(), clock.now()
    send(client)
    for _ in range(12):
        answer = client.post("/sign-in/code", {"code": "111111"})
    assert "太多次" in answer.content.decode()
    at(start + timedelta(minutes=6))
    assert client.get("/sign-in/code")["Location"] == "/sign-in"
    assert Client().get("/sign-in/code")["Location"] == "/sign-in"


def test_a_new_password_from_an_administrator_ends_the_second_step(
    world: World, staff: User, signed_in: SignedIn
) -> None:
    turn_on(signed_in(staff), staff)
    user = User.objects.get(pk=staff.pk)
    accounts.set_password(user=user, password="Bridge-walk-81", now=clock.now(), once=True)
    user.refresh_from_db()
    assert (user.totp_key, user.totp_since, user.totp_spares) == ("", None, [])


@pytest.mark.parametrize(("wanted", "led"), [("all", True), ("operators", False), ("", False)])
def test_where_it_is_required_every_page_leads_to_it_first(
    world: World, signed_in: SignedIn, settings: Any, wanted: str, led: bool
) -> None:
    settings.TWO_STEPS = wanted
    client = signed_in("administrator")
    answer = client.get("/admin/people")
    assert (answer.status_code == 302 and answer["Location"] == "/account/second-step") is led
    assert ("这里要求" in client.get("/account/second-step").content.decode()) is led


def test_other_sign_ins_are_seen_and_ended(world: World, staff: User, at: Any) -> None:
    start = clock.now()
    office, mobile, forgotten = (
        Client(headers={"User-Agent": CHROME}),
        Client(headers={"User-Agent": "MicroMessenger iPhone"}),
        Client(),
    )
    send(forgotten)
    at(start + timedelta(minutes=20))
    send(office)
    send(mobile)
    page = office.get("/account").content.decode()
    assert "Chrome，Windows" in page
    assert "微信，iPhone" in page
    assert page.count("就是这里") == 1
    assert "不明设备" not in page  # idle too long: it opens nothing any more
    other = Client()
    send(other)
    ident = SignIn.objects.get(device="微信，iPhone").pk
    assert office.post("/account", {"end": str(ident)}).status_code == 302
    assert "李敏" not in mobile.get("/help").content.decode()
    office.post("/account", {"end": "others"})
    assert "李敏" not in other.get("/help").content.decode()
    assert "李敏" in office.get("/help").content.decode()
    office.post("/sign-out")
    assert not SignIn.objects.exists()


def test_nobody_ends_or_sees_the_sign_ins_of_another(world: World, staff: User, signed_in: SignedIn) -> None:
    mine = Client()
    send(mine)
    stranger = signed_in("administrator")
    stranger.post("/account", {"end": str(SignIn.objects.get().pk)})
    stranger.post("/account", {"end": "9" * 40})
    assert "李敏" in mine.get("/help").content.decode()
    assert "就是这里" not in stranger.get("/account").content.decode()
    assert Client().get("/account").status_code == 302


def test_an_old_password_is_told_before_and_changed_when_it_is_too_old(
    world: World, signed_in: SignedIn, at: Any
) -> None:
    now = clock.now()
    accounts.make_user(district=world.district, username="li.min", name="李敏", password=PASSWORD, now=now)
    clerk = User.objects.get(pk=world.actor("administrator").user_id)
    client = Client()
    at(now + timedelta(days=80))
    send(client)
    assert "还有 10 天" in client.get("/help").content.decode()
    clerk.password_at = now
    clerk.save(update_fields=["password_at"])
    at(now + timedelta(days=90))
    page = signed_in(clerk)
    assert page.get("/admin/people")["Location"] == "/change-password"
    assert "用了太久" in page.get("/change-password").content.decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1."""
    key = b"12345678901234567890"
    assert totp.code_at(key, seconds // 30, digits=8) == code
    now = datetime.fromtimestamp(seconds, tz=clock.LOCAL)
    assert totp.find_step(key, code[2:], now) == seconds // 30
    assert totp.find_step(key, code[2:], now, after=seconds // 30) is None
    assert totp.unseal(totp.seal(key, "s"), "s") == key
    assert totp.unseal(totp.seal(key, "s"), "t") != key
