"""Making, starting, stopping and removing a cluster. Where it lives is decided in `place`.

Safe against: two starts at once (a file lock), a start cut short (made under another name, renamed when whole),
SIGKILL of the server (its leftovers are recognised by their command line, not by a bare process number, so neither a
zombie nor a stranger with the same number is taken for it), and data of another PostgreSQL version (a clear sentence).
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tongxin.kernel.postgres import place as places
from tongxin.kernel.postgres.place import DatabaseTrouble, Place, Runner

NAME = "tongxin"  # of the database and of the role that owns it; the role is no superuser, as on a real server
START_SECONDS = 300  # after a crash the log is replayed first
STOP_SECONDS = 30
LOG_BYTES = 10_000_000
_started: dict[int, subprocess.Popen[bytes]] = {}  # servers that are our own children, to be reaped


@dataclass(frozen=True)
class Status:
    """What is known of a cluster: its home (None: not made yet) and the server's process (None: stopped)."""

    home: Path | None
    pid: int | None


def url(data_dir: Path) -> str:
    """The address of the cluster for `data_dir`; starts nothing. Before its first start, the address it should get."""
    data_dir = data_dir.resolve()
    home = places.existing_home(data_dir) or data_dir
    host = urllib.parse.quote(str(places.socket_folder(home)), safe="")
    return f"postgresql://{NAME}@/{NAME}?host={host}"


def status(data_dir: Path) -> Status:
    """Whether the cluster exists and runs."""
    home = places.existing_home(data_dir.resolve())
    return Status(home, _server_pid(home) if home else None)


