"""The door of ``organization``: who acts, which desk takes a case, who may do what."""

from tongxin.organization import access
from tongxin.organization.access import PERMISSIONS, Scope, demand, demand_all, may, may_all, scope
from tongxin.organization.queries.actors import actor_for_user, program_actor, resident_actor, system_actor
from tongxin.organization.queries.copies import directory
from tongxin.organization.queries.desks import desk, desks, list_units, resolve_role, resolve_unit
from tongxin.organization.rules.directory import Directory
from tongxin.organization.rules.people import Actor, Desk, HeldPost, Unit

__all__ = [
    "PERMISSIONS",
    "Actor",
    "Desk",
    "Directory",
    "HeldPost",
    "Scope",
    "Unit",
    "access",
    "actor_for_user",
    "demand",
    "demand_all",
    "desk",
    "desks",
    "directory",
    "list_units",
    "may",
    "may_all",
    "program_actor",
    "resident_actor",
    "resolve_role",
    "resolve_unit",
    "scope",
    "system_actor",
]
