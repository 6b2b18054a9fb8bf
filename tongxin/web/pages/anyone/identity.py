"""Signing in with the city's identity service: the way there and back, linking one's account with it, and the way out of both.

No account is made and nobody is linked by signing in: whoever is not linked is told what to do. The start is a plain link, so
that a page of the city's own system can lead here (``?next=``, or ``target_link_uri`` as OpenID Connect's third-party start has it).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from tongxin.accounts import api as accounts
from tongxin.accounts.api import IdentityService, Limit
from tongxin.kernel.errors import NotAllowed, Refusal
from tongxin.organization import api as organization
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.signing_in import LEFT, ask_to_sign_in, safe_next
from tongxin.web.sources import check_flood

ASKED, FOUND = "identity_asked", "identity_found"  # in the session: ways begun, and whom to link
WAY_SECONDS, WAYS = 900, 4  # a way begun holds so long; so many at once (several tabs)
STATE_CHARS, CODE_CHARS, TOKEN_CHARS, NEXT_CHARS = 200, 4_096, 16_384, 2_000


@page("/sign-in/identity", audience="anyone", title="用统一身份登录", methods=("GET",))
def identity(request: Request) -> Shown:
    """Lead to the identity service (2 statements, 0–1 requests)."""
    service = accounts.find_service(request.district.id)
    if service is None:
        return HttpResponseRedirect(reverse("sign_in"))
    try:
        check_flood(request, "identity", device=Limit(30, 600), address=Limit(120, 600))
        if request.GET.get("iss", service.issuer) != service.issuer:
            raise NotAllowed("identity_issuer", "这个链接来自另一个统一身份。", "请从本平台的登录页登录。")
        linking = bool(request.GET.get("link"))
        if linking and not request.user.is_authenticated:
            return ask_to_sign_in(request)
        asked = accounts.identity_provider.ask(service, back=_back(request), now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal)
    begun = {key: one for key, one in _begun(request).items() if one["until"] > request.now.timestamp()}
    begun = dict(sorted(begun.items(), key=lambda item: item[1]["until"])[1 - WAYS :])
    request.session[ASKED] = {
        **begun,
        asked.state: {
            "nonce": asked.nonce, "verifier": asked.verifier, "until": int(request.now.timestamp()) + WAY_SECONDS,
            "next": _wanted(request), "link": request.user.pk if linking else None,
        },
    }  # fmt: skip
    return HttpResponseRedirect(asked.address)


@page("/sign-in/identity/back", audience="anyone", title="用统一身份登录", methods=("GET",))
def identity_back(request: Request) -> Shown:
    """Come back from the identity service: in, on to the second step, to linking, or told what to do (5–12 statements, 1–4 requests)."""
    given, service = request.GET, accounts.find_service(request.district.id)
    if service is None:
        return HttpResponseRedirect(reverse("sign_in"))
    begun = _begun(request)
    way = begun.pop(given.get("state", "")[:STATE_CHARS], None)
    if way is not None:
        request.session[ASKED] = begun  # once only
    try:
        check_flood(request, "identity", device=Limit(30, 600), address=Limit(120, 600))
        if way is None or way["until"] < request.now.timestamp():
            raise NotAllowed("identity_state", "这次登录已经用过、过期，或者不是从这里开始的。", "请重新点一次登录。")
        if given.get("iss", service.issuer) != service.issuer:
            raise NotAllowed("identity_issuer", "回来的不是所设的统一身份，没有登录。", "请重新点一次登录。")
        if given.get("error"):
            raise _their_no(given["error"], service)
        returned = accounts.identity_provider.receive(
            service, code=given.get("code", "")[:CODE_CHARS], back=_back(request), now=request.now,
            asked=accounts.identity_provider.Asked("", given["state"], way["nonce"], way["verifier"]),
        )  # fmt: skip
        if way["link"] is not None:
            return _ask_to_link(request, way["link"], returned)
        user = accounts.find_linked(service, returned.who.subject)
    except Refusal as refusal:
        return _refused(request, refusal, way["next"] if way else "")
    if user is None:
        context = {"who": returned.who, "service": service, "next": way["next"]}
        return render(request, "anyone/identity_unknown.html", context, status=403)
    return _let_in(request, user, returned, way["next"])


def _let_in(request: Request, user: accounts.User, returned: Any, wanted: str) -> HttpResponseRedirect:
    from tongxin.web.pages.anyone.signing import ask_code, let_in

    token = returned.token if len(returned.token) <= TOKEN_CHARS else ""
    vouched = {"strong": returned.who.strong, "token": token}
    if user.totp_since and not returned.who.strong:
        return ask_code(request, user, vouched, wanted)
    return let_in(request, user, vouched, wanted)


def _ask_to_link(request: Request, user_id: int, returned: Any) -> HttpResponseRedirect:
    """Only who began it, still signed in, is asked whether that is them."""
    if request.user.pk != user_id:
        raise NotAllowed("identity_state", "开始关联的人已经退出。", "请先登录，再在“账号安全”里关联。")
    request.session[FOUND] = {"subject": returned.who.subject, "name": returned.who.name, "user": user_id}
    return HttpResponseRedirect(reverse("account_identity"))


@page("/account/identity", audience="anyone", title="关联统一身份")
def account_identity(request: Request) -> Shown:
    """Ask whether that is you, then link; or part the two (5 statements)."""
    if not request.user.is_authenticated:
        return ask_to_sign_in(request)
    found = request.session.get(FOUND)
    if found is not None and found["user"] != request.user.pk:
        found = None
    refusal: Refusal | None = None
    who: dict[str, Any] = {"district": request.district, "actor": request.actor, "now": request.now}
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                organization.link_oneself(**who, subject="")
                messages.success(request, _("已解除关联。"))
            elif found is not None:
                organization.link_oneself(**who, subject=found["subject"])
                messages.success(request, _("已关联，下次可以用统一身份登录。"))
            request.session.pop(FOUND, None)
            return HttpResponseRedirect(reverse("account"))
        except Refusal as caught:
            refusal = caught
    if found is None and refusal is None:
        return HttpResponseRedirect(reverse("account"))
    service = accounts.find_service(request.district.id)
    context = {"found": found, "refusal": refusal, "service": service, "user": request.user}
    return render(request, "anyone/account_identity.html", context, status=refusal.status if refusal else 200)


@page("/signed-out", audience="anyone", title="已退出登录", methods=("GET",))
def signed_out(request: Request) -> Shown:
    """Signed out here; the way out of the identity service, where it offers one (1–2 statements)."""
    token = request.session.get(LEFT)
    service = accounts.find_service(request.district.id)
    address = ""
    if token is not None and service is not None:
        request.session.pop(LEFT)
        try:
            back = request.build_absolute_uri(reverse("signed_out"))
            address = accounts.identity_provider.way_out(service, token=token, back=back, now=request.now)
        except Refusal:  # it is down: nothing to end there from here
            address = ""
    return render(request, "anyone/signed_out.html", {"address": address, "service": service})


def _back(request: Request) -> str:
    return request.build_absolute_uri(reverse("identity_back"))


def _wanted(request: Request) -> str:
    """The page to open afterwards, inside this installation; a whole address of this host is as good as its path."""
    target = request.GET.get("target_link_uri", "")
    if not target:
        return safe_next(request, "")[:NEXT_CHARS]
    host = request.get_host()
    fine = len(target) <= NEXT_CHARS and url_has_allowed_host_and_scheme(
        target, {host}, require_https=request.is_secure()
    )
    parts = urlsplit(target) if fine else urlsplit("")
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == host else ""


def _begun(request: Request) -> dict[str, Any]:
    return dict(request.session.get(ASKED) or {})


def _their_no(error: str, service: IdentityService) -> NotAllowed:
    if error == "access_denied":
        return NotAllowed(
            "identity_cancelled",
            f"您在{service.title}里取消了登录。",
            "要登录请再点一次；也可以用本平台的用户名和密码。",
        )
    return NotAllowed(
        "identity_error",
        f"{service.title}没有让您登录（{error[:40] if error.isascii() else '原因不明'}）。",
        "请再试一次；还不行请把这句话告诉运维人员。",
    )


def _refused(request: Request, refusal: Refusal, wanted: str = "") -> Shown:
    context = {
        "refusal": refusal,
        "next": wanted or safe_next(request, ""),
        "service": accounts.find_service(request.district.id),
    }
    return render(request, "anyone/identity_refused.html", context, status=refusal.status)
