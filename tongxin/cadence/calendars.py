"""Dates as iCalendar (RFC 5545): all-day events with lasting UIDs, so that a subscriber's copy follows changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from tongxin.cadence.queries import Row

PRODUCT = "-//Tongxin//cadence//ZH"


def to_ics(rows: Iterable[Row], *, title: str, host: str, now: datetime) -> bytes:
    """Return the rows as a calendar.

    Args:
        title: what the subscriber's program calls it. host: right of the @ in UIDs, the same for a district for ever.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for row in rows:
        one, event = row.occurrence, Event()
        event.add("uid", f"cadence-{one.pk}@{host}")
        event.add("dtstamp", now)
        event.add("dtstart", one.due_on)
        event.add("dtend", one.due_on + timedelta(days=1))
        event.add("summary", row.title)
        event.add("location", row.place)
        said = [
            row.words,
            f"承办：{row.host}" if row.host else "",
            "日期暂定，待放假安排公布" if one.provisional else "",
        ]
        event.add("description", "；".join(word for word in said if word))
        event.add("status", "TENTATIVE" if one.provisional else "CONFIRMED")
        event.add("transp", "TRANSPARENT")  # an all-day note does not make anybody busy
        calendar.add_component(event)
    return bytes(calendar.to_ical())
