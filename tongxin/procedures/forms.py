"""Checking what people fill in against the form fields of a transition. Pure apart from the look-ups handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tongxin.kernel import limits
from tongxin.kernel.days import read_day
from tongxin.kernel.errors import Invalid, Invalids
from tongxin.kernel.typed import plain_phone, without_unseen
from tongxin.packs.schema import FormField

RATINGS = {5: "很满意", 4: "满意", 3: "一般", 2: "不满意", 1: "很不满意"}
_LIMITS = {"text": limits.ADDRESS_CHARS, "longtext": limits.NOTE_CHARS, "phone": limits.PHONE_CHARS, "matter": 40}


@dataclass(frozen=True)
class Lookups:
    """How the checker knows whether a reference exists; each answers for the run's own district only."""

    unit: Callable[[int], bool]
    area: Callable[[int], bool]
    category: Callable[[str], bool]


def nothing_to_look_up() -> Lookups:
    """For forms that ask for plain values only."""
    return Lookups(unit=lambda ident: False, area=lambda ident: False, category=lambda code: False)


@dataclass(frozen=True)
class Field:
    """A form field as pages and API show it."""

    key: str
    title: str
    type: str
    required: bool
    help: str = ""
    value: Any = None
    choices: list[tuple[str, str]] = field(default_factory=list)
    min: int | None = None
    max: int | None = None
    purpose: str = ""
    days: str = "any"  # of a date: past, coming, lasting or any


def limit_of(spec: FormField) -> int:
    """Return the longest accepted text of a field, in characters."""
    return spec.max if spec.type in ("text", "longtext") and spec.max else _LIMITS.get(spec.type, limits.ADDRESS_CHARS)


def check_form(fields: Mapping[str, FormField], given: Mapping[str, Any], look: Lookups, today: date) -> dict[str, Any]:
    """Return the cleaned values of a form; fields left empty are left out.

    Args:
        fields: the form of the transition.
        given: raw values by field key (strings from a page, JSON values from the API).
        look: look-ups for references.
        today: by which days are judged.

    Raises:
        Invalids: with one entry for each field that is not acceptable, so that all are mended at once.
    """
    clean: dict[str, Any] = {}
    faults = [
        Invalid("unknown_field", f"没有“{key}”这一项。", "请去掉它再提交。", key) for key in given if key not in fields
    ]
    for key, spec in fields.items():
        raw = given.get(key)
        if isinstance(raw, str):
            raw = without_unseen(raw).strip()
        if raw is None or raw == "" or raw == []:
            if spec.required:
                faults.append(Invalid("required", f"“{spec.title}”还没有填。", "请填写后再提交。", key))
            continue
        try:
            clean[key] = _value(key, spec, raw, look, today)
        except Invalid as fault:
            faults.append(fault)
    if faults:
        raise Invalids(faults)
    return clean


def _value(key: str, spec: FormField, raw: Any, look: Lookups, today: date) -> Any:
    match spec.type:
        case "text" | "longtext" | "matter":
            return _text(key, spec, raw)
        case "phone":
            text = plain_phone(_text(key, spec, raw))
            if not 5 <= sum(char.isdigit() for char in text) <= 15 or any(c not in "0123456789+- ()转" for c in text):
                raise Invalid("phone", f"“{spec.title}”不像电话号码。", "请只填数字，可带区号。", key)
            return text
        case "choice":
            if str(raw) not in (spec.choices or {}):
                raise Invalid("choice", f"“{spec.title}”没有这个选项。", "请从列出的选项里选。", key)
            return str(raw)
        case "several":
            items = [str(item) for item in (raw if isinstance(raw, list) else [raw])]
            if any(item not in (spec.choices or {}) for item in items):
                raise Invalid("choice", f"“{spec.title}”没有这个选项。", "请从列出的选项里选。", key)
            return [value for value in spec.choices or {} if value in items]
        case "photos":
            return _photos(key, spec, raw)
        case "yesno":
            if raw in (True, "true", "yes", "1", "on", 1):
                return True
            if raw in (False, "false", "no", "0", "off", 0):
                return False
            raise Invalid("yesno", f"“{spec.title}”须答是或否。", "请选择其一。", key)
        case "number" | "rating":
            return _number(key, spec, raw)
        case "date":
            return read_day(raw, spec.title, key, today=today, days=spec.days).isoformat()
        case "category":
            if not look.category(str(raw)):
                raise Invalid("category", f"目录里没有类别“{str(raw)[:20]}”。", "请从目录里选。", key)
            return str(raw)
        case "unit":
            return _reference(key, spec, raw, look.unit, "单位")
        case "area":
            return _reference(key, spec, raw, look.area, "区域")
        case "units":
            items = raw if isinstance(raw, list) else [raw]
            if len(items) > 20:
                raise Invalid("too_many", f"“{spec.title}”最多选 20 个。", "请减少几个。", key)
            return list(dict.fromkeys(_reference(key, spec, item, look.unit, "单位") for item in items))
    raise AssertionError(spec.type)


def _photos(key: str, spec: FormField, raw: Any) -> list[str]:
    """Ids of kept pictures, each once; whether they are free to claim is ``records``' to say."""
    items = [str(item) for item in (raw if isinstance(raw, list) else [raw])]
    if len(items) > limits.PHOTOS:
        raise Invalid(
            "photos_too_many", f"最多放 {limits.PHOTOS} 张照片。", "请去掉几张再提交。", key, limit=limits.PHOTOS
        )
    try:
        return list(dict.fromkeys(str(UUID(item)) for item in items))
    except ValueError:
        raise Invalid("photo_id_wrong", "照片编号不对。", "请重新选择照片。", key) from None


def _text(key: str, spec: FormField, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Invalid("text", f"“{spec.title}”须是文字。", "", key)
    most = limit_of(spec)
    if len(raw) > most:
        raise Invalid(
            "text_too_long",
            f"“{spec.title}”有 {len(raw)} 个字，最多 {most} 个字。",
            "请删减后再提交。",
            key,
            limit=most,
        )
    return raw


def _number(key: str, spec: FormField, raw: Any) -> int:
    low, high = (1, 5) if spec.type == "rating" else (0, 1_000_000_000)
    low, high = spec.min if spec.min is not None else low, spec.max if spec.max is not None else high
    try:
        value = int(str(raw))
    except ValueError:
        raise Invalid("number", f"“{spec.title}”须是整数。", f"请填 {low} 到 {high} 之间的数。", key) from None
    if not low <= value <= high:
        raise Invalid(
            "out_of_range", f"“{spec.title}”是 {value}，不在范围内。", f"请填 {low} 到 {high} 之间的数。", key
        )
    return value


def _reference(key: str, spec: FormField, raw: Any, known: Callable[[int], bool], what: str) -> int:
    try:
        ident = int(str(raw))
    except ValueError:
        ident = -1
    if ident < 0 or not known(ident):
        raise Invalid("unknown_" + spec.type, f"“{spec.title}”选的{what}不存在。", "请从列出的里面选。", key)
    return ident
