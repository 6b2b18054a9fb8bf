"""The door of ``organization``: who acts, which desk takes a case, who may do what, who holds which post."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.organization import access
    from tongxin.organization.access import PERMISSIONS, Scope, demand, demand_all, may, may_all, scope
    from tongxin.organization.actions.accounts import (
        PROGRAMS_MAY,
        end_key,
        issue_key,
        link_oneself,
        link_person,
        open_account,
        renew_password,
        switch_account,
    )  # fmt: skip
    from tongxin.organization.actions.bodies import (
        NewBody,
        add_bodies,
        add_body,
        end_body,
        set_body_covers,
        set_up_bodies,
    )  # fmt: skip
    from tongxin.organization.actions.duty import (
        LinkFault,
        LinksImported,
        end_link,
        import_links,
        options_of,
        set_link,
        set_links,
    )  # fmt: skip
    from tongxin.organization.actions.following import Followed, follow_places
    from tongxin.organization.actions.people import add_person, appoint, end_cover, end_term, link_user, set_cover
    from tongxin.organization.actions.places import (
        end_place,
        rename_place,
        repair_place,
        repair_slivers,
        take_in_places,
    )  # fmt: skip
    from tongxin.organization.actions.posts import PostsKept, set_up_posts
    from tongxin.organization.actions.roster import import_people, staff_posts
    from tongxin.organization.queries.actors import actor_for_user, program_actor, resident_actor, system_actor
    from tongxin.organization.queries.copies import directory
    from tongxin.organization.queries.desks import desk, desks, list_units, resolve_role, resolve_unit
    from tongxin.organization.queries.duty import list_duties, list_running
    from tongxin.organization.queries.party import bodies_over, body_tree, check_bodies, list_answerable
    from tongxin.organization.queries.people import (
        CoverRow,
        PersonRow,
        TermRow,
        count_sizes,
        get_person_row,
        list_covers,
        list_people,
        list_terms,
    )  # fmt: skip
    from tongxin.organization.queries.posts import PostPage, PostRow, count_posts_by_area, list_posts, post_row
    from tongxin.organization.rules.directory import Directory
    from tongxin.organization.rules.duty import SECTIONS, Duty, End, Gap, Link
    from tongxin.organization.rules.party import BodyFault, BodyNode
    from tongxin.organization.rules.people import Actor, Desk, HeldPost, Unit
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "PERMISSIONS", "PROGRAMS_MAY", "SECTIONS", "Actor", "BodyFault", "BodyNode", "CoverRow", "Desk", "Directory", "Duty", "End",
    "Followed", "Gap", "HeldPost", "Link", "LinkFault", "LinksImported", "NewBody", "PersonRow", "PostPage", "PostRow",
    "PostsKept", "Scope", "TermRow", "Unit", "access", "actor_for_user", "add_bodies", "add_body", "add_person", "appoint",
    "bodies_over", "body_tree", "check_bodies", "count_posts_by_area", "count_sizes", "demand", "demand_all", "desk", "desks",
    "directory", "end_body", "end_cover", "end_key", "end_link", "end_place", "end_term", "follow_places", "get_person_row",
    "import_links", "import_people", "issue_key", "link_oneself", "link_person", "link_user", "list_answerable", "list_covers", "list_duties", "list_people",
    "list_posts", "list_running", "list_terms", "list_units", "may", "may_all", "open_account", "options_of", "post_row",
    "program_actor", "rename_place", "renew_password", "repair_place", "repair_slivers", "resident_actor", "resolve_role",
    "resolve_unit", "scope", "set_body_covers", "set_cover", "set_link", "set_links", "set_up_bodies", "set_up_posts",
    "staff_posts", "switch_account", "system_actor", "take_in_places",
]  # fmt: skip
