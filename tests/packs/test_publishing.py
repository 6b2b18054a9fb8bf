"""Published versions never change, districts adopt them, and the commands say what happened."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.packs.sample import FILES, write
from tongxin.kernel.caches import clear_all
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.packs import api as packs
from tongxin.packs.differences import differences
from tongxin.packs.models import PackVersion

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    packs.forget_districts()
    clear_all()


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out, no_color=True)
    return out.getvalue()


@pytest.mark.django_db
def test_equal_content_is_one_version_and_changed_content_the_next(tmp_path: Path) -> None:
    pack = packs.load_folder(write(tmp_path))
    first = packs.publish_pack(pack, actor_label="甲", now=NOW)
    assert packs.publish_pack(pack, actor_label="乙", now=NOW).pk == first.pk
    lamp = FILES["procedures/lamp.yaml"].replace("title: 办理\n", "title: 正在办\n")
    changed = packs.load_folder(write(tmp_path, {"procedures/lamp.yaml": lamp}))
    second = packs.publish_pack(changed, actor_label="乙", now=NOW, note="改称呼")
    assert (second.number, second.published_by) == (2, "乙")
    assert packs.get_pack(first.pk) == pack
    assert packs.get_pack(second.pk) == changed
    assert [version.number for version in packs.list_versions("sample")] == [2, 1]
    with CaptureQueriesContext(connection) as statements:
        assert packs.get_pack(second.pk).key == "sample"
    assert len(statements) == 0


@pytest.mark.django_db
def test_a_district_adopts_a_version_and_every_look_sees_it(tmp_path: Path) -> None:
    pack = packs.load_folder(write(tmp_path))
    version = packs.publish_pack(pack, actor_label="甲", now=NOW)
    packs.open_district(key="sample", title="样区", version=version, hosts=["Sample.test"], now=NOW)
    view = packs.find_district(host="SAMPLE.TEST")
    assert view is not None
    assert view.pack == pack
    with pytest.raises(Conflict):
        packs.open_district(key="other", title="别区", version=version, hosts=["sample.TEST"], now=NOW)
    newer = pack.model_copy(update={"labels": {"matter": "事"}})
    packs.adopt_pack(view.id, packs.publish_pack(newer, actor_label="甲", now=NOW))
    seen = packs.find_district(key="sample")
    assert seen is not None
    assert seen.pack.word("matter", "诉求") == "事"


def test_differences_are_told_by_name_and_not_by_position(tmp_path: Path) -> None:
    old = packs.load_folder(write(tmp_path))
    lamp = FILES["procedures/lamp.yaml"].replace("within: 2 work_hours", "within: 1 work_hours")
    bodies = "- {key: new_one, kind: department, name: 新所}\n" + FILES["bodies.yaml"].replace("路灯所", "照明所")
    units = FILES["units.yaml"].replace(
        "  checker: {title: 核查员, at: county}\n", "  checker: {title: 核查员, at: county, seats: 2}\n"
    )
    new = packs.load_folder(write(tmp_path, {"procedures/lamp.yaml": lamp, "bodies.yaml": bodies, "units.yaml": units}))
    assert [str(found) for found in differences(old, new)] == [
        "＋ units.roles.checker.seats：2",
        "～ procedures.lamp.states.received.within：2 work_hours → 1 work_hours",
        "～ bodies.lights.name：路灯所 → 照明所",
        "＋ bodies.new_one：“新所”",
    ]
    assert sorted(d.kind for d in differences(new, old)) == ["changed", "changed", "removed", "removed"]
    assert differences(old, old) == []


@pytest.mark.django_db
def test_the_commands_check_publish_and_compare(tmp_path: Path) -> None:
    top = write(tmp_path)
    assert "✓ sample" in _run("pack", "check", str(top))
    assert "还没有发布过" in _run("pack", "diff", str(top))
    assert "第 1 版已发布" in _run("pack", "publish", str(top), "--note", "头一回", "--by", "甲")
    assert "内容相同" in _run("pack", "publish", str(top))
    version = PackVersion.objects.get()
    assert (version.note, version.published_by) == ("头一回", "甲")
    packs.open_district(key="sample", title="样区", version=version, hosts=[], now=NOW)
    write(tmp_path, {"labels.yaml": "matter: 事\n"})
    assert "＋ labels.matter：事" in _run("pack", "diff", str(top))
    assert "加 --adopt 采用" in _run("pack", "publish", str(top))
    assert "从现在起用这一版" in _run("pack", "publish", str(top), "--adopt")
    assert "没有不同" in _run("pack", "diff", str(top))


@pytest.mark.django_db
def test_a_faulty_pack_is_told_and_not_published(tmp_path: Path) -> None:
    top = write(tmp_path, {"labels.yaml": "matter: [1]\n"})
    with pytest.raises(CommandError, match="1 个资料包中有 1 个不合格"):
        _run("pack", "check", str(top))
    out = io.StringIO()
    with pytest.raises(CommandError, match="请先改正"):
        call_command("pack", "publish", str(top), stdout=out, no_color=True)
    assert "sample/labels.yaml" in out.getvalue()
    assert "第 1 行" in out.getvalue()
    assert not PackVersion.objects.exists()


def test_a_new_locality_is_a_sound_copy_of_the_template(tmp_path: Path) -> None:
    from shutil import copytree

    from django.conf import settings

    home = Path(settings.BASE_DIR) / "localities"
    for name in ("_base", "_template"):
        copytree(home / name, tmp_path / name)
    made = packs.new_folder(tmp_path, "newtown", title="新区", region="110108")
    assert packs.check_folder(made) == []
    pack = packs.load_folder(made)
    assert (pack.key, pack.settings.title, pack.settings.region) == ("newtown", "新区", "110108")
    with pytest.raises(Conflict):
        packs.new_folder(tmp_path, "newtown")
    for key, title, region in [("New", "", ""), ("../x", "", ""), ("ok", 'a"b', ""), ("ok", "", "12")]:
        with pytest.raises(Invalid):
            packs.new_folder(tmp_path, key, title=title, region=region)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_base", "_template", "newtown"]


def test_the_page_about_packs_is_what_the_code_says() -> None:
    assert "✓" in _run("pack", "docs", "--check")


def test_the_page_has_a_table_of_every_part() -> None:
    from tongxin.packs import documents

    page = documents.render()
    assert [name for name, model in documents.MODELS.items() if documents.table(model) not in page] == []
    assert "<!--" not in page
    assert "| `from` | 列表：键 | **必填** |" in page
    for name, model in documents.MODELS.items():
        for key, field in model.model_fields.items():
            assert field.description, f"{name}.{key} has no description"
