"""What a report must hold and how it is cleaned. Pure; references are checked in ``actions``."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid, Invalids
from tongxin.kernel.typed import plain_phone, without_unseen

_SPACE = re.compile(r"[ \t　]+")
_WORDLESS = re.compile(r"[\W_]+")
_MARKS = re.compile(r"[\s，。、；：？！（）《》“”‘’…—]+")  # in any form no part of a word
_SENTENCE = re.compile(r"[。！？!?\n；;]")
_NO_PHONE = re.compile(r"[^\d+\- ()转]")
_MOST = {
    "text": ("内容", limits.TEXT_CHARS), "title": ("标题", limits.TITLE_CHARS), "address": ("地点", limits.ADDRESS_CHARS),
    "reporter_name": ("称呼", limits.NAME_CHARS),
}  # fmt: skip


class Report(NamedTuple):
    """What somebody reports, as it arrives from a form, the API, a clerk or a file.

    Args:
        channel: a key of the pack's intake channels.
        lon, lat: WGS84 degrees, both or none. area_id: when only the area is known.
        photo_ids: ids of kept, unclaimed attachments.
        public: the reporter agrees to show it, without personal data, on the public board.
        source, source_key: where an imported matter came from and its number there.
    """

    channel: str
    text: str
    title: str = ""
    category: str = ""
    lon: float | None = None
    lat: float | None = None
    area_id: int | None = None
    address: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""
    public: bool = False
    photo_ids: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    source: str = ""
    source_key: str = ""
    extra: Mapping[str, Any] = {}


def clean_text(text: str) -> str:
    """Return text in one Unicode form without letters that nobody sees, with single spaces."""
    if not text:
        return ""
    text = unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SPACE.sub(" ", without_unseen(text)).strip()


def fingerprint(text: str) -> bytes:
    """Return 16 bytes that are equal for texts that differ only in spaces, punctuation, width and case."""
    plain = _MARKS.sub("", text)  # without the wide marks most texts are in their plain form already
    folded = _WORDLESS.sub("", unicodedata.normalize("NFKC", plain)).casefold()
    return hashlib.blake2b(folded.encode(), digest_size=16).digest()


def title_of(text: str) -> str:
    """Return a short title: the first sentence, cut at 30 characters."""
    first = next(filter(None, map(str.strip, _SENTENCE.split(text))), text)
    return first if len(first) <= 30 else first[:29] + "…"


def clean(report: Report) -> Report:
    """Return the report with its texts cleaned.

    Raises:
        Invalids: one entry for each field that is empty, too long or impossible.
    """
    faults: list[Invalid] = []
    given = (
        ("text", report.text), ("title", report.title), ("address", report.address), ("reporter_name", report.reporter_name),
        ("reporter_phone", report.reporter_phone),
    )  # fmt: skip
    texts: dict[str, Any] = {name: clean_text(text) for name, text in given if text}
    for name, text in texts.items():
        if name in _MOST and len(text) > _MOST[name][1]:
            title, most = _MOST[name]
            faults.append(
                Invalid(
                    "text_too_long", f"“{title}”有 {len(text)} 个字，最多 {most} 个字。", "请删减后再提交。", name, limit=most
                )
            )  # fmt: skip
    if not texts.get("text"):
        faults.append(Invalid("required", "还没有写要反映什么。", "请用一两句话说明情况。", "text"))
    if phone := texts.get("reporter_phone"):
        texts["reporter_phone"] = phone = plain_phone(phone)
        digits = sum(map(str.isdigit, phone))
        if not 5 <= digits <= 15 or len(phone) > limits.PHONE_CHARS or _NO_PHONE.search(phone):
            faults.append(Invalid("phone", "电话号码不对。", "请只填数字，可带区号；也可以不填。", "reporter_phone"))
    faults += place_faults(report.lon, report.lat)
    if len(report.photo_ids) > limits.PHOTOS:
        faults.append(
            Invalid(
                "too_many_photos",
                f"照片有 {len(report.photo_ids)} 张，最多 {limits.PHOTOS} 张。",
                "请去掉几张。",
                "photos",
            )
        )
    if faults:
        raise Invalids(faults)
    texts["title"] = texts.get("title") or title_of(texts["text"])
    return report._replace(**texts)


def ref_of(matter_id: int | str, reported_at: datetime) -> str:
    """Return the public number of a matter, e.g. ``261122-123``: the day it was reported and its id. Not the secret receipt."""
    day = local(reported_at)
    return f"{day.year % 100:02}{day.month:02}{day.day:02}-{matter_id}"


def consent(public: bool, words: bool) -> dict[str, Any]:
    """Return what ``Report.extra`` keeps of a reporter's wider consent: that words and point, too, may be shown to all.

    ``public`` alone shows category, community and progress (that is what the pages ask for).
    """
    if words and not public:
        raise Invalid("half_consent", "同意公开内容，也要同意公开类别和进展。", "请同时给 public。", "text_public")
    return {"words_public": True} if words else {}


def told_time(happened: str | None) -> dict[str, Any]:
    """Return what ``Report.extra`` keeps of when it happens, as its reporter put it; None: they were not asked. "" says: no time.

    Raises:
        Invalid: too long.
    """
    if happened is None:
        return {}
    happened = clean_text(happened)
    if len(happened) > limits.WHEN_CHARS:
        raise Invalid(
            "text_too_long", f"“时间”有 {len(happened)} 个字，最多 {limits.WHEN_CHARS} 个字。", "请删减后再提交。", "happened",
            limit=limits.WHEN_CHARS,
        )  # fmt: skip
    return {"happened": happened}


def words_are_public(public: bool, extra: Mapping[str, Any]) -> bool:
    """Whether everybody may read a matter's words and see its point."""
    return public and extra.get("words_public") is True


def place_faults(lon: float | None, lat: float | None) -> list[Invalid]:
    """Return what is wrong with a point, if anything."""
    if (lon is None) != (lat is None):
        return [Invalid("half_a_point", "经度和纬度要同时给出。", "请补上另一个，或都不填。", "lon")]
    if lon is None or lat is None:
        return []
    if -180 <= lon <= 180 and -90 <= lat <= 90:
        return []
    if -90 <= lon <= 90 and -180 <= lat <= 180:
        return [Invalid("swapped_point", "经度和纬度像是填反了。", "经度在前（东西），纬度在后（南北）。", "lon")]
    return [Invalid("no_such_point", "坐标不在地球上。", "经度在 -180 到 180 之间，纬度在 -90 到 90 之间。", "lon")]
