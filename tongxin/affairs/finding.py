"""Affairs that contain some words, for whoever ranks them (``learning.search_affairs``). Shows nothing to anybody by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tongxin.packs.api import DistrictView


@dataclass(frozen=True, slots=True)
class Worded:
    """An affair with its words: title, and what was filled in as one text."""

    id: int
    title: str
    text: str


def list_containing(
    district: DistrictView,
    words: str,
    *,
    any_of: Sequence[str],
    procedure: str,
    area_ids: Sequence[int] | None,
    exact_rows: int,
    most: int,
) -> list[tuple[Worded, bool]]:
    """Return (affair, whether it contains the words as written), newest first (1 statement, by the two-character index).

    Args:
        any_of: pieces of two characters; affairs that have any of them are the candidates to compare.
        procedure: of this kind only; empty: of any. exact_rows, most: at most so many that contain the words, and others.
    """
    where, values = "district_id = %s", list[Any]([district.id])
    if area_ids is not None:
        where, values = where + " AND area_id = ANY(%s)", [*values, list(area_ids)]
    if procedure:
        where, values = where + " AND procedure = %s", [*values, procedure]
    told = "title || ' ' || answers::text"
    sql = f"""(SELECT id, title, answers::text, true FROM affairs_affair WHERE {where} AND zh_bigrams({told}) @> zh_bigrams(%s)
        AND strpos(lower({told}), lower(%s)) > 0 ORDER BY id DESC LIMIT %s)
        UNION ALL (SELECT id, title, answers::text, false FROM affairs_affair WHERE {where} AND zh_bigrams({told}) && %s::text[]
        AND strpos(lower({told}), lower(%s)) = 0 ORDER BY id DESC LIMIT %s)"""  # noqa: S608 - our own words only
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, words, words, exact_rows, *values, list(any_of), words, most])
        return [(Worded(ident, title, text), whole) for ident, title, text, whole in cursor.fetchall()]
