"""What an opening must hold and how it is cleaned; which plain values of it the engine may judge by. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid, Invalids
from tongxin.kernel.typed import plain_phone, without_unseen
from tongxin.packs.schema import FormField, Opening

_PLAIN = ("choice", "several", "number", "rating", "yesno", "date")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Start:
    """What somebody opens, as it arrives from a form, the API or a step of another run.

    Args:
        form: values of the pack's opening form, as typed.
        area_id: where it belongs; any place at or below the procedure's level, None to fall to the district.
        name, phone: of a resident who wants to be called back; both may be empty.
        body_id: the body on whose behalf it is opened.
        parent: (subject kind, id) of what it arises from.
    """

    procedure: str
    form: Mapping[str, Any] = field(default_factory=dict)
    area_id: int | None = None
    name: str = ""
    phone: str = ""
    body_id: int | None = None
    parent: tuple[str, int] | None = None


def clean(start: Start) -> Start:
    """Return the start with name and telephone cleaned.

    Raises:
        Invalids: one entry for each that is too long or impossible.
    """
    name, phone = _SPACE.sub(" ", without_unseen(start.name)).strip(), plain_phone(without_unseen(start.phone)).strip()
    faults: list[Invalid] = []
    if len(name) > limits.NAME_CHARS:
        faults.append(Invalid("text_too_long", f"“称呼”最多 {limits.NAME_CHARS} 个字。", "请写短一些。", "opener_name"))
    digits = sum(char.isdigit() for char in phone)
    if phone and (not 5 <= digits <= 15 or len(phone) > limits.PHONE_CHARS or re.search(r"[^\d+\- ()转]", phone)):
        faults.append(Invalid("phone", "电话号码不对。", "请只填数字，可带区号；也可以不填。", "opener_phone"))
    if faults:
        raise Invalids(faults)
    return replace(start, name=name, phone=phone)


def title_of(opening: Opening, answers: Mapping[str, Any]) -> str:
    """Return the title: the headline field on one line, cut to fit."""
    words = _SPACE.sub(" ", str(answers.get(opening.headline, ""))).strip()
    return words if len(words) <= limits.TITLE_CHARS else words[: limits.TITLE_CHARS - 1] + "…"


def facts_of(fields: Mapping[str, FormField], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain answers that guards and limits may go by; never free text, which may name people."""
    return {key: answers[key] for key, spec in fields.items() if spec.type in _PLAIN and key in answers}


def ref_of(affair_id: int | str, opened_at: datetime) -> str:
    """Return the public number, e.g. ``S261122-7``: the day it was opened and its id. Not the secret receipt."""
    return f"S{local(opened_at):%y%m%d}-{affair_id}"
