"""The door of planning: units and plans of a district; and the core, which builds a graph, proposes and judges."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.planning.actions.area_changes import (
        put_change_in_force,
        put_due_changes,
        schedule_change,
        withdraw_change,
    )
    from tongxin.planning.actions.by_hand import (
        lock_part,
        lock_units,
        merge_parts,
        move_units,
        redo,
        rename_part,
        split_part,
        undo,
    )  # fmt: skip
    from tongxin.planning.actions.drafting import draft_waiting
    from tongxin.planning.actions.importing import TakenIn, import_units, take_in
    from tongxin.planning.actions.in_force import Preview, preview, put_due_in_force, settle_stragglers
    from tongxin.planning.actions.line_readings import (
        ask_lines,
        find_line_reading,
        found_beside,
        read_waiting_lines,
        stop_lines,
    )
    from tongxin.planning.actions.lines import drop_lines, list_lines
    from tongxin.planning.actions.plans import (
        BEGINS,
        LOADS,
        begin_plan,
        copy_plan,
        draft_again,
        drop_plan,
        rename_plan,
        stop_drafting,
        submit_plan,
    )  # fmt: skip
    from tongxin.planning.adjacency import Barrier, build_graph, components
    from tongxin.planning.board import Board
    from tongxin.planning.bounds import Bound, bound_loads
    from tongxin.planning.changes import ChangePreview, get_change, list_changes, outlines_of, preview_change
    from tongxin.planning.exact import Exact, least_cost, least_deviation
    from tongxin.planning.explain import check_wish, explain_plan
    from tongxin.planning.findings import Finding, PlanningError, PlanningStopped, Progress
    from tongxin.planning.guards import fault_of
    from tongxin.planning.improve import NORMAL, QUICK, THOROUGH, Effort, improve
    from tongxin.planning.judge import Balance, Judgement, balance_of, is_contiguous, judge, match_today, posts
    from tongxin.planning.measures import COLUMNS as MEASURED
    from tongxin.planning.measures import JudgedRow, judge_today
    from tongxin.planning.models import (
        AreaChange,
        BarrierLine,
        Drafting,
        LineReading,
        Plan,
        PlanMember,
        PlanPart,
        PlanUnit,
    )
    from tongxin.planning.nested import Level, plan_inside, split_blocks, split_graph
    from tongxin.planning.objective import COMMUNITY, GRID, GROUP_200, MICRO_GRID, Aim, Wish, total_cost
    from tongxin.planning.plan import Proposal, propose
    from tongxin.planning.queries import SUBJECT, count_units, get_plan, list_moves, list_plans, parts_of, plan_boards
    from tongxin.planning.reshaping import Draft, draft_merge, draft_redraw, draft_split, with_words
    from tongxin.planning.taking_in import COLUMNS, KINDS, ReadFile, ReadLine, ReadUnit, RowNote
    from tongxin.planning.tight import tight_partition
    from tongxin.planning.units import Unit, UnitGraph
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "BEGINS", "COLUMNS", "COMMUNITY", "GRID", "GROUP_200", "KINDS", "LOADS", "MEASURED", "MICRO_GRID", "NORMAL", "QUICK", "SUBJECT", "THOROUGH", "Aim",
    "AreaChange", "Balance", "Barrier", "BarrierLine", "Board", "Bound", "ChangePreview", "Draft", "Drafting", "Effort", "Exact", "Finding", "JudgedRow",
    "Judgement", "Level", "LineReading", "Plan", "PlanMember", "PlanPart", "PlanUnit", "PlanningError", "PlanningStopped", "Preview", "Progress", "Proposal", "ReadFile",
    "ReadLine", "ReadUnit", "RowNote", "TakenIn", "Unit", "UnitGraph", "Wish", "ask_lines", "balance_of", "begin_plan", "bound_loads", "build_graph", "check_wish",
    "components", "copy_plan", "count_units", "draft_again", "draft_merge", "draft_redraw", "draft_split", "draft_waiting", "drop_lines", "drop_plan",
    "explain_plan", "fault_of", "find_line_reading", "found_beside", "get_change", "get_plan", "import_units", "improve", "is_contiguous", "judge", "judge_today", "least_cost", "least_deviation",
    "list_changes", "list_lines", "list_moves", "list_plans", "lock_part", "lock_units", "match_today", "merge_parts", "move_units", "outlines_of",
    "parts_of", "plan_boards", "plan_inside", "posts", "preview", "preview_change", "propose", "put_change_in_force", "put_due_changes", "put_due_in_force",
    "read_waiting_lines", "redo", "rename_part", "rename_plan", "schedule_change", "settle_stragglers", "split_blocks", "split_graph", "split_part", "stop_drafting", "stop_lines", "submit_plan",
    "take_in", "tight_partition", "total_cost", "undo", "with_words", "withdraw_change",
]  # fmt: skip
