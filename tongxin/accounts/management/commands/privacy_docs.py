"""`manage.py privacy_docs [--check]`: writes docs/privacy.md from the annotations, or says that it is old."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError

from tongxin.accounts.privacy import list_stale_exceptions, list_unannotated, write_document
from tongxin.kernel import commands


class Command(commands.Command):
    """Needs no database."""

    help = "个人信息清单 · docs/privacy.md from the annotations on model fields"
    examples = (
        "",
        "--check    # 只核对，过时的退出码为 1",
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--check` writes nothing and fails when the document is old."""
        parser.add_argument("--check", action="store_true", help="只检查 · only check")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        missing = list_unannotated()
        if missing:
            raise CommandError("这些字段像是个人信息，但没有标注用途、依据和期限：" + "、".join(missing))
        stale = list_stale_exceptions()
        if stale:
            raise CommandError("NOT_PERSONAL 里这些已没有字段，或已有标注，请删去：" + "、".join(stale))
        path = Path(settings.BASE_DIR) / "docs" / "privacy.md"
        wanted = write_document()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != wanted:
                raise CommandError("docs/privacy.md 已过时，请运行 manage.py privacy_docs · out of date")
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}")
