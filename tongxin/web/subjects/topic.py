"""高频问题 on the case page: what was taken up, the matters that belong to it, those that may, and what a person decides of them."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from tongxin.learning import api as learning
from tongxin.packs.schema import Procedure
from tongxin.procedures.api import Run
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Panel, described


@described(learning.SUBJECT)
def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described:
    """Return the topic as the page shows it (4–5 statements)."""
    topic = learning.get_topic_case(request.district, run.subject_id)
    members = learning.list_members(request.district, topic)
    may_sort = topic.closed_at is None and (
        learning.may_open(request.actor, topic.area_id) or run.holder_post_id in request.actor.post_ids
    )
    panels = [Panel("可能相关，请确认", "subjects/topic_offered.html")] if members.offered else []
    return Described(
        title=topic.title,
        about=_("归入的诉求"),
        content="subjects/topic_content.html",
        elements="subjects/topic_elements.html",
        panels=tuple(panels),
        context={"topic": topic, "members": members, "may_sort": may_sort},
    )
