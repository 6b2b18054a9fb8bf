"""Which unit handled such matters here, by counts worked out by hand."""

from __future__ import annotations

import pytest

from tongxin.learning.api import Handled, learn_routes

CLOSED = [
    *[Handled("roads", "pothole", (1, 11))] * 6,
    *[Handled("estate", "pothole", (1, 12))] * 3,
    Handled("roads", "pothole", (1, 12)),
    *[Handled("police", "noise", (1, 11))] * 2,
]
ROUTES = learn_routes(CLOSED)


def test_the_whole_district_where_nothing_nearer_is_known() -> None:
    first, second = ROUTES.propose("pothole", (9, 99))
    assert (first.unit, first.share, first.cases, first.of, first.area) == ("roads", 0.7, 7, 10, None)
    assert (second.unit, second.share) == ("estate", 0.3)
    assert first.reason == "本区县同类事项 10 件中 7 件由此单位办理。"


def test_the_nearer_place_weighs_more_and_is_named() -> None:
    """Area 1: (7 + 3·0.7) / 13 = 0.7; area 12: roads (1 + 3·0.7) / 7, estate (3 + 3·0.3) / 7."""
    first, second = ROUTES.propose("pothole", (1, 12))
    assert (first.unit, first.share, first.cases, first.of, first.area) == ("estate", 0.557, 3, 4, 12)
    assert (second.unit, second.share) == ("roads", 0.443)


def test_a_unit_that_handled_none_here_says_so() -> None:
    estate = ROUTES.propose("pothole", (1, 11))[1]
    assert (estate.unit, estate.cases, estate.of) == ("estate", 0, 6)
    assert "其他单位" in estate.reason


def test_only_admissible_units_and_their_shares_sum_to_one() -> None:
    asked: list[tuple[str, str]] = []

    def gate(unit: str, category: str) -> bool:
        asked.append((unit, category))
        return unit != "roads"

    (only,) = ROUTES.propose("pothole", (1, 12), admissible=gate)
    assert (only.unit, only.share) == ("estate", 1.0)
    assert sorted(asked) == [("estate", "pothole"), ("roads", "pothole")]
    assert ROUTES.propose("pothole", admissible=lambda unit, category: False) == []


@pytest.mark.parametrize("category", ["", "unheard of"])
def test_a_category_never_handled(category: str) -> None:
    assert ROUTES.propose(category, (1,)) == []


def test_nothing_handled_yet() -> None:
    assert learn_routes([]).propose("pothole") == []
