"""``manage.py import_people DISTRICT FILE.xlsx``: take in a roster and say which rows were not taken in and why."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from tongxin.kernel import commands
from tongxin.kernel.clock import now
from tongxin.kernel.days import find_day, today_of
from tongxin.organization import api as organization
from tongxin.packs import api as packs


class Command(commands.Command):
    """See the module."""

    help = "导入人员与岗位：Excel 或 CSV，列为 姓名、电话、岗位角色、地域代码/组织"
    examples = (
        "example 人员.xlsx --dry-run",
        "example 人员.xlsx --from 2026-03-01",
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What may be said after the name."""
        parser.add_argument("district", help="地方的键")
        parser.add_argument("file", type=Path, help="文件")
        parser.add_argument("--from", dest="from_on", help="任职自哪天起，如 2026-03-01；不填为今天")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; exits with an error when any row was left out."""
        district = packs.district_named(options["district"])
        actor = organization.system_actor(district)
        first = find_day(options["from_on"], "任职自哪天起", "from", today=today_of(now()))
        done = organization.import_people(
            district=district, path=options["file"], actor=actor, now=now(), from_on=first, dry_run=options["dry_run"],
        )  # fmt: skip
        for fault in done.faults:
            self.stdout.write(f"✗ {fault.sentence}")
        words = "检查完毕，没有写入" if options["dry_run"] else "完成"
        self.stdout.write(
            f"{words}：新增人员 {done.people}、任职 {done.terms}，不变 {done.unchanged}，未导入 {len(done.faults)} 行。"
        )
        if done.faults:
            raise CommandError(f"有 {len(done.faults)} 行没有导入（标 ✗），改正后可重新导入整个文件。")
