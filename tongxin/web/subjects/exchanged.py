"""A panel of the case page, whatever the case is about: certificates referred to, what was sent to other systems, what came back."""

from __future__ import annotations

from typing import Any

from tongxin.exchange import api as exchange
from tongxin.kernel.typed import number_in
from tongxin.procedures.api import Run
from tongxin.web.request import Request
from tongxin.web.subjects import Panel

PANEL = Panel("证照和数据交换", "partials/exchanged.html")


def look_at_number(request: Request, run_id: int) -> tuple[int, str]:
    """The whole number of a certificate, for this answer only; who looked is kept (4 statements). Raises Refusal."""
    asked = request.POST.get("certificate", "")
    ident = number_in(asked) or 0
    number = exchange.look_at_number(
        district=request.district, run_id=run_id, certificate_id=ident, actor=request.actor, now=request.now
    )
    return ident, number


def exchanged(request: Request, run: Run) -> dict[str, Any] | None:
    """What of this case was exchanged; None where the pack exchanges nothing, or nothing was (0 or 3 statements)."""
    spec = request.district.pack.exchange
    if not spec.links and not spec.certificates:
        return None
    about = exchange.about_run(run.id)
    if not about.certificates and not about.sent and not about.received:
        return None

    def title(link: str, kind: str, way: str) -> tuple[str, str]:
        known = spec.links.get(link)
        one = getattr(known, way).get(kind) if known else None
        return (known.title if known else link), (one.title if one else kind)

    return {
        "certificates": [
            (one, spec.certificates[one.kind].title if one.kind in spec.certificates else one.kind)
            for one in about.certificates
        ],
        "sent": [(one, *title(one.link, one.kind, "sends")) for one in about.sent],
        "received": [(one, *title(one.link, one.kind, "takes")) for one in about.received],
    }
