"""`manage.py district open|list|operator`: a locality goes into service; who runs the installation."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from tongxin.accounts import api as accounts
from tongxin.kernel import commands
from tongxin.kernel.clock import local, now
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.registers import api as registers
from tongxin.web import opening


class Command(commands.Command):
    """Open a district with what its pack names: calendar, places, bodies, posts. No made-up person, no made-up matter."""

    help = "开通一个地方、列出、添加运维账号 · open a district, list, add an operator"
    examples = (
        "operator yunwei --name 王一",
        "open example --host xx.example.gov.cn --admin 王一",
        "list",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Sub-commands."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="open|list|operator")
        opened = parts.add_parser("open", help="开通：发布资料包，建地域、组织和岗位，开第一个管理员账号")
        opened.add_argument("pack", metavar="键或文件夹")
        opened.add_argument("--host", action="append", default=[], help="主机名，可写几次；不写则用路径 /d/键/")
        opened.add_argument("--admin", default="", metavar="姓名", help="管理员岗位由谁担任，开通一个账号")
        opened.add_argument("--role", default="administrator", help="管理员是资料包里的哪个角色，默认 administrator")
        parts.add_parser("list", help="列出已开通的地方")
        operator = parts.add_parser("operator", help="添加运维账号，一次性密码只显示这一次")
        operator.add_argument("username", metavar="用户名")
        operator.add_argument("--name", default="", help="姓名，默认同用户名")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; a refusal is told in its words."""
        work = {"open": self.open, "list": self.show, "operator": self.operator}[options["part"]]
        try:
            with transaction.atomic():
                work(options)
        except packs.PackFaults as found:
            lines = "\n".join(f"  {fault.file} 第 {fault.line} 行 {fault.what}{fault.mend}" for fault in found.faults)
            raise CommandError(f"资料包有 {len(found.faults)} 处问题，没有开通：\n{lines}") from found

    def open(self, options: dict[str, Any]) -> None:
        """All or nothing."""
        at, by = now(), getpass.getuser()
        named = Path(options["pack"])
        folder = named if (named / "pack.yaml").is_file() else settings.BASE_DIR / "localities" / options["pack"]
        if not (folder / "pack.yaml").is_file():
            raise CommandError(f"找不到资料包 {options['pack']}。请写 localities/ 下的文件夹名，或文件夹的路径。")
        pack = packs.load_folder(folder)
        if not packs.list_calendar_years():
            packs.import_calendar(at)
        version = packs.publish_pack(pack, actor_label=by, now=at, note="开通")
        packs.open_district(key=pack.key, title=pack.settings.title, version=version, hosts=options["host"], now=at)
        drawn = (folder / "map.geojson").is_file()
        if drawn:
            self._take_map(pack, folder / "map.geojson", by, at)
            opening.set_up_bodies(pack.key, pack, since=local(at).date(), now=at)
            opening.set_up_facilities(pack.key, since=local(at).date(), now=at)
            organization.set_up_posts(opening.seen(pack.key), pack, at)
            opened = opening.seen(pack.key)
            registers.set_up_registers(opened, actor=organization.system_actor(opened), now=at)
        self.stdout.write(self.style.SUCCESS(f"✓ 已开通 {pack.settings.title}"))
        for host in options["host"] or [f"（主机名）/d/{pack.key}/"]:
            self.stdout.write(f"  地址 · address: {host}")
        if not drawn:
            self.stdout.write("  资料包里没有 map.geojson：请运维账号登录，在“管理”里导入地域，再建组织和岗位。")
        if options["admin"]:
            self._appoint(pack.key, options["admin"], options["role"], at)
        else:
            self.stdout.write("  还没有管理员：由运维账号登录后在“人员与岗位”里开。")

    def _take_map(self, pack: Pack, path: Path, by: str, at: datetime) -> None:
        content, features = opening.read_map(path)
        opening.set_up_places(pack.key, pack, features, by=by, now=at, content=content)

    def _appoint(self, key: str, name: str, role: str, at: datetime) -> None:
        """Give the administrator's post to a first person, who makes all other accounts."""
        district = opening.seen(key)
        actor = organization.system_actor(district)
        post = next((p for p in organization.directory(district).posts() if p.role == role and not p.ended), None)
        if post is None:
            raise CommandError(f"没有角色为 {role} 的岗位，没有开通。请用 --role 写明，或去掉 --admin。")
        person = organization.add_person(district=district, name=name, actor=actor, now=at)
        organization.appoint(
            district=opening.seen(key), post_id=post.id, person_id=person, from_on=local(at).date(), actor=actor, now=at
        )
        _, password = organization.open_account(
            district=opening.seen(key), person_id=person, username=role, actor=actor, now=at
        )
        self.stdout.write(f"  管理员 · administrator: {role}  一次性密码 · one-time password: {password}")

    def show(self, options: dict[str, Any]) -> None:
        """One line a district."""
        for view in packs.list_districts():
            self.stdout.write(f"{view.key}  {view.title}  {'、'.join(view.hosts) or f'/d/{view.key}/'}")

    def operator(self, options: dict[str, Any]) -> None:
        """Make an operator's account."""
        password = accounts.new_password()
        user = accounts.make_user(
            district=None, username=options["username"], name=options["name"] or options["username"], password=password,
            now=now(), is_operator=True, once=True,
        )  # fmt: skip
        self.stdout.write(f"✓ 运维账号 · operator: {user.username}  一次性密码 · one-time password: {password}")
