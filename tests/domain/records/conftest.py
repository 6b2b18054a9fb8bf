"""A district and a folder of its own for files."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.domain import smalltown
from tongxin.kernel import caches
from tongxin.packs import api as packs
from tongxin.records import api as records


@pytest.fixture
def town(db: None, settings: Any, tmp_path: Path) -> packs.DistrictView:
    settings.MEDIA_ROOT = tmp_path
    caches.clear_all()
    return smalltown.open_town(areas=False)


@pytest.fixture
def keep(town: packs.DistrictView) -> Callable[..., records.Attachment]:
    """Keep a plain picture of a colour."""

    def make(
        colour: str = "teal", *, now: datetime = smalltown.NOW, district_id: int | None = None
    ) -> records.Attachment:
        out = io.BytesIO()
        Image.new("RGB", (40, 30), colour).save(out, "PNG")
        out.seek(0)
        where = town.id if district_id is None else district_id
        return records.keep_photo(where, out, declared_name="a.exe", user_id=None, now=now)

    return make
