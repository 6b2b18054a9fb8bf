"""Signing in with the city's identity service, against a real provider in a process of its own (WH-22): the way, and all that can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.identity.city import Browser, City, running_city
from tests.identity.service import CLIENT, OTHER, SECRET
from tests.world import PASSWORD, World, open_world
from tongxin.accounts import api as accounts
from tongxin.accounts import totp
from tongxin.accounts.models import IdentityLink, SignIn, User
from tongxin.kernel import caches, clock
from tongxin.organization.models import Person
from tongxin.records.models import AuditEntry

BACK = "http://testserver/sign-in/identity/back"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("city"), BACK) as city:
        yield city


@pytest.fixture
def city(running: City, monkeypatch: pytest.MonkeyPatch) -> City:
    running.behave()
    accounts.identity_provider.forget()
    monkeypatch.setenv("CITY_SECRET", SECRET)
    return running


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    found = open_world()
    found.now = clock.now()
    return found


def set_up(city: City, *more: str, client: str = CLIENT) -> str:
    told = StringIO()
    call_command(
        "identity", "set", "smalltown", "--issuer", city.issuer, "--client-id", client, "--secret-from", "env:CITY_SECRET",
        "--claim", "staff_no", *more, stdout=told,
    )  # fmt: skip
    return told.getvalue()


def signed_in(world: World, role: str) -> tuple[Client, User]:
    user = User.objects.get(pk=world.actor(role).user_id)
    client = Client()
    sent = client.post("/sign-in", {"username": user.username, "password": PASSWORD})
    assert sent.status_code == 302
    return client, user


def is_in(client: Client, user: User) -> bool:
    return user.name in client.get("/help").content.decode()


def link(world: World, user: User, subject: str = "XT0001") -> None:
    service = accounts.find_service(world.district.id)
    assert service is not None
    accounts.link_identity(service=service, user=user, subject=subject, now=clock.now())


@pytest.mark.row("WH-22")
def test_somebody_links_once_and_then_signs_in_with_the_city(world: World, city: City) -> None:
    assert "市统一身份" not in Client().get("/sign-in").content.decode()  # only where it is set up
    told = set_up(city)
    assert told.count("✗") == 0
    assert "可以用市统一身份登录" in told
    assert "用市统一身份登录" in Client().get("/sign-in").content.decode()

    # a stranger is told what to do; nothing is made of it
    before = User.objects.count()
    stranger = Browser()
    unknown = stranger.sign_in()
    page = unknown.content.decode()
    assert unknown.status_code == 403
    assert "XT0001" in page
    assert "管理员" in page
    assert "_auth_user_id" not in stranger.client.session
    assert (User.objects.count(), IdentityLink.objects.count()) == (before, 0)

    # signed in by password, the person links; the city is asked who it is, the person says yes
    office, user = signed_in(world, "grid_worker")
    browser = Browser(office)
    assert browser.sign_in("?link=1")["Location"] == "/account/identity"
    asked = office.get("/account/identity").content.decode()
    assert "张工" in asked
    assert f"{user.name}（{user.username}）" in asked
    assert not IdentityLink.objects.exists()  # not before the yes
    office.post("/account/identity", {"do": "link"})
    assert IdentityLink.objects.get().user_id == user.pk
    assert AuditEntry.objects.filter(action="organization.link_oneself", user=user).exists()
    assert "用密码" in office.get("/account").content.decode()

    # from a page of the city's own system into the page that is meant
    later = Browser()
    answer = later.sign_in("?" + urlencode({"iss": city.issuer, "target_link_uri": "http://testserver/grid/?x=1"}))
    assert answer["Location"] == "/grid/?x=1"
    assert is_in(later.client, user)
    assert later.client.get("/grid/").status_code == 200
    assert "用统一身份" in later.client.get("/account").content.decode()
    assert SignIn.objects.filter(user=user, by_service=True).count() == 1

    # out of both
    out = later.client.post("/sign-out")
    assert out["Location"] == "/signed-out"
    assert not is_in(later.client, user)
    page = later.client.get("/signed-out").content.decode()
    end = page.split('btn-wide" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert end.startswith(city.issuer + "/logout/")
    assert later.go(end).startswith("http://testserver/signed-out")
    assert "name=username" in later.city.get(later.client.get("/sign-in/identity")["Location"], timeout=10).text

    # parted again, the number opens nothing
    office.post("/account/identity", {"do": "end"})
    assert Browser().sign_in().status_code == 403


def test_an_administrator_enters_the_staff_number(world: World, city: City) -> None:
    set_up(city)
    administrator, _ = signed_in(world, "administrator")
    person = world.actor("grid_worker")
    row = Person.objects.get(user_id=person.user_id)
    address = f"/admin/people/{row.pk}"
    assert administrator.post(address, {"do": "link", "subject": "XT0002"}).status_code == 302
    assert 'value="XT0002"' in administrator.get(address).content.decode()
    other = Person.objects.exclude(pk=row.pk).filter(user__isnull=False)[0]
    taken = administrator.post(f"/admin/people/{other.pk}", {"do": "link", "subject": "XT0002"})
    assert taken.status_code == 409
    entry = AuditEntry.objects.get(action="organization.link_person")
    assert entry.detail["subject"] != "XT0002"  # masked
    browser = Browser(person="wang")
    assert browser.sign_in()["Location"] == "/first-page"
    User.objects.filter(pk=person.user_id).update(is_active=False)
    refused = Browser(person="wang").sign_in()
    assert "停用" in refused.content.decode()


def test_no_foreign_address_is_followed(world: World, city: City) -> None:
    set_up(city)
    link(world, User.objects.get(pk=world.actor("grid_worker").user_id))
    for target in ("https://evil.test/", "//evil.test/x", "/\\evil.test", "javascript:alert(1)"):
        assert Browser().sign_in("?" + urlencode({"next": target}))["Location"] == "/first-page"
        assert Browser().sign_in("?" + urlencode({"target_link_uri": target}))["Location"] == "/first-page"


def test_what_a_sign_in_by_the_city_owes(world: World, city: City, settings: Any) -> None:
    """No password was used, so its age is no matter; a second step counts if the city says it asked for one."""
    set_up(city, "--fresh-minutes", "30")
    user = User.objects.get(pk=world.actor("grid_worker").user_id)
    link(world, user)
    User.objects.filter(pk=user.pk).update(password_once=True, password_at=clock.now() - timedelta(days=400))
    settings.PASSWORD_DAYS, settings.TWO_STEPS = 90, "all"
    one = Browser()
    one.sign_in()
    assert one.client.get("/grid/")["Location"] == "/account/second-step"
    city.behave(claims={"amr": ["pwd", "otp"]})
    two = Browser()
    two.sign_in()
    assert two.client.get("/grid/").status_code == 200

    # one's own second step is asked for, unless the city asked for one
    key = accounts.begin_second_step(user=User.objects.get(pk=user.pk))
    fresh = User.objects.get(pk=user.pk)
    accounts.confirm_second_step(user=fresh, code=totp.code_at(key, totp.step_of(clock.now()) - 1), now=clock.now())
    assert Browser().sign_in()["Location"] == "/first-page"
    city.behave()
    three = Browser()
    assert three.sign_in("?next=/grid/")["Location"] == "/sign-in/code?next=%2Fgrid%2F"
    assert not is_in(three.client, user)
    code = totp.code_at(key, totp.step_of(clock.now()))
    assert three.client.post("/sign-in/code", {"code": code, "next": "/grid/"})["Location"] == "/grid/"
    assert three.client.get("/grid/").status_code == 200
    city.behave(claims={"auth_time": int(clock.now().timestamp()) - 7200})
    assert "30 分钟以前" in Browser().sign_in().content.decode()


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("audience", {"aud": OTHER}, "不是签发给本平台的"),
    ("two audiences", {"aud": [CLIENT, OTHER], "azp": OTHER}, "不是签发给本平台的"),
    ("issuer", {"iss": "https://elsewhere.test"}, "不是所设的发行方签发的"),
    ("nonce", {"nonce": "of-another-time"}, "不是这一次登录的"),
    ("expired", {"exp": 1_700_000_000}, "已经过期"),
    ("from the future", {"iat": 4_000_000_000}, "签发时间在将来"),
    ("hash of the access token", {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "和访问令牌对不上"),
    ("a claim that is no number", {"staff_no": {"a": 1}}, "不能用来认人"),
]


def test_a_token_that_does_not_hold_lets_nobody_in(world: World, city: City) -> None:
    set_up(city)
    user = User.objects.get(pk=world.actor("grid_worker").user_id)
    link(world, user)
    browser = Browser()
    for name, claims, words in WRONG:
        city.behave(claims=claims)
        answer = browser.sign_in()
        assert answer.status_code == 403, name
        assert words in answer.content.decode(), name
        assert "_auth_user_id" not in browser.client.session, name
    moment = int(clock.now().timestamp())
    city.behave(claims={"exp": moment - 30, "iat": moment + 30})  # two clocks that differ a little
    assert browser.sign_in()["Location"] == "/first-page"


def test_a_way_back_counts_once_and_only_for_who_began_it(world: World, city: City) -> None:
    set_up(city)
    user = User.objects.get(pk=world.actor("grid_worker").user_id)
    link(world, user)
    browser = Browser()
    start = browser.client.get("/sign-in/identity")["Location"]
    asked = dict(parse_qsl(urlsplit(start).query))
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    returned = browser.go(start)
    given = dict(parse_qsl(urlsplit(returned).query))

    def refused(client: Client, words: str, **changes: str) -> None:
        answer = client.get("/sign-in/identity/back", {**given, **changes})
        assert answer.status_code == 403
        assert words in answer.content.decode()
        assert "_auth_user_id" not in client.session

    refused(Client(), "不是从这里开始的")  # somebody else's browser with a stolen answer
    refused(browser.client, "不是从这里开始的", state=given["state"][:-1] + "x")
    assert browser.back(returned)["Location"] == "/first-page"
    browser.client.post("/sign-out")
    refused(browser.client, "已经用过")  # the same answer again
    again = dict(parse_qsl(urlsplit(browser.client.get("/sign-in/identity")["Location"]).query))
    refused(browser.client, "没有认", state=again["state"])  # a used code on a new way
    once = dict(parse_qsl(urlsplit(browser.client.get("/sign-in/identity")["Location"]).query))
    refused(browser.client, "不是所设的统一身份", state=once["state"], iss="https://elsewhere.test")
    cancelled = Browser().sign_in("?next=/grid/", cancel=True)
    assert "取消" in cancelled.content.decode()
    assert "next=%2Fgrid%2F" in cancelled.content.decode()


def test_new_keys_of_the_service_are_taken_up(world: World, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(city)
    link(world, User.objects.get(pk=world.actor("grid_worker").user_id))
    assert Browser().sign_in().status_code == 302
    city.behave(rotate=True)
    later = clock.now() + timedelta(seconds=50)  # keys are kept an hour, fetched anew at most once a minute
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "公布的钥匙" in Browser().sign_in().content.decode()
    much = later + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: much)
    assert Browser().sign_in().status_code == 302


DOWN = {
    "rubbish": "不是 JSON", "list": "不是约定", "huge": "太长", "slow": "没有答完", "elsewhere": "转到别处", "broken": "500",
}  # fmt: skip


def test_a_service_that_answers_badly_is_told_and_passwords_still_work(
    world: World, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(city)
    monkeypatch.setattr(accounts.identity_provider, "ANSWER_SECONDS", 1.0)
    for name, words in DOWN.items():
        accounts.identity_provider.forget()
        city.behave(discovery=name)
        answer = Client().get("/sign-in/identity?next=/grid/")
        assert answer.status_code == 502, name
        assert "用本平台的用户名和密码登录" in answer.content.decode(), name
        assert words in examined("smalltown"), name
    accounts.identity_provider.forget()
    for changes, words in (
        ({"issuer": "https://elsewhere.test"}, "自称是"),
        ({"token_endpoint": "http://elsewhere.test/token"}, "没有加密"),
        ({"jwks_uri": None}, "jwks_uri"),
    ):
        city.behave(description=changes)
        assert words in examined("smalltown")
    city.behave()
    accounts.identity_provider.forget()
    assert Client().get("/sign-in/identity").status_code == 302
    signed_in(world, "grid_worker")


def examined(key: str) -> str:
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("identity", "check", key, stdout=told)
    return told.getvalue()


def test_the_check_says_what_is_wrong(world: World, city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    set_up(city)
    monkeypatch.setenv("CITY_SECRET", "not the secret")
    assert "不认本平台的应用标识或密钥" in examined("smalltown")
    monkeypatch.delenv("CITY_SECRET")
    assert "CITY_SECRET" in examined("smalltown")
    kept = tmp_path / "secret"
    kept.write_text(SECRET + "\n")
    told = StringIO()
    call_command("identity", "set", "smalltown", "--issuer", city.issuer, "--client-id", CLIENT, "--secret-from", f"file:{kept}", "--claim", "phone_number", stdout=told)  # fmt: skip
    assert "本人可以改" in told.getvalue()
    assert AuditEntry.objects.filter(action="accounts.set_identity").count() == 2
    assert SECRET not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    for wrong in (["--issuer", "http://id.example.test"], ["--secret-from", SECRET], ["--scope", "profile"]):
        given = {"--issuer": city.issuer, "--client-id": CLIENT, **dict([wrong])}
        with pytest.raises(CommandError):
            call_command(
                "identity", "set", "smalltown", *[word for pair in given.items() for word in pair], stdout=StringIO()
            )
    call_command("identity", "drop", "smalltown", stdout=StringIO())
    assert Client().get("/sign-in/identity")["Location"] == "/sign-in"
    with pytest.raises(CommandError, match="没有设"):
        call_command("identity", "check", "smalltown")


def test_a_service_that_is_gone_is_told(world: World, city: City) -> None:
    set_up(city)
    link(world, User.objects.get(pk=world.actor("grid_worker").user_id))
    city.behave(
        description={"token_endpoint": "http://127.0.0.1:9/token"}
    )  # nobody listens there: gone between the two ways
    accounts.identity_provider.forget()
    answer = Browser().sign_in()
    assert answer.status_code == 502
    assert "用不了" in answer.content.decode()
    gone = City("http://127.0.0.1:9", None)
    with pytest.raises(CommandError):
        set_up(gone)
    assert "连接不上" in examined("smalltown")
    assert Client().get("/sign-in/identity").status_code == 502
