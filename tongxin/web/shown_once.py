"""A page of what opens something without a person: each made and shown once, listed, ended. Keys of programs and links of walls are such pages.

Not what is made: the page says in a :class:`Kind` what it makes, how it is listed and how it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown
from tongxin.web.request import Request


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind.

    ``make`` takes the checked form and returns the secret; ``end`` takes the id of one; ``rows`` lists all of the district, each with
    ``id`` and what the template shows. All may raise a refusal. ``ended`` is the sentence after an end.
    """

    page: str  # its name, for the way back
    template: str
    fields: Sequence[Field]
    make: Callable[[Request, dict[str, Any]], str]
    end: Callable[[Request, int], None]
    rows: Callable[[Request], list[Any]]
    ended: str


def answer(request: Request, kind: Kind) -> Shown:
    """List them; make one, whose secret stands in this answer only; end one, and come back to the list."""
    refusal: Refusal | None = None
    told = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                kind.end(request, number_in(request.POST.get("id", "")) or 0)
                messages.success(request, kind.ended)
                return HttpResponseRedirect(reverse(kind.page))
            told = kind.make(request, read(kind.fields, request.POST))
        except Refusal as caught:
            refusal = caught
    context = {
        "rows": kind.rows(request),
        "fields": bind(kind.fields, request.POST if refusal else None, refusal),
        "told": told,
        "refusal": refusal,
    }
    return render(request, kind.template, context, status=refusal.status if refusal else 200)
