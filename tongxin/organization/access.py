"""Who may do and see what, decided here and nowhere else. It follows from posts and places (norm G-15).

A post carries the permissions that the pack gives its role, for the areas it acts for and everything below them. What a
person may do is the sum over the posts held or covered today. Never outside those grounds, never in another district.
Operators of the installation set up people, places and packs, but do not read matters or personal data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tongxin.kernel.errors import NotAllowed
from tongxin.organization.rules.people import Actor, HeldPost
from tongxin.territory import api as territory

PERMISSIONS: dict[str, str] = {
    "report_for_others": "代他人反映",
    "see_matters": "查看诉求",
    "see_personal": "查看个人信息",
    "see_places": "查看房屋与住户",
    "import": "导入数据",
    "export": "导出数据",
    "manage_people": "管理人员与岗位",
    "plan_grids": "划分网格",
    "manage_areas": "管理地域",
    "manage_facilities": "管理身边设施",
    "manage_pack": "管理资料包",
    "see_audit": "查看管理记录",
    "supervise": "督办",
    "call_out": "发起动员",
    "manage_lists": "维护清单",
    "keep_cadence": "记活动",
    "keep_registers": "维护名册",
    "exchange": "与别的系统交换",
}
OPERATOR_MAY = frozenset({"import", "manage_people", "manage_areas", "manage_facilities", "manage_pack", "see_audit"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a permission holds: the whole district, or these areas (everything below, ended places included).

    ``tops`` are the areas that the posts name, all others lie below them: a query over a city asks for these by the path of its
    places (``under=``) rather than for ten thousands of ids.
    """

    everywhere: bool
    area_ids: frozenset[int] = frozenset()
    tops: tuple[int, ...] = ()

    @property
    def nowhere(self) -> bool:
        """Whether the permission holds at no place."""
        return not self.everywhere and not self.area_ids


NOWHERE = Scope(False)
EVERYWHERE = Scope(True)


def reaches(grounds: Iterable[int], path: Iterable[int]) -> bool:
    """Whether an area with this path (root … itself) lies in the grounds."""
    return not set(grounds).isdisjoint(path)


def may(actor: Actor, permission: str, area_id: int | None = None) -> bool:
    """Whether the actor has the permission, at that area or (None) at any place at all. 0 statements when copies are kept.

    An area that the actor's district does not have is out of reach for everybody.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")
    grounds = _grounds(actor, permission)
    if grounds is not None and not grounds:
        return False
    if area_id is None:
        return True
    tree = territory.find_tree(actor.district_id)
    if tree is None or area_id not in tree:
        return False
    return grounds is None or reaches(grounds, tree.path(area_id))


def may_all(actor: Actor, permission: str, area_ids: Iterable[int]) -> bool:
    """Whether the actor has the permission at each of the areas; for no areas at all, whether in the whole district."""
    wanted = list(area_ids)
    if not wanted:
        return scope(actor, permission).everywhere
    return all(may(actor, permission, area_id) for area_id in wanted)


def scope(actor: Actor, permission: str) -> Scope:
    """Return where the permission holds, for queries. 0 statements when copies are kept."""
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")
    grounds = _grounds(actor, permission)
    if grounds is None:
        return EVERYWHERE
    tree = territory.find_tree(actor.district_id) if grounds else None
    if tree is None:
        return NOWHERE
    inside = [area_id for area_id in grounds if area_id in tree]
    roots = {place.id for place in tree.roots()}
    if roots and roots <= set(inside):
        return EVERYWHERE
    return Scope(False, frozenset(i for area_id in inside for i in tree.under(area_id, ended=True)), tuple(inside))


def post_for(actor: Actor, permission: str, area_id: int | None) -> HeldPost | None:
    """Return the first of the actor's posts that carries the permission and reaches the area, to name it in a log (0 statements)."""
    tree = territory.find_tree(actor.district_id) if area_id is not None else None
    path = tree.path(area_id) if tree is not None and area_id is not None and area_id in tree else ()
    able = [post for post in actor.posts if permission in post.may]
    return next((post for post in able if area_id is None or reaches(post.grounds, path)), None)


def near_enough(district_id: int, grounds: Iterable[int], others: Iterable[int]) -> bool:
    """Whether ``others`` hold, lie in, or lie beside (same parent) each of the grounds: close enough to stand in (AB 岗)."""
    tree = territory.find_tree(district_id)
    wanted, offered = set(grounds), set(others)
    if tree is None or not wanted:
        return False
    around = {above for other in offered for above in tree.path(other)[-2:]}
    return all(reaches(offered | around, tree.path(ground)) for ground in wanted)


def demand(actor: Actor, permission: str, area_id: int | None = None) -> None:
    """Raise NotAllowed unless :func:`may`."""
    if not may(actor, permission, area_id):
        raise refusal(permission)


def demand_all(actor: Actor, permission: str, area_ids: Iterable[int]) -> None:
    """Raise NotAllowed unless :func:`may_all`."""
    if not may_all(actor, permission, area_ids):
        raise refusal(permission)


def refusal(permission: str) -> NotAllowed:
    """The no, in words; it does not tell whether the thing asked for exists."""
    title = PERMISSIONS[permission]
    return NotAllowed(
        "not_allowed",
        f"您的岗位在这里没有“{title}”的权限。",
        "如确需办理，请联系管理员调整岗位。",
        permission=permission,
    )


def _grounds(actor: Actor, permission: str) -> frozenset[int] | None:
    """Return the areas at which the permission holds, None for the whole district."""
    match actor.kind:
        case "system":
            return None
        case "program":
            return None if permission in actor.may else frozenset()
        case "user":
            if actor.operator and permission in OPERATOR_MAY:
                return None
            return frozenset(ground for post in actor.posts if permission in post.may for ground in post.grounds)
        case _:
            return frozenset()
