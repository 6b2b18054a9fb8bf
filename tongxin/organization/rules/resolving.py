"""Which desk a case goes to: the rule of vacancy, in one place.

For a role at a place the line runs from the place up to the root. At each place where the role has a post:

1. the first seat that is held, or covered, takes it;
2. else the role's deputy at the same place (and the deputy's deputy), held or covered;
3. else one place up.

If nothing on the line is held, the nearest post of the role takes it all the same and is marked ``vacant``, so that
nothing is lost: it waits in an inbox that the post above can see. Only where the role has no post on the line, its
deputies' nearest post counts as nearest. Without any post there is no desk. A place where the role has no post is not a
vacancy, so its deputy is not asked there.

For a body the line runs from the body to those above it; at each one that has a desk role, the same three steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tongxin.organization.rules.directory import Post

Posts = Sequence[Post]


def deputies(role: str, deputy_of: Mapping[str, str | None]) -> list[str]:
    """Return the role and those who stand in for it, in order; a ring ends the list."""
    line = [role]
    while (following := deputy_of.get(line[-1])) and following not in line:
        line.append(following)
    return line


def choose(
    steps: Sequence[tuple[str, int]],
    *,
    posts_of: Callable[[str, int], Posts],
    held: Callable[[int], bool],
    deputy_of: Mapping[str, str | None],
) -> Post | None:
    """Return the post that takes the case, by the rule above.

    Args:
        steps: (role, place or body id), nearest first.
        posts_of: posts of a role at a place or in a body, first seat first.
        held: whether somebody holds or covers the post.
        deputy_of: role → the role that stands in for it.
    """
    nearest: Post | None = None
    nearest_deputy: Post | None = None
    for role, where in steps:
        own = posts_of(role, where)
        for standing_in in deputies(role, deputy_of):
            posts = own if standing_in == role else posts_of(standing_in, where)
            if standing_in == role and posts and nearest is None:
                nearest = posts[0]
            elif posts and nearest_deputy is None:
                nearest_deputy = posts[0]
            if own:
                for post in posts:
                    if held(post.id):
                        return post
    return nearest or nearest_deputy
