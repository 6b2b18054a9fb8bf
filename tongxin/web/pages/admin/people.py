"""Posts and persons of the district: by place, by body, by name. Single posts and persons have pages of their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

MANAGE = "manage_people"
BRANCHES = 60
NEW_PERSON = [
    Field("name", "姓名", required=True, max=limits.NAME_CHARS),
    Field("phone", "电话", "phone", purpose="工作联系，不对外公开"),
]


@page("/admin/people", audience="admin", permission=MANAGE, title="人员与岗位", icon="users", nav=20)
def people(request: Request) -> Shown:
    """List posts of a place or a body, or persons, a page at a time (2 statements at most)."""
    if request.method == "POST":
        return _add(request)
    return render(request, "admin/people.html", _shown(request))


def _shown(request: Request) -> dict[str, object]:
    asked, district = request.GET, request.district
    today, view = local(request.now).date(), asked.get("view", "")
    words = asked.get("q", "").strip()[: limits.SEARCH_CHARS]
    after = number_in(asked.get("after", "")) or 0
    common: dict[str, object] = {
        "view": view if view in ("bodies", "persons") else "places", "asked": asked, "words": words,
        "roles": [(key, role.title) for key, role in district.pack.units.roles.items()],
        "new_person": bind(NEW_PERSON, prefix="new"), "filtered": any(asked.get(k) for k in ("q", "role", "vacant")),
    }  # fmt: skip
    if view == "persons":
        found = organization.list_people(district.id, words=words, after=after, rows=limits.PAGE_ROWS + 1)
        known = organization.directory(district)
        rows = [(person, known.posts_of(person.id, today)) for person in found[: limits.PAGE_ROWS]]
        more = found[limits.PAGE_ROWS - 1].id if len(found) > limits.PAGE_ROWS else ""
        return common | {"people": rows, "after": more}
    area_id = number_in(asked.get("area", "")) if view != "bodies" else None
    body_id = number_in(asked.get("body", "")) if view == "bodies" else None
    posts = organization.list_posts(
        district, scope=access.scope(request.actor, MANAGE), on=today, area_id=area_id, body_id=body_id,
        in_bodies=view == "bodies",
        role=asked.get("role", ""), vacant_only=asked.get("vacant") == "1", words=words, after=after,
    )  # fmt: skip
    branches = _bodies(request, body_id) if view == "bodies" else _places(request, area_id)
    return common | branches | {"posts": posts, "after": posts.after or ""}


def _places(request: Request, area_id: int | None) -> dict[str, object]:
    """The line from the top to the chosen place, and the places under it with their posts (0 statements)."""
    tree = territory.tree(request.district)
    counts = organization.count_posts_by_area(request.district, local(request.now).date())
    roots = tree.roots()
    top = area_id if tree.get(area_id) else roots[0].id if len(roots) == 1 else None
    line = [place for i in tree.path(top) if (place := tree.ever(i)) is not None]
    below = tree.children(top)
    return {
        "line": [(place.id, place.name) for place in line],
        "branches": [(p.id, p.name, *counts.get(p.id, (0, 0))) for p in below[:BRANCHES]],
        "hidden": max(len(below) - BRANCHES, 0),
        "key": "area",
    }


def _bodies(request: Request, body_id: int | None) -> dict[str, object]:
    """The line from the top to the chosen body, the bodies under it, and what is wrong by the pack (0 statements)."""
    known, kinds = organization.directory(request.district), request.district.pack.units.bodies
    below = sorted(known.bodies_under(body_id), key=lambda b: (b.kind, b.name))
    chosen = known.body(body_id)
    return {
        "line": [(b.id, b.name) for b in reversed(known.line_of(body_id))],
        "branches": [(b.id, b.name, kinds[b.kind].title if b.kind in kinds else b.kind) for b in below[:BRANCHES]],
        "hidden": max(len(below) - BRANCHES, 0),
        "key": "body",
        "body_faults": organization.check_bodies(request.district)[:20] if chosen is None else [],
    }


def _add(request: Request) -> Shown:
    """Make a person and lead to the page where a post and an account are given."""
    given = read(NEW_PERSON, request.POST)
    try:
        made = organization.add_person(
            district=request.district, name=given.get("name", ""), phone=given.get("phone", ""), actor=request.actor,
            now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        context = _shown(request) | {
            "new_person": bind(NEW_PERSON, request.POST, refusal, prefix="new"),
            "refusal": refusal,
        }
        return render(request, "admin/people.html", context, status=refusal.status)
    messages.success(request, "已新建。接着可以任命岗位、建立账号。")
    return HttpResponseRedirect(reverse("admin_person", args=[made]))
