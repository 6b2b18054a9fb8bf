"""Whether facilities keep the norms of floor area, beds and number that the pack names, facility by facility or area by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from tongxin.packs.schema import FacilityKind, FacilityNorm

Verdict = Literal["kept", "short", "unknown", "none"]
VERDICTS: dict[Verdict, str] = {"kept": "达到", "short": "不足", "unknown": "没有填", "none": "不适用"}
UNITS = {"floor_area": "平方米", "beds": "张床", "count": "处"}
TITLES = {"floor_area": "建筑面积", "beds": "床位", "count": "处数"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What a norm reads of a facility: its place in the tree, and its size where that is written down."""

    id: int
    kind: str
    name: str
    areas: tuple[int, ...]
    beds: int | None
    floor_area: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One facility or one area held against one norm. ``have`` None: not written down; ``need`` None: 不适用."""

    name: str
    facility_id: int | None
    area_id: int | None
    have: int | None
    need: Fraction | None
    verdict: Verdict
    basis: str = ""

    @property
    def least(self) -> str:
        """What is needed, as a whole number rounded up (nobody builds a third of a bed)."""
        return "" if self.need is None else f"{-(-self.need.numerator // self.need.denominator):,}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A norm with all its findings, those that fall short first."""

    kind: str
    norm: FacilityNorm
    findings: tuple[Finding, ...]

    def count(self, verdict: Verdict) -> int:
        """How many findings have this verdict."""
        return sum(1 for finding in self.findings if finding.verdict == verdict)

    @property
    def words(self) -> str:
        """The norm in words: 每处建筑面积不少于 350 平方米."""
        norm = self.norm
        whose = {"facility": "每处", "households": f"每 {norm.every} 户", "people": f"每 {norm.every} 人"}[norm.per]
        return f"{whose}{TITLES[norm.of]}不少于 {norm.at_least:,} {UNITS[norm.of]}"

    @property
    def unverified(self) -> bool:
        """Whether the source of the value still has to be checked (待核)."""
        return self.norm.source is None or self.norm.source.confidence == "K"

    @property
    def short(self) -> int:
        """How many fall short."""
        return self.count("short")

    @property
    def kept(self) -> int:
        """How many keep it."""
        return self.count("kept")

    @property
    def unknown(self) -> int:
        """How many cannot be judged because a size is not written down."""
        return self.count("unknown")


def judge(
    kinds: Mapping[str, FacilityKind],
    facilities: Sequence[Counted],
    areas: Mapping[str, Sequence[tuple[int, str, int | None, int | None]]],
    level_of: Mapping[str | None, str],
) -> list[Judged]:
    """Hold every facility and area against every norm of its kind.

    Args:
        areas: level → (id, name, households, people) of its places. level_of: level named by a norm → level to use.
    """
    judged = []
    for key, kind in kinds.items():
        mine = [facility for facility in facilities if facility.kind == key]
        for norm in kind.norms:
            if norm.per == "facility":
                findings = [_one(facility, norm) for facility in mine]
            else:
                places = areas.get(level_of.get(norm.level, norm.level or ""), ())
                findings = [_area(place, mine, norm) for place in places] if mine else []
            if findings:
                order = {"short": 0, "unknown": 1, "kept": 2, "none": 3}
                judged.append(Judged(key, norm, tuple(sorted(findings, key=lambda f: order[f.verdict]))))
    return judged


def _one(facility: Counted, norm: FacilityNorm) -> Finding:
    have = facility.beds if norm.of == "beds" else facility.floor_area
    need = Fraction(norm.at_least)
    return Finding(facility.name, facility.id, None, have, need, _verdict(have, need))


def _area(place: tuple[int, str, int | None, int | None], mine: Sequence[Counted], norm: FacilityNorm) -> Finding:
    area_id, name, households, people = place
    inside = [facility for facility in mine if area_id in facility.areas]
    sizes = [1 if norm.of == "count" else (f.beds if norm.of == "beds" else f.floor_area) for f in inside]
    known = [size for size in sizes if size is not None]
    have = sum(known)
    whole = households if norm.per == "households" else people
    basis = "" if whole is None else f"{whole:,} {'户' if norm.per == 'households' else '人'}"
    if not whole:
        return Finding(name, None, area_id, have, None, "none", basis)
    need = Fraction(norm.at_least * whole, norm.every)
    if len(known) < len(sizes) and have < need:
        return Finding(name, None, area_id, have or None, need, "unknown", basis)
    return Finding(name, None, area_id, have, need, _verdict(have, need), basis)


def _verdict(have: int | None, need: Fraction) -> Verdict:
    if have is None:
        return "unknown"
    return "kept" if have >= need else "short"
