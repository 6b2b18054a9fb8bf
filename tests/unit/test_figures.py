"""Figures: read as printed, worked out exactly, counted with a whole that may be nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tongxin.kernel.figures import Measured, names_in, read_printed, say, work_out


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [
        ("69", 69, "exact"),
        ("3800余", 3800, "at_least"),
        ("4100余万", 41_000_000, "at_least"),
        ("1.2万余", 12_000, "at_least"),
        ("1.2亿", 120_000_000, "exact"),
        ("2.5万", 25_000, "exact"),
        ("超9亿", 900_000_000, "at_least"),
        ("800多", 800, "at_least"),
        ("近50", 50, "at_most"),
        ("30142", 30_142, "exact"),
        ("1,525", 1_525, "exact"),
        ("超过70%", Fraction(7, 10), "at_least"),
        ("88.46%", Fraction(8846, 10_000), "exact"),
    ],
)
def test_a_printed_figure_keeps_its_value_and_its_bound(text: str, value: Fraction, bound: str) -> None:
    number = read_printed(text)
    assert (number.value, number.bound) == (value, bound)


@pytest.mark.parametrize("text", ["", "许多", "三十", "12件", "1..2", "-3", "余"])
def test_what_is_no_figure_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="照原文写"):
        read_printed(text)


@pytest.mark.parametrize(
    ("sum_", "values", "shape", "places", "said"),
    [
        ("solved / discussed", {"solved": 69, "discussed": 78}, "percent", 2, "88.46%"),
        ("disputes * rate", {"disputes": 80, "rate": Fraction(95, 100)}, "number", 0, "76"),
        ("branches * 1000", {"branches": 542}, "number", 0, "542,000"),
        ("branches * 60 * 12", {"branches": 542}, "number", 0, "390,240"),
        ("before - after", {"before": 178, "after": 148}, "number", 0, "30"),
        ("units / grids", {"units": 25_000, "grids": 1_272}, "number", 2, "19.65"),
        ("staff * 10000 / 18", {"staff": 21_294}, "number", 0, "11,830,000"),
        ("grids / branches", {"grids": 69, "branches": 22}, "number", 2, "3.14"),
    ],
)
def test_the_sums_of_the_articles(sum_: str, values: dict[str, int], shape: str, places: int, said: str) -> None:
    result = work_out(sum_, {name: Fraction(value) for name, value in values.items()})
    assert say(result, shape, places) == said  # type: ignore[arg-type]
    assert set(names_in(sum_)) == values.keys()


@pytest.mark.parametrize("sum_", ["a ** b", "__import__('os')", "a.b", "a if b else c", "1 +", "'x' * 9", "[1]"])
def test_a_sum_is_only_a_sum(sum_: str) -> None:
    with pytest.raises(ValueError, match="算式"):
        work_out(sum_, {"a": Fraction(1), "b": Fraction(2), "c": Fraction(3)})


def test_division_by_nothing_is_refused_and_a_rate_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="除数是零"):
        work_out("a / b", {"a": Fraction(1), "b": Fraction(0)})
    assert Measured(0, 0, "percent").value is None
    assert Measured(3, 4, "percent").value == Fraction(3, 4)
    assert Measured(5).value == 5
