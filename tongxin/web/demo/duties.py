"""Links of duty in the demo: each kind set by hand is filled as its own rules want it, in the order of posts and places."""

from __future__ import annotations

from datetime import date, datetime

from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import LinkKind
from tongxin.territory import api as territory

End = organization.End
MOST = 3_000


def set_up_duties(seen: DistrictView, *, since: date, now: datetime) -> int:
    """Bind the ends of each kind that is set by hand, and let those stand in for one another who must; return the links."""
    actor = organization.system_actor(seen)
    made = 0
    for name, kind in seen.pack.units.links.items():
        if kind.by != "hand" or kind.from_.person or kind.to.person:
            continue
        sources = [_read(one) for one in organization.options_of(seen, kind.from_)]
        targets = [_read(one) for one in organization.options_of(seen, kind.to)]
        pairs = _pairs(seen, kind, sources, targets)
        if pairs:
            made += organization.set_links(
                district=seen, kind=name, pairs=pairs[:MOST], actor=actor, now=now, from_on=since
            )
    _stand_in(seen, actor, since, now)
    return made


def _pairs(district: DistrictView, kind: LinkKind, sources: list[End], targets: list[End]) -> list[tuple[End, End]]:
    """One to one where a source has one target; else each target gets a source of its own place, least busy first."""
    if kind.unique in ("from", "both"):
        return list(zip(sources, targets, strict=False))
    tree, root = territory.tree(district), {place.id for place in territory.tree(district).roots()}
    grounds = {source: set(_grounds(district, source)) - root for source in sources}
    busy = dict.fromkeys(sources, 0)
    pairs = []
    for target in targets:
        path = {above for area in _grounds(district, target) for above in tree.path(area)}
        near = [s for s in sources if not grounds[s].isdisjoint(path) and (kind.most is None or busy[s] < kind.most)]
        if near:
            source = min(near, key=lambda one: busy[one])
            busy[source] += 1
            pairs.append((source, target))
    return pairs


def _grounds(district: DistrictView, end: End) -> tuple[int, ...]:
    what, ident = end
    known = organization.directory(district)
    if what == "area":
        return (ident,)
    if what == "body":
        body = known.body(ident)
        return body.covers if body else ()
    post = known.post(ident)
    return post.grounds if post else ()


def _stand_in(district: DistrictView, actor: organization.Actor, since: date, now: datetime) -> None:
    """Posts of one place that must stand in for one another do so (AB 岗, XN-59)."""
    known, tree = organization.directory(district), territory.tree(district)
    for rule in district.pack.units.required.values():
        for place in tree.at_level(rule.at) if rule.stand_in else ():
            posts = [post for role in rule.role for post in known.posts_at(role, place.id)][:2]
            for one, other in (posts, posts[::-1]) if len(posts) == 2 else ():
                organization.set_cover(
                    district=district,
                    post_id=one.id,
                    by_id=other.id,
                    actor=actor,
                    now=now,
                    from_on=since,
                    reason="AB 岗",
                )


def _read(text: str) -> End:
    what, _, ident = text.partition(":")
    return what, int(ident)
