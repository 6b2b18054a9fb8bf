"""Counting what comes from one source, so that a flooder is held back and nobody else.

Buckets are charged in the order given, from the narrow to the wide, and a later one only when all before it let the request
pass: what a flooder's own bucket refuses costs the others at the same address nothing. One statement, whatever the number of buckets;
requests of one bucket that come at the same time share it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from tongxin.accounts.rules import Limit, say_wait
from tongxin.kernel.errors import TooMany
from tongxin.kernel.gathering import Gathered
from tongxin.kernel.statements import bound, jsonb, numbered, prepared_cursor

_FIRST = """b0 AS (INSERT INTO accounts_throttle AS t (bucket, "window", count) VALUES (%s, %s, 1) {conflict})"""
_NEXT = """b{i} AS (INSERT INTO accounts_throttle AS t (bucket, "window", count)
    SELECT %s::text, %s::bigint, 1 FROM b{before} WHERE b{before}.count <= %s::int {conflict})"""
# The count stops just above the limit; a clock that lags in another process must not open a new window.
_CONFLICT = """ON CONFLICT (bucket) DO UPDATE SET
    count = CASE WHEN t."window" >= excluded."window" THEN least(t.count + 1, %s::int) ELSE 1 END,
    "window" = greatest(t."window", excluded."window") RETURNING t.count, t."window" """


def allow(bucket_keys: Sequence[str], limits: Sequence[Limit], now: datetime) -> list[int]:
    """Count one request in its buckets (1 statement) and let it pass, or refuse; returns how full each bucket is.

    Args:
        bucket_keys: narrow to wide, e.g. the device's, then the address's; at most 120 characters each.
        limits: one for each bucket.

    Raises:
        TooMany: a bucket is full; ``details["retry_after_seconds"]`` and the sentence say when again.
    """
    if not bucket_keys:
        return []
    if len(bucket_keys) == 1:
        count, window = _count((bucket_keys[0][:120], limits[0].window_end(now)))
        if count > limits[0].count:
            raise _too_many(window - int(now.timestamp()))
        return [count]
    values: list[Any] = []
    for index, (key, limit) in enumerate(zip(bucket_keys, limits, strict=True)):
        values += [key[:120], limit.window_end(now)]
        if index:
            values.append(limits[index - 1].count)
        values.append(limit.count + 1)
    with prepared_cursor() as cursor:
        cursor.execute(_statement(len(bucket_keys)), [bound(value) for value in values])
        rows = cursor.fetchall()
    for index, count, window in rows:
        if count > limits[index].count:
            raise _too_many(window - int(now.timestamp()))
    return [count for _, count, _ in rows]


_TOGETHER = """INSERT INTO accounts_throttle AS t (bucket, "window", count)
SELECT bucket, max("window"), count(*) FROM jsonb_to_recordset($1::jsonb) AS g(bucket text, "window" bigint) GROUP BY bucket ORDER BY bucket
ON CONFLICT (bucket) DO UPDATE SET
    count = CASE WHEN t."window" >= excluded."window" THEN t.count ELSE 0 END + excluded.count,
    "window" = greatest(t."window", excluded."window") RETURNING t.bucket, t.count, t."window" """


def _count_together(asked: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Count requests of one bucket each, (bucket, end of its window), in one statement; return each one's count and window."""
    with prepared_cursor() as cursor:
        cursor.execute(_TOGETHER, [bound(jsonb([{"bucket": bucket, "window": window} for bucket, window in asked]))])
        rows = {bucket: (count, window) for bucket, count, window in cursor.fetchall()}
    left = Counter(bucket for bucket, _ in asked)
    found = []
    for bucket, _ in asked:
        count, window = rows[bucket]
        left[bucket] -= 1
        found.append((count - left[bucket], window))
    return found


_count = Gathered(_count_together)


@cache
def _statement(buckets: int) -> str:
    parts = [(_NEXT if i else _FIRST).format(i=i, before=i - 1, conflict=_CONFLICT) for i in range(buckets)]
    answers = " UNION ALL ".join(f'SELECT {i} AS i, count, "window" FROM b{i}' for i in range(buckets))  # noqa: S608  numbers only
    return numbered(f"WITH {', '.join(parts)} {answers} ORDER BY i")


def _too_many(seconds: int) -> TooMany:
    wait = max(seconds, 1)
    return TooMany(
        "too_many",
        "来自您这里的请求太多了，先歇一歇。",
        f"请过 {say_wait(wait)}再试；填好的内容不会丢。急事请直接打电话。",
        retry_after_seconds=wait,
    )


def sweep_throttle(now: datetime) -> int:
    """Delete counters whose span is over; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM accounts_throttle WHERE "window" < %s', [int(now.timestamp())])
        return int(cursor.rowcount)
