"""How `manage.py` speaks: help with examples, and trouble in one line. Not the commands themselves, which stand in their packages.

`Command` is what our commands are made of. `run` is `manage.py`: what goes wrong outside a command's own words (no
database, old tables, a full disk, a missing setting) is told as what happened and what to do; `--traceback` shows the
rest. A programming error stays a traceback: whoever mends it needs it.
"""

from __future__ import annotations

import errno
import os
import sys
from argparse import SUPPRESS, RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, CommandParser, execute_from_command_line
from django.core.management.base import DjangoHelpFormatter
from django.db import DatabaseError

from tongxin.kernel.errors import Refusal
from tongxin.kernel.postgres import DatabaseTrouble

_OF_EVERY_COMMAND = {"version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"}  # fmt: skip
_DISK_FULL = {errno.ENOSPC: "磁盘满了", errno.EDQUOT: "磁盘配额用完了", errno.EROFS: "这个磁盘只读"}
_STOPPED_BY_HAND = 130  # as shells count it: 128 and the number of SIGINT


class _Help(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's order of options, and examples that keep their lines."""


class Command(BaseCommand):
    """A command that shows `examples` in its help and tells a refusal in the refusal's words."""

    examples: tuple[str, ...] = ()  # what stands behind `manage.py <name>`; `#` begins a remark

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser; its options that every command has work and are not listed each time."""
        lines = [f"  {prog_name} {subcommand} {example}".rstrip() for example in self.examples]
        kwargs.setdefault("epilog", "\n".join(["例 · examples:", *lines]) if lines else None)
        kwargs.setdefault("formatter_class", _Help)
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        for action in parser._actions:
            if action.dest in _OF_EVERY_COMMAND:
                action.help = SUPPRESS
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it; raises CommandError with both sentences of a refusal."""
        try:
            return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal


def run(argv: list[str]) -> int:
    """Run `manage.py` with these words; returns the exit code: 0, 1 for trouble, 130 when stopped by Ctrl-C."""
    try:
        execute_from_command_line(argv)
    except KeyboardInterrupt:
        print("已中断 · interrupted", file=sys.stderr)
        return _STOPPED_BY_HAND
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception as error:
        said = None if "--traceback" in argv else trouble_in_words(error)
        if said is None:
            raise
        print(said, file=sys.stderr)
        return 1
    return 0


def trouble_in_words(error: BaseException) -> str | None:
    """What happened and what to do, for trouble with this machine or its settings; None for a fault of the program."""
    if isinstance(error, ImproperlyConfigured):
        return f"设置不对：{error}\n说明见 docs/how-to/production.md 第 2 节。"
    if isinstance(error, DatabaseTrouble):
        return str(error)
    if isinstance(error, DatabaseError):
        return _database_in_words(error)
    if isinstance(error, OSError) and error.filename is not None:
        return _file_in_words(error)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return f"{_DISK_FULL[error.errno]}。请腾出空间再运行一次；没有写完的不算数。"
    if isinstance(error, MemoryError):
        return "内存不够，没有办成，数据库里什么都没有改。请关掉别的程序或加内存，再运行一次。"
    return None


def _database_in_words(error: DatabaseError) -> str | None:
    states = {state for cause in _causes(error) if (state := getattr(cause, "sqlstate", None))}
    first = str(error).strip().partition("\n")[0]
    if states & {"42P01", "42703", "3F000"}:  # undefined table, column, schema
        return f"数据表还没有建，或不是这一版程序的（{first}）。请运行 .venv/bin/python manage.py migrate。"
    if states & {"53100"}:
        return f"数据库所在的磁盘满了（{first}）。请腾出空间再运行一次；没有写完的不算数。"
    if states & {"53300"}:
        return f"数据库的连接用完了（{first}）。请调大 max_connections，或减少网站进程。"
    if states & {"42501", "25006"}:
        return f"数据库不许这样写（{first}）。请核对 DATABASE_URL 里的用户是不是库的所有者、连的是不是主库。"
    if states and not any(state.startswith(("08", "28", "3D", "57P")) for state in states):
        return None
    if not states and "connection" not in first:
        return None
    return (
        f"连不上数据库：{first}\n"
        "数据库在别处的，请确认它已启动，DATABASE_URL 的地址、库名、用户和口令都对（口令里的 @ : / % 要写成 %40 %3A %2F %25）；"
        "用自带数据库的，先 make demo，或 .venv/bin/python -m tongxin.kernel.postgres start。"
    )


def _file_in_words(error: OSError) -> str:
    why = {
        **_DISK_FULL,
        errno.ENOENT: "没有这个文件或文件夹",
        errno.EISDIR: "这是文件夹，不是文件",
        errno.ENOTDIR: "路径中间有一段不是文件夹",
        errno.EACCES: "没有权限",
        errno.EPERM: "没有权限",
        errno.EEXIST: "已经有了",
    }.get(error.errno or 0, error.strerror or str(error))
    return f"{error.filename}：{why}。请核对路径、权限和空间，再运行一次。"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
