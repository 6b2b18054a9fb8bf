"""Where the heading of a ledger is, and what stands between the cells of a text file."""

from __future__ import annotations

import pytest

from tongxin.kernel import ledgers


def known(words: set[str]) -> int:
    return len(words & {"姓名", "电话", "岗位"})


@pytest.mark.parametrize(
    ("rows", "at", "sure"),
    [
        ([["姓名", "电话"], ["李一", "1"]], 1, True),
        ([["花名册"], [], ["单位：甲", "日期：乙"], ["姓名", "电话"]], 4, True),
        ([["花名册"], ["F1", "F2"], ["李一", "1"]], 2, False),  # names nobody knows: the first row of several cells
        ([["名单"], ["李一"]], 1, False),
        ([[], []], 1, False),
        ([], 1, False),
    ],
)
def test_the_heading_is_below_the_titles(rows: list[list[str]], at: int, sure: bool) -> None:
    heading = ledgers.find_heading(rows, known)
    assert (heading.rows, heading.sure) == (at, sure)


def test_a_heading_may_take_two_rows() -> None:
    heading = ledgers.find_heading([["姓名", "联系", ""], ["", "电话", "岗位"], ["李一", "1", "网格员"]], known)
    assert (heading.names, heading.rows) == (["姓名", "电话", "岗位"], 2)


@pytest.mark.parametrize(
    ("lines", "mark"),
    [
        (["姓名,电话", "李一,1"], ","),
        (["花名册，2026年，甲社区，乙填", "姓名\t电话", "李一\t1"], "\t"),
        (["F1\tF2", "a,b\t1", "a,b\t2"], "\t"),
        (['"甲,乙,丙,丁";1', "姓名;电话"], ";"),
        (["姓名|电话", "李一|1"], "|"),
        (["姓名", "李一"], ","),
        (["姓名\t电话", '"没有关上\t1'], "\t"),
    ],
)
def test_what_stands_between_the_cells(lines: list[str], mark: str) -> None:
    assert ledgers.separator_of(lines, known) == mark
