"""The declaration of pages: path, audience, permission and place in the navigation, beside the function that answers.

    @page("/work/inbox", audience="work", permission="see_matters", title="收件箱", icon="inbox", nav=10)
    def inbox(request: Request) -> Shown:
        return {"rows": …}                       # shown with templates/work/inbox.html

The addresses, the navigation and the permission table that ``tests/pages/test_permissions.py`` walks all come from here.
A module under ``web/pages/`` is found by being there.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control, patch_vary_headers

from tongxin.kernel.errors import NotFound
from tongxin.kernel.typed import has_unseen, without_unseen
from tongxin.organization.api import PERMISSIONS, access
from tongxin.web.fields import request_key
from tongxin.web.request import Request
from tongxin.web.signing_in import ask_to_sign_in, owes

Audience = Literal["resident", "grid", "work", "lead", "admin", "anyone"]
Shown = HttpResponseBase | dict[str, Any]
View = Callable[..., Shown]
STAFF: frozenset[str] = frozenset({"grid", "work", "lead", "admin"})
AUDIENCES: dict[str, tuple[str, str]] = {  # title, icon; in the order of the switch
    "resident": ("居民", "home"),
    "grid": ("网格", "map-pin"),
    "work": ("办理", "inbox"),
    "lead": ("总览", "layout-dashboard"),
    "admin": ("管理", "settings"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One declared page; see :func:`page` for the meaning of each."""

    path: str
    name: str
    audience: Audience
    permission: str | None
    title: str
    icon: str
    nav: int | None
    badge: Callable[[Request], int] | None
    listed: Callable[[Request], bool] | None
    methods: tuple[str, ...]
    template: str
    in_district: bool
    view: View

    @property
    def signed_in(self) -> bool:
        """Whether somebody must be signed in to this district."""
        return self.audience in STAFF or self.permission is not None

    @property
    def takes_arguments(self) -> bool:
        """Whether the path has variable parts."""
        return "<" in self.path


PAGES: dict[str, Page] = {}


def page(
    address: str,
    *,
    audience: Audience,
    title: str,
    permission: str | None = None,
    name: str = "",
    nav: int | None = None,
    icon: str = "",
    badge: Callable[[Request], int] | None = None,
    listed: Callable[[Request], bool] | None = None,
    methods: Sequence[str] = ("GET", "POST"),
    template: str = "",
    in_district: bool = True,
) -> Callable[[View], View]:
    """Declare the decorated function as a page.

    Args:
        address: path with a leading slash, with Django's converters: ``/work/matters/<int:matter_id>``.
        audience: whose shell it wears; ``grid``, ``work``, ``lead`` and ``admin`` ask for a login to this district.
        permission: that the actor must hold somewhere (one place or matter the function asks of ``access``); empty: any staff.
        title: Chinese, translated by ``locale/``; the window's title, the navigation's words.
        name: for ``reverse``; ``<audience>_<function>`` unless given.
        nav: place in the audience's navigation, ascending; None keeps it out.
        badge: a number beside the navigation entry; 0 is not shown.
        listed: whether the navigation names it to this person, of those who may open it; everybody unless given. No statement.
        template: ``<audience>/<function>.html`` unless given; only used when the function returns a dict.
        in_district: False for the few pages that stand outside all districts.
    """
    if audience not in get_args(Audience):
        raise ValueError(f"{address}: no such audience: {audience}")
    if permission is not None and permission not in PERMISSIONS:
        raise ValueError(f"{address}: no such permission: {permission}")
    if nav is not None and "<" in address:
        raise ValueError(f"{address}: a page with variable parts cannot be in the navigation")

    def declare(view: View) -> View:
        plain = view.__name__
        declared = Page(
            path=address, name=name or (plain if audience == "anyone" else f"{audience}_{plain}"), audience=audience,
            permission=permission, title=title, icon=icon, nav=nav, badge=badge, listed=listed, methods=tuple(methods),
            template=template or f"{audience}/{plain}.html", in_district=in_district, view=view,
        )  # fmt: skip
        known = PAGES.get(declared.name)
        if known is not None and known.view.__module__ != view.__module__:
            raise RuntimeError(f"two pages are named {declared.name}: {known.view.__module__}, {view.__module__}")
        PAGES[declared.name] = declared
        return view

    return declare


