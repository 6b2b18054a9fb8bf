"""Which rules of duty a district keeps, and where not: links, posts that each place must have, concurrent posts, staffing. Pure.

An end of a link is a pair (what, id): ``("post", 3)``, ``("body", 7)``, ``("person", 9)``, ``("area", 12)``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from tongxin.organization.rules.directory import Directory
from tongxin.packs.schema import Concurrent, LinkEnd, LinkKind, RequiredPost, Staffing

if TYPE_CHECKING:
    from tongxin.territory.api import AreaTree

End = tuple[str, int]
Section = Literal["links", "required", "concurrent", "staffing"]
SECTIONS: dict[str, str] = {
    "links": "联系与结对",
    "required": "每处必有的岗位",
    "concurrent": "兼任",
    "staffing": "配备比例",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that runs, both days included."""

    id: int
    kind: str
    source: End
    target: End
    from_on: date
    until_on: date | None

    def runs(self, on: date) -> bool:
        """Whether the day lies in the link's time."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a rule is not kept: the thing, and what is wrong in words."""

    end: End | None
    what: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A rule and how far it is kept: ``part`` of ``whole`` things keep it; a whole of zero has no share (不适用).

    ``sides``: of links that must cover both ends, each end by itself. ``rate``: of staffing, what there is, e.g. 18.3 of 10,000. ``linked``: of links, how many run.
    """

    section: Section
    key: str
    title: str
    about: str
    rows: tuple[str, ...]
    part: int
    whole: int
    gaps: tuple[Gap, ...]
    sides: tuple[tuple[str, int, int], ...] = ()
    linked: int | None = None
    rate: Fraction | None = None
    wanted: str = ""
    source: str = ""
    size: int | None = None  # of staffing: the inhabitants or households that ``rate`` divides by
    size_of: str = ""  # their unit, and where the number comes from

    @property
    def shown_rate(self) -> str:
        """The rate with two places, rounded down: what falls short must not look as if it did not."""
        return "" if self.rate is None else f"{int(self.rate * 100) // 100}.{int(self.rate * 100) % 100:02d}"

    @property
    def kept(self) -> bool | None:
        """Whether the rule is kept; None where nothing is demanded or nothing can be said."""
        return None if not self.whole and not self.gaps else not self.gaps


def ends_of(end: LinkEnd, known: Directory, tree: AreaTree) -> list[End]:
    """Return all living things that may stand at an end, persons not among them (they are named one by one)."""
    if end.role:
        return [("post", post.id) for post in known.posts() if not post.ended and post.role in end.role]
    if end.body:
        return [("body", i) for i in sorted(known.living) if known.bodies[i].kind in end.body]
    if end.level is not None:
        return [("area", place.id) for place in tree.at_level(end.level)]
    return []


def fits(end: LinkEnd, one: End, known: Directory, tree: AreaTree) -> bool:
    """Whether a thing may stand at an end."""
    what, ident = one
    if what == "post":
        post = known.post(ident)
        return post is not None and not post.ended and post.role in end.role
    if what == "body":
        body = known.body(ident)
        return body is not None and not body.ended and body.kind in end.body
    if what == "area":
        place = tree.get(ident)
        return place is not None and place.level == end.level
    return what == "person" and end.person


def covers_as_links(key: str, kind: LinkKind, known: Directory, tree: AreaTree) -> list[Link]:
    """Return the links that bodies make by covering places of the level (WH-15)."""
    return [
        Link(0, key, ("body", i), ("area", area), date.min, None)
        for i in sorted(known.living)
        if known.bodies[i].kind in kind.from_.body
        for area in known.bodies[i].covers
        if (place := tree.get(area)) is not None and place.level == kind.to.level
    ]


def broken_by(
    kind: LinkKind, links: Iterable[Link], source: End, target: End, name: Callable[[End], str]
) -> tuple[str, str] | None:
    """Return why a new link would break the kind's own rules and what to do, None when it fits.

    Args:
        links: those that run in the time of the new one.
    """
    mine = [link for link in links if link.source == source]
    theirs = [link for link in links if link.target == target]
    if any(link.target == target for link in mine):
        return f"“{name(source)}”已经联系“{name(target)}”。", "不用再设。"
    if kind.unique in ("from", "both") and mine:
        what = f"“{kind.title}”每人（单位）只联系一处，“{name(source)}”已联系“{name(mine[0].target)}”。"
        return what, "请先结束原来的联系，再设新的。"
    if kind.unique in ("to", "both") and theirs:
        what = f"“{kind.title}”每处只有一个联系人，“{name(target)}”已由“{name(theirs[0].source)}”联系。"
        return what, "请先结束原来的联系，或另选一处。"
    if kind.most is not None and len(mine) >= kind.most:
        return f"“{kind.title}”至多 {kind.most} 处，“{name(source)}”已有 {len(mine)} 处。", "请另选一位，或先结束一处。"
    return None


def judge_links(
    key: str,
    kind: LinkKind,
    links: Sequence[Link],
    known: Directory,
    tree: AreaTree,
    name: Callable[[End], str],
    on: date,
) -> Duty:
    """Return whether a kind of link covers what it must, and breaks no limit of its own."""
    running = [link for link in links if link.kind == key and link.runs(on)]
    by_source, by_target = Counter(link.source for link in running), Counter(link.target for link in running)
    gaps: list[Gap] = []
    sides: list[tuple[str, int, int]] = []
    for side, end, counts in (("from", kind.from_, by_source), ("to", kind.to, by_target)):
        if kind.cover not in (side, "both"):
            continue
        ends = ends_of(end, known, tree)
        sides.append(
            ("联系人" if side == "from" else "联系对象", sum(counts[one] >= kind.least for one in ends), len(ends))
        )
        for one in ends:
            if counts[one] < kind.least:
                short = f"还没有{kind.title}" if not counts[one] else f"只有 {counts[one]} 个，要 {kind.least} 个"
                gaps.append(Gap(one, f"{name(one)}：{short}"))
    limits = (("from", by_source, kind.unique in ("from", "both")), ("to", by_target, kind.unique in ("to", "both")))
    for side, counts, single in limits:
        most = 1 if single else kind.most if side == "from" else None
        gaps += [
            Gap(one, f"{name(one)}：有 {n} 个，至多 {most} 个")
            for one, n in counts.items()
            if most is not None and n > most
        ]
    return Duty(
        "links", key, kind.title, kind.about, tuple(kind.rows), sum(n for _, n, _ in sides), sum(n for _, _, n in sides), tuple(gaps),
        sides=tuple(sides), linked=len(running), wanted=_wanted(kind),
    )  # fmt: skip


def _wanted(kind: LinkKind) -> str:
    words = []
    if kind.unique in ("from", "both"):
        words.append("每个联系人一处")
    if kind.unique in ("to", "both"):
        words.append("每处一个联系人")
    if kind.cover in ("to", "both"):
        words.append(f"每处至少 {kind.least} 个")
    if kind.cover in ("from", "both"):
        words.append("联系人个个都有")
    if kind.most is not None:
        words.append(f"每个联系人至多 {kind.most} 处")
    return "，".join(words) or "只登记"


def judge_required(
    key: str, rule: RequiredPost, known: Directory, tree: AreaTree, name: Callable[[End], str], on: date
) -> Duty:
    """Return at which places of a level as many posts as wanted are held (ZS-21, XG-12), each with its stand-in if asked (XN-59)."""
    held = known.held(on)
    gaps: list[Gap] = []
    part = whole = 0
    for place in tree.at_level(rule.at):
        whole += 1
        posts = [post for role in rule.role for post in known.posts_at(role, place.id)]
        count = sum(post.id in held for post in posts)
        end: End = ("area", place.id)
        lone = [post for post in posts if post.id in held and not known.coverers(post.id, on)] if rule.stand_in else []
        if count < rule.least:
            gaps.append(Gap(end, f"{name(end)}：在岗 {count} 人，要 {rule.least} 人"))
        elif rule.most is not None and count > rule.most:
            gaps.append(Gap(end, f"{name(end)}：在岗 {count} 人，至多 {rule.most} 人"))
        elif lone:
            gaps += [Gap(("post", post.id), f"{post.title}：没有设代岗") for post in lone]
        else:
            part += 1
    wanted = (
        f"每处 {rule.least}"
        + (f"–{rule.most} 人" if rule.most else " 人以上")
        + ("，互为代岗" if rule.stand_in else "")
    )
    return Duty("required", key, rule.title, "", tuple(rule.rows), part, whole, tuple(gaps), wanted=wanted)


def judge_concurrent(key: str, rule: Concurrent, known: Directory, name: Callable[[End], str], on: date) -> Duty:
    """Return who holds both kinds of post, and who must and does not, or must not and does (XN-38, ZS-33, XN-58)."""
    roles: dict[int, set[str]] = defaultdict(set)
    for post in known.posts():
        if post.ended or post.role not in {*rule.role, *rule.with_}:
            continue
        for person, _ in known.holders(post.id, on):
            roles[person].add(post.role)
    holders = [person for person, held in roles.items() if not held.isdisjoint(rule.role)]
    both = [person for person in holders if not roles[person].isdisjoint(rule.with_)]
    gaps: list[Gap] = []
    part, whole = len(both), len(holders)
    if rule.rule == "may":
        part = whole = 0  # nothing is demanded: only counted
    elif rule.rule == "must":
        gaps = [Gap(("person", i), f"{name(('person', i))}：还没有兼任") for i in sorted(set(holders) - set(both))]
    elif rule.rule == "never":
        gaps = [Gap(("person", i), f"{name(('person', i))}：不得兼任") for i in sorted(both)]
        part = len(holders) - len(both)
    wanted = {"must": "须兼任", "may": "可以兼任，只计数", "never": "不得兼任"}[rule.rule]
    return Duty(
        "concurrent", key, rule.title, "", tuple(rule.rows), part, whole, tuple(gaps), linked=len(both), wanted=wanted
    )


def judge_staffing(
    key: str,
    rule: Staffing,
    known: Directory,
    tree: AreaTree,
    sizes: Mapping[int, int],
    sources: Sequence[str],
    name: Callable[[End], str],
    on: date,
) -> Duty:
    """Return how many persons in the roles there are to so many inhabitants or households, per place or in all (WH-43).

    Args:
        sizes: area → inhabitants or households as the place itself states them; of one that states none, what lies below it
            counts, if all of it is known.
        sources: where those numbers come from, in words.
    """
    places = tree.at_level(rule.at) if rule.at is not None else tree.roots()
    persons: dict[int, set[int]] = defaultdict(set)
    for post in known.posts():
        if post.ended or post.role not in rule.roles:
            continue
        people = {person for person, _ in known.holders(post.id, on)}
        for above in {i for ground in post.grounds for i in tree.path(ground)}:
            persons[above] |= people
    unit = "人" if rule.of == "people" else "户"
    gaps: list[Gap] = []
    part, workers, size_in_all, complete = 0, 0, 0, True
    for place in places:
        end: End = ("area", place.id)
        size, count = _size(place.id, sizes, tree), len(persons[place.id])
        if size is None:
            gaps.append(Gap(end, f"{name(end)}：还没有{'人口' if rule.of == 'people' else '户'}数，没法核"))
            complete = False
            continue
        workers, size_in_all = workers + count, size_in_all + size
        if not size or Fraction(count, size) * rule.per >= rule.least:
            part += 1
        else:
            need = -(-size * rule.least // rule.per)
            gaps.append(Gap(end, f"{name(end)}：{size:,} {unit}，现有 {count} 名，至少要 {need} 名"))
    rate = Fraction(workers * rule.per, size_in_all) if complete and size_in_all else None
    wanted = f"每 {rule.per:,} {unit}不少于 {rule.least} 名"
    return Duty(
        "staffing", key, rule.title, "", tuple(rule.rows), part, len(places), tuple(gaps), linked=workers, rate=rate, wanted=wanted,
        source=rule.source, size=size_in_all if complete and size_in_all else None, size_of=f"{unit}（{'；'.join(sources)}）" if sources else unit,
    )  # fmt: skip


def _size(area_id: int, sizes: Mapping[int, int], tree: AreaTree) -> int | None:
    """What a place states, else the sum of what lies directly below; None when any part is not known."""
    if area_id in sizes:
        return sizes[area_id]
    below = [_size(child.id, sizes, tree) for child in tree.children(area_id)]
    if not below or any(size is None for size in below):
        return None
    return sum(size for size in below if size is not None)
