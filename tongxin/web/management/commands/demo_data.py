"""`manage.py demo_data`: fills an empty installation with made-up life. A second run does nothing."""

import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management import CommandError, call_command
from django.db import transaction

from tongxin.kernel import clock, commands
from tongxin.packs import api as packs
from tongxin.web.demo import opening
from tongxin.web.demo.life import Life

DAYS = 92


class Command(commands.Command):
    """Opens every locality that has a demo and lets three months pass in it."""

    help = "装入演示数据 · made-up people and three months of matters"
    examples = (
        "",
        "--only example",
        "--fresh --days 30",
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--fresh` empties a demo database first; never one with real people in it."""
        parser.add_argument("--fresh", action="store_true", help="先清空 (只限演示库) · empty the demo database first")
        parser.add_argument("--only", nargs="+", metavar="LOCALITY", help="只装这几个地方")
        parser.add_argument("--days", type=int, default=DAYS, help="多少天的事, 默认 92")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open what is not open yet; all or nothing."""
        if options["days"] < 1:
            raise CommandError(f"--days {options['days']} 不行：至少写 1 天。")
        localities = [
            one
            for one in opening.find_localities(only=options["only"] or ())
            if options["only"] or not (one.pack.demo and one.pack.demo.apart)
        ]
        if unknown := sorted(set(options["only"] or ()) - {one.folder.name for one in localities}):
            raise CommandError(f"localities/ 下没有带 demo.yaml 的 {'、'.join(unknown)}。请核对名称。")
        if options["fresh"]:
            if not opening.only_made_up():
                raise CommandError("数据库里有不是演示的地方，不清空。 · this installation is in use: not emptied")
            call_command("flush", interactive=False, verbosity=0)
            packs.forget_districts()
        now = clock.now()
        there = {view.key for view in packs.list_districts()}
        waiting = [one for one in localities if one.pack.key not in there]
        if not waiting:
            self.stdout.write("演示数据已经有了，没有改动。 · nothing to do")
            return
        if there and not opening.only_made_up():
            raise CommandError("数据库里已有真实的地方，不装演示数据。 · this installation is in use")
        with transaction.atomic():
            if not there:
                opening.make_operator(now)
            for one in waiting:
                self._fill(one, now, options["days"], options["verbosity"])

    def _fill(self, locality: opening.Locality, now: datetime, days: int, verbosity: int) -> None:
        began = time.monotonic()
        demo = locality.pack.demo
        since = (demo.start_on if demo is not None else None) or (clock.local(now) - timedelta(days=days)).date()
        district = opening.open_locality(locality, since=since - timedelta(days=30), now=now)
        counts = Life(district, since=since, until=now, say=self.stdout.write).live()
        acts = sum(count for key, count in counts.items() if key.startswith("did:"))
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{district.title}：{counts['reported']} 件诉求，{counts['opened']} 件事项，{acts} 步办理，{counts['late']} 次超时处理，{seconds:.1f} 秒"
        )
        if verbosity > 1:
            for key, count in sorted(counts.items()):
                self.stdout.write(f"  {key} {count}")
