"""清单条目 on the case page: what it says, in which edition it stands, what it is linked with."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from tongxin.kernel.errors import NotFound
from tongxin.lists import api as lists
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Procedure
from tongxin.procedures.api import Run
from tongxin.territory import api as territory
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Panel, described


def facts_of(district: DistrictView, item: lists.Item) -> dict[str, Any]:
    """What the templates of an item show (1 statement)."""
    spec = lists.spec_of(district, item.list_key)
    directory, tree = organization.directory(district), territory.tree(district)
    owner, taken = directory.body(item.owner_id), directory.body(item.taken_by_id)
    area_id = item.area_id or item.edition.area_id
    categories = {category.code: category.title for category, _ in district.pack.catalogue.walk()}
    fields = [
        (field.title, (field.choices or {}).get(str(value), value))
        for key, field in spec.fields.items()
        if (value := item.fields.get(key)) not in (None, "")
    ]
    return {
        "item": item, "spec": spec, "edition": item.edition, "klass": item.edition.classes.get(item.klass, item.klass), "fields_said": fields,
        "owner": owner.name if owner else "", "taken": taken.name if taken else "", "place": tree.full_name(area_id) if area_id else "",
        "codes": [categories.get(code, code) for code in item.categories], "related": lists.related(district, item),
        "share": item.get_share_display() if item.share else "", "stage": item.get_stage_display(),
    }  # fmt: skip


@described(lists.SUBJECT)
def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described:
    """Return the item as the page shows it (2 statements)."""
    item = lists.find_item_of_case(request.district, run.subject_id)
    if item is None:
        raise NotFound("no_item", "这一条已经不在清单里。", "请从清单里重新打开。")
    facts = facts_of(request.district, item)
    panels = (Panel("关联", "subjects/list_item_related.html"),) if facts["related"] else ()
    return Described(
        title=item.title, about=_("清单条目"), content="subjects/list_item_content.html", elements="subjects/list_item_elements.html",
        panels=panels, context=facts,
    )  # fmt: skip
