"""What the machine learned of the district's matters and how good it was measured to be; or why it does not answer."""

from __future__ import annotations

from tongxin.learning import api as learning
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page(
    "/admin/text", audience="admin", permission="manage_pack", title="文字理解", icon="bulb", nav=70, methods=("GET",)
)
def text_model(request: Request) -> Shown:
    """Show the evaluation card of the model in force (1 statement)."""
    kept = learning.find_model(request.district)
    lines = learning.card_lines(request.district, kept) if kept else []
    return {"kept": kept, "lines": lines, "trouble": learning.trouble_of(kept)}
