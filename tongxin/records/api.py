"""The door of ``records``: pictures, the audit trail, complaints about formalism."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.records.actions import answer_complaint, audit, claim, complain, keep_photo, keep_scan, sweep_unclaimed
    from tongxin.records.models import PDF, Attachment, AuditEntry, Complaint, Reading
    from tongxin.records.queries import find_photo, list_audit, list_complaints, list_for, list_for_many, list_unclaimed
    from tongxin.records.reading import read_waiting, stop_readings
    from tongxin.records.serving import serve_photo, thumb_url_of, url_of
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "PDF",
    "Attachment",
    "AuditEntry",
    "Complaint",
    "Reading",
    "answer_complaint",
    "audit",
    "claim",
    "complain",
    "find_photo",
    "keep_photo",
    "keep_scan",
    "list_audit",
    "list_complaints",
    "list_for",
    "list_for_many",
    "list_unclaimed",
    "read_waiting",
    "serve_photo",
    "stop_readings",
    "sweep_unclaimed",
    "thumb_url_of",
    "url_of",
]
