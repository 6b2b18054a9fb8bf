"""`manage.py identity set|check|show|drop`: the city's identity service with which a district's staff may sign in."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from tongxin.accounts import api as accounts
from tongxin.kernel import commands
from tongxin.kernel.clock import now
from tongxin.packs import api as packs
from tongxin.records import api as records

PATH = "sign-in/identity/back"


class Command(commands.Command):
    """Set it, try it, take it away. The client's secret is named, never written down here."""

    help = "设定、检查、停用市统一身份登录 · sign-in with a city's identity service (OpenID Connect)"
    examples = (
        "set example --issuer https://id.example.gov.cn --client-id tongxin --secret-from file:/etc/tongxin-id",
        "check example",
        "show",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Sub-commands."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="set|check|show|drop")
        made = parts.add_parser("set", help="设定（再设一次即更改），随后自动检查")
        made.add_argument("district", metavar="地方的键")
        made.add_argument("--issuer", required=True, metavar="网址", help="发行方，照统一身份给的原样")
        made.add_argument("--client-id", required=True, metavar="应用标识")
        made.add_argument(
            "--secret-from", default="", metavar="env:名字|file:路径", help="应用密钥在哪里；公开应用不写"
        )
        made.add_argument("--title", default="市统一身份", help="写在登录按钮上：用……登录")
        made.add_argument("--claim", default="sub", help="哪一项认人，默认 sub；可用工号等不变的编号")
        made.add_argument("--scope", default="openid profile")
        made.add_argument("--strong", action="append", default=[], metavar="值", help="acr/amr 里算作两步验证的值，可写几次；不写用通行的（mfa、otp、hwk、sc、phr、phrh）")  # fmt: skip
        made.add_argument("--fresh-minutes", type=int, default=0, help="统一身份须在多少分钟内核对过本人，0 不要求")
        for name, words in (("check", "逐项检查连接"), ("drop", "停用，只能用密码登录")):
            parts.add_parser(name, help=words).add_argument("district", metavar="地方的键")
        parts.add_parser("show", help="列出各地的设定")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; a refusal is told in its words."""
        {"set": self.set, "check": self.examine, "show": self.show, "drop": self.drop}[options["part"]](options)

    def set(self, options: dict[str, Any]) -> None:
        """Keep the settings, note who did it, try them."""
        district = packs.district_named(options["district"])
        names = ("issuer", "client_id", "secret_from", "title", "claim", "scope", "strong", "fresh_minutes")
        given = {name: options[name] for name in names}
        with transaction.atomic():
            accounts.set_service(district_id=district.id, now=now(), **given)
            self._note(district, "set_identity", {**given, "strong": "、".join(given["strong"])})
        self.stdout.write(f"✓ 已设定 {district.title}：用{options['title']}登录")
        self.stdout.write("  请在统一身份登记这些返回地址 · redirect addresses to register:")
        for address in _addresses(district):
            self.stdout.write(f"    {address}{PATH}")
        self.stdout.write("  和退出后的返回地址 · post-logout addresses:")
        for address in _addresses(district):
            self.stdout.write(f"    {address}signed-out")
        self.examine(options)

    def examine(self, options: dict[str, Any]) -> None:
        """One line a point; fails if people could not sign in."""
        district = packs.district_named(options["district"])
        service = accounts.find_service(district.id)
        if service is None:
            raise CommandError(f"{district.title}没有设统一身份。请先 manage.py identity set {district.key} …")
        failed = 0
        for point in accounts.check_service(service, back=_addresses(district)[0] + PATH, now=now()):
            mark = "✓" if point.fine else "✗" if point.fatal else "!"
            self.stdout.write(f"{mark} {point.what}{'。' + point.mend if point.mend else ''}")
            failed += point.fatal and not point.fine
        if failed:
            raise CommandError(f"{failed} 处不通，现在不能用{service.title}登录；密码登录不受影响。")
        self.stdout.write(self.style.SUCCESS(f"✓ {district.title}可以用{service.title}登录"))

    def show(self, options: dict[str, Any]) -> None:
        """One line a district."""
        for district in packs.list_districts():
            service = accounts.find_service(district.id)
            said = f"{service.title}  {service.issuer}  {service.client_id}  {service.secret_from or '无密钥'}  {service.claim}" if service else "—"  # fmt: skip
            self.stdout.write(f"{district.key}  {said}")

    def drop(self, options: dict[str, Any]) -> None:
        """People sign in with their passwords again; who is whom is kept."""
        district = packs.district_named(options["district"])
        with transaction.atomic():
            if not accounts.drop_service(district_id=district.id):
                raise CommandError(f"{district.title}没有设统一身份，没有可停用的；大家本来就用密码登录。")
            self._note(district, "drop_identity", {})
        self.stdout.write(f"✓ {district.title}已停用统一身份登录")

    def _note(self, district: packs.DistrictView, action: str, detail: dict[str, Any]) -> None:
        records.audit(
            district_id=district.id, user_id=None, actor_label=f"运维 {getpass.getuser()}", action=f"accounts.{action}", target="统一身份",
            detail=detail, now=now(),
        )  # fmt: skip


def _addresses(district: packs.DistrictView) -> list[str]:
    return [f"https://{host}/" for host in district.hosts] or [f"https://（主机名）/d/{district.key}/"]
