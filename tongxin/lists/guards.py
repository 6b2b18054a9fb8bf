"""The admission gate (norms G-11, J-09, W-06): a body that the lists protect is given only what they say.

- What the lists name as 上级收回 is given to nobody there; what they name as 只协助 never as main handler, whoever dispatches.
- What they do not name cannot be given from outside: by a department, a street or the district. The community itself may take
  it up for its own residents. An urgent matter admitted for a time may be given until its moment.
- Where no list is published, the catalogue's ``community_may_handle`` decides, as it always did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.registry import guards
from tongxin.lists.queries import standing
from tongxin.lists.rules import Verdict, judge
from tongxin.organization import api as organization
from tongxin.packs.schema import Category, Pack
from tongxin.procedures.api import Context
from tongxin.territory import api as territory


@guards.register("main_unit_may_handle", "主办、协办单位可以承办这一类（准入清单、职责清单）", takes="")
def main_unit_may_handle(context: Context, argument: Any) -> str | None:
    """Refuse a main unit without a desk, and what the lists do not let a body be given (0 statements when copies are kept)."""
    directory = organization.directory(context.district)
    ident = context.run.parts.get("main_unit")
    body = directory.body(ident) if isinstance(ident, int) else None
    if body is None:
        return None  # the form says itself that the unit is missing
    kind = context.pack.units.bodies.get(body.kind)
    if kind is None or kind.desk is None:
        return f"“{body.name}”没有设收件岗，不能作主办单位。请改派，或请管理员为它设岗。"
    line = _line(context.pack, str(context.form.get("category") or context.run.facts.get("category") or ""))
    _hold(context, body, line, main=True)
    for other in context.run.parts.get("co_units") or [] if "co_units" in context.form else []:
        co_unit = directory.body(other)
        if co_unit is not None:
            _hold(context, co_unit, line, main=False)
    return None


@guards.register("for_own_unit", "各单位只为自己认领")
def for_own_unit(context: Context, argument: Any) -> str | None:
    """Refuse a unit's desk that names another unit; whoever holds the case may note what any unit claimed (0 statements)."""
    post = next((held for held in context.actor.posts if held.id == context.acting_as), None)
    if post is None or post.body_id is None or post.id == context.run.holder_post_id:
        return None
    named = context.form.get("unit")
    if named is None or named == post.body_id:
        return None
    return "只能为自己的单位认领。其他单位的认领，请由清单的承办人登记。"


def _hold(context: Context, body: Any, line: Sequence[Category], *, main: bool) -> None:
    """Raise NotAllowed with the list, the edition, the item and the way on, unless the body may be given this."""
    standings, leaves = standing(context.district)
    tree = territory.tree(context.district)
    area_path = frozenset(i for area in body.covers for i in tree.path(area))
    verdict = judge(
        standings,
        leaves,
        kind=body.kind,
        codes=[category.code for category in line],
        area_path=area_path,
        now=context.now,
    )
    category = line[0] if line else None
    if verdict.answer in ("no_list", "unlisted", "lapsed") and _inside(context, body.covers):
        if (
            main
            and category is not None
            and not category.community_may_handle
            and _is_community(context.pack, body.kind)
        ):
            raise _assist_only(category.title, "社区职责清单")
        return
    if verdict.answer == "no_list":
        if (
            main
            and category is not None
            and not category.community_may_handle
            and _is_community(context.pack, body.kind)
        ):
            raise _assist_only(category.title, "社区职责清单")
        return
    _hold_to(verdict, body.name, category.title if category else "", main=main)


def _hold_to(verdict: Verdict, body: str, category: str, *, main: bool) -> None:
    if verdict.answer in ("main", "leave") or (verdict.answer == "assist" and not main):
        return
    assert verdict.standing is not None
    where = f"《{verdict.standing.list_title}》（{verdict.standing.edition_title}）"
    details: dict[str, Any] = {"list": verdict.standing.list_key, "edition": verdict.standing.edition_id}
    if verdict.line is not None:
        details["item"] = verdict.line.key
        item = f"{where}第 {verdict.line.key} 项“{verdict.line.title}”"
        if verdict.answer == "assist":
            what = f"{item}写明社区只协助，“{body}”不能作主办单位。"
            raise NotAllowed("list_assist_only", what, "请派给主管部门主办，社区可以列为协办。", "main_unit", **details)
        what = f"{item}已由上级收回，不能再派给“{body}”。"
        raise NotAllowed("list_taken_back", what, "请派给上级主管部门。", "main_unit", **details)
    matter = f"“{category}”" if category else "还没有归类的事项"
    what = f"{where}里没有{matter}，不能派给“{body}”。"
    if verdict.answer == "lapsed" and verdict.leave is not None:
        ended = f"{local(verdict.leave.until_at):%Y年%m月%d日 %H:%M}"
        what = f"{where}里没有{matter}；临时准入“{verdict.leave.title}”已于 {ended} 到期，不能再派给“{body}”。"
    mend = "请派给主管部门；确需社区办的，先申请准入：长期的列入清单，紧急的经批准限期办理。"
    raise NotAllowed("list_unlisted", what, mend, "main_unit", **details)


def _assist_only(category: str, where: str) -> NotAllowed:
    what = f"“{category}”不在{where}内，社区只能协助，不能作主办单位。"
    return NotAllowed("guard_main_unit_may_handle", what, "请派给主管部门，社区可列为协办。", "main_unit")


def _inside(context: Context, covers: Iterable[int]) -> bool:
    """Whether who dispatches works in the community itself: on its grounds or below, not above."""
    tree, grounds = territory.tree(context.district), set(covers)
    post = next((held for held in context.actor.posts if held.id == context.acting_as), None)
    return post is not None and any(not grounds.isdisjoint(tree.path(ground)) for ground in post.grounds)


def _is_community(pack: Pack, kind: str) -> bool:
    return pack.units.bodies[kind].family in ("community", "party")


def _line(pack: Pack, code: str) -> list[Category]:
    """The category of that code and those above it, nearest first; empty for none."""

    def down(items: list[Category], above: list[Category]) -> list[Category] | None:
        for item in items:
            line = [item, *above]
            if item.code == code:
                return line
            found = down(item.children, line)
            if found is not None:
                return found
        return None

    return down(pack.catalogue.categories, []) or []
