"""The small town, opened once a test."""

import pytest

from tests.world import World, open_world
from tongxin.kernel import caches


@pytest.fixture
def world(db: None) -> World:
    caches.clear_all()
    return open_world()
