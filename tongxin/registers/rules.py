"""Pure decisions: what rests on which document, how two versions differ, who has to sign, which networks a grid carries. No clock, no tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Literal

from tongxin.packs.schema import Category, Clause, Document, DocumentVersion, Pack, Parties

ENTRIES = 20_000  # of a register
CLAUSES, CLAUSE_CHARS, HEADING_CHARS = 200, 2_000, 80
TITLE_CHARS, GROUND_CHARS, HOME_CHARS, NOTE_CHARS, WHO_CHARS = 80, 400, 200, 200, 40
KINDS: dict[str, str] = {
    "scheme": "方案", "measure": "办法", "opinion": "意见", "charter": "章程", "agreement": "协议", "standard": "标准", "covenant": "公约",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """The place in a document on which something rests; ``clause`` is empty where the whole document is meant."""

    document: str
    title: str
    clause: str


def grounds(pack: Pack) -> Mapping[tuple[str, str], tuple[Ground, ...]]:
    """(section, key) of what runs → where it is written, over the versions in force."""
    found: dict[tuple[str, str], list[Ground]] = defaultdict(list)
    for key, document in pack.documents.items():
        for clause, runs, _ in document.walk_runs():
            for section, names in runs.items():
                for name in names:
                    found[section, name].append(Ground(key, document.title, clause))
    for register, spec in pack.registers.items():
        for named in dict.fromkeys(entry.document for entry in spec.entries if entry.document):
            if named in pack.documents and not any(g.document == named for g in found["registers", register]):
                found["registers", register].append(Ground(named, pack.documents[named].title, ""))
    for tag, one in pack.tags.items():
        if one.document in pack.documents and not any(g.document == one.document for g in found["tags", tag]):
            found["tags", tag].append(Ground(one.document, pack.documents[one.document].title, ""))
    return {what: tuple(where) for what, where in found.items()}


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause in two versions: ``pieces`` are (same, added, removed; words) of its heading and text, in reading order."""

    no: str
    what: Literal["same", "added", "removed", "changed"]
    pieces: tuple[tuple[str, str], ...]


def compare(before: DocumentVersion, after: DocumentVersion) -> list[ClauseChange]:
    """Return every clause of either version, matched by number, in the order of the later one; removed ones at the end."""
    earlier, later = {c.no: c for c in before.clauses}, {c.no: c for c in after.clauses}
    out = []
    for no, clause in later.items():
        whole = _words(clause.heading, clause.text)
        if no not in earlier:
            out.append(ClauseChange(no, "added", (("added", whole),)))
            continue
        was = _words(earlier[no].heading, earlier[no].text)
        out.append(ClauseChange(no, "same" if was == whole else "changed", tuple(pieces(was, whole))))
    out += [
        ClauseChange(no, "removed", (("removed", _words(c.heading, c.text)),))
        for no, c in earlier.items()
        if no not in later
    ]
    return out


def _words(heading: str, text: str) -> str:
    return f"{heading}：{text}" if text else heading


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    """Return what stayed, went and came, as words to be shown one after the other."""
    if before == after:
        return [("same", after)]
    out: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(("same", after[k:m]))
            continue
        if j > i:
            out.append(("removed", before[i:j]))
        if m > k:
            out.append(("added", after[k:m]))
    return out


_CLAUSE = re.compile(
    r"^[ \u3000\t]*第([0-9]+(?:\.[0-9]+)?|[〇零一二三四五六七八九十百两]{1,7})条[ \u3000\t:：]*", re.MULTILINE
)
_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def text_of(version: DocumentVersion) -> str:
    """Return a version as one text, which :func:`read_clauses` reads back, so that a new version is written over the one before."""
    return "\n".join(f"第{clause.no}条 {_words(clause.heading, clause.text)}" for clause in version.clauses)


def read_clauses(text: str) -> list[Clause]:
    """Return the clauses of a text: 第三条 or 第3条 begins one; a text without such words is taken by its paragraphs.

    Raises:
        ValueError: with a Chinese sentence: nothing there, too many, one too long, a number twice.
    """
    text = text.replace("\r\n", "\n").strip()
    found = list(_CLAUSE.finditer(text))
    if found:
        ends = [one.start() for one in found[1:]] + [len(text)]
        parts = [(_number(one[1]), text[one.end() : end].strip()) for one, end in zip(found, ends, strict=True)]
        if lead := text[: found[0].start()].strip():
            parts.insert(0, ("0", lead))
    else:
        parts = [(str(n), line) for n, line in enumerate((one.strip() for one in text.split("\n") if one.strip()), 1)]
    if not parts:
        raise ValueError("还没有写条文。")
    if len(parts) > CLAUSES:
        raise ValueError(f"有 {len(parts)} 条，最多 {CLAUSES} 条。")
    seen: set[str] = set()
    out = []
    for no, words in parts:
        if no in seen:
            raise ValueError(f"第{no}条写了两次。")
        seen.add(no)
        if not words or len(words) > CLAUSE_CHARS:
            raise ValueError(
                f"第{no}条" + (f"有 {len(words)} 个字，最多 {CLAUSE_CHARS} 个字。" if words else "是空的。")
            )
        first, _, below = words.partition("\n")
        heading, _, rest = first.partition("：")
        rest = "\n".join(filter(None, (rest, below)))
        if not heading or len(heading) > HEADING_CHARS:
            heading, rest = f"{words[:20]}……", words
        out.append(Clause(no=no, heading=heading, text=rest.strip()))
    return out


