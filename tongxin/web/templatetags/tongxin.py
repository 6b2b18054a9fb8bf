"""The small parts that pages are made of; loaded everywhere, so no page needs ``{% load %}``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tongxin.kernel.days import span_of, today_of
from tongxin.organization.api import access
from tongxin.records import api as records
from tongxin.records.api import Attachment
from tongxin.web import fields, wording
from tongxin.web.request import Request

register = template.Library()
_CLAUSE = re.compile("[^，、；：。—]+[，、；：。—]*|[，、；：。—]+")

# Status by word, shape and colour: tone → the shape's name in our own sprite.
TONES = {
    "new": "dot", "wait": "ring", "busy": "half", "done": "tick", "hold": "bars", "late": "bang", "soon": "clock", "stop": "cross",
}  # fmt: skip


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon from the sprite (names in ``tools/assets.json``); decoration unless it gets a ``label``."""
    return format_html(
        '<svg class="icon{}" width="24" height="24" {}><use href="{}#{}"/></svg>',
        f" icon-{size}" if size else "",
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"'),
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def pill(word: str, tone: str = "wait") -> SafeString:
    """A status: word, shape and colour; tones: new wait busy done hold late soon stop."""
    shape = TONES.get(tone, "ring")
    return format_html(
        '<span class="pill pill-{}"><svg class="pill-shape" width="12" height="12" aria-hidden="true">'
        '<use href="{}#{}"/></svg>{}</span>',
        tone if tone in TONES else "wait", static("web/shapes.svg"), shape, gettext(word),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def due(context: template.Context, moment: datetime | None, provisional: bool = False) -> SafeString:
    """A deadline as people say it; the exact time on hover. ``provisional``: leans on unpublished holidays."""
    if moment is None:
        return format_html('<span class="due due-calm">{}</span>', gettext("不限时"))
    now = context["now"]
    note = gettext("（节假日安排尚未公布，暂按周一至周五推算）") if provisional else ""
    return format_html(
        '<time class="due due-{}" datetime="{}" title="{}{}">{}{}</time>',
        wording.urgency(moment, now), moment.isoformat(timespec="seconds"), wording.say_exact(moment), note,
        wording.say_due(moment, now), gettext("（暂）") if provisional else "",
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def when(context: template.Context, moment: datetime | None) -> SafeString:
    """A moment as people say it; the exact time on hover."""
    if moment is None:
        return SafeString('<span class="muted">—</span>')
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"), wording.say_exact(moment), wording.say_when(moment, context["now"]),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def day_span(context: template.Context, days: str) -> SafeString:
    """The first and last day of a date field, so that a browser offers no others."""
    if context.get("now") is None:
        return SafeString("")
    first, last = span_of(days, today_of(context["now"]))
    return format_html(' min="{}" max="{}"', first.isoformat(), last.isoformat())


@register.simple_tag
def number(value: Any, unit: str = "") -> SafeString:
    """A number with its unit; use it in cells of class ``num``."""
    shown = wording.say_number(value)
    return format_html(
        '<span class="number">{}</span><span class="unit">{}</span>',
        shown,
        wording.say_unit(unit) if value is not None else "",
    )


def _unknown() -> SafeString:
    return format_html('<span class="number muted">{}</span>', gettext("不适用"))


@register.simple_tag
def ratio(part: int | None, whole: int | None) -> SafeString:
    """A rate with what it is made of: 93.8%（75/80）; nothing to divide by is 不适用."""
    if part is None or not whole:
        return _unknown()
    share = f"{part * 100 / whole:.1f}".removesuffix(".0")
    return format_html(
        '<span class="number">{}%</span><span class="unit parts">{}</span>',
        share,
        f"（{part:,}/{whole:,}）" if wording.in_chinese() else f"({part:,}/{whole:,})",
    )


@register.simple_tag
def share(value: float | Fraction | str | None) -> SafeString:
    """A share as whole per cents; tenths only where they tell something; None is 不适用."""
    if value is None or isinstance(value, str):
        return _unknown()
    shown = f"{float(value) * 100:.1f}".removesuffix(".0")
    return format_html('<span class="number">{}%</span>', shown)


@register.simple_tag
def ratio2(value: float | Fraction | str | None) -> SafeString:
    """A plain ratio to two places (1.04); None is 不适用."""
    if value is None or isinstance(value, str):
        return _unknown()
    return format_html('<span class="number">{}</span>', f"{float(value):.2f}")


@register.simple_tag
def gap(value: float | Fraction | str | None) -> SafeString:
    """How far from the best possible: 0 is 最好, else per cents rounded up, so that it never promises too much."""
    if value is None or isinstance(value, str):
        return SafeString('<span class="number muted">—</span>')
    if value <= 0.0005:
        return format_html('<span class="number">{}</span>', gettext("最好"))
    return format_html('<span class="number">{}%</span>', f"{math.ceil(value * 1000) / 10:g}")


@register.inclusion_tag("partials/field.html", takes_context=True)
def field(context: template.Context, bound: Any) -> dict[str, Any]:
    """Draw a field; takes a ``Bound`` or a bare schema."""
    shown = bound if isinstance(bound, fields.Bound) else fields.bind([bound])[0]
    return {"f": shown, "s": shown.schema, "now": context.get("now")}


@register.simple_tag
def request_key(key: str = "") -> SafeString:
    """The hidden key that makes a form act once; give back the one that came when the form is shown again."""
    return format_html('<input type="hidden" name="request_key" value="{}">', key or fields.new_request_key())


@register.inclusion_tag("partials/photo_strip.html")
def photo_strip(photos: Sequence[Attachment], now: datetime | None = None) -> dict[str, Any]:
    """Small pictures that open the whole ones."""
    return {"photos": [(records.url_of(p, now), records.thumb_url_of(p, now), p) for p in photos]}


@register.inclusion_tag("partials/paper.html")
def paper(kept: Any, scans: Sequence[Attachment], now: datetime | None = None) -> dict[str, Any]:
    """What the paper of a document's version bears, its scans as pictures and as files to save."""
    pictures = [one for one in scans if one.kind != records.PDF]
    pdfs = [(records.url_of(one, now), one) for one in scans if one.kind == records.PDF]
    return {"paper": kept, "pdfs": pdfs, **photo_strip(pictures, now)}


@register.simple_tag
def classes(*pairs: Any) -> SafeString:
    """Join the class names that are not empty."""
    return format_html_join(" ", "{}", ((name,) for name in pairs if name))


@register.filter
def day(value: date | None) -> str:
    """A day with its year: 2026年3月2日, 2 Mar 2026."""
    return wording.say_date(value) if value else ""


@register.filter
def near_day(value: date | None) -> str:
    """A day of these months with its weekday: 3月2日 周一, 2 Mar Mon."""
    return f"{wording.say_date(value, year=False)} {wording.say_weekday(value)}" if value else ""


@register.filter
def may(request: Request, permission: str) -> bool:
    """Whether a link to what needs a permission leads anywhere for who reads this."""
    return access.may(request.actor, permission)


@register.filter
def word(text: str) -> str:
    """Translate words that come from a declaration (page titles)."""
    return gettext(text) if text else ""


@register.filter
def clauses(text: str) -> SafeString:
    """A large line that breaks after a clause, not within a word: Chinese has no spaces to break at."""
    return format_html_join("", '<span class="clause">{}</span>', ((part,) for part in _CLAUSE.findall(text)))


@register.filter
def receipt(code: str) -> str:
    """A receipt code as people read it: 7K3M-9QXA-2B4C."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
