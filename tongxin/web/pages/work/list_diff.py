"""Two editions of a list side by side: how many in each class, and item by item what came, went, moved or changed (ZS-18)."""

from __future__ import annotations

from tongxin.kernel.errors import NotFound
from tongxin.lists import api as lists
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

WORDS = {"removed": "减少", "added": "增加", "moved": "换了类", "changed": "有改动"}
TONES = {"removed": "stop", "added": "new", "moved": "busy", "changed": "soon"}
SHOWN = 500


@page("/work/lists/<slug:key>/editions/<int:edition_id>/diff", audience="work", title="两版比较", name="work_list_diff")
def list_diff(request: Request, key: str, edition_id: int) -> Shown:
    """Compare an edition with an earlier one, by default the one before it (5 statements)."""
    spec = lists.spec_of(request.district, key)
    editions = lists.list_editions(request.district, key)
    after = next((edition for edition in editions if edition.pk == edition_id), None)
    if after is None:
        raise NotFound("no_edition", "没有清单的这一版。", "请从清单页面重新打开。")
    others = [e for e in editions if e.pk != after.pk and e.area_id == after.area_id]
    wanted = request.GET.get("with", "")
    before = next((e for e in others if str(e.pk) == wanted), None)
    if before is None:
        before = next((e for e in others if e.number < after.number), others[0] if others else None)
    if before is None:
        raise NotFound("no_other_edition", f"“{spec.title}”只有一版，没有可比的。", "公布下一版以后再来看。")
    found = lists.compare_editions(request.district, before, after)
    counts = [(WORDS[what], TONES[what], found.count(what)) for what in WORDS]
    rows = [
        (WORDS[change.what], TONES[change.what], change, before.classes.get(change.before.klass, "") if change.before else "",
         after.classes.get(change.after.klass, "") if change.after else "")
        for change in found.changes[:SHOWN]
    ]  # fmt: skip
    classes = [(title, a, b, b - a) for title, a, b in found.classes]
    return {
        "key": key, "spec": spec, "before": before, "after": after, "others": others, "found": found, "counts": counts,
        "classes": classes, "rows": rows, "hidden": max(len(found.changes) - SHOWN, 0),
        "old_classes": sum(1 for _, a, _ in found.classes if a), "new_classes": sum(1 for _, _, b in found.classes if b),
    }  # fmt: skip
