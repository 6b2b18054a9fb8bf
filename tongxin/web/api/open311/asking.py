"""Reading what an Open311 client sends: its form fields, its filters. Turns them into our terms; writes nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict

from tongxin.kernel import limits
from tongxin.kernel.clock import LOCAL
from tongxin.kernel.errors import Invalid
from tongxin.matters import api as matters
from tongxin.web.api.answers import Malformed

SPAN = timedelta(days=90)
MOST_IDS = 200
MOST_PAGES = 1_000
_ATTRIBUTE = re.compile(r"^attribute\[([A-Za-z0-9_]{1,40})\](\[\])?$")
_HAN = re.compile(r"[\u3400-\u9fff]")


def text(given: QueryDict, name: str, most: int) -> str:
    """Return a field's text; refuses what is longer than stated or was not UTF-8."""
    value = given.get(name) or ""
    if "\ufffd" in value:
        raise Malformed("not_utf8", f"“{name}”不是 UTF-8 编码。", "请转成 UTF-8 再提交。", name)
    if len(value) > most:
        raise Invalid(
            "text_too_long", f"“{name}”有 {len(value)} 个字，最多 {most} 个字。", "请删减后再提交。", name, limit=most
        )
    return value


def degrees(given: QueryDict, name: str) -> float | None:
    """Return a coordinate, None when it is not given."""
    raw = (given.get(name) or "").strip()
    if not raw:
        return None
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Invalid("not_a_number", f"“{name}”不是数：{raw[:40]}。", "请用小数的度，例如 118.19。", name)
    return value


def name_of(given: QueryDict) -> str:
    """Return how to address the reporter: 王小明 for Chinese names, else first and last name."""
    first, last = text(given, "first_name", limits.NAME_CHARS), text(given, "last_name", limits.NAME_CHARS)
    return f"{last}{first}" if _HAN.search(last + first) else f"{first} {last}".strip()


def yes(given: QueryDict, name: str) -> bool:
    """Return whether a switch is on."""
    return (given.get(name) or "").lower() in ("1", "true", "yes", "on")


def attributes(given: QueryDict) -> dict[str, Any]:
    """Return the values of ``attribute[code]``; several values of ``attribute[code][]`` as a list."""
    found: dict[str, Any] = {}
    for name in given:
        match = _ATTRIBUTE.match(name)
        if match:
            found[match[1]] = given.getlist(name) if match[2] else given[name]
    return found


@dataclass(frozen=True, slots=True)
class Filters:
    """Which requests a client asks for. ``ids`` overrides all others, as the standard says."""

    ids: tuple[int, ...]
    codes: tuple[str, ...]
    since: datetime
    until: datetime
    closed: bool | None
    page: int
    rows: int


def filters(given: Mapping[str, str], now: datetime) -> Filters:
    """Read the filters of ``GET requests``.

    Raises:
        Invalid: a date that is none, a span beyond 90 days, an unknown status, a page that is no number.
    """
    start, end = moment(given, "start_date"), moment(given, "end_date")
    since = start or (end or now) - SPAN
    until = end or min(since + SPAN, now + timedelta(seconds=1)) if start else end or now + timedelta(seconds=1)
    if until < since:
        raise Invalid("backwards", "end_date 早于 start_date。", "请对调两个日期。", "end_date")
    if until - since > SPAN + timedelta(seconds=1):
        raise Invalid("span_too_long", "起止日期相隔超过 90 天。", "请分几次查询。", "end_date", limit_days=90)
    return Filters(
        ids=tuple(matters.read_ref(word) for word in _words(given, "service_request_id", MOST_IDS)),
        codes=tuple(_words(given, "service_code", MOST_IDS)),
        since=since,
        until=until,
        closed=_closed(_words(given, "status", 2)),
        page=_number(given, "page", 1, MOST_PAGES),
        rows=_number(given, "page_size", limits.PAGE_ROWS, limits.API_ROWS),
    )


def _words(given: Mapping[str, str], name: str, most: int) -> list[str]:
    words = [word.strip() for word in given.get(name, "").split(",") if word.strip()]
    if len(words) > most:
        raise Invalid("too_many", f"“{name}”最多 {most} 个，给了 {len(words)} 个。", "请分几次查询。", name, limit=most)
    return words


def moment(given: Mapping[str, str], name: str) -> datetime | None:
    """Return a date of the W3 form; one without a zone is taken as local time."""
    raw = given.get(name, "").strip().replace(" ", "+")  # a plus that was not percent-encoded
    if not raw:
        return None
    try:
        found = datetime.fromisoformat(raw)
        found = found if found.tzinfo else found.replace(tzinfo=LOCAL)
        found.astimezone(LOCAL)
    except (ValueError, OverflowError):
        raise Invalid(
            "bad_date", f"“{name}”不是日期：{raw[:40]}。", "请用 W3 写法，例如 2026-01-31T00:00:00+08:00。", name
        ) from None
    if not 1970 <= found.year <= 2200:
        raise Invalid("bad_date", f"“{name}”的年份不对。", "请核对日期。", name)
    return found


def _closed(words: list[str]) -> bool | None:
    unknown = [word for word in words if word not in ("open", "closed")]
    if unknown:
        raise Invalid("unknown_status", f"没有状态“{unknown[0][:20]}”。", "可用的是 open、closed。", "status")
    return None if len(set(words)) != 1 else words[0] == "closed"


def _number(given: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    raw = given.get(name, "").strip()
    if not raw:
        return otherwise
    if not (raw.isascii() and raw.isdecimal()) or not 1 <= int(raw[:12]) <= most:
        raise Invalid("out_of_range", f"“{name}”应是 1 到 {most} 的整数。", "请改正后再查。", name, limit=most)
    return int(raw)
