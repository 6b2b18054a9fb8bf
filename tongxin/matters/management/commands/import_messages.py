"""`manage.py import_messages`: records of another system become matters. Safe to repeat, safe to interrupt."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tongxin.kernel import clock, commands
from tongxin.matters.imports import api as imports
from tongxin.organization import api as organization
from tongxin.packs import api as packs


class Command(commands.Command):
    """Reads, checks, places and writes; tells row by row what it could not take."""

    help = "导入历史诉求: CSV、Excel、Parquet · import records as matters"
    examples = (
        "example 工单.xlsx --dry-run    # 先看认出了哪些列、哪些行有问题",
        "example 工单.xlsx --report 问题.csv",
        "example 工单.csv --map text=诉求内容 reported_at=受理时间",
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """See ``docs/how-to/import-messages.md``."""
        parser.add_argument("district", metavar="DISTRICT", help="地方的键, 例如资料包的名称")
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV、Excel 或 Parquet")
        parser.add_argument("--mapping", type=Path, help="对应表 (YAML)")
        parser.add_argument("--map", nargs="+", action="extend", default=[], metavar="FIELD=COLUMN", help="字段=列名")
        parser.add_argument("--sheet", help="Excel 工作表, 默认第一个")
        parser.add_argument("--channel", help="渠道的键, 默认 import")
        parser.add_argument("--dry-run", action="store_true", help="只检查, 不写入")
        parser.add_argument("--closed", action="store_true", help="没有办结时间的也直接归档")
        parser.add_argument("--report", type=Path, metavar="ERRORS.csv", help="逐行错误报告")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import one file; a refusal of the file as a whole ends with its sentences, a refused row does not end anything."""
        district = packs.district_named(options["district"])
        path: Path = options["file"]
        mapping = imports.load_mapping(options["mapping"]) if options["mapping"] else None
        table, mapping = imports.open_file(path, mapping, options["map"], options["sheet"])
        for remark in table.remarks:
            self.stdout.write(f"注意：{remark}")
        with _report(options["report"], path) as on_fault, _bar(table.total, path.name) as on_rows:
            outcome = imports.import_rows(
                table,
                mapping,
                district=district,
                source=imports.source_of(mapping, path),
                channel=options["channel"] or mapping.channel or "import",
                actor=organization.system_actor(district),
                now=clock.now(),
                closed=options["closed"],
                dry_run=options["dry_run"],
                on_fault=on_fault,
                on_rows=on_rows,
            )
        for line in outcome.sentences(dry_run=options["dry_run"]):
            self.stdout.write(line)
        for fault in outcome.faults:
            self.stderr.write(
                f"第 {fault.number} 行{f'（{fault.column}）' if fault.column else ''}：{fault.what}{fault.mend}"
            )
        if outcome.refused and options["report"]:
            self.stderr.write(f"逐行报告：{options['report']}")
        elif outcome.refused > len(outcome.faults):
            self.stderr.write("只显示前几行；用 --report errors.csv 得到全部。")


@contextmanager
def _report(target: Path | None, source: Path) -> Iterator[Any]:
    if target is None:
        yield lambda fault: None
        return
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        yield _writer(file, source.name)


def _writer(file: TextIO, name: str) -> Any:
    rows = csv.writer(file)
    rows.writerow(["文件", "行", "列", "问题", "怎么改"])

    def write(fault: imports.RowFault) -> None:
        rows.writerow([name, fault.number, fault.column, fault.what, fault.mend])

    return write


@contextmanager
def _bar(total: int | None, name: str) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=total)
        yield lambda rows: progress.update(task, completed=rows)