def _number(words: str) -> str:
    """二十三 → 23, 一百零五 → 105, 12 → 12."""
    if words[0].isascii():
        return words
    whole = part = 0
    for char in words:
        if char in _DIGITS:
            part = part * 10 + _DIGITS[char] if "百" not in words and "十" not in words else _DIGITS[char]
        else:
            whole += (part or 1) * (100 if char == "百" else 10)
            part = 0
    return str(whole + part)


def continued(document: Document, added: Sequence[DocumentVersion]) -> Document:
    """Return a document with versions that the pack has not got; what ran by a clause runs by the clause of that number."""
    versions = list(document.versions)
    for one in added:
        before = versions[-1]
        runs = {clause.no: clause.runs for clause in before.clauses}
        clauses = [clause.model_copy(update={"runs": runs.get(clause.no, {})}) for clause in one.clauses]
        if before.to is None and one.from_ is not None:
            versions[-1] = before.model_copy(update={"to": one.from_ - timedelta(days=1)})
        versions.append(one.model_copy(update={"clauses": clauses}))
    return document.model_copy(update={"versions": versions})


def in_force(document: Document, on: date) -> int:
    """The number of the version in force on a day, from 1: the last one that has begun, or does not say when; 0 for none yet."""
    begun = [n for n, one in enumerate(document.versions, 1) if one.from_ is None or one.from_ <= on]
    return begun[-1] if begun else 0


@dataclass(frozen=True, slots=True)
class Copy:
    """A document to be signed by these bodies; ``of``: whose copy it is, None where there is only one."""

    of: int | None
    parties: tuple[int, ...]


def copies(parties: Parties, bodies: Sequence[tuple[int, str | None, str, int | None]]) -> list[Copy]:
    """Return the copies of a document with those who have to sign each.

    Args:
        bodies: (id, key, kind, id of the parent) of the living bodies, in the order to be shown.
    """
    common = [ident for ident, key, kind, _ in bodies if key in parties.bodies or kind in parties.kinds]
    if parties.per is None:
        return [Copy(None, tuple(common))] if common else []
    members: dict[int, list[int]] = defaultdict(list)
    if parties.members:
        for ident, _, _, parent in bodies:
            if parent is not None:
                members[parent].append(ident)
    return [
        Copy(ident, tuple(dict.fromkeys([ident, *common, *members[ident]])))
        for ident, _, kind, _ in bodies
        if kind == parties.per
    ]


def newest(document: Document) -> int:
    """The number of the version in force, from 1."""
    return len(document.versions)


@dataclass(frozen=True, slots=True)
class Carried:
    """A network in one grid: the bodies and posts that carry it, of these the held ones; nothing at all is a gap."""

    network: str
    bodies: tuple[int, ...]
    posts: tuple[int, ...]
    held: tuple[int, ...]

    @property
    def kept(self) -> bool:
        """Whether somebody carries it: a body, or a post that is held."""
        return bool(self.bodies or self.held)


def carried(
    pack: Pack,
    path: Iterable[int],
    bodies: Iterable[tuple[int, str, Sequence[int]]],
    posts: Iterable[tuple[int, str, Sequence[int]]],
    held: frozenset[int],
) -> list[Carried]:
    """Return what carries each network of the pack at one place.

    Args:
        path: ids of the areas from the root to the place. bodies: (id, kind, areas covered). posts: (id, role, grounds);
            of both only those whose areas meet the path are given. held: ids of the posts that somebody holds.
    """
    here = set(path)
    near = [(ident, kind) for ident, kind, covers in bodies if not here.isdisjoint(covers)]
    acting = [(ident, role) for ident, role, grounds_ in posts if not here.isdisjoint(grounds_)]
    out = []
    for key, network in pack.units.networks.items():
        mine = tuple(ident for ident, role in acting if role in network.roles)
        out.append(
            Carried(
                key, tuple(ident for ident, kind in near if kind in network.bodies), mine,
                tuple(ident for ident in mine if ident in held),
            )
        )  # fmt: skip
    return out


def carried_places(
    pack: Pack,
    places: Mapping[str, Sequence[tuple[int, Sequence[int]]]],
    bodies: Iterable[tuple[int, str, Sequence[int]]],
    posts: Iterable[tuple[int, str, Sequence[int]]],
    held: frozenset[int],
) -> dict[str, frozenset[int]]:
    """Return network → ids of the places of its level where somebody carries it. ``places``: level → (id, path)."""
    by_kind: dict[str, set[int]] = defaultdict(set)
    for _, kind, covers in bodies:
        by_kind[kind].update(covers)
    by_role: dict[str, set[int]] = defaultdict(set)
    for ident, role, grounds_ in posts:
        if ident in held:
            by_role[role].update(grounds_)
    out = {}
    for key, network in pack.units.networks.items():
        found = {a for kind in network.bodies for a in by_kind[kind]} | {
            a for role in network.roles for a in by_role[role]
        }
        out[key] = frozenset(ident for ident, path in places.get(network.level, ()) if not found.isdisjoint(path))
    return out


def categories_of(pack: Pack, key: str) -> list[Category]:
    """The categories that a network is for, those named and all below them."""
    named = set(pack.units.networks[key].categories)
    return [category for category, _ in pack.catalogue.walk() if any(category.code.startswith(code) for code in named)]
