"""Take in buildings or barrier lines of a district from a file: ``manage.py import_units DISTRICT FILE [--what lines]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tongxin.kernel import clock, commands
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.planning import api as planning


class Command(commands.Command):
    help = "导入楼栋或界线：GeoJSON、Excel、CSV、GeoPackage、打成 zip 的 Shapefile"
    examples = (
        "example 楼栋.xlsx --dry-run",
        "example 楼栋.geojson --crs gcj02",
        "example 道路.geojson --what lines",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments as on the page."""
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("district", help="地方的键")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--what", choices=("units", "lines"), default="units", help="楼栋（units）还是道路河流（lines）"
        )
        parser.add_argument("--crs", default="auto", help="坐标系：auto、wgs84、gcj02、bd09、EPSG:…")
        parser.add_argument("--schematic", action="store_true", help="是示意")
        parser.add_argument("--source", default="", help="来源")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        for key, (title, _) in planning.COLUMNS.items():
            parser.add_argument(f"--{key}", default="", metavar="列名", help=f"“{title}”在哪一列")

    def handle(self, *args: Any, **given: Any) -> None:
        """Tell what was found, row by row, and what was done."""
        district = packs.district_named(given["district"])
        done = planning.import_units(
            district=district, path=given["file"], what=given["what"], crs=given["crs"], schematic=given["schematic"],
            source=given["source"], columns={key: given[key] for key in planning.COLUMNS if given[key]}, dry_run=given["dry_run"],
            actor=organization.system_actor(district), now=clock.now(),
        )  # fmt: skip
        for note in done.read.notes[:200]:
            self.stderr.write(
                f"{'✗' if note.blocking else '·'} {f'第 {note.row} 行：' if note.row else ''}{note.sentence}"
            )
        words = f"新增 {done.created}、更改 {done.changed}、不变 {done.unchanged}（{done.read.system}）"
        if done.read.blocking:
            raise CommandError(f"有 {len(done.read.blocking)} 处必须先改正，什么都没有写入。")
        self.stdout.write(f"{'检查过，没有写入' if not done.written else '已导入'}：{words}")
