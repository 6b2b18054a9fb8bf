"""The launcher by hand: `python -m tongxin.kernel.postgres start|stop|status|url|psql|destroy`. Decides nothing."""

import argparse
import os
import sys
from pathlib import Path

from tongxin.kernel import postgres
from tongxin.kernel.postgres.place import choose_place


def main() -> int:
    """Do one act on one cluster; returns the exit code (status: 0 runs, 3 stopped)."""
    parser = argparse.ArgumentParser(
        prog="python -m tongxin.kernel.postgres", description="内置数据库 · built-in database"
    )
    parser.add_argument("act", choices=["start", "stop", "status", "url", "psql", "destroy"])
    parser.add_argument("--data-dir", type=Path, default=postgres.default_data_dir())
    parser.add_argument("--scratch", action="store_true", help="快而不耐断电, 仅供测试 · fast, for tests only")
    chosen, rest = parser.parse_known_args()
    folder: Path = chosen.data_dir.resolve()
    try:
        if chosen.act == "start":
            print(postgres.ensure_running(folder, scratch=chosen.scratch, say=print))
        elif chosen.act == "stop":
            print("已停止 · stopped" if postgres.stop(folder) else "未在运行 · was not running")
        elif chosen.act == "status":
            seen = postgres.status(folder)
            print(
                f"{seen.home or folder}: " + (f"运行中 · running, pid {seen.pid}" if seen.pid else "未运行 · stopped")
            )
            return 0 if seen.pid else 3
        elif chosen.act == "url":
            print(postgres.url(folder))
        elif chosen.act == "psql":
            address = postgres.ensure_running(folder)
            program = choose_place(folder).binaries / "psql"
            os.execv(program, [str(program), address, *rest])  # noqa: S606
        else:
            postgres.destroy(folder)
            print("已删除 · removed")
    except postgres.DatabaseTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
