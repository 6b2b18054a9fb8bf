"""The English words: reads ``locale/en/…/django.po`` and writes the compiled form Django loads. No gettext programs are needed.

Knows only what our files use: ``msgid``/``msgstr`` with continued lines and comments. Finding words in templates and code is the
other half, so that a word without a translation is noticed.
"""

from __future__ import annotations

import ast
import os
import re
import secrets
import struct
from pathlib import Path

from django.conf import settings

from tongxin.web.wording import BARE_UNITS

_TRANSLATE = re.compile(r"""\{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
_BLOCK = re.compile(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.S)
_INNER = re.compile(r"""_\((?:"([^"]+)"|'([^']+)')\)""")
_SHOWN = re.compile(r"""\{%\s*(?:pill|number)\s[^%]*?(?:"([^"]+)"|'([^']+)')""")  # a status, a unit
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SOURCE = Path(__file__).resolve().parents[1] / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEADER = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def read_po(text: str) -> dict[str, str]:
    """Return the translations of a .po text, the header left out; untranslated entries map to an empty text."""
    entries: dict[str, str] = {}
    ident, words, into = "", "", ""
    for line in [*text.splitlines(), 'msgid ""']:
        if line.startswith("msgid "):
            if ident:
                entries[ident] = words
            ident, words, into = ast.literal_eval(line[6:]), "", "id"
        elif line.startswith("msgstr "):
            words, into = ast.literal_eval(line[7:]), "str"
        elif line.startswith('"'):
            more = ast.literal_eval(line)
            ident, words = (ident + more, words) if into == "id" else (ident, words + more)
    return entries


def write_po(entries: dict[str, str]) -> str:
    """Return the .po text, sorted, so that two people's additions merge."""
    quoted = [f'msgid "{_escape(ident)}"\nmsgstr "{_escape(words)}"\n' for ident, words in sorted(entries.items())]
    header = "".join(f'"{_escape(line)}\\n"\n' for line in HEADER.rstrip("\n").split("\n"))
    return f'msgid ""\nmsgstr ""\n{header}\n' + "\n".join(quoted)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def compile_mo(entries: dict[str, str]) -> bytes:
    """Return the GNU .mo form: a table of sorted originals and their translations."""
    pairs = sorted(
        [(b"", HEADER.encode()), *((ident.encode(), words.encode()) for ident, words in entries.items() if words)]
    )
    start = 7 * 4 + 16 * len(pairs)
    originals, translations, body = b"", b"", b""
    for ident, _ in pairs:
        originals += struct.pack("<II", len(ident), start + len(body))
        body += ident + b"\0"
    for _, words in pairs:
        translations += struct.pack("<II", len(words), start + len(body))
        body += words + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + originals + translations + body


def compile_words() -> None:
    """Write the compiled words under ``LOCALE_PATHS[0]`` when the source changed; whole or not at all."""
    target = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.mo"
    content = compile_mo(read_po(SOURCE.read_text(encoding="utf-8")))
    if target.exists() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}-{secrets.token_hex(6)}")
    fresh.write_bytes(content)
    os.replace(fresh, target)


def find_words(folder: Path) -> set[str]:
    """Return every text that templates ask to translate or show, the literals given to ``_()`` and the fields in Python under ``folder``."""
    found: set[str] = set()
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= {a or b for a, b in _TRANSLATE.findall(text)} | {a or b for a, b in _INNER.findall(text)}
        found |= {a or b for a, b in _SHOWN.findall(text) if not (a or b).isascii()} - BARE_UNITS
        found |= {_VARIABLE.sub(r"%(\1)s", block) for block in _BLOCK.findall(text)}
    for path in folder.rglob("*.py"):
        found |= _called(path)
    return found


def _called(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return _asked(tree) | {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "gettext")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def _asked(tree: ast.Module) -> set[str]:
    """What fields say that pages declare as plain literals: ``Field(key, title, help=…, purpose=…)``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
            said = [*node.args[1:2], *(one.value for one in node.keywords if one.arg in ("help", "purpose"))]
            found |= {one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found - {""}
