"""Counting what comes from one source, so that a flooder is held back and nobody else.

Buckets are charged in the order given, from the narrow to the wide, and a later one only when all before it let the request
pass: what a flooder's own bucket refuses costs the others at the same address nothing. One statement, whatever the number of buckets,
shared by requests that come at the same time; a write can take the count into its own statement (:func:`gate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.db import connection

from tongxin.accounts.models import Throttle
from tongxin.accounts.rules import Limit, say_wait
from tongxin.kernel.errors import TooMany
from tongxin.kernel.statements import ALLOWED, Gate, Part, write_parts

_LONGEST_SECONDS = 86_400  # no limit counts over a longer span
# A clock that lags in another process must not open a new window.
_STAGE = """turn{i} AS MATERIALIZED (SELECT n, bucket{i} AS bucket, most{i} AS most,
    row_number() OVER (PARTITION BY bucket{i} ORDER BY n) - count(*) OVER (PARTITION BY bucket{i}) AS behind FROM asked{i}),
counted{i} AS (INSERT INTO accounts_throttle AS t (bucket, "window", count)
    SELECT bucket{i}, max(ends{i}), count(*) FROM asked{i} GROUP BY 1 ORDER BY 1
    ON CONFLICT (bucket) DO UPDATE SET
    count = CASE WHEN t."window" >= excluded."window" THEN t.count ELSE 0 END + excluded.count,
    "window" = greatest(t."window", excluded."window") RETURNING bucket, count, "window"),
place{i} AS MATERIALIZED (SELECT n, counted{i}.count + behind AS count, "window", most FROM turn{i} JOIN counted{i} USING (bucket)),
asked{next} AS MATERIALIZED (SELECT asked0.* FROM asked0 JOIN place{i} USING (n) WHERE place{i}.count <= most)"""


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
    row = write_parts([_part(bucket_keys, limits, now)], _answer(len(bucket_keys)))
    assert row is not None
    counts = row[::2]
    for count, window, limit in zip(counts, row[1::2], limits, strict=True):
        if count > limit.count:
            raise _too_many(window - int(now.timestamp()))
    return list(counts)


def gate(bucket_keys: Sequence[str], limits: Sequence[Limit], now: datetime) -> Gate:
    """Return the condition of a write that it is within its allowance, counted in the write's own statement (0 statements).

    Args:
        bucket_keys, limits: as of :func:`allow`; one bucket at least.
    """
    part = _part(bucket_keys, limits, now)

    def refusal() -> TooMany:
        """Say when again (1 statement)."""
        kept = {one.bucket: one for one in Throttle.objects.filter(bucket__in=[key[:120] for key in bucket_keys])}
        found = ((kept.get(key[:120]), limit) for key, limit in zip(bucket_keys, limits, strict=True))
        ends = next((one.window for one, limit in found if one is not None and one.count > limit.count), 0)
        return _too_many(ends - int(now.timestamp()))

    return Gate(part, refusal)


def _part(bucket_keys: Sequence[str], limits: Sequence[Limit], now: datetime) -> Part:
    row: dict[str, str | int] = {}
    for i, (key, limit) in enumerate(zip(bucket_keys, limits, strict=True)):
        row |= {f"bucket{i}": key[:120], f"ends{i}": limit.window_end(now), f"most{i}": limit.count}
    return Part("gate", _stages(len(bucket_keys)), [row])


@cache
def _stages(buckets: int) -> str:
    columns = ", ".join(f"bucket{i} text, ends{i} bigint, most{i} bigint" for i in range(buckets))
    given = f"asked0 AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb -> 'gate') AS g(n bigint, {columns}))"  # noqa: S608 - column names only
    stages = (_STAGE.format(i=i, next=i + 1) for i in range(buckets))
    return ", ".join([given, *stages, f"{ALLOWED} AS (SELECT n FROM asked{buckets})"])  # noqa: S608 - a number only


@cache
def _answer(buckets: int) -> str:
    """A bucket that was not reached, because one before it is full, counts as empty."""
    columns = ", ".join(f'coalesce(place{i}.count, 0), coalesce(place{i}."window", 0)' for i in range(buckets))
    return f"SELECT n, {columns} FROM asked0 " + " ".join(f"LEFT JOIN place{i} USING (n)" for i in range(buckets))  # noqa: S608 - numbers only


def _too_many(seconds: int) -> TooMany:
    wait = max(seconds, 1)
    return TooMany(
        "too_many",
        "来自您这里的请求太多了，先歇一歇。",
        f"请过 {say_wait(wait)}再试；填好的内容不会丢。急事请直接打电话。",
        retry_after_seconds=wait,
    )


def sweep_throttle(now: datetime) -> int:
    """Delete counters whose span is over, and those of a clock that ran ahead for a time, which would lock people out until then; returns how many."""
    moment = int(now.timestamp())
    with connection.cursor() as cursor:
        cursor.execute(
            'DELETE FROM accounts_throttle WHERE "window" < %s OR "window" > %s', [moment, moment + _LONGEST_SECONDS]
        )
        return int(cursor.rowcount)