def answer(declared: Page, request: HttpRequest, **arguments: Any) -> HttpResponseBase:
    """Check who asks, call the page's function, show what it returns."""
    asked = cast(Request, request)
    asked.page = declared
    method = "GET" if request.method == "HEAD" else request.method
    if method not in declared.methods:
        return HttpResponseNotAllowed(declared.methods)
    if declared.signed_in:
        if asked.actor.user_id is None and asked.actor.kind != "user":
            return ask_to_sign_in(asked)
        if owed := owes(asked):
            return HttpResponseRedirect(reverse(owed))
        if declared.permission is not None:
            access.demand(asked.actor, declared.permission)
    _drop_unseen(asked, arguments)
    shown = declared.view(asked, **arguments)
    response = shown if isinstance(shown, HttpResponseBase) else render(request, declared.template, shown)
    if declared.signed_in and not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    _tell_accepted(asked, response)
    return response


def _drop_unseen(request: Request, arguments: dict[str, Any]) -> None:
    """Let no page see letters that cannot be seen; passwords stay as they are typed."""
    if has_unseen(part for part in arguments.values() if isinstance(part, str)):
        raise NotFound("page_not_found", "没有这个页面。", "网址可能写错了，或者内容已经移走。")
    if request.META.get("QUERY_STRING"):
        request.GET = cast(Any, _seen(request.GET))
    if request.method == "POST":
        request.POST = cast(Any, _seen(request.POST))


def _seen(given: QueryDict) -> QueryDict:
    if not any(has_unseen(values) for _, values in given.lists()):
        return given
    kept = given.copy()
    for key, values in given.lists():
        if "password" not in key:
            kept.setlist(key, [without_unseen(value) for value in values])
    kept._mutable = False
    return kept


def _tell_accepted(request: Request, response: HttpResponseBase) -> None:
    """Name the request key of a form that led on: its draft may be forgotten (``draft.js`` reads the cookie once)."""
    key = request_key(request.POST) if request.method == "POST" else None
    if key and response.status_code in (302, 303):
        response.set_cookie("accepted", key, max_age=3600, samesite="Lax", secure=request.is_secure())


def load_pages() -> dict[str, Page]:
    """Import every module under ``web/pages`` and return the declared pages by name."""
    import tongxin.web.pages as folder

    for module in pkgutil.walk_packages(folder.__path__, folder.__name__ + "."):
        importlib.import_module(module.name)
    return PAGES


def urlpatterns() -> list[URLPattern]:
    """The addresses of all pages; paths without variable parts come first, so that ``/x/new`` wins over ``/x/<key>``."""
    ordered = sorted(load_pages().values(), key=lambda declared: (declared.takes_arguments, declared.path))
    return [
        path(declared.path.lstrip("/"), functools.partial(answer, declared), name=declared.name) for declared in ordered
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation as it is shown."""

    title: str
    url: str
    icon: str
    current: bool
    count: int


def navigation(request: Request, audience: str) -> list[Entry]:
    """The entries of an audience that this actor may open, in order; badges may cost a statement each."""
    here = getattr(request, "page", None)
    found = sorted(
        (p for p in PAGES.values() if p.audience == audience and p.nav is not None), key=lambda p: (p.nav or 0, p.path)
    )
    return [
        Entry(
            title=declared.title,
            url=reverse(declared.name),
            icon=declared.icon,
            current=_is_within(here, declared),
            count=declared.badge(request) if declared.badge else 0,
        )
        for declared in found
        if _is_listed(request, declared)
    ]


def _is_within(here: Page | None, entry: Page) -> bool:
    if here is None:
        return False
    root = entry.path.count("/") <= 1 or entry.path.endswith("/")
    return here.name == entry.name or (not root and here.path.startswith(entry.path + "/"))


def _is_listed(request: Request, declared: Page) -> bool:
    return _may_open(request, declared) and (declared.listed is None or declared.listed(request))


def _may_open(request: Request, declared: Page) -> bool:
    if not declared.signed_in:
        return True
    return declared.permission is None or access.may(request.actor, declared.permission)


def audiences(request: Request) -> list[Entry]:
    """The audiences whose first page this actor may open: the switch between them. Empty when there is only one."""
    if request.actor.user_id is None:
        return []
    here = getattr(request, "page", None)
    shown: list[Entry] = []
    for key, (title, icon) in AUDIENCES.items():
        entries = navigation_targets(request, key)
        if entries:
            shown.append(Entry(title, reverse(entries[0].name), icon, here is not None and here.audience == key, 0))
    return shown if len(shown) > 1 else []


def navigation_targets(request: Request, audience: str) -> list[Page]:
    """The navigation's pages that this actor may open, in order, without badges (no statement beyond the actor's)."""
    found = [p for p in PAGES.values() if p.audience == audience and p.nav is not None and _is_listed(request, p)]
    return sorted(found, key=lambda p: (p.nav or 0, p.path))
