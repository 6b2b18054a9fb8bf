"""``manage.py places network|import|homes|circle DISTRICT …``: the walking network, facilities, dwellings, one study."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from tongxin.kernel import commands
from tongxin.kernel.clock import now
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places import api as places
from tongxin.territory import api as territory

BY = "manage.py places"
SHOWN = 30


class Command(commands.Command):
    """See the module."""

    help = "身边设施：读入路网（OSM pbf）、导入设施、导入住处、计算服务圈"
    examples = (
        "network example 某省.osm.pbf",
        "import example 设施.xlsx --dry-run",
        "homes example 小区.csv",
        "circle example",
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One word says what to do."""
        acts = parser.add_subparsers(dest="act", required=True)
        network = acts.add_parser("network", help="读入步行路网，替换原来的")
        bring = acts.add_parser("import", help="导入设施")
        homes = acts.add_parser("homes", help="导入住处：小区、楼栋的名称、户数和位置")
        circle = acts.add_parser("circle", help="计算服务圈并打印")
        for one in (network, bring, homes, circle):
            one.add_argument("district", help="地方的键")
        network.add_argument("file", type=Path, help=f"OpenStreetMap 截取（.osm.pbf），不超过 {places.MAX_PBF_MB} MB")
        for one in (bring, homes):
            one.add_argument("file", type=Path, help="Excel、CSV、GeoJSON、GeoPackage 或打包的 Shapefile")
            one.add_argument("--kind", default="", help="文件里没有种类一列时，全部是哪一类")
            one.add_argument("--crs", default="auto", help="坐标系：wgs84、cgcs2000、gcj02、bd09、auto 或 EPSG:4547")
            one.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        bring.add_argument("--source", default="", help="来源")
        bring.add_argument("--schematic", action="store_true", help="位置是示意的")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; a refusal ends with an error and its sentence."""
        district = packs.district_named(options["district"])
        getattr(self, f"_{options['act']}")(district, options)

    def _network(self, district: packs.DistrictView, options: dict[str, Any]) -> None:
        began = time.perf_counter()
        card = places.load_walk_map(district=district, path=options["file"], actor_label=BY, now=now())
        self.stdout.write(
            f"已读入 {card.file}：{card.nodes:,} 个路口和转折点，{card.links:,} 段路，用时 {time.perf_counter() - began:.1f} 秒。"
        )

    def _import(self, district: packs.DistrictView, options: dict[str, Any]) -> None:
        taken = places.import_facilities(
            district=district, path=options["file"], kind=options["kind"], crs=options["crs"], dry_run=options["dry_run"],
            schematic=options["schematic"], source=options["source"], actor=organization.system_actor(district), now=now(),
        )  # fmt: skip
        self._tell(taken)

    def _homes(self, district: packs.DistrictView, options: dict[str, Any]) -> None:
        taken = territory.import_place_names(
            district=district, path=options["file"], kind=options["kind"] or "estate", crs=options["crs"],
            dry_run=options["dry_run"], actor_label=BY, now=now(),
        )  # fmt: skip
        self._tell(taken)

    def _tell(self, taken: places.FacilitiesTaken | territory.NamesTaken) -> None:
        for note in taken.notes:
            self.stdout.write(note)
        for fault in taken.faults[:SHOWN]:
            self.stdout.write(f"✗ 第 {fault.row} 行：{fault.what}{fault.mend}")
        if len(taken.faults) > SHOWN:
            self.stdout.write(f"… 另有 {len(taken.faults) - SHOWN} 行")
        words = "完成" if taken.written else "检查完毕，没有写入"
        self.stdout.write(
            f"{words}：新增 {taken.created}、更改 {taken.changed}、不变 {taken.unchanged}，没有收下 {len(taken.faults)} 行。"
        )

    def _circle(self, district: packs.DistrictView, options: dict[str, Any]) -> None:
        began = time.perf_counter()
        places.ask_study(district=district, actor=organization.system_actor(district), now=now())
        places.run_waiting(now)
        study = places.newest_study(district.id)
        if study is None:
            last = places.last_asked(district.id)
            raise CommandError(last.trouble if last else "没有算成。")
        everyone, kinds = study.result["households"], district.pack.facilities.kinds
        self.stdout.write(
            f"{study.result['dwellings']:,} 处住处，{everyone:,} 户，用时 {time.perf_counter() - began:.1f} 秒。"
        )
        for key in study.result["order"]:
            found = study.result["kinds"][key]
            within = "，".join(f"{m} 分钟 {found['within'][str(m)]:,} 户" for m in places.WITHIN_MINUTES)
            self.stdout.write(f"{kinds[key].title}：{found['facilities']} 处；{within}。")
