"""`manage.py district`: an installation goes into service without any made-up person or matter."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tongxin.accounts.models import User
from tongxin.matters.models import Matter
from tongxin.organization.models import Person
from tongxin.packs import api as packs
from tongxin.territory import api as territory

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    said = io.StringIO()
    call_command("district", *arguments, stdout=said, **options)
    return said.getvalue()


def test_a_district_opens_with_what_its_pack_names_and_one_administrator() -> None:
    said = run("open", "xiuning", "--admin", "王一")
    password = re.search(r"one-time password: (\S+)", said)
    assert password is not None
    packs.forget_districts()
    district = packs.find_district(key="xiuning")
    assert district is not None
    assert len(territory.tree(district)) > 50
    assert [person.name for person in Person.objects.filter(district_id=district.id)] == ["王一"]
    assert not Matter.objects.exists()
    assert "xiuning" in run("list")
    client = Client()
    sent = {"username": "administrator", "password": password[1]}
    assert client.post("/d/xiuning/sign-in", sent).status_code == 302
    assert client.get("/d/xiuning/admin/")["Location"].endswith("/change-password"), "the first password is good once"
    with pytest.raises(CommandError, match="已经有键"):
        run("open", "xiuning")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("open", "nowhere"), "找不到资料包"),
        (("open", "xiuning", "--admin", "王一", "--role", "pope"), "没有角色为 pope"),
    ],
)
def test_what_cannot_be_opened_leaves_nothing(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    packs.forget_districts()
    assert packs.find_district(key="xiuning") is None


def test_an_operator_gets_a_password_that_is_good_once() -> None:
    said = run("operator", "ops", "--name", "运维甲")
    user = User.objects.get(username="ops")
    assert user.is_operator
    assert user.password_once
    assert re.search(r"one-time password: \S{10,}", said)
    with pytest.raises(CommandError, match="已有人用"):
        run("operator", "ops")
