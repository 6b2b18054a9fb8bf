"""Public lists: what the locality publishes of its lists, without sign-in."""

from __future__ import annotations

from tongxin.kernel import limits
from tongxin.kernel.errors import NotFound
from tongxin.lists import api as lists
from tongxin.organization import api as organization
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page(
    "/lists", audience="resident", title="公开清单", icon="list-check", nav=50, name="resident_lists", methods=("GET",)
)
def lists_shown(request: Request) -> Shown:
    """List the public lists that have an edition (2 statements)."""
    return {"rows": [row for row in lists.list_lists(request.district, public_only=True) if row.editions]}


@page("/lists/<slug:key>", audience="resident", title="公开清单", name="resident_list", methods=("GET",))
def list_shown(request: Request, key: str) -> Shown:
    """Show the editions in force of a public list, one class under the other (3 statements)."""
    district, asked = request.district, request.GET
    row = next((row for row in lists.list_lists(district, public_only=True) if row.key == key), None)
    if row is None or not row.editions:
        raise NotFound("no_public_list", "没有这个公开清单。", "请从公开清单里选。")
    wanted = asked.get("edition", "")
    edition = next((e for e in row.editions if str(e.pk) == wanted), row.editions[0])
    words = asked.get("q", "").strip()[: limits.SEARCH_CHARS]
    items, after = lists.list_items(edition, words=words, klass=asked.get("class", ""), after=asked.get("after", ""))
    directory, tree = organization.directory(district), territory.tree(district)
    stages, shares = dict(lists.STAGES), dict(lists.SHARES)
    return {
        "row": row, "grounds": registers.grounds(district.pack).get(("lists", key), ()), "edition": edition, "words": words, "after": after, "asked": asked, "classes": lists.count_classes(edition),
        "editions": [(e.pk, tree.full_name(e.area_id) if e.area_id else e.title) for e in row.editions],
        "items": [
            (item, edition.classes.get(item.klass, ""), stages[item.stage] if item.case_id else "", shares[item.share] if item.share else "",
             body.name if (body := directory.body(item.taken_by_id or item.owner_id)) else "",
             [(f.title, (f.choices or {}).get(str(v), v)) for k, f in row.spec.fields.items() if f.shown == "public" and (v := item.fields.get(k))])
            for item in items
        ],
    }  # fmt: skip
