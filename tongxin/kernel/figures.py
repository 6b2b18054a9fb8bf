"""Figures: reading a printed one as it stands in a text, working one out from others, and what a count returns. Pure.

A printed figure keeps its own words (``3800余``, ``近50``, ``1.2亿``); what can be counted here is a :class:`Measured`. The two are
shown side by side and never added to one another.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

Bound = Literal["exact", "at_least", "at_most"]
Shape = Literal["number", "percent"]

_PRINTED = re.compile(
    r"^(?P<before>超过?|逾|近|不少于|≥|约)?(?P<number>\d+(?:\.\d+)?)(?P<over>余|多|＋|\+)?(?P<times>[百千万亿]*)(?P<late>余|多)?(?P<percent>%)?$"
)
_TIMES = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_LEAST = {"超", "超过", "逾", "不少于", "≥"}
MOST_PARTS = 40


@dataclass(frozen=True, slots=True)
class Number:
    """What a printed figure says: its value, and whether the true one is that, at least that or at most that."""

    value: Fraction
    bound: Bound
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A counted figure: ``part`` things, or ``part`` of ``whole`` as a percentage or a quotient.

    A whole of zero has no rate: ``value`` is None then (不适用), never 0 or 100 %.
    """

    part: int
    whole: int | None = None
    shape: Literal["count", "percent", "quotient"] = "count"
    note: str = ""  # how it was measured, where there is more than one way

    @property
    def value(self) -> Fraction | None:
        """The figure itself; a percentage as 0 … 1."""
        if self.shape == "count":
            return Fraction(self.part)
        return Fraction(self.part, self.whole) if self.whole else None


def read_printed(text: str) -> Number:
    """Read ``3800余``, ``超9亿``, ``4100余万``, ``近50`` or ``88.46%``; ValueError says what may stand there."""
    match = _PRINTED.match(text.replace(",", "").strip())
    if match is None:
        raise ValueError(f"“{text}”读不成数；照原文写，例如 3800余、超9亿、4100余万、近50、88.46%")
    value = Fraction(match["number"])
    for sign in match["times"]:
        value *= _TIMES[sign]
    bound: Bound = "exact"
    if match["before"] in _LEAST or match["over"] or match["late"]:
        bound = "at_least"
    elif match["before"] == "近":
        bound = "at_most"
    return Number(value / 100 if match["percent"] else value, bound, bool(match["percent"]))


def work_out(sum_: str, values: Mapping[str, Fraction]) -> Fraction:
    """Return what a sum such as ``solved / discussed`` or ``staff * 10000 / 18`` comes to, exactly.

    Args:
        values: what each name stands for.

    Raises:
        ValueError: not a sum of names and numbers with ``+ - * /`` and brackets, an unknown name, a division by zero.
    """
    try:
        tree = ast.parse(sum_, mode="eval")
    except (SyntaxError, ValueError):
        raise ValueError(f"“{sum_}”不是算式；只用数、数字的键和 + - * / ( )") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_PARTS:
        raise ValueError("算式太长")
    return _value(tree.body, values)


def names_in(sum_: str) -> list[str]:
    """Return the names that a sum uses; ValueError as of :func:`work_out`."""
    try:
        return [node.id for node in ast.walk(ast.parse(sum_, mode="eval")) if isinstance(node, ast.Name)]
    except (SyntaxError, ValueError):
        raise ValueError(f"“{sum_}”不是算式；只用数、数字的键和 + - * / ( )") from None


def _value(node: ast.expr, values: Mapping[str, Fraction]) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()):
            return Fraction(ast.unparse(node))
        case ast.Name(id=name):
            if name not in values:
                raise ValueError(f"没有数字 {name}")
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, values) + _value(right, values)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left, values) - _value(right, values)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left, values) * _value(right, values)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = _value(right, values)
            if below == 0:
                raise ValueError("除数是零")
            return _value(left, values) / below
    raise ValueError("算式里只用数、数字的键和 + - * / ( )")


def say(value: Fraction, shape: Shape = "number", places: int = 0) -> str:
    """Return a value as people write it, rounded half up: ``88.46%``, ``390,240``, ``3.14``."""
    scaled = value * 100 if shape == "percent" else value
    exact = Decimal(scaled.numerator) / Decimal(scaled.denominator)
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{rounded:,f}{'%' if shape == 'percent' else ''}"
