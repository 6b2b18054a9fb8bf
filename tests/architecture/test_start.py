"""What a process loads before it has anything to do: a command little, a web process what requests need, neither what only trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tongxin.kernel.doors import rooms_of

ROOT = Path(__file__).resolve().parents[2]
DOORS = sorted(path for path in (ROOT / "tongxin").rglob("api.py") if "web" not in path.parts)
# Seconds and a hundred megabytes that `manage.py check` has no use for.
NEVER_AT_START = {
    "PIL", "authlib", "chinese_calendar", "cryptography", "duckdb", "icalendar", "joblib", "joserfc", "numpy", "opencc", "osmium", "pi_heif", "pymetis", "pyogrio", "pyproj",
    "python_calamine", "requests", "rjieba", "scipy", "segno", "shapely", "sklearn", "xlsxwriter",
}  # fmt: skip
NEVER_IN_WEB = {"duckdb", "osmium", "pymetis", "pyogrio", "scipy.optimize", "sklearn"}
ALWAYS_IN_WEB = {"PIL", "numpy", "opencc", "rjieba", "segno", "shapely"}

PROBE = """
import importlib.abc, json, sys, traceback

class Watch(importlib.abc.MetaPathFinder):
    def __init__(self):
        self.by = {}
    def find_spec(self, name, path, target=None):
        if name not in self.by:
            ours = [f"{f.filename}:{f.lineno}" for f in traceback.extract_stack() if "/tongxin/" in f.filename]
            self.by[name] = " > ".join(ours[-3:])

watch = Watch()
sys.meta_path.insert(0, watch)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
start = dict(watch.by)
import tongxin.wsgi
print(json.dumps([start, watch.by]))
"""


@pytest.fixture(scope="module")
def loaded() -> list[dict[str, str]]:
    """What `manage.py check` has loaded, and a web process: library → where our code asked for it."""
    told = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tongxin.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout.splitlines()[-1])


def test_a_command_starts_without_heavy_libraries(loaded: list[dict[str, str]]) -> None:
    found = {name: by for name, by in loaded[0].items() if name in NEVER_AT_START}
    assert not found, f"import these where they are used (CONTRIBUTING.md, Start): {found}"


def test_a_web_process_has_loaded_what_requests_need(loaded: list[dict[str, str]]) -> None:
    assert set(loaded[1]) >= ALWAYS_IN_WEB
    found = {name: by for name, by in loaded[1].items() if name in NEVER_IN_WEB}
    assert not found, f"a web process has no use for these (web/preloading.py): {found}"


@pytest.mark.parametrize("path", DOORS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_door_opens_on_all_its_names(path: Path) -> None:
    door = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert set(rooms_of(path)) == set(door.__all__)
    for name in door.__all__:
        getattr(door, name)
    with pytest.raises(AttributeError):
        door.no_such_name  # noqa: B018
