"""`manage.py serve`: the web processes of a production server. Looks first whether all is in place; `manage.py demo` is the other start."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from tongxin.kernel import commands
from tongxin.web import serving

MOST_PROCESSES, MOST_THREADS, MOST_PORT = 256, 256, 65_535


class Command(commands.Command):
    """Becomes the web server, so that stopping this process stops it."""

    help = "启动网站（正式运行用；先查数据库、数据表、页面文件、端口）· serve the site; looks first whether all is in place"
    examples = ("", "--host 127.0.0.1 --port 8000 --processes 4", "--check    # 只查不启动；不齐全的退出码为 1")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, and how many."""
        parser.add_argument("--host", default="127.0.0.1", metavar="地址", help="默认 127.0.0.1，由代理对外")
        parser.add_argument("--port", type=int, default=8000, metavar="端口", help="默认 8000")
        parser.add_argument("--processes", type=int, metavar="几个", help="默认与核数相同")
        parser.add_argument("--threads", type=int, default=8, metavar="几个", help="每个进程的线程，默认 8")
        parser.add_argument("--check", action="store_true", help="只查不启动")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, tell all that is missing at once, then serve."""
        processes = options["processes"] if options["processes"] is not None else os.cpu_count() or 1
        for name, value, most in (
            ("--port", options["port"], MOST_PORT),
            ("--processes", processes, MOST_PROCESSES),
            ("--threads", options["threads"], MOST_THREADS),
        ):
            if not 1 <= value <= most:
                raise CommandError(f"{name} {value} 不行：应在 1 到 {most} 之间。")
        faults = [*serving.faults_of_installation(), serving.fault_of_address(options["host"], options["port"])]
        if said := [fault for fault in faults if fault]:
            raise CommandError("还不能启动：\n" + "\n".join(f"✗ {fault}" for fault in said))
        if options["check"]:
            self.stdout.write(self.style.SUCCESS("✓ 数据库、数据表、页面文件、端口都齐了"))
            return
        self.stdout.write(f"网站在 http://{options['host']}:{options['port']}/，{processes} 个进程 · serving")
        self.stdout.flush()
        words = serving.web_command(options["host"], options["port"], processes=processes)
        environment = {**os.environ, **serving.web_environment(threads=options["threads"])}
        os.execve(words[0], words, environment)  # noqa: S606 - words of our own
