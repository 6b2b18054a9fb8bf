from __future__ import annotations

import pytest

from tests.world import World, open_world
from tongxin.kernel import caches


@pytest.fixture
def world(db: None) -> World:
    """A small town under a locality whose admission list guards its communities."""
    caches.clear_all()
    return open_world(pack_key="zhongshan")
