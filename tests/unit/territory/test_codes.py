"""Code schemes: prefixes, lengths, the next serial, and that no code is given twice (G-06)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import code_schemes
from tongxin.territory.rules import codes

COUNTY, TOWN, COMMUNITY = "370102", "370102013", "370102013006"


def nothing(code: str) -> bool:
    return False


def test_the_schemes_are_registered():
    assert {"gbt2260_333", "cjt213", "free"} <= set(code_schemes.names())
    assert all(
        entry.package == "territory" for entry in code_schemes if entry.name in ("gbt2260_333", "cjt213", "free")
    )


@pytest.mark.parametrize(
    ("scheme", "code", "parent", "words"),
    [
        ("gbt2260_333", COUNTY, None, None),
        ("gbt2260_333", "370102013006008", COMMUNITY, None),  # a real grid of 济南历下
        ("gbt2260_333", COMMUNITY, COUNTY, None),  # a level may be skipped
        ("gbt2260_333", "37010201300600", COMMUNITY, "14 位"),
        ("gbt2260_333", "370102014006008", COMMUNITY, "应以上级代码"),
        ("gbt2260_333", COMMUNITY, COMMUNITY, "应以上级代码"),
        ("gbt2260_333", "37010201300600A", COMMUNITY, "全为数字"),
        ("gbt2260_333", "", COMMUNITY, "全为数字"),
        ("gbt2260_333", "３７０１０２", None, "全为数字"),
        ("cjt213", "37010201300608", COMMUNITY, None),
        ("cjt213", "370102013006008", COMMUNITY, None),  # GB/T 47678.3: 15 characters
        ("cjt213", "370102013006", TOWN, None),
        ("free", "G-07_b", "anything", None),
        ("free", "网格", None, "1–30 个字母"),
        ("free", "x" * 31, None, "1–30 个字母"),
    ],
)
def test_what_a_code_may_be(scheme, code, parent, words):
    fault = codes.scheme(scheme).fault(code, parent)
    assert fault is None if words is None else words in fault


def test_the_next_serial_is_after_the_last_ever_given():
    scheme = codes.scheme("gbt2260_333")
    assert scheme.next_code(COMMUNITY, set(), nothing) == COMMUNITY + "001"
    assert scheme.next_code(COMMUNITY, {COMMUNITY + "001", COMMUNITY + "007"}, nothing) == COMMUNITY + "008"
    assert scheme.next_code(COMMUNITY, {COMMUNITY + "001"}, {COMMUNITY + "002"}.__contains__) == COMMUNITY + "003"
    assert codes.scheme("cjt213").next_code(COMMUNITY, {COMMUNITY + "09"}, nothing) == COMMUNITY + "10"
    assert codes.scheme("free").next_code("7", {"7-1"}, {"7-2"}.__contains__) == "7-3"
    assert codes.scheme("free").next_code(None, set(), nothing) == "1"


def test_a_skipped_level_is_written_as_zeros():
    assert codes.scheme("gbt2260_333").next_code(COUNTY, {COUNTY + "000005"}, nothing) == COUNTY + "000006"


def test_when_serials_run_out():
    scheme = codes.scheme("gbt2260_333")
    full = {f"{COMMUNITY}{n:03}" for n in range(1, 1000)}
    assert scheme.next_code(COMMUNITY, full - {COMMUNITY + "500"}, nothing) == COMMUNITY + "500"  # never given before
    with pytest.raises(Invalid, match="已用完"):
        scheme.next_code(COMMUNITY, full, full.__contains__)
    with pytest.raises(Invalid, match="没有更深一级"):
        scheme.next_code("3" * 18, set(), nothing)
    with pytest.raises(Invalid, match="要给出区划代码"):
        scheme.next_code(None, set(), nothing)


@given(st.sampled_from(["gbt2260_333", "cjt213", "free"]), st.sets(st.integers(1, 40)), st.integers(1, 20))
def test_codes_made_are_right_and_new(name, before, count):
    scheme = codes.scheme(name)
    width = {"gbt2260_333": 3, "cjt213": 2, "free": 0}[name]
    ever = {f"{COMMUNITY}{n:0{width}d}" if width else f"{COMMUNITY}-{n}" for n in before}
    for _ in range(count):
        code = scheme.next_code(COMMUNITY, ever, ever.__contains__)
        assert code not in ever
        assert scheme.fault(code, COMMUNITY) is None
        ever.add(code)
