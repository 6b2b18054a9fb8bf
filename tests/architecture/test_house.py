"""The house rules that import-linter and mypy cannot see: doors, foreign keys, no locality in code, rooms that stay small."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "tongxin"
# The typed form of a pack and the kernel are words that every layer speaks; everything else is entered by its api.
OPEN_ROOMS = {
    "packs": {"schema"},
    "kernel": None,
    "web": {"page"},
}  # urls.py, the composition root, collects the declared pages
LINES_GROWN = {}  # path → lines it may have while it waits to be divided; only ever shrinks
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def _layers() -> list[list[str]]:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return [[name.strip() for name in line.split("|")] for line in contract["layers"]]


RANK = {name: rank for rank, line in enumerate(reversed(_layers())) for name in line}


def _sources() -> Iterator[Path]:
    return (path for path in sorted(CODE.rglob("*.py")) if "migrations" not in path.parts)


def _package(path: Path) -> str:
    return path.relative_to(CODE).parts[0].removesuffix(".py")


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _imports(path: Path) -> Iterator[tuple[int, list[str]]]:
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            parts = node.module.split(".")
            # `from tongxin.x import api` names the room in the alias
            yield from ((node.lineno, [*parts, alias.name]) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")) for alias in node.names)


def test_a_package_is_entered_by_its_door() -> None:
    trespass = []
    for path in _sources():
        here = _package(path)
        if here not in RANK:
            continue  # asgi, settings, urls, wsgi: where Django is told about us
        for line, parts in _imports(path):
            if parts[0] != "tongxin" or len(parts) < 3 or parts[1] == here or parts[1] not in RANK:
                continue
            rooms = OPEN_ROOMS.get(parts[1], set())
            if rooms is not None and parts[2] != "api" and parts[2] not in rooms:
                trespass.append(
                    f"{path.relative_to(ROOT)}:{line} imports {'.'.join(parts)}; use tongxin.{parts[1]}.api"
                )
    assert not trespass, "\n".join(trespass)


def test_foreign_keys_point_downward() -> None:
    upward = []
    for model in apps.get_models():
        if not model.__module__.startswith("tongxin."):
            continue
        here = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.ManyToManyField):
                continue
            target = field.related_model.__module__
            if target.startswith("tongxin.") and (there := target.split(".")[1]) != here and RANK[there] >= RANK[here]:
                upward.append(f"{model.__name__}.{field.name} points up or across, from {here} to {there}")
    assert not upward, "\n".join(upward)


def test_no_code_names_a_locality() -> None:
    import yaml

    names: set[str] = set()
    for pack in (ROOT / "localities").glob("*/pack.yaml"):
        if pack.parent.name.startswith("_"):
            continue
        names.add(pack.parent.name)
        names.add(yaml.safe_load(pack.read_text())["title"])
    pattern = re.compile(
        "|".join(rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name) for name in sorted(names))
    )
    sources = [path for path in CODE.rglob("*") if path.suffix in {".py", ".html", ".js", ".css"}]
    named = [
        f"{path.relative_to(ROOT)} names {found[0]!r}"
        for path in sources
        if (found := pattern.search(path.read_text(errors="ignore")))
    ]
    assert names
    assert not named, "\n".join(named)


def test_a_locality_holds_no_python() -> None:
    assert not list((ROOT / "localities").rglob("*.py"))


def test_rooms_stay_small() -> None:
    grown = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := len(path.read_text().splitlines())) > LINES_GROWN.get(str(path.relative_to(ROOT)), MOST_LINES)
    }
    assert not grown, f"divide these rooms: {grown}"


def test_functions_stay_small() -> None:
    grown = {
        f"{path.relative_to(ROOT)} {one.name}": lines
        for path in _sources()
        for one in ast.walk(_parsed(path))
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (one.end_lineno or one.lineno) - one.lineno + 1) > MOST_FUNCTION_LINES
    }
    assert not grown, "say them in parts that have a name"


@pytest.mark.parametrize("word", ["utils", "common", "helpers", "manager", "misc"])
def test_no_room_has_an_empty_name(word: str) -> None:
    assert not [path for path in _sources() if path.stem == word or word in path.relative_to(CODE).parts]


def test_a_door_is_a_list_of_names() -> None:
    long = {path: n for path in CODE.glob("*/api.py") if (n := len(path.read_text().splitlines())) > 90}
    assert not long


def test_every_tenant_table_names_its_district_or_its_owner() -> None:
    """A row belongs to a district itself, or hangs on a row that does."""
    loose = []
    for model in apps.get_models():
        if not model.__module__.startswith("tongxin.") or model.__name__ in {
            "PackVersion",
            "District",
            "CalendarYear",
            "Throttle",
        }:
            continue
        fields = {field.name for field in model._meta.get_fields()}
        parents = [f for f in model._meta.get_fields() if isinstance(f, models.ForeignKey) and not f.null]
        if "district" not in fields and not parents:
            loose.append(model.__name__)
    assert not loose
