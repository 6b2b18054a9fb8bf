"""`manage.py words [--check]`: brings the English words up to date with pages and templates; `--check` lists what is untranslated."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError

from tongxin.kernel import commands
from tongxin.web import words
from tongxin.web.page import AUDIENCES, load_pages


class Command(commands.Command):
    """New words come in untranslated (shown in Chinese until somebody translates them); words no longer used go."""

    help = "英文词条 · the English words"
    examples = (
        "",
        "--check    # 只核对，有没译的退出码为 1",
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--check` writes nothing and fails when a word is untranslated."""
        parser.add_argument("--check", action="store_true", help="只检查 · only check")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        known = words.read_po(words.SOURCE.read_text(encoding="utf-8")) if words.SOURCE.exists() else {}
        used = words.find_words(Path(settings.BASE_DIR) / "tongxin" / "web")
        used |= {page.title for page in load_pages().values()} | {title for title, _ in AUDIENCES.values()}
        entries = {word: known.get(word, "") for word in used}
        missing = sorted(word for word, text in entries.items() if not text)
        if options["check"]:
            if missing:
                raise CommandError(f"{len(missing)} 条未译 · untranslated：" + "、".join(missing[:20]))
            return
        words.SOURCE.parent.mkdir(parents=True, exist_ok=True)
        words.SOURCE.write_text(words.write_po(entries), encoding="utf-8")
        words.compile_words()
        self.stdout.write(f"{len(entries)} 词条，{len(missing)} 条未译 · entries, untranslated")
