"""What pages of call-outs show of coverage: a place, the places below it, and who there has not answered."""

from __future__ import annotations

from typing import Any

from tongxin.callouts import api as callouts
from tongxin.callouts.api import CallOut
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.typed import number_in
from tongxin.organization.api import access
from tongxin.territory import api as territory
from tongxin.web.request import Request


def coverage_context(request: Request, call_out: CallOut, asked: str) -> dict[str, Any]:
    """Return coverage at the asked place inside the call-out, or at the whole of it (2 statements).

    Raises:
        NotAllowed: the reader may not see that place.
    """
    district = request.district
    tree = territory.tree(district)
    chosen = number_in(asked)
    under = chosen if chosen is not None and call_out.area_id in tree.path(chosen) else call_out.area_id
    if not access.may(request.actor, "see_matters", under):
        raise NotAllowed("not_your_place", "这里不在您的岗位范围内，不能查看。", "如需协助，请联系发起人。")
    whole, below = callouts.coverage(district, call_out, under)
    path = tree.path(under)
    waiting = callouts.list_open(district, call_out, under) if len(below) <= 1 or _is_low(request, under) else []
    return {
        "call_out": call_out,
        "whole": whole,
        "below": below,
        "above": [tree.get(ident) for ident in path[path.index(call_out.area_id) :]],
        "under": under,
        "waiting": waiting,
        "minutes": callouts.minutes_to(call_out, 90) if call_out.closed_at else None,
    }


def _is_low(request: Request, area_id: int) -> bool:
    """Whether the place lies on one of the two lowest levels: there names are told, above only numbers."""
    place = territory.tree(request.district).get(area_id)
    return place is not None and place.level in request.district.pack.units.level_keys()[-2:]
