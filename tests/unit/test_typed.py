"""Letters that nobody sees, and telephone numbers in wide digits."""

from __future__ import annotations

import pytest

from tongxin.kernel.typed import has_unseen, plain_phone, without_unseen


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("路灯\x00坏了", "路灯坏了"),
        ("\u202e了坏灯路", "了坏灯路"),
        ("\u200b\ufeff \u3164", ""),
        ("\u200d\ufe0f", ""),
        ("一行\n\t另一行", "一行\n\t另一行"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        (
            "ئۇيغۇرچە \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "ئۇيغۇرچە \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("", ""),
    ],
)
def test_what_can_be_seen_stays(typed: str, kept: str) -> None:
    assert without_unseen(typed) == kept
    assert has_unseen([typed]) is (typed != kept)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("１３８　００１３－８０００", "138 0013-8000"),
        ("0559—1234567", "0559-1234567"),
        ("＋８６ 138", "+86 138"),
        ("", ""),
    ],
)
def test_a_telephone_number_can_be_dialled(typed: str, plain: str) -> None:
    assert plain_phone(typed) == plain
