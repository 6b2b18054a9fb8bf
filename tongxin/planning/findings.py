"""What the planner says about its input and its result, in sentences a street office can act on.

A ``Finding`` describes something that was seen and left as it is; a ``PlanningError`` refuses to go on.
Neither repairs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["note", "warning", "fault"]

# Called with (stage, share done 0..1); answering False stops the run with ``PlanningStopped``.
Progress = Callable[[str, float], "bool | None"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: a stable ``kind``, a Chinese ``sentence``, and the codes of the units (or parts) it is about."""

    kind: str
    sentence: str
    codes: tuple[str, ...] = ()
    severity: Severity = "warning"


class PlanningError(ValueError):
    """The input or the wish cannot be planned: what happened, what it means, what to do; codes say where."""

    def __init__(self, what: str, means: str = "", do: str = "", codes: Iterable[str] = ()) -> None:
        self.what, self.means, self.do = what, means, do
        self.codes = tuple(codes)
        super().__init__("".join(s for s in (what, means, do) if s))


class PlanningStopped(Exception):
    """The caller's progress function asked to stop; nothing was kept."""


def tell(progress: Progress | None, stage: str, share: float) -> None:
    """Report progress; raises ``PlanningStopped`` when the caller answers ``False``."""
    if progress is not None and progress(stage, min(1.0, max(0.0, share))) is False:
        raise PlanningStopped(stage)


def name_some(codes: Iterable[str], limit: int = 5) -> str:
    """The first few codes for a sentence, with the count when there are more."""
    listed = list(codes)
    shown = "、".join(listed[:limit])
    return shown if len(listed) <= limit else f"{shown} 等 {len(listed)} 个"
