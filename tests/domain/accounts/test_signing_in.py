"""Passwords, locks and keys: guessers learn nothing and are shut out, secrets are kept as hashes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.domain import smalltown
from tests.domain.smalltown import NOW
from tests.statements import at_most
from tongxin.accounts import api as accounts
from tongxin.accounts.models import ApiKey, User
from tongxin.accounts.rules import check_password, say_wait
from tongxin.kernel import caches
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.packs.api import DistrictView

PASSWORD = "Lamp-post-77"


@pytest.fixture
def town(db: None) -> DistrictView:
    caches.clear_all()
    return smalltown.open_town(areas=False)


@pytest.fixture
def wang(town: DistrictView) -> User:
    return accounts.make_user(district=town, username=" Wang.Gang ", name="王刚", password=PASSWORD, now=NOW)


def sign_in(password: str = PASSWORD, username: str = "wang.gang", minutes: int = 0, key: str = "smalltown") -> User:
    return accounts.authenticate(
        district_key=key, username=username, password=password, now=NOW + timedelta(minutes=minutes)
    )


def test_a_login_names_its_district(wang: User) -> None:
    assert wang.login == "wang.gang@smalltown"
    assert sign_in().pk == wang.pk
    assert sign_in(username="WANG.GANG ").pk == wang.pk


@pytest.mark.parametrize(
    "password",
    [
        "Short-1",
        "alllowercase",
        "lowercase123456",
        "AAAAAAAAAAa1",
        "Wang.Gang-2026",
        "王刚的Password1",
        "x" * 129 + "A1",
    ],
)
def test_weak_passwords_are_refused_with_what_to_do(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_password(password, username="wang.gang", name="王刚")
    assert caught.value.field == "password"
    assert caught.value.mend


@pytest.mark.parametrize("username", ["", "a", "王刚", "a b", "x" * 41, "-a", "a@b"])
def test_odd_user_names_are_refused(town: DistrictView, username: str) -> None:
    with pytest.raises(Invalid):
        accounts.make_user(district=town, username=username, name="王刚", password=PASSWORD, now=NOW)
    assert not User.objects.exists()


def test_a_taken_user_name_is_refused_and_free_in_another_district(wang: User, town: DistrictView) -> None:
    with pytest.raises(Conflict):
        accounts.make_user(district=town, username="wang.gang", name="另一人", password=PASSWORD, now=NOW)
    other = smalltown.open_town("othertown", areas=False)
    accounts.make_user(district=other, username="wang.gang", name="另一人", password=PASSWORD, now=NOW)
    with pytest.raises(NotAllowed):
        sign_in("Wrong-pass-1", key="othertown")


def test_five_failures_lock_for_half_an_hour_and_say_so(wang: User) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(NotAllowed) as caught:
            sign_in("Wrong-pass-1")
        assert caught.value.details["tries_left"] == left
    for minutes in (0, 29):
        with pytest.raises(NotAllowed, match="锁定"):
            sign_in("Wrong-pass-1" if minutes == 0 else PASSWORD, minutes=minutes)
    assert sign_in(minutes=31).pk == wang.pk


def test_success_forgets_earlier_failures(wang: User) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(NotAllowed):
                sign_in("Wrong-pass-1")
        sign_in()


def test_an_unknown_user_name_is_answered_like_a_known_one(wang: User) -> None:
    for _ in range(6):
        told = []
        for username in ("wang.gang", "nobody.here"):
            with pytest.raises(NotAllowed) as caught:
                sign_in("Wrong-pass-1", username=username)
            told.append((caught.value.code, caught.value.what, caught.value.details.get("tries_left")))
        assert told[0] == told[1]


def test_a_switched_off_account_cannot_come_in(wang: User) -> None:
    accounts.set_active(user=wang, active=False, now=NOW)
    with pytest.raises(NotAllowed):
        sign_in()
    assert accounts.find_user(wang.pk) is None


def test_a_new_password_lifts_the_lock_and_the_old_one_ends(wang: User) -> None:
    for _ in range(5):
        with pytest.raises(NotAllowed):
            sign_in("Wrong-pass-1")
    accounts.set_password(user=wang, password="Quiet-river-5", now=NOW)
    assert sign_in("Quiet-river-5").pk == wang.pk
    with pytest.raises(NotAllowed):
        sign_in()
    with pytest.raises(Invalid, match="一样"):
        accounts.set_password(user=wang, password="Quiet-river-5", now=NOW)


def test_an_operator_belongs_to_no_district(db: None) -> None:
    made = accounts.make_user(
        district=None, username="root.op", name="运维", password=PASSWORD, now=NOW, is_operator=True
    )
    assert sign_in(username="root.op", key="").pk == made.pk
    with pytest.raises(NotAllowed):
        sign_in(username="root.op", key="smalltown")


def test_a_key_is_shown_once_and_kept_as_a_hash(town: DistrictView) -> None:
    key, secret = accounts.make_api_key(district=town, name="热线对接", may=["import", "import"], now=NOW)
    assert key.may == ["import"]
    assert secret not in str(ApiKey.objects.values().get())
    with at_most(1):
        assert accounts.find_api_key(secret) == key
    with at_most(0):
        assert accounts.find_api_key("guess") is None
    assert accounts.find_api_key(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert accounts.revoke_api_key(key_id=key.pk, district_id=town.id, now=NOW)
    assert accounts.find_api_key(secret) is None


def test_a_key_of_another_district_is_not_revoked(town: DistrictView) -> None:
    key, secret = accounts.make_api_key(district=town, name="热线对接", may=[], now=NOW)
    assert not accounts.revoke_api_key(key_id=key.pk, district_id=town.id + 1, now=NOW)
    assert accounts.find_api_key(secret) == key


@pytest.mark.parametrize(("seconds", "words"), [(0, "1 秒"), (40, "40 秒"), (120, "2 分钟"), (5_400, "2 小时")])
def test_waiting_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert say_wait(seconds) == words
