"""What waits for a person, as the first pages list it and the navigation counts it: asked once a request."""

from __future__ import annotations

from typing import Any

from tongxin.procedures import api as procedures
from tongxin.web.request import Request


def list_waiting(request: Request, **chosen: Any) -> procedures.Page:
    """List what waits for this person (1 statement, which also counts it for the navigation); ``chosen`` as of ``procedures.inbox``."""
    found = procedures.inbox(request.actor, request.district, counted=True, **chosen)
    request.waiting = found.waiting if found.rows or any(chosen.values()) else 0
    return found


def count_waiting(request: Request) -> int:
    """The number beside the navigation entry (1 statement, none where the page has listed what waits)."""
    known = getattr(request, "waiting", None)
    return procedures.count_held(request.actor) if known is None else known
