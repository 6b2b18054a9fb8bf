"""Where the real data lie, for tests and benchmarks. They are never in the repository; where missing, tests skip."""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest


@cache
def shared_data() -> Path | None:
    """The folder ``shared/data``: named by TONGXIN_SHARED (the folder ``shared``), or beside a parent of this one."""
    named = os.environ.get("TONGXIN_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents]
    return next((place / "data" for place in places if (place / "data").is_dir()), None)


def find_data(name: str) -> Path | None:
    """Path of one file under ``shared/data``, or None."""
    folder = shared_data()
    path = folder / name if folder else None
    return path if path and path.is_file() else None


def need_data(name: str) -> Path:
    """As :func:`find_data`; skips the test, loudly, where the file is missing."""
    path = find_data(name)
    if path is None:
        pytest.skip(f"REAL DATA MISSING: {name} (set TONGXIN_SHARED to the folder that holds data/)")
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_sheet(path: Path) -> list[dict[str, Any]]:
    """Rows of the first sheet of an Excel file as dictionaries by heading."""
    import python_calamine

    head, *rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]
