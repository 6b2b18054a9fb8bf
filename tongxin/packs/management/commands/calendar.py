"""`manage.py calendar import|show|own`: the table of working days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tongxin.kernel import commands, limits
from tongxin.kernel.clock import local, now
from tongxin.kernel.days import read_day, today_of
from tongxin.kernel.errors import Invalid
from tongxin.packs import api as packs


class Command(commands.Command):
    """Keep and show holidays, make-up days and a district's own days."""

    help = "工作日历：导入、查看、本地自己的日子 · working days: import, show, own"
    examples = (
        "import    # 程序自带的各年",
        "import 2027.json",
        "show 2026",
        "own example 2026-03-03 rest 本地节日",
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Sub-commands."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="import|show|own")
        load = parts.add_parser("import", help="导入公布的放假安排；不写文件则用程序自带的 2004 年以来各年")
        load.add_argument("files", nargs="*", metavar="文件", help="holiday-cn 格式的 JSON，一年一个")
        show = parts.add_parser("show", help="查看")
        show.add_argument("year", nargs="?", type=int, metavar="年份")
        show.add_argument("--district", default="", help="只看这个地方自己的日子")
        own = parts.add_parser("own", help="设一个地方自己的工作日或休息日")
        own.add_argument("district", metavar="地方")
        own.add_argument("day", metavar="日期", help="例如 2026-03-03")
        own.add_argument("kind", choices=["work", "rest"], help="work 上班，rest 休息")
        own.add_argument("name", metavar="名称", help="例如 本地节日")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; a refusal is told in its own words."""
        {"import": self.load, "show": self.show, "own": self.own}[options["part"]](options)

    def load(self, options: dict[str, Any]) -> None:
        """Import files, or what the library knows."""
        years = [] if options["files"] else packs.import_calendar(now())
        for name in options["files"]:
            years += packs.import_calendar_file(_text(Path(name)), now())
        self.stdout.write(self.style.SUCCESS(f"✓ 已导入 {_years(sorted(years))}"))
        self._warn()

    def show(self, options: dict[str, Any]) -> None:
        """Show the years there are, or the days of one."""
        year = options["year"]
        if year is None:
            known = packs.list_calendar_years()
            for number, source in known.items():
                self.stdout.write(f"{number}  {source}")
            self.stdout.write(
                f"已公布 {_years(list(known))}。" if known else "还没有导入任何一年，请运行 calendar import。"
            )
        else:
            district = packs.district_named(options["district"]) if options["district"] else None
            for day in packs.list_calendar_days(year, district.id if district else None):
                kind = self.style.WARNING("上班") if day.is_workday else self.style.SUCCESS("休息")
                self.stdout.write(f"{day.day:%Y-%m-%d} 周{'一二三四五六日'[day.day.weekday()]}  {kind}  {day.name}")
            if year not in packs.list_calendar_years():
                self.stdout.write(
                    self.style.WARNING(f"{year} 年的放假安排还没有公布，按周一到周五计算，期限标“暂定”。")
                )
        self._warn()

    def own(self, options: dict[str, Any]) -> None:
        """Set a district's own day."""
        try:
            day = read_day(options["day"], "日期", "day", today=today_of(now()))
        except Invalid as refusal:
            raise CommandError(refusal.sentence) from None
        district = packs.district_named(options["district"])
        works = options["kind"] == "work"
        packs.set_own_day(district.id, day, is_workday=works, name=options["name"], now=now())
        self.stdout.write(
            self.style.SUCCESS(f"✓ {district.title} {day} {'上班' if works else '休息'}（{options['name']}）")
        )

    def _warn(self) -> None:
        """Say aloud when deadlines will soon lean on a year that is not published."""
        this_year = local(now()).year
        missing = [year for year in (this_year, this_year + 1) if year not in packs.list_calendar_years()]
        if missing:
            text = f"注意：{_years(missing)}的放假安排没有导入，跨到那时的期限按周一到周五计算并标“暂定”。"
            self.stderr.write(self.style.WARNING(text))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > limits.PACK_FILE_BYTES:
            raise CommandError(f"{path} 太大，不是一年的放假安排。")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} 不是 UTF-8 文本。请另存为 UTF-8。") from None
    except OSError as error:
        raise CommandError(f"{path} 读不出来（{error.strerror}）。") from None


def _years(years: list[int]) -> str:
    if len(years) > 2 and years == list(range(years[0], years[-1] + 1)):
        return f"{years[0]}—{years[-1]} 年"
    return "、".join(map(str, years)) + " 年"