def ensure_running(data_dir: Path, *, scratch: bool = False, say: Callable[[str], None] = lambda line: None) -> str:
    """Make the cluster for `data_dir` if it is missing, start it if it is stopped, and return its address.

    `scratch` gives up safety against power failure for speed: for throw-away test data only. `say` receives lines for
    the screen. Raises DatabaseTrouble.
    """
    data_dir = data_dir.resolve()
    with _lock(data_dir):
        home = places.existing_home(data_dir)
        if home is not None and _server_pid(home) is not None and _state(home) == "ready":
            return url(data_dir)
        place = places.choose_place(data_dir)
        if place.runner is not None:
            say(f"数据库以普通用户 {place.runner.name} 运行 · the database runs as {place.runner.name}")
        if place.home != data_dir:
            say(f"该用户进不了此文件夹, 数据放在 {place.home} · its data lives there")
        if not (place.data / "PG_VERSION").exists():
            _make(place, scratch=scratch)
        _start(place, scratch=scratch)
    return url(data_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server cleanly (then hard, should it hang) and return whether it was running."""
    data_dir = data_dir.resolve()
    home = places.existing_home(data_dir)
    if home is None:
        return False
    with _lock(data_dir):
        return _stop(home)


def destroy(data_dir: Path) -> None:
    """Stop the server and remove the cluster with all its rows."""
    data_dir = data_dir.resolve()
    places.existing_home(data_dir)  # says so if it belongs to someone else
    if not data_dir.parent.exists():
        return
    with _lock(data_dir):
        for home in (data_dir, places.elsewhere(data_dir)):
            if home.exists():
                _stop(home)
                folder = places.socket_folder(home)
                shutil.rmtree(home)
                shutil.rmtree(folder, ignore_errors=True)
        spare = places.elsewhere(data_dir).parent  # the copy of the programs goes with the last cluster
        if not any(home for parent in (data_dir.parent, spare) for home in parent.glob("*/data/PG_VERSION")):
            shutil.rmtree(spare, ignore_errors=True)


@contextlib.contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """One start, stop or removal at a time for `data_dir`."""
    data_dir.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    try:
        handle = os.open(data_dir.with_name(data_dir.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except PermissionError:
        owner = places.user_name(data_dir.parent.stat().st_uid)
        raise DatabaseTrouble(
            f"{data_dir.parent} 属于用户 {owner}, 请以该用户运行, 或另设 TONGXIN_DATA_DIR。"
            f" · It belongs to {owner}: run as that user or set TONGXIN_DATA_DIR."
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make(place: Place, *, scratch: bool) -> None:
    """Make a cluster under another name, with our role and database in it, and rename it when it is whole."""
    for leftover in place.home.glob("new-*"):
        _remove_half_made(leftover)
    if place.data.exists():
        raise DatabaseTrouble(f"{place.data} 不是数据库, 请移走它 · is not a database: move it away")
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=place.home))
    if place.runner is not None:
        os.chown(fresh, place.runner.uid, place.runner.gid)
    command: list[str | Path] = [
        place.binaries / "initdb",
        "-D",
        fresh,
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    if _major(place) >= 17:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--auth-local=trust", "--auth-host=reject", "--no-instructions", *(["--no-sync"] if scratch else [])]
    places.output_of(place.runner, command)
    places.output_of(
        place.runner,
        [place.binaries / "postgres", "--single", "-c", "exit_on_error=on", "-D", fresh, "postgres"],
        f"CREATE ROLE {NAME} LOGIN CREATEDB\nCREATE DATABASE {NAME} OWNER {NAME}\n",
    )
    fresh.rename(place.data)


def _remove_half_made(folder: Path) -> None:
    """Remove what a start cut short left, with the programs that may still be filling it."""
    mark = os.fsencode(folder)
    until = time.monotonic() + 10
    while folder.exists():
        for pid in _all_pids():
            if mark in _command_line(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > until:
            raise DatabaseTrouble(f"{folder} 删不掉 · cannot be removed")


def _start(place: Place, *, scratch: bool) -> None:
    """Start the server on a whole, stopped cluster and wait until it takes connections."""
    have = (place.data / "PG_VERSION").read_text().strip()
    if have != str(_major(place)):
        raise DatabaseTrouble(
            f"{place.data} 由 PostgreSQL {have} 建立, 现有程序是 {_major(place)}。"
            f"请用 PG_BIN 指向 {have} 版程序导出数据, 或运行 make demo-reset 重新开始。 · It was made by PostgreSQL {have}, the programs are {_major(place)}: "
            "point PG_BIN at the old ones to export it, or start afresh with make demo-reset."
        )
    _clear_leftovers(place.home)
    sockets = places.socket_folder(place.home, place.runner, make=True)
    _write(place, "tongxin.conf", _settings(place.home, sockets, scratch=scratch))
    base = (place.data / "postgresql.conf").read_text()
    if "include = 'tongxin.conf'" not in base:
        _write(place, "postgresql.conf", base + "\ninclude = 'tongxin.conf'\n")
    log = _open_log(place)
    try:
        server = places.run_as(
            place.runner,
            [place.binaries / "postgres", "-D", place.data],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)
    _started[server.pid] = server
    until = time.monotonic() + START_SECONDS
    while _state(place.home) != "ready":
        if server.poll() is not None or time.monotonic() > until:
            tail = (place.home / "log").read_text(errors="replace")[-2000:].strip()
            raise DatabaseTrouble(f"数据库没有启动 · the database did not start; {place.home / 'log'}:\n{tail}")
        time.sleep(0.01)


def _stop(home: Path) -> bool:
    pid = _server_pid(home)
    if pid is None:
        _clear_leftovers(home)
        return False
    for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        if _wait_gone(home, [pid], seconds):
            _clear_leftovers(home)
            return True
    raise DatabaseTrouble(f"数据库进程 {pid} 停不下来 · the process does not stop")


def _clear_leftovers(home: Path) -> None:
    """After a killed server: let its children go (they share memory with a new one), then drop its dead lock files."""
    left = [pid for pid in _all_pids() if _is_ours(pid, home)]
    if left and not _wait_gone(home, left, 5):
        for pid in left:
            if _is_ours(pid, home):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if not _wait_gone(home, left, 5):
            raise DatabaseTrouble(f"旧的数据库进程 {left} 还在运行 · old processes are still running")
    (home / "data" / "postmaster.pid").unlink(missing_ok=True)
    for path in places.socket_folder(home).glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)


def _wait_gone(home: Path, pids: list[int], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while any(_is_ours(pid, home) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _server_pid(home: Path) -> int | None:
    """The process number of the cluster's living server."""
    lines = _pid_file(home)
    return int(lines[0]) if lines and lines[0].isdigit() and _is_ours(int(lines[0]), home) else None


def _state(home: Path) -> str:
    lines = _pid_file(home)
    return lines[7].strip() if len(lines) > 7 else ""


def _pid_file(home: Path) -> list[str]:
    try:
        return (home / "data" / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return []


def _is_ours(pid: int, home: Path) -> bool:
    """Whether `pid` is a living process of this cluster. A zombie's command line is empty, so it is not."""
    if pid in _started:
        _started[pid].poll()  # reap it if it is our own dead child
    words = _command_line(pid)
    title = f"postgres: {places.short_hash(home)}: ".encode()
    return words[0].startswith(title) or (
        words[0].endswith(b"/postgres") and words[1:3] == [b"-D", os.fsencode(home / "data")]
    )


def _command_line(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return [b""]


def _all_pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _settings(home: Path, sockets: Path, *, scratch: bool) -> str:
    """The server's configuration, sized to the machine; statements and their values stay out of its log."""
    memory_mb = _memory_bytes() // 2**20
    values = {
        "cluster_name": places.short_hash(home),
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory_mb // 8, 32), 512)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 128)}MB",
        "work_mem": "16MB" if memory_mb > 3000 else "4MB",
        "maintenance_work_mem": f"{min(max(memory_mb // 16, 32), 256)}MB",
        "max_wal_size": "2GB",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
    }
    if scratch:
        values |= {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}  # kills lose nothing, power cuts may
        values |= {"checkpoint_timeout": "1h", "shared_buffers": "128MB", "max_wal_size": "4GB"}
    return "# Written at every start by tongxin.kernel.postgres.\n" + "".join(
        f"{key} = '{value.replace(chr(39), chr(39) * 2)}'\n" for key, value in values.items()
    )


def _memory_bytes() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory


def _major(place: Place) -> int:
    """The major version of the programs, e.g. 18."""
    return int(places.output_of(place.runner, [place.binaries / "postgres", "--version"]).split()[2].split(".")[0])


def _write(place: Place, name: str, text: str) -> None:
    """Replace one configuration file of the cluster, never half."""
    handle, fresh = tempfile.mkstemp(dir=place.data, prefix=".new-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
        _own(file.fileno(), place.runner)
    os.replace(fresh, place.data / name)


def _open_log(place: Place) -> int:
    path = place.home / "log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(place.home / "log.old")
    log = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    _own(log, place.runner)
    return log


def _own(handle: int, runner: Runner | None) -> None:
    if runner is not None:
        os.fchown(handle, runner.uid, runner.gid)
