"""Texts that differ only in how they are written have one fingerprint."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from tongxin.matters import rules


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("路灯不亮，晚上老人出门不安全。", "路灯不亮 晚上老人出门不安全"),
        ("水温只有15℃！", "水温只有15°c"),
        ("３号楼（东）漏水…", "3号楼东漏水"),
        ("占地２㎡", "占地2m2"),
    ],
)
def test_marks_width_and_case_do_not_count(one: str, other: str) -> None:
    assert rules.fingerprint(one) == rules.fingerprint(other)


def test_words_count() -> None:
    assert rules.fingerprint("3号楼漏水") != rules.fingerprint("4号楼漏水")


def test_marks_taken_off_first_hold_no_part_of_a_word_in_any_form() -> None:
    marks = [char for char in map(chr, range(sys.maxunicode + 1)) if rules._MARKS.fullmatch(char)]
    assert len(marks) > 20
    assert not [char for char in marks if re.search(r"[^\W_]", unicodedata.normalize("NFKC", char))]
