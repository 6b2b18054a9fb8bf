"""The door of ``cadence``: what comes round, made ahead, noted when done, missed when not, as table, calendar and report."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.cadence.actions import (
        KEEP,
        SUBJECT,
        excuse,
        keep,
        keep_many,
        make_occurrences,
        may_keep,
        open_due,
        take_back,
    )  # fmt: skip
    from tongxin.cadence.calendars import to_ics
    from tongxin.cadence.models import Occurrence, Record
    from tongxin.cadence.queries import (
        ReportRow,
        Row,
        Tally,
        get_occurrence,
        list_occurrences,
        list_opened,
        monitor,
        public_feed,
        report,
        report_activities,
        row_of,
        staff_feed,
        state_of,
        tally,
    )  # fmt: skip
    from tongxin.cadence.rules import words_of
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "KEEP", "SUBJECT", "Occurrence", "Record", "ReportRow", "Row", "Tally", "excuse", "get_occurrence", "keep", "keep_many",
    "list_occurrences", "list_opened", "make_occurrences", "may_keep", "monitor", "open_due", "public_feed", "report",
    "report_activities", "row_of", "staff_feed", "state_of", "take_back", "tally", "to_ics", "words_of",
]  # fmt: skip
