"""Districts side by side in one installation: by host, by prefix, by being the only one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.domain import smalltown
from tests.pages.conftest import PASSWORD
from tests.world import World
from tongxin.accounts import api as accounts
from tongxin.accounts.models import User
from tongxin.kernel import caches, clock
from tongxin.packs import api as packs


@pytest.fixture
def two(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    packs.forget_districts()
    smalltown.open_town("easttown", areas=False)
    smalltown.open_town("westtown", areas=False)


def test_the_only_district_answers_every_host(world: World) -> None:
    for host in ("testserver", "127.0.0.1:8000", "[::1]:8000", "smalltown.test"):
        assert Client().get("/help", headers={"host": host}).status_code == 200


def test_a_host_names_its_district(two: None) -> None:
    response = Client().get("/help", headers={"host": "EASTTOWN.test:8000"})
    assert response.wsgi_request.district.key == "easttown"  # type: ignore[attr-defined]
    assert 'href="/complaint' in response.content.decode()


def test_a_prefix_names_a_district_and_all_links_keep_it(two: None) -> None:
    response = Client().get("/d/westtown/help")
    page = response.content.decode()
    assert response.wsgi_request.district.key == "westtown"  # type: ignore[attr-defined]
    assert 'href="/d/westtown/complaint' in page
    assert 'href="/static/' in page
    assert 'href="/help"' not in page
    assert reverse("help") == "/help"  # the prefix does not outlive its request


def test_an_unknown_host_is_offered_the_list(two: None) -> None:
    response = Client().get("/")
    assert response.status_code == 200
    assert 'href="/d/easttown/"' in response.content.decode()
    for path in ("/help", "/d/nowhere/help", "/d/", "/d"):
        assert Client().get(path).status_code == 404, path


def test_no_district_at_all_is_said_plainly(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    packs.forget_districts()
    response = Client().get("/")
    assert response.status_code == 200
    assert "还没有开通" in response.content.decode()


def test_health_and_robots_need_no_district(two: None) -> None:
    assert Client().get("/healthz").content == b"ok\n"
    assert Client().get("/robots.txt").status_code == 200


def test_a_login_counts_in_its_own_district_only(two: None) -> None:
    east = smalltown.seen("easttown")
    user = accounts.make_user(district=east, username="li.min", name="李敏", password=PASSWORD, now=clock.now())
    client = Client()
    client.force_login(user)
    assert "李敏" in client.get("/d/easttown/help").content.decode()
    assert "李敏" not in client.get("/d/westtown/help").content.decode()
    assert client.get("/d/westtown/change-password").status_code == 302


def test_the_same_password_next_door_opens_nothing(two: None) -> None:
    east = smalltown.seen("easttown")
    accounts.make_user(district=east, username="li.min", name="李敏", password=PASSWORD, now=clock.now())
    response = Client().post("/d/westtown/sign-in", {"username": "li.min", "password": PASSWORD})
    assert response.status_code == 403
    response = Client().post("/d/easttown/sign-in", {"username": "li.min", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"].startswith("/d/easttown/")
    assert User.objects.count() == 1
