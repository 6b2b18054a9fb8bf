"""Annotation of personal fields: purpose, legal basis, retention, mask (norms S-01, S-02). Not consent keeping.

Every model field that can hold personal data is wrapped in :func:`personal`; a test walks the models and fails on a field whose
name suggests a person but carries no annotation. ``docs/privacy.md`` is generated from the annotations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Personal:
    """Why a personal field exists and how long."""

    purpose: str
    basis: str
    retention_days: int
    mask: Callable[[str], str]


def mask_name(name: str) -> str:
    """王小明 → 王**."""
    return name[:1] + "*" * (len(name) - 1) if name else ""


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678."""
    return phone[:3] + "*" * max(len(phone) - 7, 0) + phone[-4:] if len(phone) > 7 else "*" * len(phone)


def mask_all(text: str) -> str:
    """Hide the whole text."""
    return "（已隐去）" if text else ""


def personal(field: T, *, purpose: str, basis: str, retention_days: int, mask: Callable[[str], str] = mask_all) -> T:
    """Return the model field with its annotation.

    Args:
        field: a Django model field.
        purpose: what the datum is needed for, in Chinese.
        basis: legal basis, e.g. ``个人信息保护法第13条第3项（履行法定职责）``.
        retention_days: days after the case is closed until it is erased.
        mask: how it shows where the reader may not see it.
    """
    field.personal = Personal(purpose, basis, retention_days, mask)  # type: ignore[attr-defined]
    return field


def annotation(field: Any) -> Personal | None:
    """Return the annotation of a model field, if any."""
    found = getattr(field, "personal", None)
    return found if isinstance(found, Personal) else None
