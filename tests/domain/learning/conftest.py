"""The small town with sixty handled matters of two classes, come in by a file as another system would give them."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests import kept
from tests.world import World, as_it_is, open_world
from tongxin.kernel import caches, clock

PLACES = ("东风小区", "和平里", "长青巷", "滨江花园", "铁路新村", "光明路")
MATTERS = {
    "文明创建": ("广场舞音响吵闹", "烧烤油烟扰民", "楼道堆放杂物", "遛狗不牵绳", "流动摊占道"),
    "公共设施完善": ("路灯不亮", "井盖破损", "人行道塌陷", "健身器材坏了", "道路积水"),
}


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    at_home(settings, tmp_path)
    world = open_world()
    world.now = clock.now()
    return world


def at_home(settings: Any, folder: Path) -> None:
    """Models and files lie in a folder of the test."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = folder / "media"
    caches.clear_all()


@pytest.fixture
def handled(db: None, settings: Any, tmp_path: Path) -> World:
    """Sixty closed matters whose categories came with them."""
    at_home(settings, tmp_path)
    world = as_it_is(kept.once("handled", "smalltown", lambda: take_in(tmp_path / "handled.csv")))
    world.now = clock.now()
    return world


def take_in(path: Path) -> World:
    """Open the town and take the sixty in."""
    world = open_world()
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["编号", "标题", "内容", "时间", "办结时间", "类别"])
        pairs = [(kind, one) for kind, ones in MATTERS.items() for one in ones]
        for number, ((kind, what), place) in enumerate(itertools.product(pairs, PLACES)):
            told = f"{place}附近{what}，请尽快处理。"
            out.writerow([number, f"{place}{what}", told, "2026-01-05 10:00:00", "2026-01-06 10:00:00", kind])
    call_command("import_messages", world.district.key, str(path), verbosity=0)
    return world
