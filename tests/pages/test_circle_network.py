"""The walking network by page: sent in, read by the worker with its progress told, refused in words, called off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.domain.places.conftest import extract
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.world import World
from tongxin.kernel import limits
from tongxin.places import api as places
from tongxin.places.models import WalkMap, WalkReading
from tongxin.records.models import AuditEntry
from tongxin.web.worker import Worker

__all__ = ["extract"]
PATH = "/work/circle/network"


def send(client: Client, path: Path, **more: Any) -> Any:
    with path.open("rb") as file:
        return client.post(PATH, {"do": "send", "file": file, **more})


def test_an_extract_is_read_in_the_background_and_walked_on(world: World, signed_in: SignedIn, extract: Path) -> None:
    client = signed_in("administrator")
    assert "按直线距离 × 1.3" in said(client.get(PATH))
    assert send(client, extract).status_code == 302
    assert not WalkMap.objects.exists()
    page = said(client.get(PATH))
    assert "等待读入" in page
    assert "没有后台在运行" in page
    assert "HX-Refresh" not in client.get(f"{PATH}/state")
    assert refused(client, PATH, {"do": "send", "file": extract.open("rb")}).status_code == 409
    Worker(now=lambda: world.now).work()
    assert client.get(f"{PATH}/state")["HX-Refresh"] == "true"
    assert "4 个" in said(client.get(PATH))
    reading = WalkReading.objects.get()
    assert (reading.state, reading.trouble) == ("done", "")
    assert not Path(reading.path).exists()  # what was sent in is not kept twice
    assert AuditEntry.objects.get(action="places.load_walk_map").user_id is not None
    assert "town.osm.pbf" in said(client.get(PATH))
    assert client.post(PATH, {"do": "drop"}).status_code == 302
    assert not WalkMap.objects.exists()


def test_what_cannot_be_read_is_told_and_the_old_network_stays(
    world: World, signed_in: SignedIn, extract: Path, tmp_path: Path
) -> None:
    client = signed_in("administrator")
    send(client, extract)
    places.read_waiting(lambda: world.now)
    before = WalkMap.objects.get().digest
    broken = tmp_path / "半截.osm.pbf"
    broken.write_bytes(extract.read_bytes()[:200])
    send(client, broken)
    places.read_waiting(lambda: world.now)
    page = said(client.get(PATH))
    assert "半截.osm.pbf" in page
    assert "没有读成，原来的路网没有动" in page
    assert "不是完整的 OSM pbf" in page
    assert WalkMap.objects.get().digest == before


def test_a_reading_is_called_off_waiting_or_under_way(
    world: World, signed_in: SignedIn, extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("administrator")
    send(client, extract)
    assert client.post(PATH, {"do": "stop"}).status_code == 302
    assert places.read_waiting(lambda: world.now) == 0
    monkeypatch.setattr("tongxin.places.rules.network.TELL_EVERY", 1)
    send(client, extract)
    WalkReading.objects.filter(state="waiting").update(stop=True)
    assert places.read_waiting(lambda: world.now) == 1
    assert set(WalkReading.objects.values_list("state", flat=True)) == {"stopped"}
    assert not WalkMap.objects.exists()
    assert "已取消，原来的路网没有动" in said(client.get(PATH))
    assert refused(client, PATH, {"do": "stop"}).status_code == 404


def test_bad_files_and_those_who_may_not(
    world: World, signed_in: SignedIn, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("administrator")
    assert "还没有选择文件" in said(refused(client, PATH, {"do": "send"}))
    other = tmp_path / "路.geojson"
    other.write_text("{}")
    with other.open("rb") as file:
        assert "不认识“路.geojson”的类型" in said(refused(client, PATH, {"do": "send", "file": file}))
    monkeypatch.setattr(limits, "NETWORK_PAGE_BYTES", 100)
    with extract.open("rb") as file:
        assert "页面上最多" in said(refused(client, PATH, {"do": "send", "file": file}))
    clerk = signed_in("receptionist")  # of one community: the network is everybody's
    assert "上传路网" not in said(clerk.get(PATH))
    with extract.open("rb") as file:
        assert refused(clerk, PATH, {"do": "send", "file": file}).status_code == 403
    assert not WalkReading.objects.exists()
