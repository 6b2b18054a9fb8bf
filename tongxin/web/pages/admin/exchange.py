"""What goes to other systems: how each link stands, what stands still and why, the record of what was sent about which case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from tongxin.exchange import api as exchange
from tongxin.kernel.errors import Invalid
from tongxin.kernel.typed import number_in
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

ROWS = 50
STATES = {"": "全部", "stuck": "停住的", "waiting": "等着送的", "sent": "对方已收", "dropped": "不送了"}


def stuck(request: Request) -> int:
    """How many stand still (1 statement; none where the pack exchanges nothing)."""
    return exchange.count_stuck(request.district.id) if request.district.pack.exchange.links else 0


@page(
    "/admin/exchange",
    audience="admin",
    permission="manage_pack",
    title="数据交换",
    icon="transfer",
    nav=75,
    badge=stuck,
    name="admin_exchange",
)
def show_exchange(request: Request) -> Shown:
    """List links and messages; send one again, or give it up (3 statements)."""
    if request.method == "POST":
        return _act(request)
    pack, state = request.district.pack, request.GET.get("state", "")
    state, ref = state if state in STATES else "", request.GET.get("ref", "").strip()[:40]
    before = request.GET.get("before", "")
    found = exchange.list_messages(
        request.district,
        state=state,
        ref=ref,
        rows=ROWS + 1,
        before=number_in(before),
    )
    titles = {
        (link, key): (spec.title, one.title)
        for link, spec in pack.exchange.links.items()
        for key, one in spec.sends.items()
    }
    return {
        "links": exchange.list_links(request.district),
        "rows": [(row, *titles.get((row.link, row.kind), (row.link, row.kind))) for row in found[:ROWS]],
        "before": found[ROWS - 1].number if len(found) > ROWS else None,
        "states": STATES,
        "state": state,
        "ref": ref,
    }


def _act(request: Request) -> Shown:
    who: dict[str, Any] = {"district": request.district, "actor": request.actor, "now": request.now}
    ident = request.POST.get("message", "")[:36]
    match request.POST.get("do", ""):
        case "again":
            exchange.send_again(**who, message_id=ident)
            messages.success(request, "已放回去，马上再送。")
        case "drop":
            exchange.give_up(**who, message_id=ident)
            messages.success(request, "这一条不送了，后面的接着送。")
        case _:
            raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")
    return HttpResponseRedirect(f"{reverse('admin_exchange')}?state=stuck")
