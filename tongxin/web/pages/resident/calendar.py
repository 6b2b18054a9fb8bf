"""What is on in the next weeks, for residents: public dates and the address to subscribe to."""

from __future__ import annotations

from django.urls import reverse

from tongxin.cadence import api as cadence
from tongxin.kernel.clock import local
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

SHOWN = 60


@page("/calendar", audience="resident", title="活动日历", icon="calendar", nav=60, methods=("GET",))
def calendar(request: Request) -> Shown:
    """List the public dates to come (1 statement)."""
    today = local(request.now).date()
    rows = [r for r in cadence.public_feed(request.district, area_id=None, today=today) if r.occurrence.due_on >= today]
    return {"rows": rows[:SHOWN], "feed": request.build_absolute_uri(reverse("cadence_public"))}
