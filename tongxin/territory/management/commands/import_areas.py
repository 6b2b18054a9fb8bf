"""``manage.py import_areas DISTRICT FILE --level community``: take in places from a file and say what was found."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from tongxin.kernel import commands
from tongxin.kernel.clock import now
from tongxin.packs import api as packs
from tongxin.territory import api as territory

FAULTS_SHOWN = 30


class Command(commands.Command):
    """See the module."""

    help = "导入一级地域：GeoJSON、Excel、CSV、打包的 Shapefile、GeoPackage"
    examples = (
        "example 网格.geojson --level grid --dry-run",
        "example 社区.zip --level community --name SQMC --parent-name SSJD --crs gcj02",
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What may be said after the name."""
        parser.add_argument("district", help="地方的键")
        parser.add_argument("file", type=Path, help="文件")
        parser.add_argument("--level", required=True, help="文件里的地域是哪一级（资料包 units.yaml 的 levels）")
        for flag, words in (
            ("name", "名称"), ("code", "代码"), ("parent-name", "上级名称"), ("parent-code", "上级代码"),
            ("households", "户数"), ("people", "人口"),
        ):  # fmt: skip
            parser.add_argument(f"--{flag}", default="", metavar="列", help=f"哪一列是{words}；不填则按常见列名找")
        parser.add_argument(
            "--crs",
            default="",
            help="坐标系：wgs84、cgcs2000、gcj02、bd09、auto 或 EPSG:4547；不填则照文件所说，否则 wgs84",
        )
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--repair", action="store_true", help="修正自相交等有错的边界，并逐个说明")
        parser.add_argument("--schematic", action="store_true", help="这些边界是示意，不是真实边界")
        parser.add_argument("--source", default="", help="边界来源，显示在地图上")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; exits with an error when nothing could be written."""
        district = packs.district_named(options["district"])
        names = ("name", "code", "parent_name", "parent_code", "households", "people")
        began = time.perf_counter()
        done = territory.import_areas(
            district=district, path=options["file"], level=options["level"],
            columns=territory.Columns(**{name: options[name] for name in names}),
            crs=options["crs"], dry_run=options["dry_run"], repair=options["repair"], schematic=options["schematic"],
            source=options["source"], actor_label="manage.py import_areas", now=now(),
        )  # fmt: skip
        self._tell(done, time.perf_counter() - began, dry_run=options["dry_run"])

    def _tell(self, done: territory.Imported, seconds: float, *, dry_run: bool) -> None:
        for sentence in done.notes:
            self.stdout.write(sentence)
        for fault in done.report.faults[:FAULTS_SHOWN]:
            title = territory.FAULT_TITLES[fault.kind]
            self.stdout.write(f"{'✗' if fault.blocking else '·'} [{title}] {fault.sentence}")
        more = len(done.report.faults) - FAULTS_SHOWN
        if more > 0:
            self.stdout.write(f"… 另有 {more} 条")
        self.stdout.write(f"检查：{done.report.summary()}")
        if done.report.blocking:
            raise CommandError(f"有 {len(done.report.blocking)} 处必须先改正（标 ✗），什么都没有写入。")
        words = "检查完毕，没有写入" if dry_run else "完成"
        self.stdout.write(
            f"{words}：新增 {done.created}、更改 {done.changed}、不变 {done.unchanged}，用时 {seconds:.1f} 秒。"
        )
