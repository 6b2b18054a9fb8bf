"""Names that packs may use, each registered by the package that owns it. No product knowledge, no look-up by string import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry(Generic[F]):
    """One registered name: what it does in Chinese, who owns it, and what it takes from the pack."""

    name: str
    title: str
    package: str
    # of a measure: its arguments by name, optional ones with a question mark ("procedure outcome?"). Else the kind of the
    # argument in YAML: "" none, role, part, transition, procedure, form, text, span, yesno, mapping, tasks, list, seats, steps, affair, message, certificate;
    # a question mark behind it says that the argument may be left out. Checked by packs.checks.calls.
    takes: str
    call: F
    # of a measure of what people enter: what is to be entered, where a count of none tells no more than that
    nothing: str = ""


class Registry(Generic[F]):
    """A table of names of one kind (guards, effects, measures, code schemes)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry[F]] = {}

    def register(self, name: str, title: str, takes: str = "", nothing: str = "") -> Callable[[F], F]:
        """Decorate the function that answers to ``name``; a second registration of a name is a programming error."""

        def put(call: F) -> F:
            package = call.__module__.split(".")[1]
            known = self._entries.get(name)
            if known is not None and known.call.__module__ != call.__module__:
                raise RuntimeError(f"{self.kind} {name!r} is registered by {known.package} and by {package}")
            self._entries[name] = Entry(name, title, package, takes, call, nothing)
            return call

        return put

    def __getitem__(self, name: str) -> Entry[F]:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[F]]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._entries)


guards: Registry[Callable[..., Any]] = Registry("guard")
effects: Registry[Callable[..., Any]] = Registry("effect")
measures: Registry[Callable[..., Any]] = Registry("measure")
# what may run under a mechanism of a programme: a section of the pack (procedures, roles …) and the titles of what it holds
sections: Registry[Callable[..., Any]] = Registry("section of a pack")
# what a date that comes round may open: called with (district, argument, area_id, on, actor, now, origin, words); returns the
# run of the case that it opened, or None
openers: Registry[Callable[..., Any]] = Registry("opener")
# published identifiers that are read and made: of a component, of a kind of matter
identifiers: Registry[Callable[..., Any]] = Registry("identifier")
code_schemes: Registry[Callable[..., Any]] = Registry("code scheme")
subjects: Registry[Callable[..., Any]] = Registry(
    "subject"
)  # kinds of what procedures run on; the model that keeps them
