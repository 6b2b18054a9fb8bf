"""The small town in a browser's eyes: one district, people who can sign in, and a second town next door when asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.world import World, open_world
from tongxin.accounts import api as accounts
from tongxin.accounts.models import User
from tongxin.kernel import caches, clock
from tongxin.packs import api as packs

PASSWORD = "Lamp-post-77"
SignedIn = Callable[..., Client]


def committed_world() -> World:
    """A world that other connections see too; for tests with ``transaction=True``."""
    caches.clear_all()
    packs.forget_districts()
    world = open_world()
    world.now = clock.now()
    return world


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    """One district is the default for every host."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.MEDIA_ROOT = tmp_path
    caches.clear_all()
    world = open_world()
    world.now = clock.now()
    return world


@pytest.fixture
def staff(world: World) -> User:
    """Somebody with an account and a password, and no post at all."""
    return accounts.make_user(
        district=world.district, username="li.min", name="李敏", password=PASSWORD, now=clock.now() - timedelta(days=1)
    )


@pytest.fixture
def signed_in(world: World) -> SignedIn:
    """A browser in which somebody is signed in: a user, or the holder of a role."""

    def make(user: User | int | str) -> Client:
        if isinstance(user, str):
            user = next(ident for (role, _), ident in world.users.items() if role == user)
        client = Client()
        client.force_login(user if isinstance(user, User) else User.objects.get(pk=user))
        return client

    return make
