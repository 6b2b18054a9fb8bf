"""Every check but the tests, one line each; stops at none, fails if one failed. `make check` runs it, then the tests."""

import os
import sys
from pathlib import Path

from steps import say, step

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
        ("资料包 · localities", [*MANAGE, "pack", "check"]),
        ("生成的文档 · generated documents", [*MANAGE, "pack", "docs", "--check"]),
        ("条目与证明 · docs/features.md", [sys.executable, "tools/rows.py", "check"]),
        ("个人信息清单 · privacy", [*MANAGE, "privacy_docs", "--check"]),
        ("部署 · check --deploy", [sys.executable, "tools/check_deploy.py"]),
    ]
    failed = sum(not step(title, command, env=environment) for title, command in checks)
    if failed:
        say(f"✗ {failed} 项检查未通过 · checks failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
