"""What is on in the next weeks, for residents: public dates and the address to subscribe to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from tongxin.cadence import api as cadence
from tongxin.kernel.clock import local
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

SHOWN = 60
NAMED = 6  # places that a line names before it counts the others


@dataclass
class Day:
    """One thing on one day, at all the places where it is then on."""

    title: str
    about: str
    on: date
    provisional: bool
    this_year: bool
    places: list[str] = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """The places that the line names."""
        return self.places[:NAMED]

    @property
    def others(self) -> int:
        """How many places the line only counts."""
        return len(self.places) - len(self.named)


def _days(rows: list[cadence.Row], today: date) -> list[Day]:
    """Return what is on, one line for each thing and day."""
    days: dict[tuple[str, date], Day] = {}
    for row in rows:
        one = row.occurrence
        about = row.series.about if row.series is not None else ""
        new = Day(row.title, about, one.due_on, one.provisional, one.due_on.year == today.year)
        where = f"{row.place} · {row.host}" if row.host else row.place
        days.setdefault((one.series, one.due_on), new).places.append(where)
    return list(days.values())


@page("/calendar", audience="resident", title="活动日历", icon="calendar", nav=60, methods=("GET",))
def calendar(request: Request) -> Shown:
    """List the public dates to come (1 statement)."""
    today = local(request.now).date()
    rows = [r for r in cadence.public_feed(request.district, area_id=None, today=today) if r.occurrence.due_on >= today]
    return {"days": _days(rows, today)[:SHOWN], "feed": request.build_absolute_uri(reverse("cadence_public"))}
