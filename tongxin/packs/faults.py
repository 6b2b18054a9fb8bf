"""Faults of a pack: where, what is wrong, how to mend it. Every sentence Chinese, for people who know no Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One fault.

    Args:
        file: path from the folder that holds the packs, e.g. ``county/procedures/appeal.yaml``.
        line: counted from 1; 0 when the fault is not in one line (a file that is missing).
        where: dotted keys inside the file, e.g. ``states.handling.holder``.
        what: what is wrong.
        mend: what to do about it.
    """

    file: str
    line: int
    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"（{self.where}）" if self.where else ""
        return f"{place}{where} {self.what}{self.mend}"

    def as_dict(self) -> dict[str, str | int]:
        """The JSON form, for pages and programs."""
        return {"file": self.file, "line": self.line, "where": self.where, "what": self.what, "mend": self.mend}


class PackFaults(Exception):
    """A pack that cannot be used, with all its faults at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return 「最接近的是 x。」 or the list of what is known, ready to be put behind a sentence."""
    names = sorted(set(known))
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"是不是想写 {close[0]}？"
    if not names:
        return "这里还没有任何可用的名称。"
    shown = "、".join(names[:15])
    return f"可用的有：{shown}{' 等' if len(names) > 15 else ''}。"
