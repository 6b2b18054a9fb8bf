"""The national table of components and matters: whole, adopted by one line, mapped to a locality's own categories."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.conf import settings

from tests.packs.sample import CATALOGUE, write
from tests.shared_data import find_data
from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import identifiers
from tongxin.packs import api as packs
from tongxin.packs.reading import read_yaml
from tongxin.packs.schema import Pack, StandardCatalogue
from tongxin.packs.schema.pack import dump

LOCALITIES = Path(settings.BASE_DIR) / "localities"
TABLE = LOCALITIES / "_base" / "catalogues" / "gb47678_5.yaml"
ADOPTS = "adopts: gb47678_5\n"
MAPPING = 'mapping: {"06": "002", "01037": "001", "01039": "001"}\n'


def table() -> StandardCatalogue:
    return StandardCatalogue.model_validate(read_yaml(TABLE.read_text("utf-8"), TABLE.name).value)


def adopting(folder: Path, more: str = ADOPTS, text: str | None = None) -> Path:
    return write(
        folder, {"catalogue.yaml": CATALOGUE + more, "catalogues/gb47678_5.yaml": text or TABLE.read_text("utf-8")}
    )


def by_code(pack: Pack) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {category.code: (category.title, above) for category, above in pack.catalogue.walk()}


@pytest.mark.row("D-06")
def test_the_table_has_153_components_and_250_matters() -> None:
    found = table()
    components = {code: name for key, group in found.components.items() for code, name in group.codes(key).items()}
    matters = {code: name for key, group in found.matters.items() for code, name in group.codes(key).items()}
    assert (len(found.components), len(components)) == (5, 153)
    assert (len(found.matters), len(matters)) == (10, 250)
    # the first five classes of matters are what is amiss with a component
    assert all("异常" in matters[code] for code in components)


@pytest.mark.realdata
def test_the_table_is_the_published_one_row_by_row() -> None:
    found = table()
    ours = {
        (kind, key, group.title, code, name)
        for kind, part in (("管理部件", found.components), ("管理事项", found.matters))
        for key, group in part.items()
        for code, name in group.codes(key).items()
    }
    with find_data("domain", "gb47678_5_codes.csv").open(encoding="utf-8") as lines:
        published = {(r["kind"], r["class_code"], r["class_name"], r["code"], r["name"]) for r in csv.DictReader(lines)}
    assert ours == published


def test_one_line_adopts_it(tmp_path: Path) -> None:
    found = packs.load_folder(adopting(tmp_path))
    codes = by_code(found)
    assert codes["06010"] == ("暴露垃圾", ("市容环境类",))
    assert codes["001"] == ("路灯", ())
    assert sum(category.standard is not None for category, _ in found.catalogue.walk()) == 250
    assert Pack.model_validate(dump(found)) == found  # a stored version needs no table


def test_mapped_matters_stand_below_the_own_category_and_follow_it(tmp_path: Path) -> None:
    found = packs.load_folder(adopting(tmp_path, ADOPTS + MAPPING))
    codes = by_code(found)
    assert codes["01037"][1] == ("路灯",)
    assert codes["06010"][1] == ("路面",)
    assert "GB06" not in codes  # the whole class found its place
    assert "GB01" in codes
    lamp = next(category for category, _ in found.catalogue.walk() if category.code == "01037")
    assert (lamp.unit, lamp.standard) == ("lights", "01037")


@pytest.mark.parametrize(
    ("more", "file", "what"),
    [
        ("adopts: gb1\n", "catalogue.yaml", "没有这个代码表：gb1"),
        (ADOPTS + 'mapping: {"99999": "001"}\n', "catalogue.yaml", "代码表里没有事项 99999"),
        (ADOPTS + 'mapping: {"06": "777"}\n', "catalogue.yaml", "没有这个类别：777"),
    ],
)
def test_a_wrong_adoption_is_told(tmp_path: Path, more: str, file: str, what: str) -> None:
    faults = packs.check_folder(adopting(tmp_path, more))
    assert any(what in fault.what and fault.file == f"sample/{file}" and fault.line > 0 for fault in faults), faults


def test_a_wrong_table_is_told_where(tmp_path: Path) -> None:
    text = TABLE.read_text("utf-8").replace('"001": 供水井盖\n', '"1": 供水井盖\n', 1)
    faults = packs.check_folder(adopting(tmp_path, text=text))
    assert any("catalogues/gb47678_5.yaml" in fault.file and fault.line for fault in faults), faults


def test_a_locality_that_does_not_adopt_carries_nothing_of_it() -> None:
    found = packs.load_folder(LOCALITIES / "xigu")
    assert not any(category.standard for category, _ in found.catalogue.walk())
    assert "GB06" not in by_code(found)


@pytest.mark.parametrize("text", ["370102 01001 000001", "37010201001000001", "370102-01001-000001"])
def test_a_component_identifier_is_read_whole(text: str) -> None:
    found = identifiers["gb47678_component"].call(text)
    assert (found.region, found.class_code, found.kind, found.serial) == ("370102", "01", "01001", 1)
    assert str(found) == "37010201001000001"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3701020100100000", "有 16 位，应为 17 位"),
        ("3701020100100000A", "应全为数字"),
        ("00010201001000001", "不是区划代码"),
        ("37010206001000001", "不是部件的大类和小类"),
        ("37010201000000001", "不是部件的大类和小类"),
        ("37010201001000000", "顺序号不能全为 0"),
    ],
)
def test_a_wrong_component_identifier_is_told_by_its_part(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        identifiers["gb47678_component"].call(text)


def test_a_matter_code_is_region_and_kind() -> None:
    assert identifiers["gb47678_matter"].call("37010206010") == ("370102", "06010")
    for wrong in ("06010", "3701020601", "370102060101", "abc"):
        with pytest.raises(Invalid, match="11 位"):
            identifiers["gb47678_matter"].call(wrong)
