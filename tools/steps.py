"""Set-up steps on the screen: a short line each, with its seconds. Standard library only, as nothing is there yet."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def say(line: str) -> None:
    """One line, at once."""
    print(line, flush=True)


def step(title: str, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> bool:
    """Run `command` in the clone, showing `title` and seconds; its output is shown only if it fails."""
    began = time.monotonic()
    print(f"… {title}", end="", flush=True)
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    mark = "✓" if done.returncode == 0 else "✗"
    print(f"{chr(13) if sys.stdout.isatty() else chr(10)}{mark} {title} {time.monotonic() - began:.1f} s", flush=True)
    if done.returncode != 0:
        sys.stdout.write((done.stdout + done.stderr).decode(errors="replace"))
        sys.stdout.flush()
    return done.returncode == 0


def timed(title: str, work: Callable[[], None]) -> None:
    """The same for a Python function; its error passes through."""
    began = time.monotonic()
    work()
    say(f"✓ {title} {time.monotonic() - began:.1f} s")
