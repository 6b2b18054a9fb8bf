"""The database of a test run: an embedded cluster of its own in `var/pg-test`, quick and not proof against power cuts.

`open_run` must be called before Django loads its settings. With `DATABASE_URL` set, that server is used instead and
left alone. Several runs in one clone share the cluster: each has its own databases, and the last one to end stops it.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tongxin.kernel import postgres

ROOT = Path(__file__).resolve().parents[1]
FOLDER = postgres.default_data_dir().with_name("pg-test")
RUN = "TONGXIN_TEST_RUN"  # set for the workers of this run: the name of its databases
MEDIA = "TONGXIN_MEDIA_DIR"
_held: list[int] = []


def open_run() -> None:
    """Choose the test settings and have the cluster running; workers inherit both from the process that starts them."""
    os.environ["TONGXIN_ENV"] = "test"
    if RUN in os.environ and "PYTEST_XDIST_WORKER" in os.environ:
        return
    os.environ[RUN] = f"test_{os.getpid()}"
    os.environ[MEDIA] = tempfile.mkdtemp(prefix="tongxin-media-")
    if os.environ.get("DATABASE_URL"):
        return
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(FOLDER.with_name("pg-test.users"), os.O_CREAT | os.O_RDWR, 0o600)
    alone = _try_lock(handle)
    os.environ["DATABASE_URL"] = postgres.ensure_running(FOLDER, scratch=True)
    if alone:
        _drop_leftovers()
    fcntl.flock(handle, fcntl.LOCK_SH)
    _held.append(handle)


def close_run() -> None:
    """Stop the cluster unless another run uses it (called in the process that opened it)."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    shutil.rmtree(os.environ.get(MEDIA, ""), ignore_errors=True)
    for handle in _held:
        if _try_lock(handle):
            postgres.stop(FOLDER)
        os.close(handle)
    _held.clear()


def embedded() -> bool:
    """Whether this run uses the cluster in `var/pg-test`."""
    return os.environ.get("DATABASE_URL") == postgres.url(FOLDER)


def migrated_template() -> str:
    """The name of a database with all migrations applied, made when they or the models have changed since the last one."""
    from django.core.management import call_command
    from django.db import connection

    name = f"template_{_fingerprint()}"
    with _file_lock(FOLDER.with_name("pg-test.template.lock")), _server() as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        half = sql.Identifier(f"half_{name}")
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(half))
        server.execute(sql.SQL("CREATE DATABASE {}").format(half))
        usual = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = f"half_{name}"
        try:
            call_command("migrate", verbosity=0)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name)))
    return name


def _fingerprint() -> str:
    """What an empty database becomes by migrating depends on these files (others are run, over no rows)."""
    seen = hashlib.sha256()
    files = [
        *(
            path
            for name in ("migrations/*", "models", "models/*", "apps")
            for path in ROOT.glob(f"tongxin/**/{name}.py")
        ),
        ROOT / "tongxin/settings.py",
        ROOT / "requirements/app.txt",
    ]
    for path in sorted(files):
        seen.update(os.fsencode(path) + b"\0" + path.read_bytes())
    return seen.hexdigest()[:16]


def _drop_leftovers() -> None:
    """Remove databases of runs that were killed, and templates of older code."""
    keep = f"template_{_fingerprint()}"
    with _server() as server:
        for (name,) in server.execute("SELECT datname FROM pg_database WHERE datname ~ '^(test|half|template)_'"):
            if name != keep:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _server() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
