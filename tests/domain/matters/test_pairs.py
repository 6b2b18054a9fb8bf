"""The pairs of letters by which matters are found again: the database's own function, one walk over a text."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "灯", "路灯", "路灯不亮 A区B栋", "啊啊啊啊", "𠮷野家 🙂🙂 x", "a\nb\tc", "{NULL},\"',\\"]
)
def test_pairs_are_all_neighbours_in_small_letters(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT zh_bigrams(%s)", [text])
        (found,) = cursor.fetchone()
    small = text.lower()
    assert sorted(found) == sorted(small[i : i + 2] for i in range(len(small) - 1))
