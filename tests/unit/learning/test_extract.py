"""What is read out of a text, and what must not stand on a public board. All numbers are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.learning.api import Door, Gazetteer, KnownPlace, extract, mask_public

NAMES = Gazetteer(
    [
        KnownPlace("锦绣新城", 1),
        KnownPlace("锦绣新城二期", 2),
        KnownPlace("翠湖路", 3),
        KnownPlace("翠湖路", 4),
        KnownPlace("东", 5),
    ]
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("锦绣新城二期门口", [2]),
        ("锦绣新城和锦绣新城二期", [1, 2]),
        ("錦繡新城", [1]),
        ("翠湖路口", [3, 4]),
        ("锦绣新城，锦绣新城", [1]),
        ("东边", []),
        ("", []),
    ],
)
def test_places_longest_first_each_once(text: str, places: list[int]) -> None:
    assert [mention.place_id for mention in extract(text, NAMES).places] == places


@pytest.mark.parametrize(
    ("text", "doors"),
    [
        ("住在3号楼2单元501室", [Door("3", "2", "501")]),
        ("A12栋1单元", [Door("a12", "1", "")]),
        ("５栋３０２", [Door("5", "", "302")]),
        ("三号楼二单元", [Door("三", "二", "")]),
        ("2单元301房漏水", [Door("", "2", "301")]),
        ("12-2-1103", [Door("12", "2", "1103")]),
        ("5棟304室", [Door("5", "", "304")]),
        ("B座1204室", [Door("b", "", "1204")]),
        ("7栋和8栋", [Door("7", "", ""), Door("8", "", "")]),
        ("2025年3月15日", []),
        ("110千伏高压线", []),
    ],
)
def test_doors(text: str, doors: list[Door]) -> None:
    assert list(extract(text).doors) == doors


@pytest.mark.parametrize(
    ("text", "tails"),
    [("电话13912345678", ["5678"]), ("手机尾号4321", ["4321"]), ("139 1234 5678", ["5678"]), ("12345热线", [])],
)
def test_only_the_tail_of_a_telephone_number(text: str, tails: list[str]) -> None:
    assert list(extract(text).phone_tails) == tails


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("打我电话13912345678。", "打我电话〔电话〕。"),
        ("139-1234-5678", "〔电话〕"),
        ("139 1234 5678", "〔电话〕"),
        ("１３９１２３４５６７８", "〔电话〕"),
        ("一三九一二三四五六七八", "〔电话〕"),
        ("1 3 9 1 2 3 4 5 6 7 8", "〔电话〕"),
        ("+8613912345678", "〔电话〕"),
        ("0717-6251234", "〔电话〕"),
        ("(027)82345678", "〔电话〕"),
        ("座机：82345678", "座机：〔电话〕"),
        ("身份证420106199001011234", "身份证〔证件号〕"),
        ("42010619900101123X", "〔证件号〕"),
        ("420106 19900101 1234", "〔证件号〕"),
        ("卡号6222 0212 3456 7890 123", "卡号〔账号〕"),
        ("车牌鄂A12345挡路", "车牌〔车牌〕挡路"),
        ("鄂A·12345", "〔车牌〕"),
        ("鄂AD12345新能源", "〔车牌〕新能源"),
        ("鄂ａ１２３４５", "〔车牌〕"),
        ("联系zhang.san@example.com", "联系〔邮箱〕"),
        ("微信号：abc_12345", "微信号：〔账号〕"),
        ("", ""),
    ],
)
def test_numbers_are_hidden(written: str, shown: str) -> None:
    assert mask_public(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "拨打12345或110", "2025年3月15日", "20250315", "3号楼2单元501室", "110kv高压线", "补偿款1380000元", "107国道",
        "每平方米13800元", "桂花苑5栋", "😀 hello", "收件编号GD20250301000123",
    ],
)  # fmt: skip
def test_what_is_no_private_number_stays(text: str) -> None:
    assert mask_public(text) == text


@given(st.text(max_size=80))
def test_hiding_twice_is_hiding_once(text: str) -> None:
    once = mask_public(text)
    assert mask_public(once) == once


def test_huge_texts_are_cut_rather_than_shown_unread() -> None:
    assert "139" not in mask_public("路" * 250_000 + "13912345678")
    assert mask_public("1" * 100_000) == "1" * 100_000
