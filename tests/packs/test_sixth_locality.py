"""A sixth locality by the how-to alone: its own blocks of YAML, pasted in order, and not a line of Python in the folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tongxin.affairs.models import Affair
from tongxin.packs import api as packs
from tongxin.packs.schema import Demo
from tongxin.procedures import api as procedures
from tongxin.web.demo.drawing import draw

GUIDE = Path(settings.BASE_DIR) / "docs" / "how-to" / "new-locality.md"
AREAS = [
    {"level": "county", "named": {"110101": "某某区"}},
    {"level": "town", "count": 1, "name": "第{n}街道"},
    {"level": "community", "count": 2, "name": "第{n}社区"},
    {"level": "grid", "count": 4, "households": 300, "name": "第{n}网格"},
]


def blocks() -> list[tuple[str, str]]:
    """(file, YAML) of each block of the guide that names its file, in order; the heading names it, or a first comment does."""
    found: list[tuple[str, str]] = []
    heading = ""
    for part in re.split(r"^(## .*)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if part.startswith("## "):
            heading = part
            continue
        for body in re.findall(r"^```yaml\n(.*?)^```", part, flags=re.MULTILINE | re.DOTALL):
            named = re.match(r"# (\S+\.yaml)\n", body) or re.search(r"—— (\S+\.yaml)", heading)
            if named and "*" not in named[1]:
                found.append((named[1], body))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The template, copied as ``make locality NAME=example`` does, then the guide's blocks."""
    for name in ("_base", "_template"):
        (tmp_path / name).symlink_to(Path(settings.BASE_DIR) / "localities" / name)
    made = packs.new_folder(tmp_path, "example")
    whole = [(name, body) for name, body in blocks() if name == "pack.yaml" or body.startswith("# ")]
    assert [name for name, _ in whole] == [
        "pack.yaml", "procedures/shared_garden.yaml", "lists.yaml", "cadence.yaml", "programme.yaml",
    ]  # fmt: skip
    for name, body in whole:
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(body, encoding="utf-8")
    drawn = draw(Demo.model_validate({"areas": AREAS, "centre": [116.4, 39.9]}))
    features = [feature for level in drawn.values() for feature in level]
    (made / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return made


def test_the_guide_s_blocks_make_a_pack_without_a_fault(folder: Path) -> None:
    assert packs.check_folder(folder) == []
    assert not list(folder.rglob("*.py"))


@pytest.mark.django_db
def test_it_opens_and_its_own_mechanism_runs_from_a_resident_to_its_end(folder: Path) -> None:
    call_command("district", "open", str(folder), "--admin", "王一", verbosity=0)
    packs.forget_districts()
    district = packs.find_district(key="example")
    assert district is not None
    resident = Client()
    assert "认领共享花园" in resident.get("/d/example/affairs").content.decode()
    shown = resident.get("/d/example/affairs/open/shared_garden").content.decode()
    assert "想认领哪一块" in shown
    area = re.search(r'name="area_id"[^>]*value="(\d+)"|<option value="(\d+)"', shown)
    assert area is not None
    sent = {
        "plot": "三号楼东边空地", "plan": "月季", "request_key": "g" * 24, "area_id": next(filter(None, area.groups())),
    }  # fmt: skip
    done = resident.post("/d/example/affairs/open/shared_garden", sent)
    assert done.status_code == 302, done.content.decode()[:3000]
    assert "社区正在核实" in resident.get(done["Location"]).content.decode()
    affair = Affair.objects.get(district_id=district.id)
    run = procedures.find_run(district, "affair", affair.id)
    assert run is not None
    assert run.state == "asked"
    assert "某某区" in resident.get("/d/example/").content.decode()
    assert "“一核多元”" in resident.get("/d/example/programme").content.decode()
