"""`manage.py pack check|diff|publish|docs`: the packs under localities/. Exit code 1 when something is wrong."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from tongxin.kernel import commands
from tongxin.kernel.clock import local, now
from tongxin.packs import api as packs
from tongxin.packs import documents
from tongxin.packs.differences import differences

DOCS = "docs/packs.md"
RULES = "docs/rules.md"


class Command(commands.Command):
    """Check, compare, publish and document packs."""

    help = "资料包：检查、比较、发布、生成文档 · packs: check, diff, publish, docs"
    examples = (
        "check    # 全部",
        "check example",
        "diff example",
        "publish example --adopt --note 时限改为五个工作日",
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Sub-commands."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="check|diff|publish|docs")
        check = parts.add_parser("check", help="检查资料包，列出全部问题")
        check.add_argument("packs", nargs="*", metavar="键或文件夹", help="不写则检查 localities/ 下全部")
        diff = parts.add_parser("diff", help="文件夹与现行版本有什么不同")
        diff.add_argument("pack", metavar="键或文件夹")
        publish = parts.add_parser("publish", help="检查后发布为新版本")
        publish.add_argument("pack", metavar="键或文件夹")
        publish.add_argument("--note", default="", help="发布说明")
        publish.add_argument("--by", default="", help="发布人，默认为当前系统用户")
        publish.add_argument("--adopt", action="store_true", help="让键相同的地方采用它；在办的诉求不受影响")
        docs = parts.add_parser("docs", help=f"生成 {DOCS}、{RULES}")
        docs.add_argument("--check", action="store_true", help="只核对，不写")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command."""
        {"check": self.examine, "diff": self.diff, "publish": self.publish, "docs": self.docs}[options["part"]](options)

    def examine(self, options: dict[str, Any]) -> None:
        """Check folders, all of localities/ when none is named."""
        named = options["packs"]
        folders = [_folder(name) for name in named] if named else packs.list_folders(_localities())
        if not folders:
            raise CommandError(f"{_localities()} 里没有资料包。")
        bad = 0
        for folder in folders:
            faults = packs.check_folder(folder)
            bad += bool(faults)
            if faults:
                self.stdout.write(self.style.ERROR(f"✗ {folder.name}：{len(faults)} 处问题"))
                self._tell(faults)
            else:
                self.stdout.write(self.style.SUCCESS(f"✓ {folder.name}"))
        if bad:
            raise CommandError(f"{len(folders)} 个资料包中有 {bad} 个不合格。")

    def diff(self, options: dict[str, Any]) -> None:
        """Compare a folder with the version in force."""
        pack = self._load(options["pack"])
        version = _in_force(pack.key)
        if version is None:
            self.stdout.write(f"{pack.key} 还没有发布过。")
            return
        found = differences(packs.get_pack(version.pk), pack)
        title = f"{pack.key}：现行第 {version.number} 版（{local(version.published_at):%Y-%m-%d %H:%M} 发布）→ 文件夹"
        self.stdout.write(self.style.MIGRATE_HEADING(title))
        styles = {"added": self.style.SUCCESS, "removed": self.style.ERROR, "changed": self.style.WARNING}
        for difference in found:
            self.stdout.write(styles[difference.kind](str(difference)))
        self.stdout.write(f"共 {len(found)} 处不同。" if found else "没有不同。")

    def publish(self, options: dict[str, Any]) -> None:
        """Publish a folder; the same content is never published twice."""
        pack = self._load(options["pack"])
        before = packs.find_version(pack.key)
        by = options["by"] or f"命令行 {getpass.getuser()}"
        version = packs.publish_pack(pack, actor_label=by, now=now(), note=options["note"])
        fresh = before is None or version.number > before.number
        self.stdout.write(
            self.style.SUCCESS(f"✓ {pack.key} 第 {version.number} 版{'已发布' if fresh else '早已发布，内容相同'}")
        )
        district = packs.find_district(key=pack.key)
        if district is None:
            self.stdout.write("还没有地方使用它。")
        elif district.pack_id == version.pk:
            self.stdout.write(f"{district.title}正在用这一版。")
        elif options["adopt"]:
            packs.adopt_pack(district.id, version)
            self.stdout.write(f"{district.title}的新诉求从现在起用这一版，在办的照旧。")
        else:
            self.stdout.write(f"{district.title}还在用旧版；加 --adopt 采用。")

    def docs(self, options: dict[str, Any]) -> None:
        """Write docs/packs.md and docs/rules.md, or say that one is old."""
        try:
            rules = documents.render_rules(packs.list_folders(_localities()))
        except packs.PackFaults as error:
            self._tell(error.faults)
            raise CommandError("资料包有问题，请先改正。") from None
        for name, page in ((DOCS, documents.render()), (RULES, rules)):
            path = Path(settings.BASE_DIR) / name
            if options["check"]:
                if not path.exists() or path.read_text(encoding="utf-8") != page:
                    raise CommandError(f"{name} 与代码或资料包不符，请运行 manage.py pack docs。")
                self.stdout.write(self.style.SUCCESS(f"✓ {name}"))
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
            self.stdout.write(self.style.SUCCESS(f"✓ 已写 {name}"))

    def _load(self, name: str) -> packs.Pack:
        try:
            return packs.load_folder(_folder(name))
        except packs.PackFaults as error:
            self._tell(error.faults)
            raise CommandError(f"{name} 有 {len(error.faults)} 处问题，请先改正。") from None

    def _tell(self, faults: list[packs.Fault]) -> None:
        file = None
        for fault in faults:
            if fault.file != file:
                file = fault.file
                self.stdout.write(f"  {self.style.MIGRATE_HEADING(file)}")
            line = f"第 {fault.line} 行 " if fault.line else ""
            where = f" {fault.where}" if fault.where else ""
            self.stdout.write(f"    {line}{self.style.WARNING(fault.what)}{fault.mend}{self.style.HTTP_INFO(where)}")


def _localities() -> Path:
    return Path(settings.BASE_DIR) / "localities"


def _folder(name: str) -> Path:
    """A key of a pack, or the path of any folder."""
    path = Path(name)
    return path.resolve() if len(path.parts) > 1 or path.is_dir() else _localities() / name


def _in_force(key: str) -> packs.PackVersion | None:
    district = packs.find_district(key=key)
    if district is None:
        return packs.find_version(key)
    return next((version for version in packs.list_versions(key) if version.pk == district.pack_id), None)
