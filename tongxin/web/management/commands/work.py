"""`manage.py work`: the background worker. Stop it with SIGTERM or Ctrl-C; start as many as wanted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from tongxin.kernel import clock, commands
from tongxin.web.worker import Worker, living_workers, run_until_signalled


class Command(commands.Command):
    """Fires late actions and tidies up."""

    help = "后台: 超时处理与清理 · late actions, tidying; runs until stopped"
    examples = (
        "",
        "--once    # 处理完到期的就退出，可放进 cron",
        "--status",
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--once` for cron and tests, `--status` for monitoring."""
        parser.add_argument("--once", action="store_true", help="处理完到期的就退出 · serve what is due and end")
        parser.add_argument("--status", action="store_true", help="列出活着的后台; 一个都没有时退出码为 1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work, once or until told to stop."""
        if options["status"]:
            workers = living_workers()
            for sign in workers:
                state = "没有动静" if sign.stale(clock.now()) else "正常"
                self.stdout.write(f"{sign.name} {state}，{clock.local(sign.seen_at):%m-%d %H:%M:%S}")
            if not workers:
                raise CommandError("没有后台在运行。请运行 manage.py work。 · no worker runs")
        elif options["once"]:
            self.stdout.write(f"处理 {Worker().work()} 件 · served")
        else:
            self.stdout.write("后台已启动 · worker started")
            self.stdout.flush()
            run_until_signalled()
            self.stdout.write("后台已停止 · worker stopped")
