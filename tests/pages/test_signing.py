"""Signing in and out as people meet it: back to where they were, told what went wrong, safe from foreign addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.pages.conftest import PASSWORD, SignedIn
from tests.world import World
from tongxin.accounts.models import User
from tongxin.kernel import clock


def send(client: Client, username: str = "li.min", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"username": username, "password": password, **more})


def test_signing_in_leads_back_to_where_one_was(world: World, staff: User) -> None:
    client = Client()
    asked = client.get("/change-password?x=1")
    assert asked.status_code == 302
    assert send(client, next="/help?x=1")["Location"] == "/help?x=1"
    assert "李敏" in client.get("/help").content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "/\\evil.test", "\\\\evil"]
)
def test_a_foreign_address_is_not_followed(world: World, staff: User, target: str) -> None:
    assert send(Client(), next=target)["Location"] == "/first-page"
    assert '<input type="hidden" name="next" value="">' in Client().get("/sign-in", {"next": target}).content.decode()


def test_a_wrong_password_keeps_the_name_and_says_how_many_tries_are_left(world: World, staff: User) -> None:
    response = send(Client(), password="Wrong-pass-1")
    page = response.content.decode()
    assert response.status_code == 403
    assert "再错 4 次" in page
    assert 'value="li.min"' in page
    assert "Wrong-pass-1" not in page


def test_the_sixth_try_meets_the_lock(world: World, staff: User) -> None:
    for _ in range(5):
        response = send(Client(), password="Wrong-pass-1")
    assert "锁定" in response.content.decode()
    assert send(Client()).status_code == 403


def test_an_idle_session_ends_and_says_so(world: World, staff: User, monkeypatch: Any) -> None:
    client = Client()
    send(client)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=14))
    assert "李敏" in client.get("/help").content.decode()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=28))
    assert "李敏" in client.get("/help").content.decode()  # 14 minutes after the last act
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=44))
    page = client.get("/sign-in").content.decode()
    assert "李敏" not in page
    assert "还在" in page


def test_a_session_of_a_clock_that_was_set_back_ends_when_idle_too(world: World, staff: User, monkeypatch: Any) -> None:
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=6))
    client = Client()
    send(client)
    monkeypatch.setattr(clock, "now", lambda: start)
    assert "李敏" in client.get("/help").content.decode()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=16))
    assert "李敏" not in client.get("/sign-in").content.decode()


def test_an_htmx_request_of_an_ended_session_leads_the_whole_page_to_sign_in(world: World) -> None:
    path = "/admin/complaints"
    response = Client().get(path, headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/sign-in?next=%2Fadmin%2Fcomplaints"


def test_a_form_sent_after_the_session_ended_leads_back_to_the_page_it_came_from(world: World) -> None:
    response = Client().post(
        "/admin/complaints",
        {"id": "1", "answer": "x"},
        headers={"referer": "http://testserver/admin/complaints?after=3"},
    )
    assert response["Location"] == "/sign-in?next=%2Fadmin%2Fcomplaints%3Fafter%3D3"
    assert "accepted" not in response.cookies
    foreign = Client().post("/admin/complaints", {}, headers={"referer": "https://evil.test/x"})
    assert foreign["Location"] == "/sign-in?next=%2F"


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    world: World, staff: User, signed_in: SignedIn
) -> None:
    here, there = signed_in(staff), signed_in(staff)
    sent = {"old": PASSWORD, "password": "Quiet-river-5", "again": "Quiet-river-5"}
    assert "不一样" in here.post("/change-password", {**sent, "again": "x"}).content.decode()
    assert here.post("/change-password", {**sent, "old": "Wrong-pass-1"}).status_code == 403
    assert here.post("/change-password", sent).status_code == 302
    assert "李敏" in here.get("/help").content.decode()
    assert "李敏" not in there.get("/help").content.decode()


def test_signing_out_needs_a_deliberate_act(world: World, staff: User, signed_in: SignedIn) -> None:
    client = signed_in(staff)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 302
    assert "李敏" not in client.get("/help").content.decode()


def test_a_form_without_its_token_is_refused_with_what_to_do(world: World, staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = send(client)
    assert response.status_code == 403
    assert "刷新" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "first"),
    [
        ("grid_worker", "/grid/"),
        ("branch_secretary", "/grid/"),
        ("receptionist", "/work/"),
        ("department_desk", "/work/"),
        ("leader", "/work/"),
        ("administrator", "/admin/"),
    ],
)
def test_each_begins_where_their_work_lies(world: World, signed_in: SignedIn, role: str, first: str) -> None:
    assert signed_in(role).get("/first-page")["Location"] == first


def test_the_switch_names_no_place_where_one_has_nothing_to_do(world: World, signed_in: SignedIn) -> None:
    assert 'href="/grid/' not in signed_in("department_desk").get("/work/").content.decode()
    assert 'href="/grid/tags"' not in signed_in("grid_worker").get("/grid/").content.decode()
