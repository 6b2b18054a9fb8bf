"""Every check but the tests, one line each; stops at none, fails if one failed. `make check` runs it, then the tests."""

import os
import subprocess
import sys
from pathlib import Path

from steps import ROOT, say, step

BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py"]  # no database is needed, none is warned about


def main() -> int:
    """Run the checks; returns the exit code."""
    environment = {**os.environ, "TONGXIN_ENV": "test"}
    checks: list[tuple[str, list[str | Path]]] = [
        ("写法 · ruff", [BIN / "ruff", "check"]),
        ("格式 · ruff format", [BIN / "ruff", "format", "--check"]),
        ("分层 · import-linter", [BIN / "lint-imports"]),
        ("类型 · mypy", [BIN / "mypy"]),
        ("迁移 · migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
        ("部署 · check --deploy", [sys.executable, "tools/check_deploy.py"]),
    ]
    known = subprocess.run(
        [*MANAGE, "help", "--commands"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    for command, title in (("check_packs", "资料包 · localities"), ("docs", "生成的文档 · generated documents")):
        if command in known.split():
            checks.append((title, [*MANAGE, command, *(["--check"] if command == "docs" else [])]))
    failed = sum(not step(title, command, env=environment) for title, command in checks)
    if failed:
        say(f"✗ {failed} 项检查未通过 · checks failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
