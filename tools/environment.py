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
from typing import NamedTuple

from steps import ROOT, say, step

SETS = ["app", "dev", "bench"]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / "var" / "tools"
NAMES = ["python3", "python3.11", "python3.12", "python3.13"]
# What most of a request is: calls, attributes, small objects. The best of several, in milliseconds.
PROBE = """
import sys, time, venv, ensurepip
if sys.version_info < (3, 11): sys.exit(1)
class Part:
    __slots__ = ("number", "name")
    def __init__(self, number, name): self.number, self.name = number, name
    def plus(self, other): return self.number + other
def work():
    parts = {}
    for number in range(2000):
        part = Part(number, str(number))
        parts[part.name] = part.plus(number)
best = 1e9
for _ in range(12):
    began = time.perf_counter(); work(); best = min(best, time.perf_counter() - began)
print(best * 1000, sys.executable)
"""


class Interpreter(NamedTuple):
    """A Python on this machine and how long it takes for the same little work."""

    milliseconds: float
    program: str


def main() -> int:
    """Bring the environment up to the wished set; returns the exit code."""
    wish = sys.argv[1] if len(sys.argv) > 1 else "dev"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with open(TOOLS / "environment.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if any(_stamp(name).is_file() and _stamp(name).read_text() == _mark(name) for name in SETS[SETS.index(wish) :]):
            return 0
        if not _works(PYTHON):
            program = _quickest()
            if not step(f"建立环境 · environment, {program}", [program, "-m", "venv", "--clear", VENV]):
                say("无法建立环境: Debian/Ubuntu 上请先 apt-get install python3-venv · install python3-venv first")
                return 1
        for name in SETS:
            _stamp(name).unlink(missing_ok=True)
        if not _install(ROOT / "requirements" / f"{wish}.txt"):
            say("依赖没有装好, 请检查网络后重试 · the dependencies were not installed: check the network, try again")
            return 1
        _stamp(wish).write_text(_mark(wish))
    return 0


def _quickest() -> str:
    """The wished Python, else the quickest here: one built without its optimisations, as pyenv does, takes half as long again."""
    wished = shutil.which(os.environ.get("PYTHON", ""))
    if wished and _probe(Path(wished)):
        return wished
    folders = dict.fromkeys([*os.get_exec_path(), "/usr/local/bin", "/usr/bin"])
    found = {
        program.resolve(): program for folder in folders for name in NAMES if (program := Path(folder, name)).is_file()
    }
    tried = filter(
        None, map(_probe, [*found.values()] * 3)
    )  # in turns: the machine may be busy with something else just then
    return min(tried, default=Interpreter(0, sys.executable)).program


def _probe(program: Path) -> Interpreter | None:
    """Try it; None where it is too old or cannot make an environment."""
    try:
        done = subprocess.run([program, "-I", "-c", PROBE], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    milliseconds, _, executable = done.stdout.strip().partition(" ")
    return Interpreter(float(milliseconds), executable) if done.returncode == 0 else None


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
