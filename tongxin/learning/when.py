"""When something happens, as a text tells it: 昨晚11点, 每天凌晨2点到5点, 上周三, 3月5日下午. Patterns only; what they do not say stays open.

The caller gives the day of writing; there is no clock here. Vague words (近日, 长期) are no time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tongxin.learning.vectors import normalise

_DAY_MINUTES = 24 * 60
_WEEK = "一二三四五六日"
_AHEAD_DAYS = 60  # a day without a year that lies further ahead is last year's
_CHARS = 1_000

# part of the day → minutes; the end may lie in the next day
_PARTS = {
    "凌晨": (0, 360), "清晨": (300, 480), "早晨": (300, 540), "早上": (300, 540), "上午": (480, 720), "中午": (660, 840),
    "下午": (720, 1080), "傍晚": (1020, 1140), "晚上": (1080, 1440), "夜间": (1320, 1800), "深夜": (1320, 1800),
}  # fmt: skip
_SAME = {
    "早": "早上", "今早": "早上", "一早": "早上", "晚": "晚上", "夜里": "夜间", "半夜": "深夜", "午夜": "深夜", "晚间": "晚上",
    "夜晚": "晚上", "大半夜": "深夜", "夜": "夜间",
}  # fmt: skip
_PART = r"大半夜|凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|晚间|夜晚|深夜|半夜|午夜|夜间|夜里"
_HOUR = r"(?:[01]?\d|2[0-4]|二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九])"
_CLOCK = rf"{_HOUR}(?::[0-5]\d(?!\d)|[点时](?!间|候|段)(?:半|一刻|三刻|[0-5]?\d分?(?!\d))?(?:多|左右|钟)*)"
_DATE = r"(?:(?:19|20)?\d{2}年)?\d{1,2}月\d{1,2}[日号]?|20\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
_RELATIVE = (
    r"大前天|前天|昨天|昨日|昨晚|昨夜|今天|今日|今晚|今晨|今早|明天|明晚|后天"
    rf"|(?:上个?|本|这个?|下个?)?(?:周|星期|礼拜)[{_WEEK}天](?!边|围)"
)
_REPEATED = (
    rf"(?:每天|每日|天天|每晚|每夜|每(?:个|逢)?周末|周末|节假日|工作日|每(?:个|到|逢)?(?:周|星期|礼拜)[{_WEEK}天])"
)
_TIME = re.compile(
    rf"(?<!\d)(?:(?P<repeated>{_REPEATED})|(?P<date>{_DATE})|(?P<relative>{_RELATIVE}))?的?(?:都?是?在?)?"
    rf"(?P<part>{_PART}|(?<=[天日号])(?:晚(?![餐饭会自安归])|早(?=\d|[一二两三四五六七八九十])))?"
    rf"(?:(?P<from>{_CLOCK})|(?P<bare>{_HOUR})(?=[到至~—\-–]))?"
    rf"(?:(?<=[点时分半刻钟多右\d一二三四五六七八九十])[到至~—\-–]+(?P<next>次日|第二天)?(?P<part_to>{_PART})?(?P<to>{_CLOCK}))?"
)
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


@dataclass(frozen=True, slots=True)
class When:
    """One time of a text.

    ``said`` as written. ``on`` its day, None when it comes round or no day is told. ``repeated``: 每天, 每周三, 周末 …, empty for once.
    ``part`` of the day in words, may be empty. ``begins``, ``ends`` minutes of that day, ``ends`` above 1,440 in the next; None where
    no hour is told; ``ends`` None for a moment.
    """

    said: str
    on: date | None
    repeated: str
    part: str
    begins: int | None
    ends: int | None
    of_year: bool = True  # its day lies in the year of writing

    @property
    def words(self) -> str:
        """As people say it: 每天凌晨 2–5 点; 3月5日下午."""
        year = "" if self.on is None or self.of_year else f"{self.on.year}年"
        day = self.repeated or (f"{year}{self.on.month}月{self.on.day}日" if self.on else "")
        if self.begins is None:
            return day + self.part
        part, clock = _say(self.begins, self.part)
        if self.ends is None:
            return f"{day}{part} {clock}"
        inside = self.ends <= _PARTS.get(part, (0, 0))[1]
        part_to, clock_to = _say(self.ends, part if inside else "")
        if part_to == part and clock.endswith(" 点") and clock_to.endswith(" 点"):
            return f"{day}{part} {clock[:-2]}–{clock_to}"
        following = "次日" if self.ends > _DAY_MINUTES else ""
        named = f"{following}{part_to} " if following or part_to != part else ""
        return f"{day}{part} {clock}–{named}{clock_to}"

    @property
    def hours(self) -> tuple[int, int] | None:
        """Minutes of the day that it spans, a moment as one hour; None where neither hour nor part is told."""
        if self.begins is not None:
            return self.begins, self.ends if self.ends is not None else self.begins + 60
        return _PARTS.get(self.part)


def understand(text: str, written_on: date, most: int = 3) -> tuple[When, ...]:
    """Return the times that a text tells, in its order, each once.

    Args:
        text: anything; its first 1,000 characters are read. written_on: the day from which 昨晚 and 上周三 are counted.
    """
    found: dict[str, When] = {}
    for match in _TIME.finditer(normalise(text, _CHARS)):
        one = _read(match, written_on) if match.group() else None
        if one is not None:
            found.setdefault(one.words, one)
    fuller = [one for one in found.values() if one.on or one.repeated or one.begins is not None]
    kept = fuller or list(found.values())  # a bare 夜间 says nothing beside 每天凌晨2点, nor 每天 beside 每天晚上
    more = [one for one in kept if not any(other.words.startswith(one.words) for other in kept if other is not one)]
    return tuple(more[:most])


def _read(match: re.Match[str], written_on: date) -> When | None:
    repeated, relative = match["repeated"] or "", match["relative"] or ""
    part = _SAME.get(match["part"] or "", match["part"] or "")
    if not part and (relative in ("昨晚", "昨夜", "今晚", "明晚") or repeated in ("每晚", "每夜")):
        part = "晚上"
    if not part and relative in ("今早", "今晨"):
        part = "早上"
    if not (repeated or match["date"] or relative or part or (match["from"] and match["to"])):
        return None  # a bare hour (三点建议) is mostly no time
    on = None
    if match["date"] or relative:
        on = _dated(match["date"], written_on) if match["date"] else _counted(relative, written_on)
        if on is None:
            return None
    begins, ends = None, None
    if match["from"] or match["to"]:
        begins = _minutes(match["from"] or match["bare"], part)
        ends = _end(match, part, begins) if match["to"] and begins is not None else None
    return When(match.group(), on, _round(repeated), part, begins, ends, on is None or on.year == written_on.year)


def _end(match: re.Match[str], part: str, begins: int) -> int | None:
    """Minutes at which it ends. Without a part of its own the end goes on in the part of the beginning, unless its hour is smaller."""
    own = _SAME.get(match["part_to"] or "", match["part_to"] or "")
    goes_on = _hour(match["to"]) > _hour(match["from"] or match["bare"])
    ends = _minutes(match["to"], own or (part if goes_on else ""))
    if ends is None:
        return None
    ends += _DAY_MINUTES if match["next"] or ends <= begins else 0
    return ends if ends - begins <= _DAY_MINUTES else None


def _round(repeated: str) -> str:
    """How it comes round, in one form."""
    if "末" in repeated:
        return "周末"
    if repeated in ("节假日", "工作日", ""):
        return repeated
    weekday = repeated[-1].replace("天", "日")
    return f"每周{weekday}" if weekday in _WEEK and len(repeated) > 2 else "每天"


def _dated(said: str, written_on: date) -> date | None:
    numbers = [int(one) for one in re.findall(r"\d+", said)]
    try:
        if len(numbers) == 3:
            year = numbers[0] + 2000 if numbers[0] < 100 else numbers[0]
            return date(year, numbers[1], numbers[2])
        found = date(written_on.year, *numbers[:2])
        return found if found <= written_on + timedelta(days=_AHEAD_DAYS) else date(written_on.year - 1, *numbers[:2])
    except ValueError:
        return None


def _counted(said: str, written_on: date) -> date:
    steps = {"大前": -3, "前天": -2, "昨": -1, "今": 0, "明": 1, "后天": 2}
    for head, step in steps.items():
        if said.startswith(head):
            return written_on + timedelta(days=step)
    weekday = _WEEK.index(said[-1].replace("天", "日"))
    here = weekday - written_on.weekday()
    if said.startswith("上"):
        return written_on + timedelta(days=here - 7)
    if said.startswith("下"):
        return written_on + timedelta(days=here + 7)
    if said.startswith(("本", "这")):
        return written_on + timedelta(days=here)
    return written_on + timedelta(days=here if here <= 0 else here - 7)  # 周三: the last one


def _hour(clock: str) -> int:
    digits = re.match(r"\d+", clock)
    if digits:
        return int(digits.group())
    head = re.match(r"[一二两三四五六七八九十]+", clock)
    said = head.group() if head else ""
    tens, _, ones = said.partition("十") if "十" in said else ("", "", said)
    return (_DIGITS.get(tens, 1) * 10 if "十" in said else 0) + _DIGITS.get(ones, 0)


def _minutes(clock: str | None, part: str) -> int | None:
    """Minutes of the day; the part tells which half of the day an hour up to twelve lies in."""
    if not clock:
        return None
    hour = _hour(clock)
    told = re.search(r"(?::|[点时])(\d{1,2})", clock)
    minute = (
        int(told.group(1)) if told else 30 if "半" in clock else 15 if "一刻" in clock else 45 if "三刻" in clock else 0
    )
    if (
        (part in ("下午", "傍晚", "晚上") and hour < 12)
        or (part in ("夜间", "深夜") and 6 <= hour < 12)
        or (part == "中午" and hour < 10)
    ):
        hour += 12
    elif part in ("凌晨", "夜间", "深夜", "晚上") and hour == 12:
        hour = 0 if part == "凌晨" else 24
    return None if hour > 24 or minute > 59 else hour * 60 + minute


def _say(minutes: int, part: str) -> tuple[str, str]:
    """(part of the day, the hour as people say it)."""
    within = minutes % _DAY_MINUTES if minutes > _DAY_MINUTES else minutes
    hour, minute = divmod(within, 60)
    named = part or next(
        name
        for name, until in (("凌晨", 5), ("早上", 9), ("上午", 12), ("中午", 13), ("下午", 18), ("晚上", 25))
        if hour < until
    )
    said = hour if hour <= 12 else hour - 12
    return named, f"{said}:{minute:02d}" if minute else f"{said} 点"


def times_agree(one: Sequence[When], other: Sequence[When]) -> str:
    """What both texts tell of time, in words; empty where they tell nothing in common."""
    for a in one:
        for b in other:
            if (a.on and a.on == b.on) or (a.repeated and a.repeated == b.repeated and a.part == b.part and a.part):
                return a.words
    return ""
