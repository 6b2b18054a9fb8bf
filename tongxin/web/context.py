"""What every template may use without asking: district, actor, navigation, elder mode. Looked up only where it is shown."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tongxin.web import page as pages
from tongxin.web.request import Request


def platform(request: HttpRequest) -> dict[str, Any]:
    """The context processor; pages outside all districts and early errors get the empty form."""
    asked = cast(Request, request)
    district = getattr(asked, "district", None)
    here = getattr(asked, "page", None)
    common: dict[str, Any] = {
        "district": district,
        "page": here,
        "now": getattr(asked, "now", None),
        "elder": getattr(asked, "elder", False),
        "tile_url": settings.TILE_URL,
        "demo": settings.ENVIRONMENT == "demo",
    }
    if district is None or not hasattr(asked, "actor"):
        return common
    audience = here.audience if here is not None else "resident"
    shell = asked.session.get("shell", "resident") if audience == "anyone" and _has_session(asked) else audience
    shell = "resident" if shell == "anyone" else shell
    common |= {
        "actor": asked.actor,
        "nav": SimpleLazyObject(lambda: pages.navigation(asked, shell)),
        "audiences": SimpleLazyObject(lambda: pages.audiences(asked)),
    }
    return common


def _has_session(request: Request) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES
