"""The door of ``procedures``: start, act, read, draw, sweep."""

from tongxin.procedures.actions import Acted, Started, act, migrate_run, procedure_of, start_run
from tongxin.procedures.bulk import Beginning, Ending, copy_rows, next_ids, start_runs
from tongxin.procedures.context import Context
from tongxin.procedures.forms import Field, check_form
from tongxin.procedures.picture import picture
from tongxin.procedures.queries import (
    Option,
    Page,
    RunRow,
    Step,
    count_by_state,
    count_waiting,
    drawn,
    find_run,
    get_run,
    inbox,
    list_runs,
    list_tasks,
    options,
    preview_migration,
    public_entries,
    rows_of,
    timeline,
    verify,
    visited,
)
from tongxin.procedures.timers import sweep

__all__ = [
    "Acted", "Beginning", "Context", "Ending", "Field", "Option", "Page", "RunRow", "Started", "Step", "act", "check_form", "copy_rows", "count_by_state",
    "count_waiting", "drawn", "find_run", "get_run", "inbox", "list_runs", "list_tasks", "migrate_run", "next_ids", "options", "picture",
    "preview_migration", "procedure_of", "public_entries", "rows_of", "start_run", "start_runs", "sweep", "timeline", "verify", "visited",
]  # fmt: skip
