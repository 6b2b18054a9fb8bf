"""The door of ``procedures``: start, act, read, draw, sweep."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.procedures.actions import (
        Acted,
        AlreadyThere,
        Opening,
        Started,
        StepAsked,
        act,
        act_on_subject,
        lock_run,
        lookups,
        procedure_of,
        start_run,
    )  # fmt: skip
    from tongxin.procedures.bulk import Beginning, Ending, copy_rows, next_ids, start_runs
    from tongxin.procedures.changing import Moved, adopt_version, end_place, migrate_run, move_cases, publish_version
    from tongxin.procedures.context import Context
    from tongxin.procedures.forms import RATINGS, Field, Lookups, check_form, nothing_to_look_up
    from tongxin.procedures.models import LogEntry, Run
    from tongxin.procedures.permissions import STARTER
    from tongxin.procedures.photos import photo_ids_of
    from tongxin.procedures.picture import picture
    from tongxin.procedures.placing import place_run
    from tongxin.procedures.queries.cases import (
        Basis,
        Step,
        algorithm,
        asked_by,
        basis_of,
        drawn,
        find_run,
        get_run,
        held_by,
        holder_of,
        plain_words,
        public_entries,
        timeline,
        verify,
        visited,
    )  # fmt: skip
    from tongxin.procedures.queries.flow import Flow, flow_by_area, flow_by_hour
    from tongxin.procedures.queries.lists import (
        Page,
        RunRow,
        count_by_state,
        count_by_subject,
        count_held,
        count_held_steps,
        inbox,
        list_runs,
        list_tasks,
        rows_of,
        run_ids_of,
    )  # fmt: skip
    from tongxin.procedures.queries.steps import Option, blank_fields, bulk_options, options, unit_refusal, unit_steps
    from tongxin.procedures.queries.versions import (
        Move,
        VersionCount,
        count_by_post,
        count_in_areas,
        count_versions,
        newest_start,
        preview_migration,
    )  # fmt: skip
    from tongxin.procedures.relocating import InHand, list_in_hand, move_subjects, relocate_runs
    from tongxin.procedures.restating import Restated, restate_runs
    from tongxin.procedures.rules import told
    from tongxin.procedures.timers import sweep
    from tongxin.procedures.waiting import next_timer
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "RATINGS", "STARTER", "Acted", "AlreadyThere", "Basis", "Beginning", "Context", "Ending", "Field", "Flow", "InHand", "LogEntry",
    "Lookups", "Move", "Moved", "Opening", "Option", "Page", "Restated", "Run", "RunRow", "Started", "Step", "StepAsked",
    "VersionCount", "act", "act_on_subject", "adopt_version", "algorithm", "asked_by", "basis_of", "blank_fields",
    "bulk_options", "check_form", "copy_rows", "count_by_post", "count_by_state", "count_by_subject", "count_held",
    "count_held_steps", "count_in_areas", "count_versions", "drawn", "end_place", "find_run", "flow_by_area", "flow_by_hour",
    "get_run", "held_by", "holder_of", "inbox", "list_in_hand", "list_runs", "list_tasks", "lock_run", "lookups", "migrate_run",
    "move_cases", "move_subjects", "newest_start", "next_ids", "next_timer", "nothing_to_look_up", "options", "photo_ids_of", "picture",
    "place_run", "plain_words", "preview_migration", "procedure_of", "public_entries", "publish_version", "relocate_runs", "restate_runs",
    "rows_of", "run_ids_of", "start_run", "start_runs", "sweep", "timeline", "told", "unit_refusal", "unit_steps", "verify",
    "visited",
]  # fmt: skip
