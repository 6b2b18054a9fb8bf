"""Collects faults while validators walk a pack; knows where everything is written."""

from __future__ import annotations

from collections.abc import Iterable

from tongxin.packs.faults import Fault, nearest
from tongxin.packs.merging import place
from tongxin.packs.reading import Keys, Reading


class Report:
    """The faults found so far."""

    def __init__(self, reading: Reading, folder_name: str, doubtful: frozenset[Keys]) -> None:
        self.reading, self.folder_name, self.doubtful, self.faults = reading, folder_name, doubtful, list[Fault]()

    def add(self, keys: Keys, what: str, mend: str) -> None:
        """Note a fault at the keys (from the top of the pack), or at the nearest thing above that is written."""
        if any(keys[: len(top)] == top for top in self.doubtful):
            return
        file, line, where = place(self.reading, keys)
        self.faults.append(Fault(file or f"{self.folder_name}/pack.yaml", line, where, what, mend))

    def add_in_file(self, file: str, where: str, what: str, mend: str, line: int = 0) -> None:
        """Note a fault in a file that is not YAML."""
        if () not in self.doubtful:
            self.faults.append(Fault(f"{self.folder_name}/{file}", line, where, what, mend))

    def need(self, name: str, known: Iterable[str], kind: str, keys: Keys, suffix: str = "") -> bool:
        """Whether ``name`` is known; a fault with the nearest known name when it is not."""
        known = list(known)
        if name in known:
            return True
        self.add(keys, f"没有这个{kind}：{name}。", nearest(name, known) + suffix)
        return False
