"""The door of ``organization``: who acts, which desk takes a case, who may do what, who holds which post."""

from tongxin.organization import access
from tongxin.organization.access import PERMISSIONS, Scope, demand, demand_all, may, may_all, scope
from tongxin.organization.actions.bodies import (
    NewBody,
    add_bodies,
    add_body,
    end_body,
    set_body_covers,
    set_up_bodies,
)
from tongxin.organization.actions.people import add_person, appoint, end_cover, end_term, link_user, set_cover
from tongxin.organization.actions.posts import set_up_posts
from tongxin.organization.actions.roster import import_people, staff_posts
from tongxin.organization.queries.actors import actor_for_user, program_actor, resident_actor, system_actor
from tongxin.organization.queries.copies import directory
from tongxin.organization.queries.desks import desk, desks, list_units, resolve_role, resolve_unit
from tongxin.organization.queries.party import bodies_over, body_tree, check_bodies
from tongxin.organization.rules.directory import Directory
from tongxin.organization.rules.party import BodyFault, BodyNode
from tongxin.organization.rules.people import Actor, Desk, HeldPost, Unit

__all__ = [
    "PERMISSIONS", "Actor", "BodyFault", "BodyNode", "Desk", "Directory", "HeldPost", "NewBody", "Scope", "Unit", "access",
    "actor_for_user", "add_bodies", "add_body", "add_person", "appoint", "bodies_over", "body_tree", "check_bodies", "demand",
    "demand_all", "desk", "desks", "directory", "end_body", "end_cover", "end_term", "import_people", "link_user", "list_units",
    "may", "may_all", "program_actor", "resident_actor", "resolve_role", "resolve_unit", "scope", "set_body_covers", "set_cover",
    "set_up_bodies", "set_up_posts", "staff_posts", "system_actor",
]  # fmt: skip
