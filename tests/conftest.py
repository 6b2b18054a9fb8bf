"""What every test shares: the database of the run, then Django, then the browser."""

import os

import pytest

from tests import database
from tests.browser import chromium, page

__all__ = ["chromium", "page"]

database.open_run()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402

django.setup()
if settings.ENVIRONMENT != "test":
    raise pytest.UsageError("settings were loaded before tests/conftest.py: unset DJANGO_SETTINGS_MODULE")
settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = os.environ[database.RUN]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no database server behind."""
    database.close_run()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker, django_db_use_migrations: bool
) -> None:
    """Clone each worker's database from a migrated one instead of migrating it again."""
    if database.embedded() and django_db_use_migrations:
        with django_db_blocker.unblock():
            settings.DATABASES["default"]["TEST"]["TEMPLATE"] = database.migrated_template()
