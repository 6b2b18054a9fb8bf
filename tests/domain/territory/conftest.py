"""The small town, and what must not change when an act is refused."""

from __future__ import annotations

import pytest

from tests.domain.smalltown import open_town, seen
from tongxin.packs import api as packs
from tongxin.territory.models import Area, AreaSuccession, PlaceName


@pytest.fixture
def town(db) -> packs.DistrictView:
    return open_town()


@pytest.fixture
def unchanged(db):
    from tongxin.records.models import AuditEntry

    def state() -> tuple:
        tables = (Area, AreaSuccession, PlaceName, AuditEntry)
        rows = tuple(
            [
                {key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items()}
                for row in table.objects.order_by("pk").values()
            ]
            for table in tables
        )
        return (*rows, seen().territory_version)

    return state
