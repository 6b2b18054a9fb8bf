"""What every test shares: the database of the run, then Django, then the browser."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings as examples

from tests import database
from tests.browser import chromium, page

__all__ = ["chromium", "page"]

examples.register_profile("any-machine", deadline=None)  # how long one takes says how busy the machine is
examples.load_profile("any-machine")
database.open_run()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402

django.setup()
if settings.ENVIRONMENT != "test":
    raise pytest.UsageError("settings were loaded before tests/conftest.py: unset DJANGO_SETTINGS_MODULE")
settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = os.environ[database.RUN]


@pytest.hookimpl(trylast=True)  # after pytest-django has put tests in its order
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let `pytest -m row_XN_09` run the proof of one row: each id of a row mark becomes a mark of its own.

    The long tests that need no database of the run come first, so that no process is left alone with one at the end.
    """
    items.sort(
        key=lambda item: (
            not (any(item.path.is_relative_to(folder) for folder in LONG) and "db" not in item.fixturenames)
        )
    )
    for item in items:
        for name in {f"row_{ident.replace('-', '_')}" for mark in item.iter_markers("row") for ident in mark.args}:
            if name not in _ROW_MARKS:
                config.addinivalue_line("markers", f"{name}: the proof of one seed row or norm")
                _ROW_MARKS.add(name)
            item.add_marker(name)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Modules and collected tests stay to the end; looking for garbage among them took a sixth of the processor's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


_ROW_MARKS: set[str] = set()
LONG = [database.ROOT / "tests" / name for name in ("faults", "setup", "unit/learning")]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no database server behind."""
    database.close_run()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Empty the database by our own quick way after tests that commit.

    At the end, end what threads of a test's servers have left open, or the database cannot be dropped.
    """
    from tests.kept import empty_database

    with mock.patch.object(TransactionTestCase, "_fixture_teardown", staticmethod(empty_database)):
        yield
    from django.db import connection

    connection.close()  # a test may have cut it
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any, django_db_use_migrations: bool
) -> None:
    """Clone each worker's database from a migrated one instead of migrating it again."""
    if database.embedded() and django_db_use_migrations:
        with django_db_blocker.unblock():
            settings.DATABASES["default"]["TEST"]["TEMPLATE"] = database.migrated_template()


@pytest.fixture
def steady_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still early in a span of ten minutes, so that what counts requests does not begin anew among them."""
    from tongxin.kernel import clock

    early = datetime.fromtimestamp(clock.now().timestamp() // 600 * 600 + 30, UTC)
    monkeypatch.setattr(clock, "now", lambda: early)
