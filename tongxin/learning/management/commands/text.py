"""`manage.py text train|card DISTRICT`: learn from a district's closed matters; tell what its model was measured to be."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tongxin.kernel import clock, commands
from tongxin.learning import api as learning
from tongxin.organization import api as organization
from tongxin.packs import api as packs


class Command(commands.Command):
    """Train, or show the evaluation card."""

    help = "文字理解：训练、看评估卡 · understanding of texts: train, card"
    examples = (
        "train example",
        "card example    # 有多准，用了多少件",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Sub-command and district."""
        parser.add_argument("part", choices=["train", "card"], help="train 训练；card 看评估卡")
        parser.add_argument("district", metavar="DISTRICT", help="地方的键")
        parser.add_argument("--asked", type=int, help="页面上发起的那一次训练的编号；后台使用")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; a refusal ends with its sentence and changes nothing."""
        district = packs.district_named(options["district"])
        if options["part"] == "train" and options["asked"]:
            os.nice(10)  # pages come first
            self.stdout.write(str(learning.run_training(options["asked"]).says))
            return
        if options["part"] == "train":
            actor = organization.system_actor(district)
            kept = learning.train_district(district=district, actor=actor, now=clock.now())
        else:
            found = learning.find_model(district)
            if found is None:
                raise CommandError(f"{district.title}还没有训练过，正按类别目录里的词语建议。")
            kept = found
        for line in learning.card_lines(district, kept):
            self.stdout.write(line)
        if trouble := learning.trouble_of(kept):
            raise CommandError(trouble)
