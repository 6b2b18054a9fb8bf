"""Form fields between a schema (procedures, or a page's own list), the request and the template ``partials/field.html``.

Checks nothing by itself: the package that takes the values decides, and its refusals are laid beside the fields here.

    bound = bind(option.fields, request.POST, refusal)      # what was typed stays, faults stand beside it
    values = read(option.fields, request.POST)              # raw values, lists for ``units``
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.http import QueryDict
from django.utils.translation import gettext as _

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, Invalids, Refusal
from tongxin.procedures import api as procedures

KINDS = (
    "text", "longtext", "choice", "unit", "units", "area", "category", "matter", "date", "number", "rating", "yesno",
    "phone", "password", "photos", "place", "several",
)  # fmt: skip
_CHIPS = 6  # so many choices are shown open, more as a list to choose from


class Schema(Protocol):
    """What is read of a field; ``procedures.api.Field`` and :class:`Field` have it."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def help(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def choices(self) -> Sequence[tuple[str, str]]: ...
    @property
    def min(self) -> int | None: ...
    @property
    def max(self) -> int | None: ...
    @property
    def purpose(self) -> str: ...
    @property
    def days(self) -> str: ...


@dataclass(frozen=True)
class Field:
    """A field that a page declares itself; ``type`` is one of ``KINDS``."""

    key: str
    title: str
    type: str = "text"
    required: bool = False
    help: str = ""
    value: Any = None
    choices: Sequence[tuple[str, str]] = ()
    min: int | None = None
    max: int | None = None
    purpose: str = ""
    days: str = "any"
    autocomplete: str = ""


@dataclass(frozen=True)
class Bound:
    """A field with what stands in it and what is wrong with it; the template draws it."""

    schema: Schema
    value: Any = ""
    fault: Invalid | None = None
    ident: str = ""
    chosen: frozenset[str] = field(default_factory=frozenset)

    @property
    def kind(self) -> str:
        """How it is drawn."""
        kind = self.schema.type
        if kind == "yesno":
            return "chips"
        if kind == "several":
            return "ticks"
        if kind == "choice" and len(self.schema.choices) <= _CHIPS:
            return "chips"
        if kind in ("choice", "unit", "area", "category"):
            return "select"
        return kind

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(value, title, chosen)."""
        pairs: Iterable[tuple[Any, str]] = self.schema.choices
        if self.schema.type == "yesno":
            pairs = (("yes", _("是")), ("no", _("否")))
        elif self.schema.type == "rating":
            pairs = procedures.RATINGS.items()
        return [(str(value), title, str(value) in self.chosen) for value, title in pairs]

    @property
    def most_chars(self) -> int:
        """The longest text, so that a browser can hold it and a counter tell it."""
        usual = {"longtext": limits.NOTE_CHARS, "phone": limits.PHONE_CHARS, "matter": 40, "password": 128}
        kind = self.schema.type
        return (self.schema.max if kind in ("text", "longtext") else None) or usual.get(kind, limits.ADDRESS_CHARS)

    @property
    def autocomplete(self) -> str:
        """The browser's hint."""
        given = getattr(self.schema, "autocomplete", "")
        return given or ("tel" if self.schema.type == "phone" else "off")


def bind(
    schemas: Iterable[Schema], data: QueryDict | None = None, refusal: Refusal | None = None, *, prefix: str = "f"
) -> list[Bound]:
    """Return fields ready to be drawn.

    Args:
        data: what was sent; None on the first showing, when defaults stand in the fields.
        refusal: what was refused; faults of single fields are laid beside them.
        prefix: of the element ids; give each form on one page its own.
    """
    faults = faults_of(refusal)
    return [_bound(schema, data, faults.get(schema.key), f"{prefix}-{schema.key}") for schema in schemas]


def _bound(schema: Schema, data: QueryDict | None, fault: Invalid | None, ident: str) -> Bound:
    if data is None:
        value = schema.value
    else:
        value = data.getlist(schema.key) if schema.type in ("units", "photos", "several") else data.get(schema.key, "")
    items = value if isinstance(value, (list, tuple)) else [value]
    words = {"True": "yes", "False": "no"} if schema.type == "yesno" else {}
    chosen = frozenset(words.get(str(item), str(item)) for item in items if item is not None and item != "")
    if schema.type == "password":
        value = ""
    return Bound(schema, "" if value is None else value, fault, ident, chosen)


def read(schemas: Iterable[Schema], data: QueryDict) -> dict[str, Any]:
    """Return the raw values that were sent for these fields, empty ones left out; lists for ``units``, ``several`` and ``photos``."""
    values: dict[str, Any] = {}
    for schema in schemas:
        if schema.type in ("units", "photos", "several"):
            several = [item for item in data.getlist(schema.key) if item]
            if several:
                values[schema.key] = several
        elif one := data.get(schema.key, "").strip():
            values[schema.key] = one
    return values


def faults_of(refusal: Refusal | None) -> Mapping[str, Invalid]:
    """The faults by field; empty for a refusal that concerns no field."""
    if isinstance(refusal, Invalids):
        return {fault.field: fault for fault in refusal.faults if fault.field}
    if isinstance(refusal, Invalid) and refusal.field:
        return {refusal.field: refusal}
    return {}


def filled(schema: Field, value: Any) -> Field:
    """The same field with another value in it."""
    return replace(schema, value=value)


def new_request_key() -> str:
    """A key that makes one showing of a form one act, however often it is sent."""
    return secrets.token_urlsafe(18)


def request_key(data: Mapping[str, Any]) -> str | None:
    """The key that came with a form, or None when there is none that can be one."""
    key = str(data.get("request_key", ""))
    return key if 8 <= len(key) <= 64 and key.isascii() and key.isprintable() else None
