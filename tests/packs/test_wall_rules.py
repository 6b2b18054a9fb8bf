"""Faults planted in what the big screen shows are told at their lines: unknown measures, and figures that rank persons."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from tests.world import ROOT
from tongxin.packs.api import check_folder

PLANTED = """\
level: comunity
tiles:
  a: {title: 网格员在线排名, counted: {measure: matters}}
  b: {title: 办结的, counted: {measure: closed_shares}}
  c: {title: 需求, counted: {measure: finished_share, with: {procedure: demand}}}
"""


@pytest.mark.django_db
def test_what_a_wall_may_not_show_is_told(tmp_path: Path) -> None:
    for folder in ("_base", "zhongshan"):
        copytree(ROOT / "localities" / folder, tmp_path / "localities" / folder)
    (tmp_path / "localities" / "zhongshan" / "wall.yaml").write_text(PLANTED, encoding="utf-8")
    faults = check_folder(tmp_path / "localities" / "zhongshan")
    told = {
        (fault.line, words)
        for fault in faults
        for words in ("排名", "没有这个级别：comunity", "没有这个量：closed_shares", "没有这个流程：demand")
        if words in fault.what
    }
    assert told == {
        (1, "没有这个级别：comunity"),
        (3, "排名"),
        (4, "没有这个量：closed_shares"),
        (5, "没有这个流程：demand"),
    }
