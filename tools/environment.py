"""Make `.venv` hold exactly one locked set of packages: `environment.py app|dev|bench`. Standard library only.

`app` is what the platform needs, `dev` adds what checking needs, `bench` the references compared with; each set holds
the one before it, so a larger set in place satisfies a smaller wish. uv does the work (seconds); it is itself locked
and installed by pip beside the environment, and where it cannot be had pip does the work.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from steps import ROOT, say, step

SETS = ["app", "dev", "bench"]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / "var" / "tools"


def main() -> int:
    """Bring the environment up to the wished set; returns the exit code."""
    wish = sys.argv[1] if len(sys.argv) > 1 else "dev"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with open(TOOLS / "environment.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if any(_stamp(name).is_file() and _stamp(name).read_text() == _mark(name) for name in SETS[SETS.index(wish) :]):
            return 0
        say(f"Python {sys.version.split()[0]} ({sys.executable})")
        if not _works(PYTHON) and not step("建立环境 · environment", [sys.executable, "-m", "venv", "--clear", VENV]):
            say("无法建立环境: Debian/Ubuntu 上请先 apt-get install python3-venv · install python3-venv first")
            return 1
        for name in SETS:
            _stamp(name).unlink(missing_ok=True)
        if not _install(ROOT / "requirements" / f"{wish}.txt"):
            say("依赖没有装好, 请检查网络后重试 · the dependencies were not installed: check the network, try again")
            return 1
        _stamp(wish).write_text(_mark(wish))
    return 0


def _install(lock: Path) -> bool:
    title = f"安装依赖 · dependencies ({lock.stem})"
    uv = _find_uv()
    if uv is not None:
        environment = _uv_environment()
        if step(title, [uv, "pip", "sync", "--require-hashes", "--python", PYTHON, lock], env=environment):
            return True
    _ensure_pip()
    return step(f"{title}, pip", [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock])


def _find_uv() -> Path | str | None:
    """The locked uv, installed beside the environment if missing; else one on the PATH; else None."""
    lock = ROOT / "requirements" / "uv.txt"
    folder = TOOLS / f"uv-{hashlib.sha256(lock.read_bytes()).hexdigest()[:10]}"
    program = folder / "bin" / "uv"
    if not _works(program):
        _ensure_pip()
        shutil.rmtree(folder, ignore_errors=True)
        command = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--target", folder, "-r", lock]
        if not step("安装 uv · uv", command) or not _works(program):
            return shutil.which("uv")
    return program


def _ensure_pip() -> None:
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        step("pip", [PYTHON, "-m", "ensurepip"])


def _uv_environment() -> dict[str, str]:
    """uv reads none of pip's configuration: hand on a mirror set there, and a cache where the home is not writable."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    mirror = subprocess.run(
        [PYTHON, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    ).stdout.strip()
    mirror = os.environ.get("PIP_INDEX_URL") or mirror
    if mirror and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(environment):
        environment["UV_DEFAULT_INDEX"] = mirror
    if "UV_CACHE_DIR" not in environment and not os.access(Path.home(), os.W_OK):
        environment["UV_CACHE_DIR"] = str(TOOLS / "uv-cache")
    return environment


def _works(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def _mark(name: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
