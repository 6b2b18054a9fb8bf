"""The administrator's first page: is the locality set up rightly?"""

from __future__ import annotations

from collections import Counter

from tongxin.packs import api as packs
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.setting_up import findings

_HEADS = {"late": "要处理", "soon": "请留意", "wait": "供了解", "done": "正常"}


@page("/admin/", audience="admin", permission="manage_pack", title="本地是否就绪", icon="checklist", nav=10)
def overview(request: Request) -> Shown:
    """Show each fact with its meaning, what to do and where (8 statements)."""
    lines, sizes = findings(request.district, request.now)
    counts = Counter(line.tone for line in lines)
    groups = [(head, tone, [line for line in lines if line.tone == tone]) for tone, head in _HEADS.items()]
    return {
        "groups": [group for group in groups if group[2]],
        "bad": counts["late"],
        "look": counts["soon"],
        "sizes": sizes,
        "faults": packs.check_stored(request.district.pack_id)[:20],
    }
