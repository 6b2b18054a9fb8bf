"""A kept connection is asked whether it lives without a statement, and a dead one is found out."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from tests.statements import at_most
from tongxin.accounts import api as accounts
from tongxin.accounts.api import Limit
from tongxin.kernel import clock, statements


@pytest.mark.django_db(transaction=True)
def test_a_killed_connection_is_found_out_and_replaced():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with at_most(0):
        assert connection.is_usable()
    parameters = connection.get_connection_params()
    with psycopg.connect(**{k: parameters[k] for k in ("dbname", "user", "host") if parameters.get(k)}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert not connection.is_usable()
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != pid


@pytest.mark.django_db(transaction=True)
def test_the_line_of_gathered_writes_is_replaced_when_it_was_cut():
    """Counting a request is such a write: it goes through before and after somebody cut the line, and is counted once each time."""
    now = clock.now()

    def count() -> list[int]:
        return accounts.allow(["t:line"], [Limit(10, 60)], now)

    assert count() == [1]
    pid = statements._line.open().connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert count() == [2]
    assert statements._line.open().connection.info.backend_pid != pid
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: count()[0], range(6))) == [3, 4, 5, 6, 7, 8]
    statements._line.close()
