"""`manage.py locality KEY --title 某区`: a new locality's folder from localities/_template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from tongxin.kernel import commands
from tongxin.packs import api as packs


class Command(commands.Command):
    """Copy the template, fill in key and title, say what comes next."""

    help = "新建一个地方的资料包 · begin a locality's folder"
    examples = ("example --title 某某区 --region 110101",)
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The key, and the title people read."""
        parser.add_argument("key", metavar="键", help="小写英文，就是文件夹名，例如 example")
        parser.add_argument("--title", default="", help="名称，例如 某区")
        parser.add_argument("--region", default="", help="六位区划代码")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the folder."""
        localities = Path(settings.BASE_DIR) / "localities"
        folder = packs.new_folder(localities, options["key"], title=options["title"], region=options["region"])
        key = folder.name
        self.stdout.write(self.style.SUCCESS(f"✓ 已新建 localities/{key}"))
        self.stdout.write(
            "接下来：\n"
            f"  1. 打开 localities/{key}/pack.yaml，核对名称和区划代码\n"
            f"  2. 照着 docs/packs.md 改 units.yaml、catalogue.yaml、bodies.yaml\n"
            f"  3. .venv/bin/python manage.py pack check {key}    有问题会告诉您在第几行、怎么改\n"
            f"  4. .venv/bin/python manage.py pack publish {key}  发布\n"
            "一步一步的说明见 docs/how-to/new-locality.md"
        )
