"""Code schemes of places: what a code looks like, whether it fits its parent, which comes next. Never sliced elsewhere.

A pack chooses a scheme by name (``pack.yaml`` code_scheme). A new scheme is a class here and one registration. Codes are
never used again, also after a place has ended (norm G-06); serial numbers run in order of making, and the import makes
them from north to south and west to east (norms §1, grid codes in real use).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Protocol

from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import code_schemes


class CodeScheme(Protocol):
    """What every scheme can do."""

    def fault(self, code: str, parent: str | None) -> str | None:
        """Return what is wrong with the code of a place under ``parent`` (None: a root), or None."""

    def next_code(self, parent: str | None, siblings: Collection[str], taken: Callable[[str], bool]) -> str:
        """Return the next code under ``parent``.

        Args:
            siblings: all codes ever given under the same parent, of ended places too.
            taken: whether any place of the district has or had this code.

        Raises:
            Invalid: the serial numbers are used up, or a root's code cannot be invented.
        """


class Segmented:
    """Digits in segments, each place carrying its parent's code in front: 6 county, 3 town, 3 community, 3 grid.

    Args:
        lengths: whole lengths that a code may have, ascending; the first is a root's.
        name: how sentences call the scheme.
    """

    def __init__(self, lengths: tuple[int, ...], name: str) -> None:
        self.lengths, self.name = lengths, name

    def fault(self, code: str, parent: str | None) -> str | None:
        """See :class:`CodeScheme`."""
        if not re.fullmatch(r"[0-9]+", code):
            return f"代码“{code}”应全为数字（{self.name}）。"
        if len(code) not in self.lengths:
            shown = "、".join(str(length) for length in self.lengths)
            return f"代码“{code}”有 {len(code)} 位，{self.name}应为 {shown} 位之一。"
        if parent is None:
            return None
        # GB/T 2260 writes a city with zeros where its districts have digits: 420100 over 420106.
        stem = parent[:4] if len(parent) == self.lengths[0] and parent.endswith("00") else parent
        if len(code) <= len(stem) or code == parent or not code.startswith(stem):
            return f"代码“{code}”应以上级代码“{parent}”开头，并比它长。"
        return None

    def next_code(self, parent: str | None, siblings: Collection[str], taken: Callable[[str], bool]) -> str:
        """See :class:`CodeScheme`. After the last serial number the first one never given is used."""
        if parent is None:
            raise Invalid("code_needed", "最上一级地域要给出区划代码。", f"请填 {self.lengths[0]} 位代码。", "code")
        used = sorted({len(code) for code in siblings if code.startswith(parent) and len(code) in self.lengths})
        longer = [length for length in self.lengths if length > len(parent)]
        if not longer:
            raise Invalid(
                "code_too_deep", f"“{parent}”之下，{self.name}没有更深一级的代码。", "请改用其他代码方案。", "level"
            )
        length = used[0] if used else longer[0]
        # A level may be skipped (a county whose communities carry 12 digits): its segments are written as zeros.
        before = max((step for step in self.lengths if step < length), default=0)
        prefix = parent + "0" * (before - len(parent))
        width = length - len(prefix)
        serials = [int(code[len(prefix) :]) for code in siblings if len(code) == length and code.startswith(prefix)]
        last = max(serials, default=0)
        for number in (*range(last + 1, 10**width), *range(1, last)):
            code = f"{prefix}{number:0{width}d}"
            if code not in siblings and not taken(code):
                return code
        raise Invalid(
            "codes_used_up",
            f"“{parent}”之下的 {width} 位顺序码已用完，用过的代码不再使用。",
            "请改用其他代码方案。",
            "code",
        )


class Free:
    """Any short word of letters, digits, ``-`` and ``_``; a child is numbered after its parent: 7 → 7-1, 7-2."""

    def fault(self, code: str, parent: str | None) -> str | None:
        """See :class:`CodeScheme`."""
        if re.fullmatch(r"[0-9A-Za-z_-]{1,30}", code):
            return None
        return f"代码“{code[:40]}”应为 1–30 个字母、数字、“-”或“_”。"

    def next_code(self, parent: str | None, siblings: Collection[str], taken: Callable[[str], bool]) -> str:
        """See :class:`CodeScheme`."""
        prefix = "" if parent is None else f"{parent}-"
        number = len(siblings) + 1
        while f"{prefix}{number}" in siblings or taken(f"{prefix}{number}"):
            number += 1
        code = f"{prefix}{number}"
        if fault := self.fault(code, parent):
            raise Invalid("code_too_long", fault, "请自己填一个代码。", "code")
        return code


@code_schemes.register("gbt2260_333", "15 位：区县 6（GB/T 2260）+ 街镇 3 + 社区 3 + 网格 3")
def gbt2260_333() -> CodeScheme:
    """The code in use for comprehensive grids; a fifth level (微网格) adds three digits more, which no norm fixes."""
    return Segmented((6, 9, 12, 15, 18), "区划 6+3+3+3 代码")


@code_schemes.register("cjt213", "14 位：区县 6 + 街镇 3 + 社区 3 + 单元网格 2（CJ/T 213）")
def cjt213() -> CodeScheme:
    """City-management unit grids; also reads the 15 characters of GB/T 47678.3, which new codes should use (gbt2260_333)."""
    return Segmented((6, 9, 12, 14, 15), "CJ/T 213 代码")


@code_schemes.register("free", "自编代码：字母、数字、-、_，不超过 30 位")
def free() -> CodeScheme:
    """No norm at all."""
    return Free()


def scheme(name: str) -> CodeScheme:
    """Return the scheme a pack names."""
    found: CodeScheme = code_schemes[name].call()
    return found
