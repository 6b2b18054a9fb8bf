"""Every page that asks for a login or a permission, from the pages' own declarations: anonymous, wrong district, wrong role, right role.

A page need not be named here: it is found by being declared. Pages with variable parts are asked with made-up values, which no
right role can use; their own tests show that the right role may.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages.conftest import PASSWORD, SignedIn
from tests.world import World, open_world
from tongxin.accounts import api as accounts
from tongxin.accounts.models import User
from tongxin.kernel import clock
from tongxin.organization.api import PERMISSIONS
from tongxin.web.page import STAFF, Page, load_pages

SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-4000-8000-000000000000", "path": "x"}
_WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE)", re.I)
_BOOKKEEPING = ("django_session", "accounts_throttle")


def pages() -> list[Page]:
    return [page for page in load_pages().values() if page.in_district]


CLOSED = [page for page in pages() if page.signed_in]


def address(page: Page) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES[match[1] or "str"], page.path)


def ask(client: Client, page: Page, prefix: str = "", method: str = "") -> Any:
    """Ask for a page and see that a refusal changed nothing."""
    path = prefix + address(page)
    with CaptureQueriesContext(connection) as caught:
        response = client.post(path, {}) if (method or page.methods[0]) == "POST" else client.get(path)
    if response.status_code in (302, 401, 403):
        writes = [q["sql"] for q in caught if _WRITES.match(q["sql"]) and not any(t in q["sql"] for t in _BOOKKEEPING)]
        assert not writes, f"{path} refused and yet wrote: {writes}"
    return response


def sent_to_sign_in(response: Any) -> bool:
    return response.status_code == 302 and "/sign-in?next=" in response["Location"]


def test_there_are_closed_pages_and_each_names_a_known_permission() -> None:
    assert CLOSED
    for page in pages():
        assert page.permission is None or page.permission in PERMISSIONS, page.name
        assert page.signed_in or page.audience not in STAFF, page.name


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(world: World) -> None:
    for page in CLOSED:
        for method in page.methods:
            assert sent_to_sign_in(ask(Client(), page, method=method)), page.name


def test_somebody_of_another_district_counts_as_not_signed_in(world: World, signed_in: SignedIn) -> None:
    other = open_world("othertown")
    client = signed_in(next(iter(other.users.values())))
    for page in CLOSED:
        for method in page.methods:
            response = ask(client, page, prefix="/d/smalltown", method=method)
            assert sent_to_sign_in(response), page.name
            assert response["Location"].startswith("/d/smalltown/"), page.name


def test_somebody_without_a_post_is_refused_with_a_sentence(world: World, signed_in: SignedIn, staff: User) -> None:
    client = signed_in(staff)
    for page in CLOSED:
        if page.permission is not None:
            for method in page.methods:
                response = ask(client, page, method=method)
                assert response.status_code == 403, page.name
                assert PERMISSIONS[page.permission] in response.content.decode(), page.name


def test_the_right_role_gets_in(world: World, signed_in: SignedIn) -> None:
    roles = world.district.pack.units.roles
    operator = accounts.make_user(
        district=None, username="op.one", name="运维", password=PASSWORD, now=clock.now(), is_operator=True
    )
    for page in CLOSED:
        if page.takes_arguments or "GET" not in page.methods:
            continue
        fitting = [role for role, spec in roles.items() if page.permission is None or page.permission in spec.may]
        held = {role for role, _ in world.users}
        who: Any = next((role for role in fitting if role in held), operator)
        response = ask(signed_in(who), page)
        assert response.status_code == 200 or (response.status_code == 302 and not sent_to_sign_in(response)), page.name
        assert "no-store" in response["Cache-Control"] or response.status_code == 302, page.name


@pytest.mark.parametrize(
    "page", [p for p in pages() if not p.signed_in and not p.takes_arguments], ids=lambda p: p.name
)
def test_open_pages_answer_everybody(world: World, page: Page) -> None:
    if "GET" in page.methods:
        assert ask(Client(), page).status_code in (200, 302)
    else:
        assert Client().get(address(page)).status_code == 405
