"""Lock the dependencies anew, with hashes and without the address of any registry: `make lock`."""

import re
import shutil
import sys
from pathlib import Path

from environment import TOOLS
from steps import ROOT, say, step

OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--upgrade",
]


def main() -> int:
    """Write requirements/*.txt and package-lock.json; returns the exit code."""
    uv = next(iter(sorted(TOOLS.glob("uv-*/bin/uv"))), None) or shutil.which("uv")
    if uv is None:
        say("缺少 uv, 请先运行 make setup · uv is missing: make setup")
        return 1
    fine = True
    for name, base in (("uv", None), ("app", None), ("dev", "app"), ("bench", "dev")):
        bound = ["-c", f"requirements/{base}.txt"] if base else []
        files = [f"requirements/{name}.in", "-o", f"requirements/{name}.txt"]
        fine &= step(f"requirements/{name}.txt", [uv, "pip", "compile", "-q", *OPTIONS, *bound, *files])
    fine &= step("package-lock.json", ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit"])
    return 0 if fine and not _addresses() else 1


def _addresses() -> list[Path]:
    """Lock files that name a registry after all."""
    named = re.compile(r'"resolved"|^\s*--(extra-)?index-url|^\s*--find-links', re.MULTILINE)
    locks = [*ROOT.glob("requirements/*.txt"), ROOT / "package-lock.json"]
    found = [path for path in locks if named.search(path.read_text())]
    for path in found:
        say(f"✗ {path.name} 写入了软件源地址 · names a registry")
    return found


if __name__ == "__main__":
    sys.exit(main())
