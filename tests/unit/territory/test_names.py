"""Names in addresses: one way of writing buildings and numbers, slips that are offered and never taken."""

from __future__ import annotations

import pytest

from tongxin.territory.rules.names import NameBook, Named, PlaceMatch, tidy


def book(*names: str) -> NameBook:
    return NameBook(
        (name, Named(PlaceMatch(number, name, 118.0, 29.0, "place"), (1, number), own=False))
        for number, name in enumerate(names, start=2)
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("玉龙小区３栋", "玉龙小区3号楼"),
        ("玉龙小区三幢", "玉龙小区3号楼"),
        ("玉龙小区 十二号楼", "玉龙小区12号楼"),
        ("玉龙小区3#楼", "玉龙小区3号楼"),
        ("玉龙小区A座", "玉龙小区a号楼"),
        ("玉龙小区3-2-501", "玉龙小区3号楼2单元501室"),
        ("第三网格", "第3网格"),
        ("第二十一网格", "第21网格"),
        ("一百零三室", "103室"),
        ("三零一室", "301室"),
        ("三里屯", "三里屯"),  # a number that is a name stays
        ("五一路", "五一路"),
    ],
)
def test_one_way_of_writing(said: str, meant: str) -> None:
    assert tidy(said) == meant


@pytest.mark.parametrize(
    "text",
    ["玉龙小区3号楼2单元501室", "玉龙小区三栋", "玉龙小区3幢", "我家在玉龙小区 3-1-102，楼道灯坏了", "玉龙小区3#"],
)
def test_a_building_known_by_name_is_found_however_it_is_written(text: str) -> None:
    found = book("玉龙小区", "玉龙小区3号楼", "玉龙小区13号楼").find(text)
    assert "玉龙小区3号楼" in [match.name for match in found]
    assert "玉龙小区13号楼" not in [match.name for match in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("玉笼小区", ["玉龙小区"]),  # a wrong character
        ("玉龙小", ["玉龙小区"]),  # one left out
        ("玉龙龙小区3栋", ["玉龙小区"]),  # one too many
        ("滨江花园西区", ["滨江花园东区"]),
        ("彬江化园东区", ["滨江花园东区"]),  # two slips in six characters
        ("第4网格", []),  # a number is never a slip
        ("火车站", []),
        ("小区", []),
        ("", []),
    ],
)
def test_slips_are_offered(text: str, names: list[str]) -> None:
    known = book("玉龙小区", "滨江花园东区", "第3网格")
    assert [match.name for match in known.similar(text)] == names
    assert all(match.how == "similar" for match in known.similar(text))


def test_what_is_similar_is_never_found() -> None:
    assert book("玉龙小区").find("玉笼小区") == []


def test_the_nearest_come_first_and_few_are_offered() -> None:
    known = book(*(f"梅{letter}花园" for letter in "兰竹菊松柏樟枫"), "梅林花园")
    found = known.similar("梅林化园")
    assert found[0].name == "梅林花园"
    assert len(found) <= 5
