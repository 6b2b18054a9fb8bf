"""The door of planning's core: build a graph, state a wish, get a proposal, judge it."""

from tongxin.planning.adjacency import Barrier, build_graph, components
from tongxin.planning.bounds import Bound, bound_loads
from tongxin.planning.exact import Exact, least_cost, least_deviation
from tongxin.planning.explain import check_wish, explain_plan
from tongxin.planning.findings import Finding, PlanningError, PlanningStopped, Progress
from tongxin.planning.improve import NORMAL, QUICK, THOROUGH, Effort, improve
from tongxin.planning.judge import Balance, Judgement, balance_of, is_contiguous, judge, match_today, posts
from tongxin.planning.nested import Level, plan_inside, split_blocks, split_graph
from tongxin.planning.objective import COMMUNITY, GRID, GROUP_200, MICRO_GRID, Aim, Wish, total_cost
from tongxin.planning.plan import Proposal, propose
from tongxin.planning.tight import tight_partition
from tongxin.planning.units import Unit, UnitGraph

__all__ = [
    "COMMUNITY", "GRID", "GROUP_200", "MICRO_GRID", "NORMAL", "QUICK", "THOROUGH", "Aim", "Balance", "Barrier",
    "Bound", "Effort", "Exact", "Finding", "Judgement", "Level", "PlanningError", "PlanningStopped", "Progress",
    "Proposal", "Unit", "UnitGraph", "Wish", "balance_of", "bound_loads", "build_graph", "check_wish", "components",
    "explain_plan", "improve", "is_contiguous", "judge", "least_cost", "least_deviation", "match_today",
    "plan_inside", "posts", "propose", "split_blocks", "split_graph", "tight_partition", "total_cost",
]  # fmt: skip
