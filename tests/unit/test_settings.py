"""Settings: a PostgreSQL address in, Django's form out; production guesses nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tongxin import settings

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "TONGXIN_ENV": "production",
    "SECRET_KEY": "abcdefghij0123456789" * 3,
    "ALLOWED_HOSTS": "gov.example",
    "DATABASE_URL": "postgresql://a:b@db.example/t",
}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {key: value for key, value in os.environ.items() if key not in {*PRODUCTION, "DJANGO_ALLOW_ASYNC_UNSAFE"}}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_url_becomes_django_settings() -> None:
    made = settings._database("postgresql://ada:s%40e@db.example:5433/town?sslmode=require")
    assert (made["NAME"], made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        "town",
        "ada",
        "s@e",
        "db.example",
        "5433",
    )
    assert made["OPTIONS"]["sslmode"] == "require"


def test_socket_folder_in_a_url() -> None:
    made = settings._database("postgresql://tongxin@/tongxin?host=%2Fsrv%2Ft%20x%2Frun")
    assert (made["HOST"], made["PORT"], made["PASSWORD"]) == ("/srv/t x/run", "", "")


def test_deploy_check_prints_no_issue() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_names_what_is_missing(missing: str) -> None:
    done = manage("check", **{key: value for key, value in PRODUCTION.items() if key != missing})
    assert done.returncode != 0
    assert f"{missing} must be set in production" in done.stderr
