"""The request as our middleware leaves it; page functions name this type. Adds nothing at run time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from tongxin.organization.api import Actor
    from tongxin.packs.api import DistrictView
    from tongxin.web.page import Page


class Request(HttpRequest):
    """What a page gets.

    ``district`` is the tenant that the address names. ``actor`` is looked up when first used: a resident for whoever is not
    signed in to this district. ``now`` is read once. ``page`` is the declaration that answered. ``idle_out`` says that the
    person was signed out for lack of activity just now.
    """

    district: DistrictView
    actor: Actor
    now: datetime
    page: Page | None
    htmx: HtmxDetails
    idle_out: bool
    elder: bool
    user: Any
