"""Matters a week to expect: worked out by hand, and never more or fewer in all than came."""

from __future__ import annotations

import numpy as np
import pytest

from tongxin.planning.expecting import PRIOR_WEEKS, expected_matters

POINTS = np.array([(118.0, 29.0), (118.01, 29.0), (118.02, 29.0), (118.05, 29.05)])


def test_counts_are_drawn_towards_the_households_share_of_the_place() -> None:
    # 26 weeks seen, weighed as much as the prior; 26 matters at the first house's door, 100 and 300 households
    found = expected_matters(POINTS[:2], [100, 300], [1, 1], [(1, 118.0, 29.0)] * 26, weeks=26)
    assert PRIOR_WEEKS == 26
    assert found[0] == pytest.approx((26 + 26 * 0.25) / 52)
    assert found[1] == pytest.approx((0 + 26 * 0.75) / 52)


def test_what_has_no_point_is_shared_by_households_and_all_of_it_is_kept() -> None:
    spots = (
        [(1, None, None)] * 40 + [(1, 118.0, 29.0)] * 3 + [(2, 118.3, 29.3)] * 2
    )  # the last two lie far from any house
    found = expected_matters(POINTS, [100, 300, 0, 50], [1, 1, 1, 2], spots, weeks=52)
    assert sum(found[:3]) == pytest.approx(43 / 52, abs=1e-3)
    assert found[3] == pytest.approx(2 / 52, abs=1e-3)
    assert found[2] == 0.0


def test_nothing_known_is_nothing_expected() -> None:
    assert expected_matters(POINTS[:0], [], [], [], weeks=52) == []
    assert expected_matters(POINTS[:2], [None, None], [1, 1], [], weeks=52) == [0.0, 0.0]
    # nobody lives there as far as is known: shared evenly
    assert expected_matters(POINTS[:2], [None, None], [1, 1], [(1, None, None)] * 2, weeks=2) == [0.5, 0.5]
