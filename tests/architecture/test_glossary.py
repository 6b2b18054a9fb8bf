"""The glossary names every table and every word that packs use, in both tongues."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
ROW = re.compile(r"^\| ([^|]+) \| `([A-Za-z_.]+)` \| ([^|]+) \|", re.MULTILINE)


def _rows() -> dict[str, tuple[str, str]]:
    return {
        english: (chinese.strip(), meaning.strip()) for chinese, english, meaning in ROW.findall(GLOSSARY.read_text())
    }


def test_every_table_has_a_chinese_name_and_a_meaning() -> None:
    rows = _rows()
    tables = {m.__name__ for m in apps.get_models() if m.__module__.startswith("tongxin.")}
    assert not tables - rows.keys(), f"add to docs/glossary.md: {sorted(tables - rows.keys())}"
    assert all(re.search(r"[一-鿿]", chinese) and meaning for chinese, meaning in rows.values())


def test_the_glossary_names_nothing_that_is_gone() -> None:
    code = "\n".join(p.read_text() for p in (GLOSSARY.parents[1] / "tongxin").rglob("*.py"))
    words = set(re.findall(r"\w+", code))
    gone = [name for name in _rows() if name.split(".")[-1] not in words]
    assert not gone, f"remove from docs/glossary.md: {gone}"
