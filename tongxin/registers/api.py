"""The door of ``registers``: documents and who signed them, registers of what there is, tags with a purpose, networks in one grid."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.registers.actions.checking import NewEntry
    from tongxin.registers.actions.entries import correct, end, enter, enter_many, may_keep, may_see_names, move
    from tongxin.registers.actions.seeding import set_up_registers
    from tongxin.registers.actions.signing import sign, sign_many
    from tongxin.registers.actions.tags import look_at_marks, mark_home, mark_many, review_mark, tag_grounds
    from tongxin.registers.actions.versions import (
        Paper,
        add_version,
        keep_paper,
        may_keep_documents,
        withdraw_version,
    )
    from tongxin.registers.actions.writing import KEEP
    from tongxin.registers.models import Change, Entry, KeptVersion, Mark, Signature
    from tongxin.registers.queries import (
        SCANS_OF,
        CopyRow,
        RegisterRow,
        copies_of,
        count_entries,
        count_marks,
        document_of,
        documents_of,
        elements_at,
        get_entry,
        history,
        list_copies,
        list_entries,
        list_parties,
        list_registers,
        marks_at,
        networks_cover,
        papers_of,
        parts_of,
        signed_share,
        spec_of,
        sums_of,
    )  # fmt: skip
    from tongxin.registers.rules import (
        KINDS,
        Carried,
        ClauseChange,
        Ground,
        carried,
        categories_of,
        compare,
        grounds,
        in_force,
        text_of,
    )
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "KEEP", "KINDS", "SCANS_OF", "Carried", "Change", "ClauseChange", "CopyRow", "Entry", "Ground", "KeptVersion", "Mark",
    "NewEntry", "Paper", "RegisterRow", "Signature", "add_version", "carried", "categories_of", "compare", "copies_of",
    "correct", "count_entries", "count_marks", "document_of", "documents_of", "elements_at", "end", "enter", "enter_many",
    "get_entry", "grounds", "history", "in_force", "keep_paper", "list_copies", "list_entries", "list_parties",
    "list_registers", "look_at_marks", "mark_home", "mark_many", "marks_at", "may_keep", "may_keep_documents",
    "may_see_names", "move", "networks_cover", "papers_of", "parts_of", "review_mark", "set_up_registers", "sign",
    "sign_many", "signed_share", "spec_of", "sums_of", "tag_grounds", "text_of", "withdraw_version",
]  # fmt: skip
