"""The catalogue: codes once, grades and usual units that exist."""

from __future__ import annotations

from collections.abc import Iterator

from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Category, Pack


def check_catalogue(pack: Pack, report: Report) -> None:
    """Check catalogue.yaml against the bodies."""
    catalogue = pack.catalogue
    report.need(catalogue.default_grade, catalogue.grades, "时限档", ("catalogue", "default_grade"))
    bodies = {body.key: body for body in pack.bodies}
    seen: dict[str, str] = {}
    for category, at in _walk(catalogue.categories, ("catalogue", "categories")):
        if category.code in seen:
            what = f"类别代码 {category.code} 已经用在“{seen[category.code]}”。"
            report.add((*at, "code"), what, "代码全目录唯一，用过的不再用，请换一个。")
        seen[category.code] = category.title
        if category.grade is not None:
            report.need(category.grade, catalogue.grades, "时限档", (*at, "grade"))
        if category.unit is None or not report.need(
            category.unit, bodies, "组织", (*at, "unit"), "组织写在 bodies.yaml。"
        ):
            continue
        kind = pack.units.bodies.get(bodies[category.unit].kind)
        if kind is not None and kind.desk is None:
            what = f"通常主办的 {category.unit} 是{kind.title}，没有收件岗，不能主办。"
            report.add((*at, "unit"), what, "请换一个组织，或在 units.yaml 给这类组织写 desk。")


def _walk(categories: list[Category], at: Keys) -> Iterator[tuple[Category, Keys]]:
    for index, category in enumerate(categories):
        inner = (*at, index)
        yield category, inner
        yield from _walk(category.children, (*inner, "children"))
