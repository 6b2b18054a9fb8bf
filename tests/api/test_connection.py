"""A kept connection is asked whether it lives without a statement, and a dead one is found out."""

import psycopg
import pytest
from django.db import connection

from tests.statements import at_most


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
