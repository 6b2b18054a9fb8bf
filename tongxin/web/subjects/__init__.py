"""What each kind of subject shows on the case page: one module here a kind, found by being here.

    @described("matter")
    def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described: ...

The case page itself (``web/casework.py``) knows runs and procedures only: state, holder, deadline, picture, timeline, acts.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tongxin.packs.schema import Procedure
from tongxin.procedures.api import Run
from tongxin.web.request import Request


@dataclass(frozen=True, slots=True)
class Panel:
    """A further part of the page; the template gives its body, the page its frame. ``wide``: it holds a table, and wants room."""

    title: str
    template: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """A subject as its case page shows it.

    Args:
        title: the heading. about: what the first part is called, e.g. 反映的内容.
        content: template of what was said or asked. elements: template of the definition list 要素.
        panels: further parts, beside the acts. context: what these templates read besides the page's own.
        offered: type of form field → value that its select shows chosen; the person still has to send it (norm S-04).
        proposed: type of form field → (value, what it is called) that a field to write in puts forward when one taps it.
        likely: type of form field → (value, what it is called, why), likeliest first: buttons that take the step asking for that alone.
    """

    title: str
    about: str
    content: str
    elements: str = "subjects/elements.html"
    panels: tuple[Panel, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    likely: Mapping[str, Sequence[tuple[str, str, str]]] = field(default_factory=dict)


Describer = Callable[[Request, Run, Procedure, bool], Described]
_describers: dict[str, Describer] = {}


def described(kind: str) -> Callable[[Describer], Describer]:
    """Decorate the function that describes subjects of ``kind``; a kind has one."""

    def put(describer: Describer) -> Describer:
        known = _describers.get(kind)
        if known is not None and known.__module__ != describer.__module__:
            raise RuntimeError(f"subject {kind!r} is described in {known.__module__} and {describer.__module__}")
        _describers[kind] = describer
        return describer

    return put


@functools.cache
def _load() -> None:
    for module in pkgutil.iter_modules(__path__, __name__ + "."):
        importlib.import_module(module.name)


def find_describer(kind: str) -> Describer | None:
    """Return who describes subjects of this kind, None when nobody does."""
    _load()
    return _describers.get(kind)
