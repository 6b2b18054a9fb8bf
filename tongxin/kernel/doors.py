"""How the door of a package opens: a name is fetched from its room when it is first asked for (PEP 562).

A door (`api.py`) lists its names as ordinary imports under ``if TYPE_CHECKING:``, where type checkers, editors and
import-linter read them; this module reads the same lines, so a name is written once. Who imports a door thereby loads
nothing; who uses `territory.tree` loads the room of `tree` and what it needs. Not a way around a circle of imports.
"""

import ast
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from typing import Any


def open_on_demand(door: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of the module named ``door``; a name fetched once is a plain name of the door."""
    module = sys.modules[door]
    assert module.__file__ is not None
    rooms = rooms_of(Path(module.__file__))

    def fetch(name: str) -> Any:
        if name not in rooms:
            raise AttributeError(f"module {door!r} has no attribute {name!r}")
        room, there = rooms[name]
        inside = import_module(room)
        value = getattr(inside, there) if hasattr(inside, there) else import_module(f"{room}.{there}")
        setattr(module, name, value)
        return value

    return fetch


def rooms_of(path: Path) -> dict[str, tuple[str, str]]:
    """Return name in the door → (room, name there), as the file's ``if TYPE_CHECKING:`` says."""
    blocks = [
        node
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    ]
    return {
        alias.asname or alias.name: (line.module, alias.name)
        for block in blocks
        for line in block.body
        if isinstance(line, ast.ImportFrom) and line.module
        for alias in line.names
    }


def open_wide(door: str, *, but: Collection[str] = ()) -> None:
    """Load the rooms behind a door, for a process that would rather wait now than later; not those named in ``but``."""
    for room in {room for room, _ in rooms_of(Path(str(import_module(door).__file__))).values()}.difference(but):
        import_module(room)
