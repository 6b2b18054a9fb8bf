"""`manage.py exchange set|check|show|again|drop`: where the other system of a link is, and whether it answers."""

from __future__ import annotations

import getpass
import json
from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from tongxin.exchange import api as exchange
from tongxin.kernel import commands
from tongxin.kernel.clock import now
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.records import api as records


class Command(commands.Command):
    """What is exchanged the pack says; where to is said here. The signing secret is named, never written down."""

    help = "设定、检查与别的系统的数据交换 · exchange of data with other systems"
    examples = (
        "set example city --address https://city.example.gov.cn/in --secret-from env:CITY_SECRET",
        "check example city",
        "show",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Sub-commands."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="set|check|show|again|drop")
        made = parts.add_parser("set", help="设定一个系统的地址（再设一次即更改），随后自动检查")
        made.add_argument("district", metavar="地方的键")
        made.add_argument("link", metavar="系统", help="资料包 exchange.yaml 里 links 的键")
        made.add_argument("--address", required=True, metavar="网址")
        made.add_argument("--secret-from", required=True, metavar="env:名字|file:路径", help="签名密钥在哪里")
        made.add_argument("--algorithm", default="sha256", help="sha256 或 sm3")
        made.add_argument("--key", type=int, metavar="编号", help="对方送消息进来用的程序密钥的编号（show 列出）")
        for name, words in (
            ("check", "送一条 ping，看对方认不认"),
            ("again", "停住的全部再送"),
            ("drop", "停用：不再写新的"),
        ):
            part = parts.add_parser(name, help=words)
            part.add_argument("district", metavar="地方的键")
            part.add_argument("link", metavar="系统")
        parts.add_parser("show", help="列出各地的设定、等着和停住的条数")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; a refusal is told in its words."""
        {"set": self.set, "check": self.examine, "show": self.show, "again": self.again, "drop": self.drop}[
            options["part"]
        ](options)

    def set(self, options: dict[str, Any]) -> None:
        """Keep it, note who did it, try it."""
        district, link = packs.district_named(options["district"]), options["link"]
        with transaction.atomic():
            exchange.set_endpoint(
                district=district, link=link, address=options["address"], secret_from=options["secret_from"],
                algorithm=options["algorithm"], key_id=options["key"], now=now(),
            )  # fmt: skip
            self._note(
                district, "set_link", {"link": link, **{k: options[k] for k in ("address", "secret_from", "algorithm")}}
            )
        self.stdout.write(f"✓ 已设定 {district.title} → {district.pack.exchange.links[link].title}")
        self.examine(options)

    def examine(self, options: dict[str, Any]) -> None:
        """Send a message that is about nobody and nothing; fails where it is not received."""
        district = packs.district_named(options["district"])
        endpoint = exchange.Endpoint.objects.filter(district_id=district.id, link=options["link"]).first()
        if endpoint is None:
            raise CommandError("没有设地址。请先 manage.py exchange set …")
        ident = str(uuid4())
        event = {
            "specversion": "1.0",
            "id": ident,
            "source": f"tongxin/{district.key}",
            "type": "ping",
            "time": now().isoformat(),
            "data": {},
        }
        verdict, _ = exchange.post(endpoint, ident, json.dumps(event), now())
        if verdict.state != "sent":
            raise CommandError(
                f"✗ {endpoint.address}：{verdict.trouble}。请核对地址、证书、密钥和对方的接口（docs/how-to/exchange.md）。"
            )
        self.stdout.write(self.style.SUCCESS(f"✓ {endpoint.address} 收到了签名的 ping"))
        if endpoint.key_id is None:
            self.stdout.write("! 没有指定程序密钥（--key）：只送不收。")

    def show(self, options: dict[str, Any]) -> None:
        """One line a link."""
        lines = 0
        for district in packs.list_districts():
            for link in exchange.list_links(district):
                lines += 1
                where = link.endpoint.address if link.endpoint else "没有设地址"
                self.stdout.write(
                    f"{district.key}  {link.key}  {where}  等 {link.waiting}  停 {link.stuck}  已收 {link.sent}"
                )
        if not lines:
            self.stdout.write("已开通的地方都没有要交换的系统：资料包的 exchange.yaml 里没有 links。")

    def again(self, options: dict[str, Any]) -> None:
        """Let all that stand still go once more."""
        district = packs.district_named(options["district"])
        if options["link"] not in district.pack.exchange.links:
            known = "、".join(district.pack.exchange.links) or "（没有）"
            raise CommandError(f"资料包里没有和 {options['link']} 的交换。exchange.yaml 里有：{known}。")
        found = [m for m in exchange.list_messages(district, state="stuck", rows=10_000) if m.link == options["link"]]
        for message in found:
            exchange.send_again(
                district=district, message_id=str(message.pk), actor=organization.system_actor(district), now=now()
            )
        self.stdout.write(f"✓ {len(found)} 条放回去再送")

    def drop(self, options: dict[str, Any]) -> None:
        """Nothing new is written for this link."""
        district = packs.district_named(options["district"])
        with transaction.atomic():
            if not exchange.drop_endpoint(district=district, link=options["link"]):
                raise CommandError(
                    f"{district.title}没有设过“{options['link']}”的地址，没有可停用的。manage.py exchange show 列出各系统。"
                )
            self._note(district, "drop_link", {"link": options["link"]})
        self.stdout.write(f"✓ 已停用 {options['link']}")

    def _note(self, district: packs.DistrictView, action: str, detail: dict[str, Any]) -> None:
        records.audit(
            district_id=district.id, user_id=None, actor_label=f"运维 {getpass.getuser()}", action=f"exchange.{action}", target="数据交换",
            detail=detail, now=now(),
        )  # fmt: skip
