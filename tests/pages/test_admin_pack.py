"""The pack in force on screens: where its values come from, what differs, publishing, adopting, moving running cases."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.pages.admin_site import new_version, refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import NOW, World
from tongxin.packs import api as packs
from tongxin.packs.models import District, PackVersion
from tongxin.packs.schema import Pack
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run
from tongxin.records.models import AuditEntry


@pytest.fixture
def folder(settings: Any, tmp_path: Path, world: World) -> Path:
    """A copy of the localities that a test may spoil."""
    shutil.copytree(Path(django_settings.BASE_DIR) / "localities", tmp_path / "localities")
    settings.BASE_DIR = tmp_path
    return tmp_path / "localities" / world.district.pack.key


def with_pack(district: packs.DistrictView, change: Any) -> PackVersion:
    """Publish the pack in force after ``change`` has worked on its plain values."""
    plain = district.pack.model_dump(mode="json", by_alias=True)
    change(plain)
    return packs.publish_pack(Pack.model_validate(plain), actor_label="测试", now=NOW)


def digest(page: Any) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def test_the_pack_is_shown_in_words(world: World, signed_in: SignedIn) -> None:
    client, key = signed_in("administrator"), world.district.pack.settings.intake.procedure  # type: ignore[union-attr]
    for path in ("", "/procedures", f"/procedures/{key}", "/catalogue", "/roles", "/versions/1"):
        response = client.get(f"/admin/pack{path}")
        assert response.status_code == 200, path
    page = client.get(f"/admin/pack/procedures/{key}")
    assert '<svg class="procedure"' in page.content.decode()
    assert "到期时：提醒承办人" in said(page)
    assert client.get("/admin/pack/procedures/none").status_code == 404
    assert client.get("/admin/pack/versions/99").status_code == 404


def test_each_limit_shows_its_source_and_what_is_still_to_be_checked(world: World, signed_in: SignedIn) -> None:
    def doubt(plain: dict[str, Any]) -> None:
        grades = list(plain["catalogue"]["grades"].values())
        plain["rules"]["grade.urgent"][0] |= {"source": "听说的", "confidence": "K"}
        grades[1].update(within="24 hours", source=None)

    version = with_pack(world.district, doubt)
    packs.adopt_pack(world.district.id, version)
    page = said(signed_in("administrator").get("/admin/pack/catalogue"))
    assert "听说的" in page
    assert "待核" in page
    assert "没有写出处" in page
    assert "法条原文" in page
    assert "2 个时限的出处待核" in said(signed_in("administrator").get("/admin/pack"))


def test_an_unchanged_folder_has_nothing_to_publish(world: World, signed_in: SignedIn, folder: Path) -> None:
    assert "和现行版一样" in said(signed_in("administrator").get("/admin/pack/publish"))


def test_a_change_is_seen_then_published_and_adopted(world: World, signed_in: SignedIn, folder: Path) -> None:
    (folder / "labels.yaml").write_text((folder / "labels.yaml").read_text() + "\nanother: 另一个\n")
    client = signed_in("administrator")
    page = client.get("/admin/pack/publish")
    assert "labels.another" in said(page)
    sent = {"digest": digest(page), "note": "改一处称呼"}
    assert "请写一句" in said(refused(client, "/admin/pack/publish", {**sent, "note": " "}))
    assert "刚才又变了" in said(refused(client, "/admin/pack/publish", {**sent, "digest": "0"}))
    assert PackVersion.objects.count() == 1
    assert client.post("/admin/pack/publish", sent).status_code == 302
    assert District.objects.get().pack.number == 2
    assert AuditEntry.objects.filter(action="packs.adopt_pack").count() == 1
    assert "改一处称呼" in said(client.get("/admin/pack"))


def test_a_folder_with_faults_shows_them_and_cannot_be_published(
    world: World, signed_in: SignedIn, folder: Path
) -> None:
    (folder / "units.yaml").write_text((folder / "units.yaml").read_text() + "\nnonsense: 1\n")
    client = signed_in("administrator")
    page = client.get("/admin/pack/publish")
    assert "不能发布" in said(page)
    assert "units.yaml" in said(page)
    assert '<button class="btn btn-primary" disabled>' in page.content.decode()
    assert "还有问题" in said(refused(client, "/admin/pack/publish", {"digest": "", "note": "x"}))
    assert PackVersion.objects.count() == 1


def test_a_published_version_is_adopted_after_its_differences_are_shown(world: World, signed_in: SignedIn) -> None:
    new_version(world.district)
    client = signed_in("administrator")
    page = said(client.get("/admin/pack/versions/2"))
    assert "labels.another" in page
    assert "采用这一版" in page
    assert client.post("/admin/pack/versions/2").status_code == 302
    assert District.objects.get().pack.number == 2


def test_a_version_that_does_away_with_a_desk_where_cases_wait_is_refused(world: World, signed_in: SignedIn) -> None:
    world.report()

    def drop(plain: dict[str, Any]) -> None:
        del plain["units"]["roles"]["grid_worker"]

    with_pack(world.district, drop)
    response = signed_in("administrator").post("/admin/pack/versions/2")
    assert response.status_code in (409, 422)
    assert District.objects.get().pack.number == 1
    assert not Run.objects.filter(holder_post__ended_on__isnull=False).exists()


def renamed(plain: dict[str, Any]) -> None:
    """The first state gets another key."""
    text = plain["procedures"]
    intake = plain["settings"]["intake"]["procedure"]
    spec = text[intake]
    first = spec["start"]
    spec["states"] = {("gathering" if key == first else key): state for key, state in spec["states"].items()}
    spec["start"] = "gathering"
    for step in spec["transitions"].values():
        step["from"] = ["gathering" if key == first else key for key in step["from"]]
        step["to"] = "gathering" if step["to"] == first else step["to"]
    spec["main_path"] = ["gathering" if key == first else key for key in spec["main_path"]]


def test_running_cases_move_by_a_map_of_states_each_with_its_entry(world: World, signed_in: SignedIn) -> None:
    reported = [world.report(f"第{n}盏路灯不亮了，请来看看。") for n in range(3)]
    version = with_pack(world.district, renamed)
    packs.adopt_pack(world.district.id, version)
    world.district = packs.find_district(key=world.district.key) or world.district
    key = world.district.pack.settings.intake.procedure  # type: ignore[union-attr]
    state = world.run(reported[0]).state
    client, path = signed_in("administrator"), f"/admin/pack/procedures/{key}/move"
    page = said(client.get(path))
    assert "旧版在办 3 件" in page
    assert "新版没有" in page
    assert "没有对应的环节" in said(refused(client, path, {}))
    assert set(Run.objects.values_list("state", flat=True)) == {state}
    assert client.post(path, {f"to_{state}": "gathering"}).status_code == 302
    assert set(Run.objects.values_list("state", "pack_id")) == {("gathering", version.pk)}
    for one in reported:
        assert procedures.verify(world.run(one)) is None  # no entry of the chain was changed
    assert "没有要迁移的" in said(client.get(path))


def test_the_pages_of_the_pack_cost_few_statements(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for path in ("/admin/pack", "/admin/pack/procedures", "/admin/pack/catalogue", "/admin/pack/roles"):
        client.get(path)
        with at_most(8):
            client.get(path)


def test_a_desk_without_the_permission_publishes_nothing(world: World, signed_in: SignedIn) -> None:
    new_version(world.district)
    for role in ("leader", "receptionist"):
        client = signed_in(role)
        for path in ("/admin/pack", "/admin/pack/publish", "/admin/pack/versions/2"):
            assert client.post(path, {"note": "x"}).status_code == 403
    assert District.objects.get().pack.number == 1
