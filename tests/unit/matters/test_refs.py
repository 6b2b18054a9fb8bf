"""The number of a matter as a clerk types it."""

from __future__ import annotations

import pytest

from tongxin.kernel.errors import Invalid
from tongxin.matters.api import read_ref


def test_numbers_as_people_type_them() -> None:
    assert [read_ref(typed) for typed in ("261122-123", " 123 ", "１２３")] == [123, 123, 123]


@pytest.mark.parametrize("typed", ["①", "12²", "", "-", "9" * 19, "261122-"])
def test_what_is_no_number_is_told_so(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_ref(typed)
    assert refused.value.code == "bad_ref"
