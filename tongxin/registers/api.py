"""The door of ``registers``: documents and who signed them, registers of what there is, tags with a purpose, networks in one grid."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.registers.actions.checking import NewEntry
    from tongxin.registers.actions.entries import correct, end, enter, enter_many, may_keep, may_see_names, move
    from tongxin.registers.actions.seeding import set_up_registers
    from tongxin.registers.actions.signing import sign, sign_many
    from tongxin.registers.actions.tags import look_at_marks, mark_home, mark_many, review_mark, tag_grounds
    from tongxin.registers.actions.writing import KEEP
    from tongxin.registers.models import Change, Entry, Mark, Signature
    from tongxin.registers.queries import (
        CopyRow,
        RegisterRow,
        copies_of,
        count_entries,
        count_marks,
        document_of,
        elements_at,
        get_entry,
        history,
        list_copies,
        list_entries,
        list_parties,
        list_registers,
        marks_at,
        networks_cover,
        parts_of,
        signed_share,
        spec_of,
        sums_of,
    )  # fmt: skip
    from tongxin.registers.rules import KINDS, Carried, ClauseChange, Ground, carried, categories_of, compare, grounds
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "KEEP", "KINDS", "Carried", "Change", "ClauseChange", "CopyRow", "Entry", "Ground", "Mark", "NewEntry", "RegisterRow",
    "Signature", "carried", "categories_of", "compare", "copies_of", "correct", "count_entries", "count_marks", "document_of",
    "elements_at", "end", "enter", "enter_many", "get_entry", "grounds", "history", "list_copies", "list_entries",
    "list_parties", "list_registers", "look_at_marks", "mark_home", "mark_many", "marks_at", "may_keep", "may_see_names",
    "move", "networks_cover", "parts_of", "review_mark", "set_up_registers", "sign", "sign_many", "signed_share", "spec_of",
    "sums_of", "tag_grounds",
]  # fmt: skip
