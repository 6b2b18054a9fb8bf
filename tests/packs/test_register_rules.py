"""Faults planted in documents, registers, tags and networks are told at their lines, with the way to mend them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs.sample import FILES, write
from tongxin.packs.api import check_folder

DOCUMENTS = """\
charter:
  title: 章程
  kind: charter
  issuer: lights
  parties: {per: department, members: true}
  versions:
    - {title: 第一版, to: 2022-12-31, clauses: [{no: "1", heading: 议事}]}
    - title: 第二版
      from: 2023-01-01
      clauses: [{no: "1", heading: 议事, runs: {procedures: lamp}}]
annex: {title: 配套, issued_by: 上级, under: charter, versions: [{}]}
"""
REGISTERS = """\
batches:
  title: 批次
  owner: keeper
  entries: [{key: "1", title: 第一批, document: charter}]
people:
  title: 录用
  of: person
  under: batches
  owner: keeper
  stages: {shown: 公示, taken: 录用}
money:
  title: 经费
  owner: keeper
  amount: yuan
  fields: {yuan: {title: 金额, type: number}}
"""
TAGS = "alone: {title: 独居, purpose: 上门看望, basis: 老年人权益保障法, roles: [worker]}\n"
PLANTED = [
    ("documents.yaml", "issuer: lights", "issuer: lightz", "没有这个组织：lightz", "lights"),
    ("documents.yaml", "{procedures: lamp}", "{procedures: lamb}", "没有这个流程：lamb", "lamp"),
    ("documents.yaml", "{procedures: lamp}", "{procedurs: lamp}", "没有这个种类：procedurs", "procedures"),
    ("documents.yaml", "from: 2023-01-01", "from: 2022-06-01", "接不上", "to"),
    ("documents.yaml", "issued_by: 上级, ", "", "没有写是谁发的", "issuer"),
    ("documents.yaml", "under: charter", "under: annex", "不再往下挂", "总文件"),
    ("documents.yaml", "{per: department, members: true}", "{members: true}", "members 只与 per 一起写", "改写"),
    ("registers.yaml", "batches:\n  title: 批次\n  owner: keeper", "batches:\n  title: 批次\n  owner: worker", "没有 keep_registers 权限", "may"),
    ("registers.yaml", "under: batches", "under: batchs", "没有这个名册：batchs", "batches"),
    ("registers.yaml", "document: charter", "document: chart", "没有这个文件：chart", "charter"),
    ("registers.yaml", "taken: 录用}", "taken: 录用, best: 排名第一}", "打分、排名", "只登事实"),
    ("registers.yaml", "type: number", "type: text", "不是数", "number"),
    ("registers.yaml", "of: person\n", "of: area\n", "没有写哪一级", "level"),
    ("tags.yaml", "purpose: 上门看望, ", "", "缺少必填的 purpose", "请补上"),
    ("tags.yaml", "title: 独居", "title: 信用分低", "打分、排名", "删去"),
    ("tags.yaml", "roles: [worker]", "roles: [head]", "没有 see_personal 权限", "去掉"),
    ("units.yaml", "roles: worker}", "roles: workr}", "没有这个角色：workr", "worker"),
    ("units.yaml", "time: part, from: department", "time: full, from: department", "不是兼职", "time: part"),
]  # fmt: skip


def sample() -> dict[str, str]:
    units = FILES["units.yaml"].replace(
        "at: grid, may: [see_matters], deputy", "at: grid, may: [see_matters, see_personal], deputy"
    )
    units += "  keeper: {title: 登记员, at: county, may: keep_registers}\n"
    units += "  guest: {title: 兼职委员, in: branch, time: part, from: department}\n"
    units += "networks:\n  party: {title: 党建网格, level: grid, purpose: 支部建在网格, roles: worker}\n"
    return {**FILES, "units.yaml": units, "documents.yaml": DOCUMENTS, "registers.yaml": REGISTERS, "tags.yaml": TAGS}


def test_the_sample_with_registers_is_sound(tmp_path: Path) -> None:
    assert check_folder(write(tmp_path, sample())) == []


@pytest.mark.row("ZS-26")
@pytest.mark.parametrize(("file", "old", "new", "what", "mend"), PLANTED)
def test_a_planted_fault_is_told_where_it_stands(
    tmp_path: Path, file: str, old: str, new: str, what: str, mend: str
) -> None:
    files = sample()
    assert files[file].count(old) == 1
    files[file] = files[file].replace(old, new)
    found = [fault for fault in check_folder(write(tmp_path, files)) if what in fault.what]
    assert len(found) == 1, check_folder(write(tmp_path, files))
    assert mend in found[0].mend
    assert found[0].file == f"sample/{file}"
    assert found[0].line > 0
