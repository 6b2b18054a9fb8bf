"""Counters against flooding: whoever floods spends only their own allowance (property), in one statement."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.smalltown import NOW
from tests.statements import at_most
from tongxin.accounts import throttle
from tongxin.accounts.api import Limit, allow, sweep_throttle
from tongxin.accounts.models import Throttle
from tongxin.kernel import statements
from tongxin.kernel.errors import TooMany
from tongxin.kernel.statements import ALLOWED

DEVICE, ADDRESS = Limit(3, 60), Limit(9, 60)

pytestmark = pytest.mark.django_db


def passes(keys: list[str], limits: list[Limit], seconds: float = 0) -> bool:
    try:
        allow(keys, limits, NOW + timedelta(seconds=seconds))
    except TooMany:
        return False
    return True


def test_one_statement_for_several_buckets() -> None:
    with at_most(1):
        assert allow(["d:1", "n:1"], [DEVICE, ADDRESS], NOW) == [1, 1]
    with at_most(0):
        assert allow([], [], NOW) == []


def test_the_refusal_says_when_again_and_it_is_true() -> None:
    for _ in range(3):
        assert passes(["d:1"], [DEVICE], 20)
    with pytest.raises(TooMany) as caught:
        allow(["d:1"], [DEVICE], NOW + timedelta(seconds=20))
    wait = caught.value.details["retry_after_seconds"]
    assert wait == 40
    assert "40 秒" in caught.value.sentence
    assert not passes(["d:1"], [DEVICE], 20 + wait - 1)
    assert passes(["d:1"], [DEVICE], 20 + wait)


def test_a_clock_that_lags_opens_no_new_window() -> None:
    for _ in range(3):
        assert passes(["d:1"], [DEVICE], 60)
    assert not passes(["d:1"], [DEVICE], 59)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60))
def test_whoever_floods_spends_only_their_own_allowance(requests: list[tuple[str, bool]]) -> None:
    """Four neighbours at one address send in any order, with their cookie or without it."""
    Throttle.objects.all().delete()
    sent: Counter[str] = Counter()
    cookieless = 0
    for who, with_cookie in requests:
        if with_cookie:
            sent[who] += 1
            # its own allowance, whatever the others do; never more than that
            assert passes([f"d:{who}"], [DEVICE]) == (sent[who] <= DEVICE.count)
        else:
            cookieless += 1
            assert passes(["a:office"], [ADDRESS]) == (cookieless <= ADDRESS.count)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from("abcde"), max_size=60))
def test_what_the_narrow_bucket_refuses_costs_the_wide_one_nothing(requests: list[str]) -> None:
    """New devices share a wide bucket; one that floods puts into it no more than its own allowance."""
    Throttle.objects.all().delete()
    sent: Counter[str] = Counter()
    inside = 0
    for who in requests:
        sent[who] += 1
        own = sent[who] <= DEVICE.count
        assert passes([f"d:{who}", "n:office"], [DEVICE, ADDRESS]) == (own and inside < ADDRESS.count)
        inside += own
    wide = Throttle.objects.filter(bucket="n:office").values_list("count", flat=True).first() or 0
    assert wide == inside


def test_old_counters_are_swept() -> None:
    passes(["d:1"], [DEVICE])
    passes(["d:2"], [Limit(3, 3600)])
    assert sweep_throttle(NOW + timedelta(minutes=5)) == 1
    assert list(Throttle.objects.values_list("bucket", flat=True)) == ["d:2"]


def test_the_counters_write_no_log_of_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'accounts_throttle'")
        assert cursor.fetchone() == ("u",)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=8), max_size=6))
def test_requests_counted_together_are_counted_as_one_after_the_other(rounds: list[list[str]]) -> None:
    """What the threads of a process send at once goes in one statement; the first to come are the ones let in."""
    Throttle.objects.all().delete()
    sent: Counter[str] = Counter()
    inside, number = 0, 0
    for round_ in rounds:
        writes, expected = [], []
        for who in round_:
            number += 1
            part = throttle._part([f"d:{who}", "n:office"], [DEVICE, ADDRESS], NOW)
            row = orjson.dumps({"n": number, **part.rows[0]})
            writes.append(statements._Write(number, ((part.name, part.sql),), f"SELECT n FROM {ALLOWED}", [row]))
            sent[who] += 1
            own = sent[who] <= DEVICE.count
            expected.append(own and inside < ADDRESS.count)
            inside += own
        assert [row is not None for row in statements._write_together(writes)] == expected
