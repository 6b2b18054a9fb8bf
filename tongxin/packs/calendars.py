"""Reading a published year of holidays (holiday-cn form). Pure; keeping it is ``actions``' work.

When a year's file is read after the one before, days of the turn of the year may be named in both; the later file wins.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from tongxin.kernel.errors import Invalid

YEARS = range(2004, 2101)
MOST_DAYS = 200
_MEND = "应是 holiday-cn 的 JSON：含 year 和 days，每天有 date、isOffDay、name。"


def read_calendar_file(text: str) -> tuple[int, dict[date, tuple[bool, str]], str]:
    """Return (year, day → (is a working day, name), source); raises Invalid saying what is wrong."""
    try:
        content: Any = orjson.loads(text)
        year = int(content["year"])
        rows = [(date.fromisoformat(str(d["date"])), d["isOffDay"], str(d.get("name", ""))) for d in content["days"]]
    except orjson.JSONDecodeError as error:
        raise _refusal(f"第 {error.lineno} 行不是 JSON") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _refusal("缺少 year、days 或日期写法不对") from None
    if year not in YEARS:
        raise _refusal(f"年份 {year} 不在 {YEARS.start}—{YEARS.stop - 1} 之间")
    if not rows or len(rows) > MOST_DAYS:
        raise _refusal(f"有 {len(rows)} 天，一年的放假安排应在 1—{MOST_DAYS} 天")
    for day, off, _ in rows:
        if abs(day.year - year) > 1:
            raise _refusal(f"{day} 不属于 {year} 年的安排")
        if not isinstance(off, bool):
            raise _refusal(f"{day} 的 isOffDay 不是 true 或 false")
    papers = content.get("papers")
    source = str(papers[0])[:200] if isinstance(papers, list) and papers else "文件导入"
    return year, {day: (not off, f"{name}调休" if not off else name) for day, off, name in rows}, source


def _refusal(what: str) -> Invalid:
    return Invalid("calendar_file", f"这个文件不是放假安排：{what}。", _MEND, "file")
