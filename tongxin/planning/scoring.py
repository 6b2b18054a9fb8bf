"""The figures of a plan as pages show them: one table of parts a community, and what may be said about the whole. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tongxin.planning.adjacency import components
from tongxin.planning.board import Board
from tongxin.planning.bounds import Bound, bound_loads
from tongxin.planning.cells import compactness
from tongxin.planning.even import EVEN_UNITS, WORK_TO_BETTER, fit_parts
from tongxin.planning.explain import check_wish, explain_plan
from tongxin.planning.findings import Finding, PlanningError, name_some
from tongxin.planning.judge import WALK_M_PER_MIN, balance_of, judge
from tongxin.planning.objective import Wish
from tongxin.planning.units import Ints, UnitGraph, sum_by

MOST_SENTENCES = 30


def pieces_of(graph: UnitGraph, part: Ints) -> dict[int, list[list[int]]]:
    """Return for each part number its connected pieces as unit indices, largest load first."""
    same = part[graph.edges[:, 0]] == part[graph.edges[:, 1]] if len(graph.edges) else np.zeros(0, dtype=bool)
    inner = UnitGraph(**{**{k: getattr(graph, k) for k in graph.__dataclass_fields__}, "edges": graph.edges[same]})
    label = components(inner)
    found: dict[int, dict[int, list[int]]] = {}
    for i, (number, piece) in enumerate(zip(part.tolist(), label.tolist(), strict=True)):
        found.setdefault(number, {}).setdefault(piece, []).append(i)
    return {
        number: sorted(pieces.values(), key=lambda own: -float(graph.load[own].sum()))
        for number, pieces in found.items()
    }


def score_board(board: Board, wish: Wish) -> dict[str, Any]:
    """Return all figures of one community's parts as plain JSON values; shares are of load, None where there is nothing to share.

    ``network``: minutes are along the district's walking network, except for ``estimated`` households (straight line × 1.3).
    ``gap``: how much larger the largest part is than any plan with as many parts must have (0.03 = 3 %).
    ``broken``: parts that are in pieces, each with a sentence; never hidden, whatever else is right.
    """
    try:
        graph = board.graph
    except PlanningError as error:
        return {
            "name": board.name,
            "units": board.n,
            "rows": [],
            "broken": [],
            "findings": [str(error)],
            "refused": True,
        }
    numbers, part = np.unique(board.part, return_inverse=True)
    part = part.astype(np.int64).reshape(-1)
    loads = sum_by(part, graph.load)
    walks = board.walks(part)
    judged = judge(graph, part, wish, walk_m=walks.metres)
    bound = _proven(graph, wish, loads, bound_loads(graph.load, len(numbers)))
    minutes = walks.metres / WALK_M_PER_MIN
    pieces = pieces_of(graph, part)
    outlines = board.outlines
    crossing = _crossings(graph, part)
    rows, broken = [], []
    for p, number in enumerate(numbers.tolist()):
        own = np.flatnonzero(part == p)
        rows.append({
            "number": number,
            "load": _round(float(loads[p])),
            "share": _round(float(loads[p]) / wish.target),
            "households": _sum(board.households, own),
            "people": _sum(board.people, own),
            "units": len(own),
            "pieces": len(pieces[p]),
            "crossings": crossing.get(p, 0),
            "compact": _round(compactness(outlines.get(number))),
            "minutes": _round(float(minutes[own].max())),
            "outside": bool(loads[p] < wish.low or loads[p] > wish.high),
        })  # fmt: skip
        if len(pieces[p]) > 1:
            away = [board.labels[i] for piece in pieces[p][1:] for i in piece]
            broken.append({"number": number, "away": name_some(away), "pieces": len(pieces[p])})
    balance = judged.balance
    return {
        "name": board.name, "units": board.n, "load": _round(float(graph.load.sum())), "parts": len(numbers), "mean": _round(balance.mean),
        "cv": _round(balance.cv), "max_mean": _round(balance.max_over_mean), "inside": _round(balance.inside_range),
        "crossings": judged.straddled_barriers, "reach10": _round(judged.reached_10_min), "reach60": _round(judged.reached_60_min),
        "slowest": _round(judged.slowest_minutes), "network": board.network is not None,
        "estimated": _sum(board.households, np.flatnonzero(walks.estimated)), "moved": _round(judged.moved),
        "gap": _round(float(loads.max()) / bound.largest - 1.0 if bound.largest else 0.0), "bound": bound.reason,
        "findings": [f.sentence for f in sentences(board, graph, wish, part, bound)][:MOST_SENTENCES],
        "rows": rows, "broken": broken, "refused": False,
    }  # fmt: skip


def _proven(graph: UnitGraph, wish: Wish, loads: Any, bound: Bound) -> Bound:
    """The bound, raised to the largest part where no contiguous plan in the range with as many parts has a smaller one."""
    largest = float(loads.max())
    if graph.n > EVEN_UNITS or largest <= bound.largest * (1 + 1e-9):
        return bound
    low = wish.low if loads.min() >= wish.low else 1e-9
    answer = fit_parts(graph, len(loads), low, largest * (1 - 1e-9), work=WORK_TO_BETTER)
    return replace(bound, largest=largest, reason="单元的大小和相连") if answer.status == "impossible" else bound


def sentences(board: Board, graph: UnitGraph, wish: Wish, part: Ints, bound: Any) -> list[Finding]:
    """Why it is not better: what was seen in the input, in the wish, and in each part outside the range."""
    found = list(graph.findings)
    try:
        found += check_wish(graph, wish)
    except PlanningError as error:
        found.append(Finding("wish", str(error)))
    return [*found, *explain_plan(graph, wish, part, bound)]


def _crossings(graph: UnitGraph, part: Ints) -> dict[int, int]:
    """Barrier lines that run between neighbours of one part, by part."""
    if not len(graph.edges):
        return {}
    ends = part[graph.edges]
    inner = (ends[:, 0] == ends[:, 1]) & (graph.barrier > 0)
    numbers, counts = np.unique(ends[inner, 0], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def whole(scores: Mapping[str, Mapping[str, Any]], wish: Wish) -> dict[str, Any]:
    """Return the figures over all communities of a plan; shares weighted by load."""
    done = [score for score in scores.values() if not score.get("refused")]
    loads = np.array([row["load"] for score in done for row in score["rows"]], dtype=np.float64)
    balance = balance_of(loads, wish)
    total = sum(score["load"] for score in done)

    def weighted(key: str) -> float | None:
        known = [(score[key], score["load"]) for score in done if score[key] is not None]
        weight = sum(load for _, load in known)
        return _round(sum(share * load for share, load in known) / weight) if weight else None

    return {
        "communities": len(done), "refused": len(scores) - len(done), "units": sum(score["units"] for score in done),
        "load": _round(total), "parts": len(loads), "mean": _round(balance.mean), "cv": _round(balance.cv),
        "max_mean": _round(balance.max_over_mean), "inside": _round(balance.inside_range),
        "crossings": sum(score["crossings"] for score in done), "broken": sum(len(score["broken"]) for score in done),
        "reach10": weighted("reach10"), "reach60": weighted("reach60"), "moved": weighted("moved"),
        "network": any(score.get("network") for score in done), "estimated": sum(score.get("estimated") or 0 for score in done),
        "slowest": max((score["slowest"] for score in done if score["slowest"] is not None), default=None),
        "gap": max((score["gap"] for score in done), default=None),
    }  # fmt: skip


def wish_of(values: Mapping[str, Any]) -> Wish:
    """Return the wish that a plan keeps as JSON. Raises ``PlanningError`` for one that makes no sense."""
    high = values.get("high")
    return Wish(
        target=float(values["target"]), low=float(values.get("low") or 0), high=math.inf if not high else float(high),
        order=tuple(values.get("order") or Wish(target=1).order),
    )  # fmt: skip


def _sum(values: list[int | None], own: Ints) -> int | None:
    known = [value for i in own.tolist() if (value := values[i]) is not None]
    return sum(known) if known else None


def _round(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 4)
