"""How `manage.py` answers an operator: help with examples, and one clear line where the machine, a setting or a name is wrong."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import OperationalError, ProgrammingError

from tongxin.kernel.commands import Command, run, trouble_in_words
from tongxin.web import serving

OURS = sorted(name for name, package in get_commands().items() if package.startswith("tongxin."))


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("name", OURS)
def test_each_command_of_ours_shows_examples_that_its_parser_takes(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    assert isinstance(command, Command), f"{name} is not made of tongxin.kernel.commands.Command"
    assert command.examples, f"{name} shows no example"
    parser = command.create_parser("manage.py", name)
    shown = parser.format_help()
    assert "--pythonpath" not in shown, "what every command of Django has is not listed again"
    for example in command.examples:
        assert f"manage.py {name} {example}".rstrip() in shown
        parser.parse_args(example.partition("    #")[0].split())  # SystemExit where the example is stale


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImproperlyConfigured("生产环境必须设置 SECRET_KEY"), "设置不对：生产环境必须设置 SECRET_KEY"),
        (OperationalError("connection failed: refused\n\tIs the server running?"), "连不上数据库：connection failed"),
        (_caused(ProgrammingError("no table"), psycopg.errors.UndefinedTable()), "manage.py migrate"),
        (_caused(OperationalError("full"), psycopg.errors.DiskFull()), "数据库所在的磁盘满了"),
        (_caused(ProgrammingError("no"), psycopg.errors.InsufficientPrivilege()), "数据库不许这样写"),
        (FileNotFoundError(2, "no", "/nowhere/out.svg"), "/nowhere/out.svg：没有这个文件或文件夹"),
        (OSError(28, "No space left on device"), "磁盘满了。请腾出空间"),
        (MemoryError(), "内存不够"),
        (_caused(ProgrammingError("syntax"), psycopg.errors.SyntaxError()), None),
        (ValueError("a fault of the program"), None),
    ],
)
def test_trouble_with_the_machine_is_told_in_words_and_a_fault_of_the_program_stays_one(
    error: Exception, said: str | None
) -> None:
    told = trouble_in_words(error)
    assert told is None if said is None else told is not None and said in told


def test_a_command_without_a_database_ends_with_what_to_do_and_a_code() -> None:
    with socket.socket() as closed:  # bound and not listening: nobody answers there
        closed.bind(("127.0.0.1", 0))
        environment = {
            **os.environ, "TONGXIN_ENV": "demo", "DATABASE_URL": f"postgresql://x:y@127.0.0.1:{closed.getsockname()[1]}/x",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "manage.py", "district", "list"],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("连不上数据库"), done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_traceback_is_shown_to_whoever_asks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        run(["manage.py", "calendar", "import", "/nowhere.json"])
    told = capsys.readouterr().err
    assert "/nowhere.json 读不出来" in told
    assert "Traceback" not in told
    with pytest.raises(CommandError):
        run(["manage.py", "calendar", "--traceback", "import", "/nowhere.json"])


@pytest.mark.django_db
def test_serving_names_all_that_is_missing_at_once(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError) as told:
            call_command("serve", port=port)
        assert f"端口 {port} 已被别的程序占用" in str(told.value)
        assert "collectstatic" in str(told.value)
    ours = [path for finder in get_finders() for path, _ in finder.list([])]
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": dict.fromkeys(ours, "")}))
    if not settings.STATICFILES_DIRS:
        with pytest.raises(CommandError, match="make assets"):
            call_command("serve", "--check", port=port)
    every = dict.fromkeys([*ours, serving.ONE_OF_OTHERS], "")
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": every}))
    said = io.StringIO()
    call_command("serve", "--check", port=port, stdout=said)
    assert "都齐了" in said.getvalue()
    with pytest.raises(CommandError, match="不是这台机器的地址"):
        call_command("serve", "--check", host="192.0.2.1")
    with pytest.raises(CommandError, match="--processes 0 不行"):
        call_command("serve", "--check", processes=0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["exchange", "drop", "xiuning", "nowhere"], "没有可停用的"),
        (["exchange", "again", "xiuning", "nowhere"], "资料包里没有和 nowhere 的交换"),
        (["identity", "drop", "xiuning"], "没有可停用的"),
        (["demo_data", "--only", "nowhere"], "没有带 demo.yaml 的 nowhere"),
        (["demo_data", "--days", "0"], "至少写 1 天"),
        (["text", "train", "xiuning", "--asked", "77"], "没有这次训练"),
        (["import_people", "nowhere", "x.csv"], "已有：xiuning"),
    ],
)
def test_what_is_not_there_is_refused_and_not_confirmed(words: list[str], said: str, xiuning: None) -> None:
    with pytest.raises(CommandError, match=said):
        call_command(*words)


@pytest.fixture
def xiuning(db: None) -> None:
    call_command("district", "open", "xiuning", stdout=io.StringIO())
