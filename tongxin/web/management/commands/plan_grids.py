"""Draw a plan of grids from the command line: ``manage.py plan_grids DISTRICT CODE [--svg FILE]``; it waits for people like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tongxin.kernel import clock, commands
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.planning import api as planning
from tongxin.territory import api as territory
from tongxin.web.plan_picture import draw_plan


class Command(commands.Command):
    help = "划一个网格方案（草稿），并说明划得怎么样"
    examples = (
        "example 110101001001 --target 400 --low 300 --high 500",
        "example 110101001001 --begin improve --svg 方案.svg",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments as on the page."""
        parser.add_argument("district", help="地方的键")
        parser.add_argument("under", help="划哪里：地域代码")
        parser.add_argument("--level", default="grid", help="划哪一级")
        parser.add_argument("--target", type=float, default=planning.GRID.target, help="每格多少")
        parser.add_argument("--low", type=float, default=planning.GRID.low)
        parser.add_argument("--high", type=float, default=planning.GRID.high)
        parser.add_argument("--load", choices=list(planning.LOADS), default="households", help="按什么均衡")
        parser.add_argument("--begin", choices=list(planning.BEGINS), default="afresh", help="从哪里起步")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--title", default="")
        parser.add_argument("--svg", type=Path, help="把方案画成 SVG 文件")

    def handle(self, *args: Any, **given: Any) -> None:
        """Draw, tell, and leave a draft."""
        district = packs.district_named(given["district"])
        place = territory.tree(district).by_code(given["under"])
        if place is None:
            raise CommandError(f"没有代码为“{given['under']}”的地域。")
        plan = planning.begin_plan(
            district=district, title=given["title"] or f"{place.name}方案", under=place.id, level=given["level"],
            load_by=given["load"], wish={key: given[key] for key in ("target", "low", "high")}, begin=given["begin"],
            seed=given["seed"], actor=organization.system_actor(district), now=clock.now(),
        )  # fmt: skip
        planning.draft_waiting(clock.now)
        plan = planning.get_plan(district, plan.pk)
        if plan.drafting.outcome != "done":
            raise CommandError(plan.drafting.says or "还没有划完：另一个进程正在划。")
        for sentence in plan.score.get("said", []):
            self.stderr.write(f"· {sentence}")
        for one in plan.score["communities"].values():
            self.stdout.write(
                f"{one['name']}：{one['parts']} 格，{one['inside']:.0%} 规模合适，最大/平均 {one['max_mean']:.2f}，离最好最多 {one['gap']:.1%}"
            )
            for sentence in one["findings"]:
                self.stdout.write(f"  · {sentence}")
        if given["svg"]:
            boards = planning.plan_boards(district, territory.tree(district), plan)
            names = {number: part.name for number, part in planning.parts_of(plan).items()}
            given["svg"].write_text(draw_plan(boards, names, title=plan.title), encoding="utf-8")
        self.stdout.write(f"草稿已存：/work/plans/{plan.pk}")
