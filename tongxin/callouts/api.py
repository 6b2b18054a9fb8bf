"""The door of ``callouts``: prepare, answer, see how far it has come."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.callouts.actions import answer, answer_by_link, prepare_call_out, procedures_for
    from tongxin.callouts.effects import SUBJECT
    from tongxin.callouts.links import read_token, token_of
    from tongxin.callouts.models import CallOut, Recipient
    from tongxin.callouts.queries import (
        PlaceCoverage,
        Running,
        count_waiting,
        coverage,
        get_call_out,
        get_recipient,
        list_mine,
        list_open,
        list_passed,
        list_running,
        minutes_to,
    )
    from tongxin.callouts.rules import Coverage
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "SUBJECT", "CallOut", "Coverage", "PlaceCoverage", "Recipient", "Running", "answer", "answer_by_link", "count_waiting",
    "coverage", "get_call_out", "get_recipient", "list_mine", "list_open", "list_passed", "list_running", "minutes_to",
    "prepare_call_out", "procedures_for", "read_token", "token_of",
]  # fmt: skip
