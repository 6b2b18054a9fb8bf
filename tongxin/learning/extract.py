"""Places, times, door numbers in a text, and hiding what must not stand on a public board. Patterns only, no guessing.

It resolves no person and keeps no number: of a telephone number only the tail is ever returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tongxin.learning.vectors import normalise

LONGEST_CHARS = 200_000  # what is longer is read up to here; masking then drops the rest rather than show it unread


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A name of the gazetteer and the caller's id of the place."""

    name: str
    place_id: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A gazetteer name that the text contains; ``start`` in the normal form of the text (vectors.normalise)."""

    place_id: int
    name: str
    start: int


@dataclass(frozen=True, slots=True)
class Door:
    """Building, unit and room as written, numbers only where possible; "" where not said."""

    building: str
    unit: str
    room: str


@dataclass(frozen=True, slots=True)
class Extract:
    """All that was found, in the order of the text."""

    places: tuple[Mention, ...]
    times: tuple[str, ...]
    doors: tuple[Door, ...]
    phone_tails: tuple[str, ...]


class Gazetteer:
    """Names ready to be found; build once a territory version. Names of one character are left out."""

    def __init__(self, names: Iterable[KnownPlace]) -> None:
        self._by_start: dict[str, list[tuple[str, KnownPlace]]] = {}
        for place in names:
            key = normalise(place.name)
            if len(key) > 1:
                self._by_start.setdefault(key[:2], []).append((key, place))
        for rows in self._by_start.values():
            rows.sort(key=lambda row: (-len(row[0]), row[1].place_id))

    def find(self, text: str) -> list[Mention]:
        """Names in the text, the longest at each point, no overlaps; each place once, where it is first named.

        A name borne by several places gives all of them, for the caller to choose by the surroundings.
        """
        whole, at, seen = normalise(text), 0, set()
        found: list[Mention] = []
        while at < len(whole) - 1:
            here = [row for row in self._by_start.get(whole[at : at + 2], ()) if whole.startswith(row[0], at)]
            longest = len(here[0][0]) if here else 1
            for key, place in here:
                if len(key) == longest and place.place_id not in seen:
                    seen.add(place.place_id)
                    found.append(Mention(place.place_id, place.name, at))
            at += longest
        return found


_DAY = r"(?:\d{4}|\d{2})年\d{1,2}月(?:\d{1,2}[日号])?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}月\d{1,2}[日号]"
_WORD = r"(?:上周|本周|周|星期)[一二三四五六日天]|每天|每晚|每日|昨天|昨晚|昨日|今天|今晚|今早|今日|前天|明天|近日|近期|上周|本周|周末|节假日"
_PART = r"凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|深夜|半夜|夜间|夜里"
_CLOCK = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:[:]\d{2}(?!\d)|[点时](?:半|\d{1,2}分?|整|多|左右)?)"
_TIME = re.compile(
    rf"(?:(?:{_DAY}|{_WORD})(?:的?(?:{_PART}))?|(?:{_PART}))(?:{_CLOCK})?(?:[到至~\-—](?:次日|第二天)?(?:{_PART})?{_CLOCK})?|(?<!\d){_CLOCK}"
)
_NUMBER = r"(?:[a-z]{0,2}\d{1,4}|[一二三四五六七八九十]{1,3}|[a-z](?=座|栋|幢))"
_DOOR = re.compile(
    rf"(?P<building>{_NUMBER})(?:号楼|栋|幢|座|#楼|号(?={_NUMBER}单元))(?:(?P<unit>{_NUMBER})单元)?(?:(?P<room>\d{{3,4}})(?:室|号房|房|号|户)?(?!\d))?"
    rf"|(?<!\d)(?P<unit_only>{_NUMBER})单元(?:(?P<room_of_unit>\d{{3,4}})(?:室|号房|房|号|户)?(?!\d))?"
    r"|(?<![\d-])(?P<dashed>\d{1,3}-\d{1,2}-\d{3,4})(?![\d-])|(?<!\d)(?P<room_only>\d{3,4})(?:室|号房)"
)
_TAIL = re.compile(r"(?:尾号|后四位|末四位)(?:是|为|:)?(\d{4})(?!\d)")


def extract(text: str, gazetteer: Gazetteer | None = None) -> Extract:
    """Find places, times, doors and telephone tails.

    Args:
        text: anything; only its first 4,000 characters are read.
        gazetteer: names to look for; None: no places.
    Times are given as written (``昨晚11点``), because only the caller knows the day of writing.
    """
    whole = normalise(text)
    doors = dict.fromkeys(_door(match) for match in _DOOR.finditer(whole))
    tails = [*_TAIL.findall(whole), *(re.sub(r"\D", "", match.group())[-4:] for match in _MOBILE.finditer(whole))]
    return Extract(
        tuple(gazetteer.find(text)) if gazetteer else (),
        tuple(dict.fromkeys(match.group() for match in _TIME.finditer(whole))),
        tuple(doors),
        tuple(dict.fromkeys(tail for tail in tails if len(tail) == 4)),
    )


def _door(match: re.Match[str]) -> Door:
    if match["dashed"]:
        building, unit, room = match["dashed"].split("-")
        return Door(building, unit, room)
    return Door(
        match["building"] or "",
        match["unit"] or match["unit_only"] or "",
        match["room"] or match["room_of_unit"] or match["room_only"] or "",
    )


_ANY_DIGIT = r"[\d零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
_GAP = r"[\s\-–—－_.·*、\u200b-\u200d]{0,2}"
_LETTER = r"[A-Za-zＡ-Ｚａ-ｚ]"
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_MOBILE = re.compile(
    rf"(?:(?<!\d)[+＋]?86{_GAP}|(?<!{_ANY_DIGIT}))[1１一幺壹]{_GAP}[3-9３-９三四五六七八九](?:{_GAP}{_ANY_DIGIT}){{9}}(?!{_ANY_DIGIT})"
)
_HIDDEN: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"[A-Za-z0-9_.+\-]{1,64}[@＠](?:[A-Za-z0-9\-]{1,63}[.．]){1,4}[A-Za-z]{2,10}"), "〔邮箱〕"),
    (re.compile(rf"(?<!\d)\d{{6}}{_GAP}(?:19|20|１９|２０)\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXxＸｘ](?![\d])"), "〔证件号〕"),
    (re.compile(r"(?<!\d)\d{17}[\dXxＸｘ](?!\d)|(?<!\d)\d{15}(?!\d)"), "〔证件号〕"),
    (re.compile(rf"(?<!\d)\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?(?!\d)"), "〔账号〕"),
    (_MOBILE, "〔电话〕"),
    (re.compile(r"(?<!\d)[(（]?[0０]\d{2,3}[)）]?[\s\-–—－]{0,2}\d{7,8}(?!\d)"), "〔电话〕"),
    (re.compile(r"((?:电话|座机|手机|联系方式|致电|热线)(?:号码|号)?[:：是为]?\s?)\d{3,4}[\s\-－]?\d{4}(?!\d)"), r"\1〔电话〕"),
    (
        re.compile(rf"[{_PROVINCE}]{_LETTER}[\s·・.．•\-]{{0,2}}(?:{_LETTER}|\d){{4,5}}(?:{_LETTER}|\d|[挂学警港澳])"),
        "〔车牌〕",
    ),
    (
        re.compile(r"((?:微信|薇信|威信|vx|wx|QQ)(?:号码|号)?\s?[:：是为]?\s?)[A-Za-z0-9_\-]{5,20}", re.IGNORECASE),
        r"\1〔账号〕",
    ),
)  # fmt: skip
_LONG = re.compile(r"\d{7,}[XxＸｘ]?")


def mask_public(text: str, *, cautious: bool = False) -> str:
    """The text with telephone, identity-card, account and plate numbers and e-mail addresses replaced by a word.

    Args:
        cautious: also any other run of seven digits or more, for texts that everybody may read.

    Whoever's number it is, it goes; also full-width, spaced, and in Chinese numerals (一三八…). Names of persons and
    addresses stay: they need a person's eye before publishing. Texts over 200,000 characters are cut there.
    """
    text = text[:LONGEST_CHARS]
    for pattern, word in _HIDDEN:
        text = pattern.sub(word, text)
    return _LONG.sub("〔号码〕", text) if cautious else text
